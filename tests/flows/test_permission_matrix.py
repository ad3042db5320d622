"""Every address × everybody × own and foreign objects: nobody gets in where she does not belong."""

from collections.abc import Iterable, Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from chaguan.console.menu import MENU
from chaguan.eventlog.models import LoggedEvent
from chaguan.outbox.models import OutboxRow
from tests.flows.addresses import Address, addresses
from tests.flows.house import STAFF, WITHOUT_LOGIN, House, Place, make_house

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {
    "console:login", "console:logout", "console:start", "portal:link", "portal:join",
    "portal:log-out",
}  # fmt: skip
OF_A_PLACE = {
    "slug", "public_id", "room_id", "member_id", "row_id", "run_id", "import_id", "assignment_id",
    "ask_id", "broadcast_id", "item_id",
}  # fmt: skip
CONSOLE = [a for a in addresses() if a.face == "console" and a.name not in OPEN_TO_ALL]
PORTAL = [a for a in addresses() if a.face == "portal" and a.name not in OPEN_TO_ALL]
MEANS = {("import", "run_id"): "import_id", ("member", "public_id"): "member_public_id"} | {
    ("draft", "code"): "step_code"
}
BELONGS_TO_A_PERSON = {
    "console:assignment", "portal:duty", "portal:tick", "portal:duty-csv", "portal:duty-picture",
    "console:assignment-picture", "console:assignment-all", "portal:duty-all", "portal:own-time",
}  # fmt: skip
NEEDS_MORE_THAN_AN_ADDRESS = {
    "console:behind",
    "portal:repair",
    "portal:rate",
}  # fmt: skip -- a row of a chart; a missed day; a run that is over
FOR_STAFF = {"portal:hand-out"}  # a member's link, passed on by those who may edit the member
SERVED = {200, 204, 302, 303, 304, 400, 409, 422}


@pytest.fixture
def house() -> House:
    return make_house()


def about_a_place(listed: Iterable[Address]) -> list[Address]:
    return [address for address in listed if OF_A_PLACE & set(address.parameters)]


def without(listed: Iterable[Address], names: set[str]) -> list[Address]:
    return [address for address in listed if address.name not in names]


def url(house: House, place: Place, address: Address) -> str:
    """The address of this place's object; fails for a parameter that the house does not know."""
    values = {}
    for name in address.parameters:
        known = MEANS.get((address.short.partition("-")[0], name), name)
        if known not in place.named and known not in house.common:
            pytest.fail(f"{address.name}: put a value for {name!r} into tests/flows/house.py")
        values[name] = place.named.get(known, house.common.get(known))
    return reverse(address.name, kwargs=values)


def visit(browser: Client, path: str) -> HttpResponse:
    """GET, or an empty POST where the address only takes those. What it changes is undone."""
    with transaction.atomic():
        answer = browser.get(path)
        if answer.status_code == 405:
            answer = browser.post(path)
        changes = LoggedEvent.objects.count(), OutboxRow.objects.count()
        transaction.set_rollback(True)
    answer.changes = changes  # type: ignore[attr-defined] # read by `wrong`
    return answer  # type: ignore[return-value] # the test client's response


def wrong(
    house: House, persona: str, place: Place, listed: Iterable[Address], allowed: set[int]
) -> Iterator[str]:
    """A sentence for each address that answers otherwise, or that writes something while refusing."""
    before = LoggedEvent.objects.count(), OutboxRow.objects.count()
    whose = "own" if place is house.own else "foreign"
    for address in listed:
        answer = visit(house.browsers[persona], url(house, place, address))
        code = answer.status_code
        is_door = code == 302 and answer["Location"].startswith("/login/")
        if code not in allowed or (is_door and persona not in WITHOUT_LOGIN):
            yield f"{persona} gets {code} at {address.name} ({whose})"
        if code in {401, 403, 404} and answer.changes != before:  # type: ignore[attr-defined] # see visit
            yield f"{persona} is refused at {address.name} ({whose}), yet something was written"


@pytest.mark.parametrize("persona", WITHOUT_LOGIN)
def test_the_console_sends_those_without_a_login_to_the_door(house: House, persona: str) -> None:
    assert list(wrong(house, persona, house.own, CONSOLE, {302})) == []


@pytest.mark.parametrize("persona", ["stranger", *STAFF])
def test_who_has_no_role_there_finds_nothing(house: House, persona: str) -> None:
    listed = about_a_place(CONSOLE)

    assert list(wrong(house, persona, house.foreign, listed, {404})) == []


def test_a_login_without_a_role_finds_nothing_anywhere(house: House) -> None:
    listed = about_a_place(CONSOLE)

    assert list(wrong(house, "stranger", house.own, listed, {404})) == []


@pytest.mark.parametrize("persona", ["stranger", *STAFF])
def test_a_role_at_home_is_served_or_refused_but_nothing_breaks(house: House, persona: str) -> None:
    assert list(wrong(house, persona, house.own, CONSOLE, SERVED | {403, 404})) == []


def test_the_owner_is_never_refused(house: House) -> None:
    listed = without(CONSOLE, BELONGS_TO_A_PERSON | NEEDS_MORE_THAN_AN_ADDRESS)

    for place in (house.own, house.foreign):
        assert list(wrong(house, "owner", place, listed, SERVED)) == []


@pytest.mark.parametrize("persona", ["anonymous", "stranger", "owner"])
def test_the_member_pages_show_nothing_to_who_is_no_member(house: House, persona: str) -> None:
    assert list(wrong(house, persona, house.own, PORTAL, {302, 401, 403, 404})) == []


def test_a_member_of_another_community_finds_nothing(house: House) -> None:
    listed = about_a_place(PORTAL)

    assert list(wrong(house, "stranger_member", house.own, listed, {404})) == []


def test_a_member_at_home_is_served(house: House) -> None:
    listed = without(PORTAL, BELONGS_TO_A_PERSON | NEEDS_MORE_THAN_AN_ADDRESS | FOR_STAFF)

    assert list(wrong(house, "member", house.own, listed, SERVED)) == []


def menu_of(house: House, persona: str) -> Iterator[tuple[str, str]]:
    """The entries of the menu as this persona's page shows them."""
    page = house.browsers[persona].get("/").content.decode()
    for entry in MENU:
        path = reverse(entry.url_name)
        if f'href="{path}"' in page:
            yield entry.code, path


@pytest.mark.parametrize("persona", ["stranger", *STAFF, "owner"])
def test_every_entry_of_the_menu_has_a_working_page(house: House, persona: str) -> None:
    shown = dict(menu_of(house, persona))

    answers = {code: house.browsers[persona].get(path).status_code for code, path in shown.items()}
    assert answers == dict.fromkeys(shown, 200)
    assert persona != "owner" or set(shown) == {entry.code for entry in MENU}
