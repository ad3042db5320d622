"""Every address × everybody × own and foreign objects: nobody gets in where she does not belong."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from chaguan.console.menu import MENU
from chaguan.eventlog.models import LoggedEvent
from chaguan.outbox.models import OutboxRow
from tests.flows.addresses import Address, addresses
from tests.flows.house import PERSONAS, STAFF, WITHOUT_LOGIN, House, Place, make_house

pytestmark = pytest.mark.django_db
OPEN_TO_ALL = {"console:login", "console:logout", "console:start", "portal:link", "portal:join"}
OF_A_PLACE = {
    "slug", "public_id", "room_id", "member_id", "row_id", "run_id", "import_id", "assignment_id",
    "ask_id",
}  # fmt: skip
ALL = addresses()
CONSOLE = [a for a in ALL if a.face == "console" and a.name not in OPEN_TO_ALL]
PORTAL = [a for a in ALL if a.face == "portal" and a.name not in OPEN_TO_ALL]
ABOUT_A_PLACE = [a for a in CONSOLE if OF_A_PLACE & set(a.parameters)]
MEMBERS_PLACES = [a for a in PORTAL if OF_A_PLACE & set(a.parameters)]


def named(list_of: list[Address]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", list_of, ids=[a.name for a in list_of])


@pytest.fixture
def house() -> House:
    return make_house()


def url(house: House, place: Place, address: Address) -> str:
    """The address of this place's object; fails for a parameter that the house does not know."""
    values = {}
    for name in address.parameters:
        known = "import_id" if name == "run_id" and address.short.startswith("import") else name
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
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value] # the test client's response


def is_door(answer: HttpResponse, door: str) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith(door)


def facts_and_intents() -> tuple[int, int]:
    return LoggedEvent.objects.count(), OutboxRow.objects.count()


@named(CONSOLE)
def test_the_console_sends_those_without_a_login_to_the_door(
    house: House, address: Address
) -> None:
    before = facts_and_intents()

    for persona in WITHOUT_LOGIN:
        answer = visit(house.browsers[persona], url(house, house.own, address))
        assert is_door(answer, "/login/"), f"{persona} gets {answer.status_code}"

    assert facts_and_intents() == before


@named(ABOUT_A_PLACE)
def test_a_login_without_a_role_finds_nothing(house: House, address: Address) -> None:
    for place in (house.own, house.foreign):
        answer = visit(house.browsers["stranger"], url(house, place, address))
        assert answer.status_code == 404


@named(ABOUT_A_PLACE)
@pytest.mark.parametrize("role", STAFF)
def test_a_role_in_one_community_finds_nothing_of_another(
    house: House, address: Address, role: str
) -> None:
    before = facts_and_intents()

    answer = visit(house.browsers[role], url(house, house.foreign, address))

    assert answer.status_code == 404
    assert facts_and_intents() == before


@named(CONSOLE)
@pytest.mark.parametrize("role", [*STAFF, "stranger"])
def test_a_role_at_home_is_served_or_refused_but_nothing_breaks(
    house: House, address: Address, role: str
) -> None:
    answer = visit(house.browsers[role], url(house, house.own, address))

    assert answer.status_code in {200, 302, 303, 400, 403, 404, 409, 422}
    assert not is_door(answer, "/login/")


@named(CONSOLE)
def test_the_owner_is_never_refused(house: House, address: Address) -> None:
    for place in (house.own, house.foreign):
        answer = visit(house.browsers["owner"], url(house, place, address))
        assert answer.status_code in {200, 302, 303, 400, 409, 422}
        assert not is_door(answer, "/login/")


@named(PORTAL)
def test_the_member_pages_show_nothing_to_who_is_no_member(house: House, address: Address) -> None:
    before = facts_and_intents()

    for persona in ("anonymous", "stranger", "owner"):
        answer = visit(house.browsers[persona], url(house, house.own, address))
        assert answer.status_code in {302, 401, 403, 404}, f"{persona} gets {answer.status_code}"

    assert facts_and_intents() == before


@named(MEMBERS_PLACES)
def test_a_member_of_another_community_finds_nothing(house: House, address: Address) -> None:
    before = facts_and_intents()

    answer = visit(house.browsers["stranger_member"], url(house, house.own, address))

    assert answer.status_code == 404
    assert facts_and_intents() == before


@named(PORTAL)
def test_a_member_at_home_is_served(house: House, address: Address) -> None:
    answer = visit(house.browsers["member"], url(house, house.own, address))

    assert answer.status_code in {200, 204, 302, 303, 304, 400, 409, 422}


def menu_of(house: House, persona: str) -> Iterator[tuple[str, str]]:
    """The entries of the menu as this persona's page shows them."""
    page = house.browsers[persona].get("/").content.decode()
    for entry in MENU:
        path = reverse(entry.url_name)
        if f'href="{path}"' in page:
            yield entry.code, path


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name not in WITHOUT_LOGIN])
def test_every_entry_of_the_menu_has_a_working_page(house: House, persona: str) -> None:
    shown = dict(menu_of(house, persona))

    assert {
        code: house.browsers[persona].get(path).status_code for code, path in shown.items()
    } == {code: 200 for code in shown}
    assert persona != "owner" or set(shown) == {entry.code for entry in MENU}


def test_the_database_is_one_transaction_so_that_visits_can_be_undone() -> None:
    assert connection.in_atomic_block
