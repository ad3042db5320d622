from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chaguan.channels.testing import make_account
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.console.testing import HTMX, browser_of
from chaguan.console.waiting import today_waiting
from chaguan.insights.models import CommunityHealth
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row
from chaguan.playbooks.engine.ends import end_what_waited
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, live_through, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
EVENING = MONDAY + timedelta(hours=2)


def give_assignment(actor: Actor) -> Assignment:
    """An open assignment of the actor, made by a running playbook."""
    human = make_step(
        kind="assign", actor="operator", mode="human", text=None, instruction="找她聊聊"
    )
    make_run(human, people={"operator": Person(user_id=actor.user_id)})
    live_through(MONDAY, EVENING)
    return Assignment.objects.get()


def test_an_empty_house_says_how_to_begin() -> None:
    page = browser_of(make_owner()).get("/").content.decode()

    assert 'href="/imports/"' in page
    assert "empty-state" in page


def test_unknown_messages_wait_and_only_for_those_who_decide() -> None:
    community = make_community()
    room = make_room(community)
    row = make_row(community_id=community.pk, room_id=room.pk)
    OutboxRow.objects.update(state="unknown")

    owner = browser_of(make_owner()).get("/").context["sheet"]
    editor = browser_of(make_staff("content_editor")).get("/").context["sheet"]

    assert [line.row.pk for line in owner.messages] == [row.pk]
    assert editor.messages == []


def test_many_alike_are_one_line_of_what_comes() -> None:
    community = make_community()
    now = clock.now()
    for number in range(5):
        make_row(
            key=f"touch:{number}",
            kind="touch",
            community_id=community.pk,
            due_at=now,
            purpose="问一声好",
        )

    coming = browser_of(make_owner()).get("/").context["sheet"].coming

    assert [(one.title, one.amount) for one in coming] == [("问一声好", 5)]


def test_communities_that_are_not_well_come_worst_first_with_reasons() -> None:
    for name, state in (("甲", "lively"), ("乙", "dead"), ("丙", "cooling")):
        CommunityHealth.objects.create(
            community=make_community(name=name),
            state=state,
            since=MONDAY,
            computed_at=MONDAY,
            edition="1.0",
            reasons=[{"code": "messages_fell", "numbers": {"before": 41, "now": 18}}],
        )

    worries = browser_of(make_owner()).get("/").context["sheet"].worries

    assert [worry.name for worry in worries] == ["丙", "乙"]
    assert "41" in worries[0].health.reasons[0]


def test_an_assignment_is_ticked_off_with_a_word_about_it() -> None:
    actor = make_owner()
    given = give_assignment(actor)
    browser = browser_of(actor)
    url = f"/today/{given.pk}/"

    with clock.moved_to(EVENING):
        silent = browser.post(url, {"step": "complete", "note": ""}, headers=HTMX)
        told = browser.post(url, {"step": "complete", "note": "聊过了，想周末来"}, headers=HTMX)

    given.refresh_from_db()
    assert silent.status_code != 200
    assert 'role="alert"' in silent.content.decode()
    assert told.status_code == 200
    assert (given.state, given.note) == ("done", "聊过了，想周末来")


def test_leaving_out_wants_a_reason() -> None:
    actor = make_owner()
    given = give_assignment(actor)
    browser = browser_of(actor)

    with clock.moved_to(EVENING):
        browser.post(f"/today/{given.pk}/", {"step": "skip", "reason": ""}, headers=HTMX)
        given.refresh_from_db()
        still = given.state
        browser.post(f"/today/{given.pk}/", {"step": "skip", "reason": "下雨"}, headers=HTMX)

    given.refresh_from_db()
    assert (still, given.state) == ("open", "skipped")


def test_another_ones_assignment_is_not_there() -> None:
    given = give_assignment(make_owner())
    stranger = browser_of(make_staff("community_manager", make_community()))

    answer = stranger.post(f"/today/{given.pk}/", {"step": "complete", "note": "好了"})

    assert answer.status_code == 404
    given.refresh_from_db()
    assert given.state == "open"


def test_the_day_goes_into_a_spreadsheet() -> None:
    actor = make_owner()
    give_assignment(actor)

    with clock.moved_to(EVENING):
        answer = browser_of(actor).get("/today.csv")

    assert answer["Content-Type"].startswith("text/csv")
    assert "早安" in answer.content.decode("utf-8-sig")


def test_the_count_beside_the_menu_is_what_waits() -> None:
    actor = make_owner()
    give_assignment(actor)

    with clock.moved_to(EVENING):
        page = browser_of(actor).get("/")

    assert len(page.context["sheet"].duties) == 1
    assert page.content.decode().count("count--calls") >= 1


def test_a_message_on_a_colleagues_sheet_waits_for_her_alone() -> None:
    owner, community = make_owner(), make_community()
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    make_member(community)
    colleague = make_staff("community_manager", community)
    make_run(
        make_step(mode="assist", actor="operator"),
        make_step(
            id="B", mode="assist", actor="operator", track="person", kind="touch", audience="person"
        ),
        community=community,
        people={"operator": Person(user_id=colleague.user_id)},
    )
    live_and_send(MONDAY, EVENING, step=timedelta(hours=1))

    with clock.moved_to(EVENING):
        mine = browser_of(owner).get("/").context["sheet"]
        hers = browser_of(colleague).get("/").context["sheet"]
        counts = [today_waiting(owner), today_waiting(colleague)]

    assert set(OutboxRow.objects.values_list("state", flat=True)) == {"awaiting_person"}
    assert (mine.messages, mine.duties) == ([], [])
    assert (hers.messages, len(hers.duties)) == ([], 2)
    assert counts == [0, 2]


def test_room_steps_still_to_come_today_stand_under_next() -> None:
    owner, community = make_owner(), make_community()
    make_room(community, connector="echo", account_id=1)
    run = make_run(
        make_step(id="A-1", title="早安", offset="D1 10:00"),
        make_step(id="A-2", title="晚间小结", offset="D1 21:00"),
        make_step(id="A-3", title="明天", offset="D2 10:00"),
        community=community,
    )
    live_through(MONDAY, EVENING)
    stranger = make_staff("community_manager", make_community())

    with clock.moved_to(EVENING):
        page = browser_of(owner).get("/")
        theirs = browser_of(stranger).get("/").context["sheet"].coming

    told = [one for one in page.context["sheet"].coming if one.run_id]
    assert [(one.title, one.where, one.who) for one in told] == [
        ("晚间小结", community.name, "系统")
    ]
    assert f'href="/playbooks/runs/{run.pk}/steps/A-2/"' in page.content.decode()
    assert theirs == []


def test_lines_of_one_step_stand_as_one_and_one_press_does_them_all() -> None:
    actor, community = make_owner(), make_community()
    make_room(community, connector="echo", account_id=1)
    for _number in range(31):
        make_member(community)
    talk = make_step(
        kind="assign", actor="operator", mode="human", text=None, instruction="找她聊聊",
        track="person", audience="person",
    )  # fmt: skip
    make_run(talk, community=community, people={"operator": Person(user_id=actor.user_id)})
    live_through(MONDAY, EVENING)
    browser, ids = browser_of(actor), sorted(Assignment.objects.values_list("pk", flat=True))
    url = f"/today/{ids[-1]}/all/"
    stranger = browser_of(make_staff("community_manager", make_community()))

    with clock.moved_to(EVENING):
        today = browser.get("/")
        one_by_one = browser.get(url).content.decode()
        silent = browser.post(url, {"step": "complete", "note": ""}, headers=HTMX)
        told = browser.post(url, {"step": "complete", "note": "都聊过了"}, headers=HTMX)
        after = browser.get("/").context["sheet"]

    assert stranger.post(url, {"step": "complete", "note": "好"}).status_code == 404
    (heap,) = today.context["sheet"].heaps
    assert (heap.pile.amount, len(today.context["sheet"].duties)) == (31, 31)
    assert today.content.decode().count('data-amount="31"') == 1
    assert (one_by_one.count('id="duty-'), 'rel="next"' in one_by_one) == (30, True)
    assert 'role="alert"' in silent.content.decode()
    assert told["HX-Redirect"] == "/"
    assert (after.heaps, after.done[0].pile.amount) == ([], 31)


def test_as_many_queries_for_three_of_everything_as_for_one() -> None:
    browser = browser_of(make_owner())

    def fill(name: str) -> None:
        community = make_community(name=name)
        room = make_room(community)
        key = {"community_id": community.pk, "room_id": room.pk}
        make_row(key=f"{name}:waits", due_at=clock.now(), **key)
        OutboxRow.objects.filter(key=f"{name}:waits").update(state="unknown")
        make_row(key=f"{name}:comes", due_at=clock.now() + timedelta(minutes=1), **key)
        CommunityHealth.objects.create(
            community=community, state="cold", since=MONDAY, computed_at=MONDAY, edition="1.0"
        )

    fill("甲")
    browser.get("/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/")
    fill("乙")
    fill("丙")
    with CaptureQueriesContext(connection) as three:
        page = browser.get("/")

    assert len(page.context["sheet"].messages) == 3
    assert len(three) == len(one)
    assert len(one) <= 32


def test_what_nobody_agreed_to_in_time_stands_apart_and_can_still_be_sent() -> None:
    actor = make_staff("community_manager")
    place = make_place(members=1)
    tonight = make_step(mode="assist", actor="operator", late_after="1h", text="今晚八点")
    make_run(tonight, community=place, people={"operator": Person(user_id=actor.user_id)})
    browser, over = browser_of(actor), EVENING + timedelta(hours=1)
    live_and_send(EVENING - timedelta(hours=1), EVENING, step=timedelta(hours=1))
    line = Assignment.objects.get()
    address = reverse("console:assignment", args=[line.pk])

    with clock.moved_to(over):  # the worker has not looked: the button is the old one
        refused = browser.post(address, {"step": "approve"}, headers=HTMX)
        end_what_waited(over)
        sheet = browser.get("/").context["sheet"]
        page = browser.get("/").content.decode()
        row_page = browser.get(f"/outbox/{OutboxRow.objects.get().pk}/").content.decode()
        sent = browser.post(address, {"step": "send_anyway"}, headers=HTMX)

    assert refused.status_code == 409
    assert 'value="send_anyway"' in refused.content.decode()
    assert [duty.duty.pk for duty in sheet.missed] == [line.pk]
    assert not sheet.duties
    assert 'value="send_anyway"' in page
    assert 'value="send_anyway"' in row_page
    assert sent.status_code == 200
    assert 'value="send_anyway"' not in sent.content.decode()
    assert Assignment.objects.get().state == "done"
