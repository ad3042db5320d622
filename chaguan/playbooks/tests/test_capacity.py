"""Time and energy: what the runs ask of a person per week, beside what she can give."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.actions.staff import give_post
from chaguan.communities.testing import make_member, make_owner, make_staff, make_stranger
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.actions.runs import give_role, skip_step
from chaguan.playbooks.models import Capacity
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.capacity import PersonLoad, planning_board
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_edition,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
WORK = {"kind": "assign", "mode": "human", "text": None, "instruction": "做", "actor": "operator"}


def board(actor: Actor, weeks: int = 2) -> list[PersonLoad]:
    return planning_board(actor, date(2026, 1, 5), weeks, SHANGHAI, now=MONDAY)


@pytest.mark.req("TEAM-08")
def test_work_beyond_the_hours_show_the_overload_on_the_planning_board() -> None:
    owner = make_owner()
    place, other = make_place(), make_place()
    me, colleague = (Person(user_id=make_staff("community_manager").user_id) for _ in range(2))
    steps = [make_step(id="A", offset="D1–D5 10:00", minutes=30, **WORK)]
    run = make_run(*steps, community=place, people={"operator": me})
    set_capacity(owner, me, 180, now=MONDAY)
    assert [(one.person, one.is_over) for one in board(owner)] == [(me, False)]
    assert [week.minutes for week in board(owner)[0].weeks] == [150, 0]

    make_run(edition=run.edition, community=other, people={"operator": me})

    (mine,) = board(owner)
    week = mine.weeks[0]
    assert (week.minutes, week.capacity, week.over_by, mine.is_over) == (300, 180, 120, True)
    assert sorted((run.community_id, minutes) for run, minutes in week.by_run) == [
        (place.pk, 150),
        (other.pk, 150),
    ]
    give_role(owner, run.pk, "operator", colleague, now=MONDAY)
    loads = {one.person: one.weeks[0].minutes for one in board(owner)}
    assert loads == {me: 150, colleague: 150}
    assert not any(one.is_over for one in board(owner))


def test_work_done_counts_and_work_left_out_does_not() -> None:
    owner, place = make_owner(), make_place()
    me = Person(user_id=make_staff("community_manager").user_id)
    run = make_run(
        make_step(id="A", offset="D1 10:00, D2 10:00", minutes=20, **WORK),
        make_step(id="B", offset="D2 10:00", minutes=60, **WORK),
        community=place,
        people={"operator": me},
    )
    live_through(MONDAY, MONDAY + timedelta(hours=2))
    assert board(owner)[0].weeks[0].minutes == 100

    skip_step(owner, run.pk, "B", "不需要", now=MONDAY)

    assert board(owner)[0].weeks[0].minutes == 40


def test_people_on_a_personal_track_cost_time_each(django_assert_max_num_queries: Any) -> None:
    owner = make_owner()
    steward = Person(member_id=make_member(make_place(members=0), name="周岚").pk)
    step = make_step(
        id="P", track="person", audience="person", offset="P1 10:00, P8 10:00", minutes=15, **WORK
    )
    make_run(step, community=make_place(members=4), people={"operator": steward})
    set_capacity(owner, steward, 45, now=MONDAY)

    (one,) = board(owner)

    assert (one.name, [week.minutes for week in one.weeks]) == ("周岚", [60, 60])
    assert [week.over_by for week in one.weeks] == [15, 15]
    with django_assert_max_num_queries(12):
        board(owner)


def test_hours_of_posts_stand_in_until_somebody_says_otherwise() -> None:
    owner, place = make_owner(), make_place()
    login = make_staff("community_manager", place)
    give_post(owner, login.user_id or 0, "data_analyst", community_id=place.pk, hours_per_week=3)
    me = Person(user_id=login.user_id)
    make_run(make_step(minutes=5, **WORK), community=place, people={"operator": me})

    assert board(owner)[0].capacity == 180
    set_capacity(login, me, 60, now=MONDAY)
    assert board(owner)[0].capacity == 60
    set_capacity(login, me, None, now=MONDAY)
    assert board(owner)[0].capacity == 180


def test_other_communities_count_but_are_not_named() -> None:
    here, elsewhere = make_place(), make_place()
    me = make_staff("community_manager", here)
    mine = Person(user_id=me.user_id)
    edition = make_edition(make_step(minutes=10, **WORK))
    for place in (here, elsewhere):
        make_run(edition=edition, community=place, people={"operator": mine})

    week = board(me)[0].weeks[0]

    assert ([run.community_id for run, _minutes in week.by_run], week.elsewhere) == ([here.pk], 10)
    assert board(make_stranger()) == []


def test_who_may_say_how_much_time_somebody_has() -> None:
    place = make_place()
    me = make_staff("community_manager", place)
    colleague = Person(user_id=make_staff("community_manager", place).user_id)
    inside = Person(member_id=make_member(place).pk)
    outside = Person(member_id=make_member(make_place()).pk)

    set_capacity(me, inside, 120, now=MONDAY)
    for actor, person in (
        (me, colleague),
        (me, outside),
        (make_stranger(), inside),
        (Actor.member(inside.member_id or 0), inside),  # holds no role in any run
        (SYSTEM, Person()),
    ):
        with pytest.raises(Missing):
            set_capacity(actor, person, 60, now=MONDAY)
    with pytest.raises(Invalid):
        set_capacity(me, inside, 10081, now=MONDAY)

    assert [(row.member_id, row.minutes_per_week) for row in Capacity.objects.all()] == [
        (inside.member_id, 120)
    ]
