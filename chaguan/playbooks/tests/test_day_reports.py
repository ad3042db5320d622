from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chaguan.communities.testing import make_staff, make_stranger
from chaguan.eventlog.models import LoggedEvent
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.playbooks.actions.assignments import complete_assignment
from chaguan.playbooks.actions.reports import close_trouble, draft_reports, file_trouble, hand_in
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.models import Assignment, DayReport, Trouble
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.reports import daily_report
from chaguan.playbooks.selectors.reports_kept import drafts_visible_to, open_troubles, own_day
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_through, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = date(2026, 1, 5)
NIGHT = MONDAY + timedelta(hours=12, minutes=30)  # 21:30 in Shanghai
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
    "minutes": 10,
}


def lived(me: Actor, place: Any) -> None:
    make_run(
        make_step(id="A", offset="D1 10:00", title="早上聊", **HUMAN),
        make_step(id="B", offset="D1 11:00", title="中午聊", **HUMAN),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
    )
    live_through(MONDAY, MONDAY + 3 * HOUR)


def tick(me: Actor, code: str, **over: Any) -> None:
    line = Assignment.objects.get(step__code=code)
    complete_assignment(me, line.pk, note="谈妥了", **{"now": MONDAY + 4 * HOUR, **over})


def test_at_half_past_nine_the_drafts_are_there_once() -> None:
    me = make_staff("community_manager")
    place = make_place()
    lived(me, place)
    tick(me, "A")

    assert draft_reports(SYSTEM, now=NIGHT - timedelta(minutes=1)) >= 1  # of the day before
    assert not DayReport.objects.filter(day=DAY).exists()
    assert draft_reports(SYSTEM, now=NIGHT) == 2
    assert draft_reports(SYSTEM, now=NIGHT) == draft_reports(SYSTEM, now=NIGHT + 5 * HOUR) == 0

    kept = DayReport.objects.filter(day=DAY).order_by("user")
    assert {(row.community_id, row.user_id) for row in kept} == {
        (place.pk, None),
        (None, me.user_id),
    }
    told = daily_report(me, place.pk, DAY, now=NIGHT)
    mine = own_day(me, DAY, "Asia/Shanghai", now=NIGHT)
    assert [line.step.id for line in told.done] == [line.step.id for line in mine.done] == ["A"]
    tick(me, "B", now=NIGHT + HOUR)  # a tick changes the draft
    told = daily_report(me, place.pk, DAY, now=NIGHT + HOUR)
    mine = own_day(me, DAY, "Asia/Shanghai", now=NIGHT + HOUR)
    assert (
        [line.step.id for line in told.done] == [line.step.id for line in mine.done] == ["A", "B"]
    )
    assert (mine.minutes, mine.unfinished, mine.older) == (20, [], 0)


def test_the_day_ends_by_the_communitys_own_clocks() -> None:
    here, there = make_place(), make_place(timezone="America/New_York")

    draft_reports(SYSTEM, now=NIGHT)

    days = dict(DayReport.objects.values_list("community", "day"))
    assert days == {here.pk: DAY, there.pk: DAY - timedelta(days=1)}


def test_what_was_handed_in_stays_what_it_said() -> None:
    me = make_staff("community_manager")
    place = make_place()
    lived(me, place)
    tick(me, "A")
    draft_reports(SYSTEM, now=NIGHT)
    report, mine = drafts_visible_to(me).filter(day=DAY)

    hand_in(me, report.pk, now=NIGHT, note="一切顺利", figures={"dau": 3})
    hand_in(me, mine.pk, now=NIGHT)
    tick(me, "B", now=NIGHT + HOUR)

    for row in (report, mine):
        row.refresh_from_db()
        assert row.told is not None
        assert row.told["done"] == [["13:00", "早上聊", me.reference, "", "谈妥了", 1]]
        assert [line[1] for line in row.told["unfinished"]] == ["中午聊"]
    assert report.told is not None
    assert (report.note, report.submitted_by, report.told["figures"]) == (
        "一切顺利",
        me.reference,
        {"dau": 3},
    )
    with pytest.raises(AlreadyDecided):
        hand_in(me, report.pk, now=NIGHT)
    assert LoggedEvent.objects.filter(name="playbooks.day_reported").count() == 2


def test_nobody_hands_in_what_is_not_theirs() -> None:
    me, analyst = make_staff("community_manager"), make_staff("data_analyst")
    lived(me, make_place())
    draft_reports(SYSTEM, now=NIGHT)
    report, mine = drafts_visible_to(me).filter(day=DAY)

    assert list(drafts_visible_to(make_stranger())) == []
    assert list(drafts_visible_to(analyst).filter(day=DAY)) == [report]
    for actor, row, wrong in (
        (make_stranger(), report, Missing),
        (analyst, report, Refused),
        (analyst, mine, Missing),
    ):
        with pytest.raises(wrong):
            hand_in(actor, row.pk, now=NIGHT)
    assert not DayReport.objects.filter(submitted_at__isnull=False).exists()


def file(me: Actor, place: Any, **over: Any) -> Trouble:
    values = {"what": "讲师没到", "proposal": "改到周三，今天发录播", "day": DAY, **over}
    return file_trouble(me, place.pk, now=NIGHT, **values)


def test_an_exception_needs_a_proposal_and_is_open_until_it_is_closed() -> None:
    me = make_staff("community_manager")
    place = make_place()
    with pytest.raises(Invalid) as wrong:
        file(me, place, proposal=" ")
    assert wrong.value.code == "proposal_missing"
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says so too
        Trouble.objects.create(
            community=place, day=DAY, what="x", proposal="", by="staff:1", at=NIGHT
        )
    assert Trouble.objects.count() == 0

    trouble = file(me, place)
    assert list(open_troubles(me)) == [trouble]
    with pytest.raises(Invalid):
        close_trouble(me, trouble.pk, now=NIGHT, outcome=" ")
    close_trouble(me, trouble.pk, now=NIGHT + 48 * HOUR, outcome="周三补上了")

    assert list(open_troubles(me)) == []
    with pytest.raises(AlreadyDecided):
        close_trouble(me, trouble.pk, now=NIGHT, outcome="再来")


def test_exceptions_of_other_places_do_not_exist() -> None:
    place = make_place()
    other = make_staff("community_manager", make_place())
    trouble = file(make_staff("community_manager", place), place)

    assert list(open_troubles(other)) == []
    for act in (
        lambda: file(other, place),
        lambda: close_trouble(other, trouble.pk, now=NIGHT, outcome="x"),
    ):
        with pytest.raises(Missing):
            act()  # type: ignore[no-untyped-call] # a lambda of several acts
    assert Trouble.objects.get().closed_at is None
