"""Guards of the outbox for what people decided: the second person, a talk taken over, a paused room."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from chaguan.kernel.remembering import remembered
from chaguan.kernel.rowset import ids_in
from chaguan.outbox.contract import Hold, OutboxRow, guards
from chaguan.playbooks.engine.catalogue import known_step, place_of_run
from chaguan.playbooks.models import Approval, RoomPause, TakeOver
from chaguan.playbooks.schedule import from_seconds, moved_by_days

LOOK_AGAIN = timedelta(minutes=5)


def _of_runs(rows: Iterable[OutboxRow]) -> list[OutboxRow]:
    return [row for row in rows if row.renderer == "script" and "run" in row.payload]


def approval_keys(row: OutboxRow) -> set[str]:
    """The keys under which this row may have been approved: its own, or that of the line it hangs on."""
    keys = {row.key, f"{row.key.rpartition('/')[0]}/"}
    if row.payload.get("occurrence"):
        head = "/".join(row.key.split("/")[:2])
        keys.add(f"{head}/o{row.payload['occurrence']}/")
    return keys


@guards.add("playbooks.second_person")
def wants_second_person(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """A sensitive message never goes without the yes of somebody else than who started it. One statement.

    The last look before the channel: whatever let the row go, without a written yes it is held for good.
    """
    mine = [row for row in _of_runs(rows) if row.payload.get("second_person")]
    mine = [row for row in mine if row.decided_by in ("", row.payload.get("started_by"))]
    if not mine:
        return []
    wanted = {key for row in mine for key in approval_keys(row)}
    known = set(
        Approval.objects.filter(key__in=wanted, decision=Approval.Decision.APPROVED).values_list(
            "key", flat=True
        )
    )
    return [Hold(row.pk, "second_person") for row in mine if not approval_keys(row) & known]


@guards.add("playbooks.taken_over")
def is_taken_over(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Where a person talks to somebody herself, no automatic private message interrupts. One statement.

    They are held for good and stay visible: what she said meanwhile makes them stale. A message that a
    person approved or released passes.
    """
    touches = [
        row
        for row in rows
        if row.kind == "touch"
        and row.member_id is not None
        and row.community_id is not None
        and not row.decided_by
        and _is_automatic(row)
    ]
    if not touches:
        return []
    taken = _taken({row.member_id for row in touches if row.member_id is not None})
    return [
        Hold(row.pk, "taken_over") for row in touches if (row.member_id, row.community_id) in taken
    ]


@remembered
def _taken(member_ids: set[int]) -> set[tuple[int, int]]:
    rows = TakeOver.objects.filter(until__isnull=True, member_id__in=ids_in(member_ids))
    return set(rows.values_list("member_id", "community_id"))


def _is_automatic(row: OutboxRow) -> bool:
    return row.renderer != "script" or known_step(row.payload["step"]).row.mode == "auto"


def room_delays(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
    """How many days each (run, room) is behind its run; None while it stands still. One statement."""
    wanted = set(pairs)
    return _delays(wanted) if wanted else {}


@remembered
def _delays(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
    rows = RoomPause.objects.filter(
        Q(run_id__in={run for run, _room in wanted})
        & Q(room_id__in={room for _run, room in wanted})
    )
    found: dict[tuple[int, int], int | None] = {}
    for run_id, room_id, until, days in rows.values_list("run_id", "room_id", "until", "days"):
        before = found.get((run_id, room_id), 0)
        found[run_id, room_id] = None if until is None or before is None else before + days
    return found


@guards.add("playbooks.room_paused")
def is_in_paused_room(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """What a run says in a room that was paused waits, and comes later by the days the room stood still."""
    mine = [row for row in _of_runs(rows) if row.room_id is not None]
    delays = room_delays((row.payload["run"], row.room_id or 0) for row in mine)
    holds = []
    for row in mine:
        days = delays.get((row.payload["run"], row.room_id or 0), 0)
        if days is None:
            holds.append(Hold(row.pk, "room_paused", now + LOOK_AGAIN))
        elif days:
            zone = ZoneInfo(place_of_run(row.payload["run"])[1])
            due = moved_by_days(from_seconds(row.payload["due"]), days, zone)
            if due > now:
                holds.append(Hold(row.pk, "room_moved", due))
    return holds
