"""Comparing two ways: people are dealt out for good, the control hears nothing, the result is honest."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.communities.testing import make_community, make_member, make_room, make_staff
from chaguan.eventlog.actions import record
from chaguan.outbox.selectors import all_rows
from chaguan.people.events import OrderConfirmed
from chaguan.playbooks.actions.preview import preview_run
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.engine.arms import arm_of
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.models import Assignment, Enrolment, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.schedule import from_seconds, seconds
from chaguan.playbooks.selectors.splits import (
    ArmResult,
    compared,
    split_result,
    wilson,
)
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_edition,
    make_run,
    make_step,
)

SPLIT: dict[str, Any] = {
    "key": "tone",
    "arms": [
        {"key": "warm", "title": "先问候", "share": 45},
        {"key": "brief", "title": "直接说事", "share": 45},
        {"key": "control", "title": "不发消息", "share": 10, "control": True},
    ],
    "goal": {"fact": "people.order_confirmed", "within": "3d"},
}


def touch(code: str, offset: str, text: str, **over: Any) -> dict[str, Any]:
    return make_step(
        id=code,
        track="person",
        offset=offset,
        kind="touch",
        audience="person",
        text=text,
        **over,
    )


STEPS = (
    touch("T-1", "P1 12:00", "您好", arm="warm"),
    touch("T-2", "P1 12:00", "说一件事", arm="brief"),
    touch("T-3", "P2 12:00", "大家都有"),
    make_step(
        id="T-4",
        track="person",
        offset="P2 13:00",
        kind="assign",
        actor="operator",
        audience="person",
        text=None,
        instruction="问问",
    ),
    make_step(
        id="T-5",
        track="person",
        offset="P2 14:00",
        kind="tag",
        audience="person",
        text=None,
        **{"with": {"add": ["看过"]}},
    ),
)


def crowd(size: int) -> Any:
    community = make_community()
    make_room(community, connector="echo", account_id=1)
    for _n in range(size):
        make_member(community)
    return community


def run_on(community: Any, *steps: dict[str, Any], **over: Any) -> Run:
    edition = make_edition(*(steps or STEPS), split=SPLIT, **over)
    operator = Person(user_id=make_staff(community=community).user_id)
    return make_run(edition=edition, community=community, people={"operator": operator})


def arms_in(run: Run) -> dict[int, str]:
    return dict(Enrolment.objects.filter(run=run).values_list("member_id", "cohort__arm"))


@pytest.mark.django_db
def test_everybody_has_one_arm_and_the_control_hears_nothing() -> None:
    run = run_on(crowd(60))

    live_through(MONDAY, MONDAY + timedelta(days=3))

    arms = arms_in(run)
    heard = Counter(
        (arms[member or 0], text)
        for member, text in all_rows()
        .filter(kind="touch")
        .values_list("member_id", "payload__step")
    )
    codes = {step.pk: step.code for step in run.edition.steps.all()}
    people = Counter(arms.values())
    assert {(arm, codes[step]): n for (arm, step), n in heard.items()} == {
        ("warm", "T-1"): people["warm"],
        ("brief", "T-2"): people["brief"],
        ("warm", "T-3"): people["warm"],
        ("brief", "T-3"): people["brief"],
    }
    about = Counter(
        arms[pk] for pk in Assignment.objects.filter(run=run).values_list("about", flat=True) if pk
    )
    assert about == {"warm": people["warm"], "brief": people["brief"]}
    assert people["control"] > 0
    tagged = set(
        Enrolment.objects.filter(run=run, member__tags__tag__name="看过").values_list(
            "member_id", flat=True
        )
    )
    assert tagged == set(arms)


@pytest.mark.django_db
def test_the_dealing_follows_the_shares_and_never_changes() -> None:
    run = run_on(crowd(1))
    document = document_of(run.edition_id)

    dealt = Counter(arm_of(run, document, member) for member in range(20_000))
    again = Counter(arm_of(run, document, member) for member in range(20_000))

    assert dealt == again
    assert abs(dealt["warm"] - 9000) < 300
    assert abs(dealt["brief"] - 9000) < 300
    assert abs(dealt["control"] - 2000) < 200


@pytest.mark.django_db
def test_a_second_pass_stays_in_the_arm() -> None:
    community = crowd(12)
    tracks = [
        {"key": "room", "title": "群里", "kind": "room"},
        {
            "key": "person",
            "title": "一对一",
            "kind": "personal",
            "entry": {"at": "sign_in", "again": "each_time"},
        },
    ]
    run = run_on(community, *STEPS, tracks=tracks)
    document = document_of(run.edition_id)
    members = list(community.memberships.values_list("member_id", flat=True))
    for day in (0, 10):
        at = seconds(MONDAY + timedelta(days=day))
        enrol(run, document, document.track("person"), [Arrival(pk, at) for pk in members])
        Enrolment.objects.filter(run=run).update(state=1, ended_s=at + 1)

    passes = Enrolment.objects.filter(run=run).values_list("member_id", "cohort__arm")

    assert len(passes) == 24
    assert len(set(passes)) == 12


@pytest.mark.django_db
def test_the_preview_deals_as_reality_does() -> None:
    community = crowd(25)
    edition = make_edition(*STEPS[:3], split=SPLIT)
    start = Start(MONDAY.date())
    preview = preview_run(SYSTEM, edition.pk, community.pk, start, now=MONDAY, days=4)

    make_run(edition=edition, community=community)
    live_through(MONDAY, MONDAY + timedelta(days=3))

    codes = {step.pk: step.code for step in edition.steps.all()}
    expected = sorted((one.step, one.member_id) for one in preview.planned if one.member_id)
    assert expected == sorted(
        (codes[row.payload["step"]], row.member_id) for row in all_rows().filter(kind="touch")
    )


@pytest.mark.django_db
def test_the_result_equals_a_slow_count_and_keeps_open_spans_apart() -> None:
    run = run_on(crowd(40))
    arms = arms_in(run)
    entered = {e.member_id: from_seconds(e.entered_s) for e in Enrolment.objects.filter(run=run)}
    late = sorted(arms)[:10]
    Enrolment.objects.filter(run=run, member_id__in=late).update(
        entered_s=Enrolment.objects.filter(run=run).values("entered_s")[:1]
    )
    Enrolment.objects.filter(run=run, member_id__in=late).update(
        entered_s=int((MONDAY + timedelta(days=6)).timestamp())
    )
    entered |= {member: MONDAY + timedelta(days=6) for member in late}
    bought = {}
    for n, member in enumerate(sorted(arms)):
        if n % 3 == 0:  # some in time, some too late, one to the second at the end, one before
            shift = [timedelta(hours=5), timedelta(days=3), timedelta(days=4), -timedelta(hours=1)]
            at = entered[member] + shift[n // 3 % 4]
            record(OrderConfirmed(member, f"R-{n}"), actor=SYSTEM, at=at)
            bought[member] = at
    now = MONDAY + timedelta(days=8)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        result = split_result(run, now=now)

    assert len(queries) == 1
    assert result is not None
    for arm in result.arms:
        mine = [member for member, key in arms.items() if key == arm.key]
        over = [m for m in mine if entered[m] + timedelta(days=3) <= now]
        good = [
            m
            for m in over
            if m in bought and entered[m] <= bought[m] < entered[m] + timedelta(days=3)
        ]
        assert (arm.people, arm.judged, arm.reached) == (len(mine), len(over), len(good))
        assert arm.still_open == len(mine) - len(over)
    assert sum(arm.still_open for arm in result.arms) == 10
    assert [d.is_too_few for d in result.differences] == [True, True]
    assert {d.against for d in result.differences} == {"control"}


def arm(people: int, reached: int, key: str = "a") -> ArmResult:
    return ArmResult(key, key, key == "control", people, people, reached)


def test_the_interval_is_wilson_s() -> None:
    # Published values of the score interval: 0 of 20, 81 of 263 and 15 of 148 (Newcombe 1998).
    assert [round(x, 4) for x in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(x, 4) for x in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(x, 4) for x in wilson(0, 20)] == [0.0, 0.1611]
    assert [round(x, 4) for x in wilson(1, 29)] == [0.0061, 0.1718]


def test_the_test_of_two_proportions_is_pooled_and_two_sided() -> None:
    found = compared(arm(200, 60), arm(200, 40, "control"))

    assert found.points == pytest.approx(0.1)
    assert found.p == pytest.approx(0.020921, abs=1e-6)  # z = 0.1 / sqrt(0.25 * 0.75 / 100)
    assert found.is_clear


@pytest.mark.parametrize(
    ("a", "base"), [((29, 15), (500, 100)), ((500, 4), (500, 100)), ((500, 100), (40, 38))]
)
def test_too_few_people_or_cases_are_too_few_to_tell(
    a: tuple[int, int], base: tuple[int, int]
) -> None:
    found = compared(arm(*a), arm(*base, "control"))

    assert (found.points, found.p, found.is_too_few, found.is_clear) == (None, None, True, False)
