"""Hypothesis looks for a small playbook whose preview is not what later happens.

Steps of both tracks, waits with both branches under a recorded behaviour, conditions (of people, of time,
and changed by steps of the playbook itself), quiet hours, caps, what a type of community forbids, opt-outs,
talks taken over, two rooms, and zones whose clocks change in the middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chaguan.channels import sender
from chaguan.channels.events import MessagePosted
from chaguan.channels.models import Rehearsal
from chaguan.communities.models import Room
from chaguan.communities.testing import make_member
from chaguan.eventlog.actions import record
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.errors import Invalid
from chaguan.outbox.models import OutboxRow
from chaguan.people.testing import Member
from chaguan.playbooks.actions.preview import Act, Preview, preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.engine.catalogue import document_of, known_step
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.fitting import unfit_for
from chaguan.playbooks.models import (
    Assignment,
    Cohort,
    Enrolment,
    Occurrence,
    Outcome,
    Run,
    TakeOver,
    Timer,
    Wait,
)
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.testing import SYSTEM, make_edition, make_step, staff_person
from chaguan.playbooks.tests.places import make_place

HALF_HOUR = timedelta(minutes=30)
DAY = date(2026, 3, 28)  # the clocks change in Berlin in the night after it
HALVES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
SPOKE = "channels.message_posted"
SEGMENTS = {
    "near": {"condition": "stage", "stages": ["familiar"]},
    "fresh": {"condition": "first_seen_within", "days": 2},
    "either": {
        "any": [
            {"condition": "stage", "stages": ["bought", "bought_again"]},
            {"not": {"condition": "first_seen_within", "days": 1}},
        ]
    },
    "marked": {"condition": "tag", "tag": "老友"},
}
clock_times = st.sampled_from(HALVES)
room_offsets = st.one_of(
    st.builds("D{} {}".format, st.integers(1, 2), clock_times),
    st.builds("D1–D2 {}".format, clock_times),
    st.builds("H+{}".format, st.integers(0, 30)),
    st.builds("daily {}".format, clock_times),
    st.builds("every {}h H+0…H+9".format, st.integers(1, 4)),
)
person_offsets = st.one_of(
    st.builds("P{} {}".format, st.integers(1, 2), clock_times),
    st.builds("J+{}m".format, st.sampled_from([0, 30, 90, 600])),
    st.builds("J+1d {}".format, clock_times),
)
asked = st.sampled_from([None, None, *SEGMENTS])
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}


@dataclass(frozen=True)
class Story:
    """A playbook, the community it runs in, and what its people are like and do."""

    steps: list[dict[str, Any]]
    zone: str
    half: int
    kind: str
    quiet: tuple[str, str]
    caps: dict[str, int]
    people: list[tuple[str, int, bool, bool]]  # stage, first seen hours ago, opted out, taken over
    acts: list[tuple[int, int]]  # who, and after how many half hours


@st.composite
def steps_of(draw: st.DrawFn) -> list[dict[str, Any]]:
    steps = []
    for number in range(draw(st.integers(1, 4))):
        where = draw(st.sampled_from(["room", "people of the room", "person", "person"]))
        step = make_step(
            id=f"S{number}",
            offset=draw(person_offsets if where == "person" else room_offsets),
            promotion=draw(st.booleans()),
            urgent=draw(st.booleans()),
            lateness=draw(st.sampled_from(["skip", "send", "ask"])),
            mode=draw(st.sampled_from(["auto", "auto", "assist"])),
            when=draw(asked),
            text="{{ day }} {{ time }} {{ community_name }}",
        )
        if where == "person":
            step |= {**TOUCH, "text": "{{ member_name }} {{ time }}"}
        elif where != "room":
            step |= {"kind": "touch", "audience": f"segment:{draw(st.sampled_from([*SEGMENTS]))}"}
        steps.append({name: value for name, value in step.items() if value is not None})
    return steps + draw(waits()) + draw(changes())


@st.composite
def waits(draw: st.DrawFn) -> list[dict[str, Any]]:
    if draw(st.booleans()):
        return []
    wait = make_step(
        id="W", offset=draw(person_offsets), kind="wait_for", track="person", text=None,
        **{"with": {"fact": SPOKE, "within": draw(st.sampled_from(["1h", "6h", "1d"]))}},
    )  # fmt: skip
    offsets = st.one_of(st.just("T+30m"), st.just("T+3h"), st.builds("P2 {}".format, clock_times))
    branches = [
        make_step(id=f"W-{way}", offset=draw(offsets), after=f"W.{way}", **TOUCH)
        for way in ("act", "timeout")
    ]
    return [wait, *branches]


@st.composite
def changes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Steps that change what conditions ask."""
    found = []
    if draw(st.booleans()):
        fields = {"kind": "set_stage", "audience": "person", "with": {"stage": "bought"}}
        found.append(
            make_step(id="STG", offset=draw(person_offsets), track="person", text=None, **fields)
        )
    if draw(st.booleans()):
        fields = {"kind": "tag", "audience": "segment:near", "with": {"add": ["老友"]}}
        found.append(make_step(id="TAG", offset=draw(room_offsets), text=None, **fields))
    return found


stories = st.builds(
    Story,
    steps=steps_of(),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    half=st.integers(0, 47),
    kind=st.sampled_from(["", "", "delivery", "newcomer"]),
    quiet=st.sampled_from([("22:30", "07:30"), ("13:00", "14:00"), ("21:00", "09:30")]),
    caps=st.fixed_dictionaries(
        {
            "person_per_day": st.integers(0, 2),
            "community_per_day": st.integers(0, 2),
            "contacts_per_day": st.integers(1, 4),
        }
    ),
    people=st.lists(
        st.tuples(
            st.sampled_from(["familiar", "bought"]), st.sampled_from([3, 30, 5000]),
            st.booleans(), st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    acts=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 70)), max_size=3),
)  # fmt: skip


def settle(story: Story, now: datetime) -> tuple[Any, list[Member]]:
    """The community with its people and two rooms. Examples share one transaction: clear it first."""
    for table in (
        Rehearsal, OutboxRow, Assignment, Timer, Wait, Outcome, Enrolment, Cohort, Occurrence, Run,
        TakeOver, LoggedEvent,
    ):  # fmt: skip
        table.objects.all().delete()
    settings_ = {"quiet_hours": list(story.quiet), "caps": story.caps}
    place = make_place(
        members=0,
        timezone=story.zone,
        type=story.kind,
        content_kind="commerce",
        settings=settings_,
    )
    second = Room.objects.filter(community=place).get()
    second.pk, second.external_id = None, f"{second.external_id}-b"
    second.save()
    people = []
    twice = [
        person for person in story.people for _twin in range(2)
    ]  # the preview plays one of two
    for number, (stage, hours, is_out, is_taken) in enumerate(twice):
        member = make_member(
            place,
            name=f"茶友{number}",
            stage=stage,
            first_seen_at=now - timedelta(hours=hours),
            touch_opt_out_at=now if is_out and is_taken else None,
        )
        if is_taken and not is_out:
            TakeOver.objects.create(member=member, community=place, by="system:tests", since=now)
        people.append(member)
    return place, people


def live(now: datetime, end: datetime, acts: Sequence[Act], community_id: int) -> None:
    """The worker on a compressed clock, while people do what they do."""
    at = now
    while at <= end:
        with clock.moved_to(at):
            for act in acts:
                if act.at == at:
                    fact = MessagePosted(community_id, 1, act.member_id, act.member_id, chars=2)
                    record(fact, actor=SYSTEM, at=at)
            drain()
            while tick(at) + sender.tick(at):
                pass
        at += HALF_HOUR


def foretold(preview: Preview, end: datetime) -> list[tuple[Any, ...]]:
    """Messages by their fate, and what people are given to do, as far as the end."""
    return sorted(
        (
            (
                *(p.step, seconds(p.due_at), seconds(p.at) if p.state == "sent" else 0, p.state),
                *(p.room_id, p.member_id, p.reason, p.role),
            )
            for p in preview.planned
            if p.at <= end and p.kind != "step"
        ),
        key=str,
    )


def happened(end: datetime) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for row in OutboxRow.objects.filter(due_at__lte=end):
        at = seconds(row.claimed_at) if row.claimed_at and row.state == "sent" else 0
        head = (known_step(row.payload["step"]).row.code, row.payload["due"], at, row.state)
        found.append((*head, row.room_id, row.member_id, row.reason, ""))
    for line in Assignment.objects.all():
        head = (line.step.code, seconds(line.due_at), 0, "assignment")
        found.append((*head, None, line.about_id, "", line.role))
    return sorted(found, key=str)


def is_forbidden(edition_id: int, kind: str) -> bool:
    faults = unfit_for(document_of(edition_id), kind) if kind else ()
    return any(not fault.is_warning for fault in faults)


@pytest.mark.req("SOP-13")
@pytest.mark.django_db
@settings(
    max_examples=10,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ],  # an example takes a second: none is shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories)
def test_preview_equals_the_record_for_random_playbooks_and_people(story: Story) -> None:
    now = datetime(2026, 3, 28, tzinfo=ZoneInfo(story.zone)) + HALF_HOUR * story.half
    place, people = settle(story, now)
    acts = [
        Act(people[who].pk, SPOKE, now + HALF_HOUR * halves)
        for who, halves in story.acts
        if who < len(people)
    ]
    edition = make_edition(*story.steps, segments=SEGMENTS, content_kinds=["commerce"])
    start = Start(DAY, people={"operator": staff_person("community_manager")})
    if is_forbidden(edition.pk, story.kind):  # on paper as for real
        for begin in (preview_run, start_run):
            with pytest.raises(Invalid, check=lambda refusal: refusal.code.startswith("type_")):
                begin(SYSTEM, edition.pk, place.pk, start, now=now)
        return
    preview = preview_run(SYSTEM, edition.pk, place.pk, start, now=now, days=2, acts=acts)
    with clock.moved_to(now):
        start_run(SYSTEM, edition.pk, place.pk, start, now=now)
    end = now + timedelta(days=2)
    live(now, end, acts, place.pk)

    expected = [
        (seconds(p.at), p.kind, p.room_id, p.member_id, p.text)
        for p in preview.planned
        if p.state == "sent" and p.at <= end
    ]
    channel = [
        (seconds(row.at), row.kind, row.room_id, row.member_id, row.text)
        for row in Rehearsal.objects.all()
    ]
    assert sorted(channel, key=str) == sorted(expected, key=str)
    assert happened(end) == foretold(preview, end)
