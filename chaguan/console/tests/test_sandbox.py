from datetime import timedelta

import pytest

from chaguan.channels.models import Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.models import Room
from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.console.testing import browser_of
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.testing import MONDAY, live_and_send, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db


def test_it_shows_what_a_playbook_said_through_the_account() -> None:
    place = make_place(members=1)
    make_run(
        make_step(),
        make_step(
            id="ONE",
            offset="P1 11:00",
            track="person",
            kind="touch",
            audience="person",
            text="在吗",
        ),
        community=place,
    )
    live_and_send(MONDAY, MONDAY + timedelta(hours=3), step=timedelta(hours=1))
    account_id = Rehearsal.objects.values_list("account_id", flat=True).first()
    browser = browser_of(make_owner())

    page = browser.get(f"/settings/channels/{account_id}/record/")

    room = Room.objects.get(community=place)
    assert [(row.text, target) for row, _kind, target in page.context["entries"]] == [
        ("在吗", "茶友0"),
        (f"早安，{place.name}", room.name),
    ]
    for row in OutboxRow.objects.all():
        assert f'href="/outbox/{row.pk}/"' in page.content.decode()
    channels = browser.get("/settings/channels/").content.decode()
    assert f'href="/settings/channels/{account_id}/record/"' in channels


def test_an_account_that_was_given_nothing_says_how_to_begin() -> None:
    account = make_account("echo")

    page = browser_of(make_owner()).get(f"/settings/channels/{account.pk}/record/")

    assert "empty-state" in page.content.decode()


def test_another_accounts_record_is_not_in_it() -> None:
    mine, other = make_account("echo", label="甲"), make_account("echo", label="乙")
    Rehearsal.objects.create(account_id=other.pk, key="x", kind="say", text="水开了", at=MONDAY)

    page = browser_of(make_owner()).get(f"/settings/channels/{mine.pk}/record/")

    assert page.context["entries"] == []


@pytest.mark.parametrize("persona", ["stranger", "community_manager"])
def test_who_does_not_manage_settings_finds_no_record(persona: str) -> None:
    account = make_account("echo")
    actor = make_stranger() if persona == "stranger" else make_staff(persona)
    browser = browser_of(actor)

    assert browser.get(f"/settings/channels/{account.pk}/record/").status_code == 404
    assert "/record/" not in browser.get("/settings/channels/").content.decode()


def test_only_the_sandbox_has_a_record() -> None:
    account = make_account("portal")
    browser = browser_of(make_owner())

    assert browser.get(f"/settings/channels/{account.pk}/record/").status_code == 404
    assert "/record/" not in browser.get("/settings/channels/").content.decode()


def test_a_room_is_opened_on_the_sandbox_from_the_communitys_page() -> None:
    community, account = make_community(), make_account("echo")
    browser = browser_of(make_staff("community_manager", community))
    rooms = f"/communities/{community.slug}/rooms/"

    answer = browser.post(rooms, {"name": "彩排", "account": str(account.pk)})

    assert answer.status_code == 302
    assert Room.objects.values_list("name", "connector", "account_id").get() == (
        "彩排",
        "echo",
        account.pk,
    )


def test_without_another_account_there_is_nothing_to_choose() -> None:
    community = make_community()
    browser = browser_of(make_owner())
    rooms = f"/communities/{community.slug}/rooms/"

    assert 'name="account"' not in browser.get(rooms).content.decode()
    make_account("echo")
    assert 'name="account"' in browser.get(rooms).content.decode()


@pytest.mark.parametrize("account", ["0", "nonsense", "sleeping", ""])
def test_a_room_is_not_opened_on_an_account_that_is_not_there(account: str) -> None:
    community = make_community()
    make_account("echo")
    sleeping = make_account("echo", label="停用", is_active=False)
    typed = {"name": "彩排", "account": str(sleeping.pk) if account == "sleeping" else account}

    answer = browser_of(make_owner()).post(f"/communities/{community.slug}/rooms/", typed)

    assert answer.status_code == 422
    assert not Room.objects.exists()
