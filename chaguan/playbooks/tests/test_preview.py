from datetime import date, timedelta
from typing import Any

import pytest

from chaguan.channels.models import Rehearsal
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.preview import Preview, preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.models import Enrolment, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    make_edition,
    make_script,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 1, 6)


def sent_by(preview: Preview) -> list[tuple[Any, ...]]:
    return sorted(
        (seconds(p.at), p.kind, p.room_id, p.member_id, p.text)
        for p in preview.planned
        if p.state == "sent"
    )


def rehearsed() -> list[tuple[Any, ...]]:
    return sorted(
        (seconds(row.at), row.kind, row.room_id, row.member_id, row.text)
        for row in Rehearsal.objects.all()
    )


def steps() -> list[dict[str, Any]]:
    return [
        make_step(),
        make_step(id="NIGHT", offset="D1 23:30", text="夜深了"),
        make_step(id="EACH", offset="D1–D3 08:00", text="第 {{ day }} 天，{{ weekday }}"),
        make_step(
            id="P-1",
            track="person",
            offset="P1 19:00, P3 09:00",
            kind="touch",
            audience="person",
            text=None,
            script="hello",
            promotion=True,
        ),
        make_step(
            id="P-2",
            track="person",
            offset="J+1h",
            kind="touch",
            audience="person",
            text="{{ member_name }} 您好",
            promotion=True,
        ),
        make_step(
            id="P-3",
            track="person",
            offset="J+3h",
            kind="touch",
            audience="person",
            text="{{ member_name }} 再说一句",
            promotion=True,
        ),
    ]


@pytest.mark.req("SOP-13")
def test_preview_for_a_date_equals_what_the_sandbox_records() -> None:
    community = make_place(type="")
    make_script(variants=["{{ member_name }}，你好呀"])
    edition = make_edition(*steps())
    start = Start(TUESDAY)

    preview = preview_run(SYSTEM, edition.pk, community.pk, start, now=MONDAY)
    assert Run.objects.count() == OutboxRow.objects.count() == Enrolment.objects.count() == 0
    start_run(SYSTEM, edition.pk, community.pk, start, now=MONDAY)
    live_and_send(MONDAY, MONDAY + timedelta(days=5), step=timedelta(minutes=30))

    assert len(rehearsed()) == 1 + 1 + 3 + 3 * 4
    assert sent_by(preview) == rehearsed()
    held = {(p.step, p.held_for) for p in preview.planned if p.held_for}
    assert held == {("NIGHT", ("quiet_hours",)), ("P-1", ("daily_cap",))}


def test_a_prepared_message_and_the_work_of_sending_it_are_one_line() -> None:
    place = make_place(members=3)
    edition = make_edition(
        make_step(id="ROOM", mode="assist", actor="operator", minutes=5),
        make_step(
            id="EACH", track="person", kind="touch", audience="person", offset="P1 10:00",
            mode="assist", actor="operator", minutes=2,
        ),
        make_step(id="WORK", kind="assign", mode="human", actor="operator", text=None, instruction="聊聊", minutes=9),
    )  # fmt: skip

    preview = preview_run(
        SYSTEM, edition.pk, place.pk, Start(TUESDAY, people={"operator": Person()}), now=MONDAY, days=3
    )  # fmt: skip

    told = {(line.step, line.state, line.role, line.recipients, line.minutes) for line in preview.lines}  # fmt: skip
    assert told == {
        ("ROOM", "awaiting_person", "operator", 1, 5),
        ("EACH", "awaiting_person", "operator", 3, 6),
        ("WORK", "assignment", "operator", 1, 9),
    }
    assert len(preview.lines) == 3
    assert preview.minutes_by_day() == {TUESDAY: 20}
