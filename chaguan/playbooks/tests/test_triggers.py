"""What facts start: entries and re-entries, triggered steps, deadlines, silences, and circles that are cut."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.events import SignedIn
from chaguan.eventlog.actions import MAX_DEPTH, record
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain
from chaguan.outbox.selectors import all_rows
from chaguan.people.actions.tags import tag_members
from chaguan.people.events import OrderConfirmed
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.engine.silence import hear_silence
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.models import Assignment, Enrolment, Occurrence, Run
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_edition,
    make_run,
    make_step,
    staff_person,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def tracks(at: str, again: str = "never", **over: Any) -> list[dict[str, Any]]:
    entry = {"at": at, "again": again, **over}
    return [
        {"key": "room", "title": "群里", "kind": "room"},
        {"key": "person", "title": "一对一", "kind": "personal", "entry": entry},
    ]


def touch(offset: str, code: str = "P-1", **over: Any) -> dict[str, Any]:
    step = {"kind": "touch", "audience": "person", "text": "好", **over}
    return make_step(id=code, track="person", offset=offset, **step)


def place() -> tuple[Any, int]:
    community = make_community()
    make_room(community, connector="echo", account_id=1)
    return community, make_member(community).pk


def sign_in(community: Any, member: int, at: datetime) -> None:
    day = at.astimezone(SHANGHAI).date()
    record(SignedIn(community.pk, member, day, 1), actor=SYSTEM, at=at)


def passes(run: Run) -> list[tuple[int, int]]:
    rows = Enrolment.objects.filter(run=run).order_by("entered_s")
    start = int(MONDAY.timestamp())
    return [(e.entry, (e.entered_s - start) // 3600) for e in rows]


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ("never", [(0, 1)]),
        ("each_time", [(0, 1), (1, 6), (2, 30), (3, 80)]),  # at hour 2 the first pass is under way
        ("2d", [(0, 1), (1, 80)]),
    ],
)
def test_who_comes_again_follows_the_rule(again: str, expected: list[tuple[int, int]]) -> None:
    community, member = place()
    step = touch("T+3h", lateness="send")
    run = make_run(step, community=community, tracks=tracks("sign_in", again))

    for hours in (1, 2, 6, 30, 80):
        at = MONDAY + hours * HOUR
        live_through(at - 2 * HOUR, at)
        sign_in(community, member, at)
        drain()
    live_through(MONDAY, MONDAY + 90 * HOUR)

    assert passes(run) == expected
    assert all_rows().filter(kind="touch").count() == len(expected)


@pytest.mark.parametrize("again", ["never", "each_time", "1d"])
def test_facts_that_come_doubled_bring_a_person_in_once(again: str) -> None:
    community, member = place()
    run = make_run(touch("T+3h"), community=community, tracks=tracks("sign_in", again))

    for _n in range(3):
        sign_in(community, member, MONDAY + HOUR)
    drain()
    sign_in(community, member, MONDAY + HOUR)
    drain()

    assert passes(run) == [(0, 1)]


def test_a_condition_of_the_entry_counts_for_triggers_too() -> None:
    community, member = place()
    tagged = make_member(community).pk
    tag_members(SYSTEM, [tagged], add=["新"], now=MONDAY)
    when = {"condition": "tag", "tag": "新"}
    run = make_run(touch("T+3h"), community=community, tracks=tracks("sign_in", "never", when=when))

    for one in (member, tagged):
        sign_in(community, one, MONDAY + HOUR)
    drain()

    assert list(Enrolment.objects.filter(run=run).values_list("member", flat=True)) == [tagged]


def test_facts_of_no_community_start_something_where_the_person_is_inside() -> None:
    community, member = place()
    elsewhere, stranger = place()
    run = make_run(touch("T+3h"), community=community, tracks=tracks("order_confirmed"))
    other = make_run(edition=run.edition, community=elsewhere)

    record(OrderConfirmed(member, "R-1"), actor=SYSTEM, at=MONDAY + HOUR)
    record(OrderConfirmed(stranger, "R-2", community_id=elsewhere.pk), actor=SYSTEM, at=MONDAY)
    drain()

    assert list(Enrolment.objects.filter(run=run).values_list("member", flat=True)) == [member]
    assert list(Enrolment.objects.filter(run=other).values_list("member", flat=True)) == [stranger]


def test_t_counts_from_the_entry_of_a_triggered_track_and_deadlines_close_it() -> None:
    community, member = place()
    run = make_run(
        touch("T+2h"),
        touch("every 24h from T+4h", "P-2"),
        make_step(
            id="P-3",
            track="person",
            offset="until T+7d",
            kind="assign",
            actor="operator",
            audience="person",
            text=None,
            instruction="谈一谈",
        ),
        community=community,
        tracks=tracks("sign_in"),
        people={"operator": staff_person("community_manager", community)},
        days=3,
    )
    came = MONDAY + 5 * HOUR
    sign_in(community, member, came)
    drain()

    live_through(came, MONDAY + timedelta(days=6))

    due = [(row.due_at - came) // HOUR for row in all_rows().order_by("due_at")]
    assert due == [2, 4, 28, 52]
    (line,) = Assignment.objects.filter(run=run)
    assert (line.due_at, line.closes_at) == (came, came + timedelta(days=7))


def test_a_deadline_of_the_room_opens_at_the_start() -> None:
    run = make_run(make_step(offset="until T+2d"))

    (row,) = Occurrence.objects.filter(run=run)

    assert row.due_at == datetime(2026, 1, 5, 10, tzinfo=SHANGHAI)
    assert row.closes_at == datetime(2026, 1, 7, 10, tzinfo=SHANGHAI)


def test_a_deadline_after_a_fact_counts_on_its_days_only() -> None:
    community, member = place()
    run = make_run(
        make_step(offset="within 24h of on:sign_in, D2–D3", audience="room"), community=community
    )

    for day in range(5):
        sign_in(community, member, MONDAY + timedelta(days=day))
    drain()

    rows = Occurrence.objects.filter(run=run).order_by("due_at")
    assert [(row.due_at, row.closes_at) for row in rows] == [
        (MONDAY + timedelta(days=day), MONDAY + timedelta(days=day + 1)) for day in (1, 2)
    ]


def test_a_trigger_on_a_personal_track_is_for_the_people_on_it() -> None:
    community, member = place()
    bystander = make_member(community).pk
    make_run(touch("on:sign_in"), community=community, tracks=tracks("order_confirmed"))
    record(OrderConfirmed(member, "R-1"), actor=SYSTEM, at=MONDAY)
    drain()

    for one in (member, bystander):
        sign_in(community, one, MONDAY + HOUR)
    drain()
    live_through(MONDAY, MONDAY + 3 * HOUR)

    assert list(all_rows().values_list("member_id", flat=True)) == [member]


def test_a_silence_opens_its_step_once_and_only_inside_the_window() -> None:
    start = datetime(2026, 1, 5, 17, tzinfo=SHANGHAI)
    run = make_run(make_step(offset="on:silence_4h 09:00–21:00"), now=start)
    starts_at = run.starts_at  # 10:00, seven hours ago

    opened = [hear_silence(start + timedelta(hours=hours)) for hours in range(20)]

    assert sum(opened) == opened[0] == 1
    (row,) = Occurrence.objects.filter(run=run)
    assert row.slot == f"silence:{int(starts_at.timestamp())}"


def test_a_silence_at_night_waits_for_the_window() -> None:
    start = datetime(2026, 1, 5, 9, tzinfo=SHANGHAI)
    run = make_run(make_step(offset="on:silence_12h 09:00–21:00"), now=start)  # over at 22:00

    opened = [
        hour
        for hour in range(30)
        if hear_silence(datetime(2026, 1, 5, 10, tzinfo=SHANGHAI) + timedelta(hours=hour))
    ]

    assert opened == [23]  # at nine the next morning
    assert Occurrence.objects.filter(run=run).count() == 1


def test_playbooks_that_answer_each_other_are_cut_and_the_cut_is_a_row() -> None:
    community, member = place()
    ping = make_run(
        make_step(
            id="A-1",
            offset="on:people.member_tagged",
            kind="tag",
            audience="person",
            text=None,
            **{"with": {"remove": ["球"]}},
        ),
        community=community,
        key="ping",
    )
    pong = make_run(
        make_step(
            id="B-1",
            track="person",
            offset="T+0m",
            kind="tag",
            audience="person",
            text=None,
            **{"with": {"add": ["球"]}},
        ),
        community=community,
        key="pong",
        tracks=tracks("people.member_untagged", "each_time"),
    )
    tag_members(SYSTEM, [member], add=["球"], now=MONDAY)

    now = MONDAY
    for _round in range(60):
        drain()
        while tick(now):
            pass
        now += timedelta(minutes=5)

    facts = LoggedEvent.objects.filter(name__startswith="people.member_", member_id=member)
    chain = list(facts.order_by("id"))
    assert [fact.depth for fact in chain] == list(range(MAX_DEPTH + 1))
    assert [fact.caused_by for fact in chain[1:]] == [fact.pk for fact in chain[:-1]]
    cut = Occurrence.objects.filter(reason="loop")
    assert [(row.state, row.run_id, row.caused_by) for row in cut] == [
        ("skipped", ping.pk, chain[-1].pk)
    ]
    assert Run.objects.filter(pk__in=[ping.pk, pong.pk], state="running").count() == 2


def test_more_than_a_batch_of_dated_steps_due_at_once_all_come_once() -> None:
    run = make_run(*(make_step(id=f"A-{n}", offset="D1 10:00") for n in range(450)))
    at = MONDAY + 2 * HOUR

    rounds = 0
    while tick(at):
        rounds += 1

    assert rounds == 3  # of 200
    assert Occurrence.objects.filter(run=run, state="done").count() == 450
    keys = list(all_rows().values_list("key", flat=True))
    assert len(keys) == len(set(keys)) == 450


def test_a_step_that_waits_for_a_feature_is_left_out_visibly() -> None:
    run = make_run(
        make_step(needs="打卡图片审核"),
        make_step(id="A-2"),
        touch("P1 10:00", needs="抽奖"),
        community=place()[0],
    )

    live_through(MONDAY, MONDAY + 3 * HOUR)

    rows = Occurrence.objects.filter(run=run).order_by("step__code")
    assert [(row.step.code, row.state, row.reason) for row in rows] == [
        ("A-1", "skipped", "feature_missing"),
        ("A-2", "done", ""),
    ]
    assert all_rows().filter(kind="touch").count() == 0


def test_moments_that_can_never_be_walked_are_refused() -> None:
    wait = {
        "kind": "wait_for",
        "text": None,
        "with": {"fact": "people.order_confirmed", "within": "2d"},
    }
    for step, over in (
        (make_step(id="W-1", **wait), {}),
        (touch("on:sign_in", "W-1", **wait), {}),
        (touch("every 1m from T+0m", "P-1"), {}),
        (make_step(offset="D31 onwards, max 2 a week"), {"days": 30}),
    ):
        with pytest.raises(BadDocument) as refusal:
            make_edition(step, **over)
        places = {problem.place.rpartition(" › ")[2] for problem in refusal.value.problems}
        assert "offset" in places
