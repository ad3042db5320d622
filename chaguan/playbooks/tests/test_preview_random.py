"""Hypothesis looks for a small playbook whose preview is not what later happens."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaguan.channels.models import Rehearsal
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.preview import preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.models import Assignment, Cohort, Enrolment, Run, Timer
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.testing import SYSTEM, live_and_send, make_edition, make_step
from chaguan.playbooks.tests.places import make_place

HALVES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
clock_times = st.sampled_from(HALVES)
room_offsets = st.one_of(
    st.builds("D{} {}".format, st.integers(1, 3), clock_times),
    st.builds("D1–D3 {}".format, clock_times),
    st.builds("H+{}".format, st.integers(0, 48)),
    st.builds("daily {}".format, clock_times),
    st.builds("every {}h H+0…H+9".format, st.integers(1, 4)),
)
person_offsets = st.one_of(
    st.builds("P{} {}".format, st.integers(1, 3), clock_times),
    st.builds("J+{}m".format, st.sampled_from([0, 30, 90, 600])),
    st.builds("J+1d {}".format, clock_times),
)


@st.composite
def small_playbooks(draw: st.DrawFn) -> list[dict[str, Any]]:
    steps = []
    for number in range(draw(st.integers(1, 4))):
        is_personal = draw(st.booleans())
        step = make_step(
            id=f"S{number}",
            offset=draw(person_offsets if is_personal else room_offsets),
            promotion=draw(st.booleans()),
            urgent=draw(st.booleans()),
            lateness=draw(st.sampled_from(["skip", "send"])),
            text="{{ day }} {{ time }} {{ community_name }}",
        )
        if is_personal:
            step |= {"track": "person", "kind": "touch", "audience": "person"}
        steps.append(step)
    return steps


@pytest.mark.req("SOP-13")
@pytest.mark.django_db
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=small_playbooks(),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    half=st.integers(0, 47),
)
def test_preview_equals_the_record_for_random_playbooks(
    steps: list[dict[str, Any]], zone: str, half: int
) -> None:
    for table in (Rehearsal, OutboxRow, Assignment, Timer, Enrolment, Cohort, Run):
        table.objects.all().delete()  # the examples share one transaction
    place = make_place(members=2, timezone=zone, type="camp")
    day = date(2026, 3, 28)  # the clocks change in Berlin in the night after it
    now = datetime(2026, 3, 28, tzinfo=ZoneInfo(zone)) + timedelta(minutes=30 * half)
    edition = make_edition(*steps)

    preview = preview_run(SYSTEM, edition.pk, place.pk, Start(day), now=now, days=3)
    start_run(SYSTEM, edition.pk, place.pk, Start(day), now=now)
    end = now + timedelta(days=3)
    live_and_send(now, end, step=timedelta(minutes=30))

    expected = [
        (seconds(p.at), p.kind, p.room_id, p.member_id, p.text)
        for p in preview.planned
        if p.state == "sent" and p.at <= end
    ]
    record = [
        (seconds(row.at), row.kind, row.room_id, row.member_id, row.text)
        for row in Rehearsal.objects.all()
    ]
    assert sorted(record, key=str) == sorted(expected, key=str)
