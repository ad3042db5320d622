"""Advancing room tracks: dated steps that are due become messages and assignments, a step at a time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import open_rooms, people_inside
from chaguan.eventlog.actions import record_many
from chaguan.eventlog.contract import Event
from chaguan.kernel.actor import Actor
from chaguan.kernel.rowset import rowset
from chaguan.playbooks.contract import Targets, speaks_to, steps
from chaguan.playbooks.engine.assigning import assign_people
from chaguan.playbooks.engine.catalogue import Known, is_rehearsing, known_step, matches
from chaguan.playbooks.engine.likeness import among, note_asking
from chaguan.playbooks.engine.newcomers import NEWCOMER, newcomers
from chaguan.playbooks.events import StepDone, StepMissed
from chaguan.playbooks.models import Assignment, Occurrence
from chaguan.playbooks.skipping import skipped_steps
from chaguan.playbooks.types import RunState, StepState

BATCH = 200
CLOCK = Actor.system("clock")

_EPOCH = {
    "postgresql": "CAST(extract(epoch FROM o.due_at) AS bigint)",
    "sqlite": "CAST(strftime('%%s', o.due_at) AS integer)",
}


@transaction.atomic
def advance_rooms(now: datetime, *, limit: int = BATCH, run_id: int | None = None) -> int:
    """Carry out up to `limit` due dated steps; returns how many. Two workers never take the same ones.

    With `run_id` only of that run: for previews.
    """
    due = Occurrence.objects.filter(
        state=StepState.WAITING, due_at__lte=now, run__state=RunState.RUNNING
    ).order_by("due_at", "id")
    if run_id is not None:
        due = due.filter(run_id=run_id)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    rows = list(due.select_related("run")[:limit])
    if not rows:
        return 0
    skipped = skipped_steps({row.run_id for row in rows})
    by_step: dict[int, list[Occurrence]] = defaultdict(list)
    for row in rows:
        known = known_step(row.step_id)
        row.done_at, row.by = now, CLOCK.reference
        if (row.run_id, row.step_id) in skipped:
            row.state, row.reason = StepState.SKIPPED, "skipped"
        elif known.row.needs:
            row.state, row.reason = StepState.SKIPPED, "feature_missing"
        elif known.row.lateness != "send" and _is_late(row, known, now):
            row.state = StepState.LATE if known.row.lateness == "skip" else StepState.ASKED
        else:
            row.state = StepState.DONE
            by_step[row.step_id].append(row)
    for step_id, mine in by_step.items():
        _carry_out(known_step(step_id), mine, now)
    _ask([row for row in rows if row.state == StepState.ASKED], now)
    _write_down(rows)
    _record(rows, now)
    return len(rows)


def _write_down(rows: Sequence[Occurrence]) -> None:
    """What came of these steps. One statement."""
    given, params = rowset(
        {
            "id": "bigint",
            "state": "text",
            "reason": "text",
            "done_at": "timestamptz",
            "by": "text",
            "effects": "integer",
        },
        [(row.pk, row.state, row.reason, row.done_at, row.by, row.effects) for row in rows],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE playbooks_occurrence SET state = v.state, reason = v.reason, done_at = v.done_at,"
            f" by = v.by, effects = v.effects FROM ({given}) AS v WHERE playbooks_occurrence.id = v.id",
            params,
        )


def _is_late(row: Occurrence, known: Known, now: datetime) -> bool:
    return (row.closes_at or row.due_at) < now - timedelta(seconds=known.row.late_after_s)


def _carry_out(known: Known, rows: Sequence[Occurrence], now: datetime) -> None:
    """One step for all communities where it is due."""
    wanted = [row for row in rows if _is_wanted(known, row, now)]
    _tell([row for row in rows if row.state == StepState.SKIPPED], now)
    rows = wanted
    if not rows:
        return
    kind = steps.get(known.row.kind)
    if speaks_to(known.row.kind, known.row.audience) == "room":
        sql, params = _rooms(known, rows)
        targets = Targets(sql, tuple(params), [known.due], now)
        kind.run(targets)
        counts = _count(targets)
        for row in rows:
            row.effects = counts.get(row.pk, 0)
    elif known.row.kind != "assign":
        for row in rows:
            sql, params = _people(known, row, now)
            row.effects = kind.run(Targets(sql, tuple(params), [known.due], now))
    if known.row.mode != "auto" or known.row.kind == "assign" or known.row.needs_approval:
        _ask(rows, now)
        for row in rows:
            row.effects += 1


def _is_wanted(known: Known, row: Occurrence, now: datetime) -> bool:
    """A step for a room goes when somebody in the community matches its condition, or is to be greeted."""
    greets = known.row.audience == "newcomer" and speaks_to(known.row.kind, "newcomer") == "room"
    if greets and not newcomers(row.run, row.step_id, row.due_at):
        row.state, row.reason = StepState.SKIPPED, "condition"
        return False
    place = (row.run.community_id, row.run.zone, row.due_at)
    if reason := steps.get(known.row.kind).reason_to_skip(known.due.fields, *place):
        row.state, row.reason = StepState.SKIPPED, reason
        return False
    if speaks_to(known.row.kind, known.row.audience) != "room" or not known.trees:
        return True
    asked, params = matches(
        known.trees, "m.member_id", now=now, community_id=row.run.community_id, zone=row.run.zone
    )
    note_asking(now, known.trees)
    people = among(people_inside().filter(community_id=row.run.community_id))
    inside, given = _sql(people, "member_id")
    with connection.cursor() as cursor:
        sql = f"SELECT EXISTS (SELECT 1 FROM ({inside}) AS m WHERE {asked})"
        cursor.execute(sql, [*given, *params])
        found = cursor.fetchone()
    if found and found[0]:
        return True
    row.state, row.reason = StepState.SKIPPED, "condition"
    return False


def stem(column: str = "o") -> str:
    """SQL of the key that all effects of one dated step begin with."""
    return f"'run:' || {column}.run_id || '/' || s.code || '/o' || {column}.id || '/'"


def _head(key: str, room: str, member: str, channel: str) -> str:
    epoch = _EPOCH[connection.vendor]
    return (
        f"SELECT {key} AS key, o.run_id AS run_id, o.step_id AS step_id,"
        " CAST(NULL AS bigint) AS enrolment_id, CAST(NULL AS integer) AS place,"
        f" o.id AS occurrence_id, r.community_id AS community_id, {room} AS room_id,"
        f" {member} AS member_id, {channel}.connector AS connector,"
        f" {channel}.account_id AS account_id, {epoch} AS due_s, o.caused_by AS caused_by,"
        " o.depth AS depth FROM playbooks_occurrence AS o"
        " JOIN playbooks_run AS r ON r.id = o.run_id JOIN playbooks_step AS s ON s.id = o.step_id"
    )


def _ids(rows: Sequence[Occurrence]) -> str:
    return ", ".join(str(int(row.pk)) for row in rows)


def _sql(queryset: QuerySet[Any], *columns: str) -> tuple[str, list[Any]]:
    try:
        sql, params = queryset.order_by().values(*columns).query.sql_with_params()
    except EmptyResultSet:  # nobody can match, which Django knows before it asks
        kinds = {column: "text" if column == "connector" else "bigint" for column in columns}
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in kinds.items())
        return f"SELECT {nothing} WHERE 1 = 0", []
    return sql, list(params)


def _rooms(known: Known, rows: Sequence[Occurrence]) -> tuple[str, list[Any]]:
    """Every open room of the audience in the communities of these occurrences."""
    is_back_room = known.row.audience in ("back_room", "staff", "leads")
    rooms, params = _sql(
        open_rooms(is_back_room=is_back_room).filter(
            community_id__in={row.run.community_id for row in rows}
        ),
        "id",
        "community_id",
        "connector",
        "account_id",
    )
    head = _head(f"{stem()} || 'r' || m.id", "m.id", "CAST(NULL AS bigint)", "m")
    sql = f"{head} JOIN ({rooms}) AS m ON m.community_id = r.community_id WHERE o.id IN ({_ids(rows)})"
    return sql, params


def _people(known: Known, row: Occurrence, now: datetime) -> tuple[str, list[Any]]:
    """The people of the audience: whose act fired it, newcomers not reached yet, or all who match."""
    inside = among(people_inside().filter(community_id=row.run.community_id))
    once_each = known.row.audience == "newcomer"
    if row.member_id is not None:
        inside = inside.filter(member_id=row.member_id)
    elif once_each:
        inside = inside.filter(joined_at__gte=now - NEWCOMER)
    people, params = _sql(inside, "member_id", "community_id")
    if known.trees:
        note_asking(now, known.trees)
    key = "'run:' || o.run_id || '/' || s.code || '/new/m' || m.member_id"
    if not once_each:
        key = f"{stem()} || 'm' || m.member_id"
    sql = (
        f"{_head(key, 'CAST(NULL AS bigint)', 'm.member_id', 'r')}"
        f" JOIN ({people}) AS m ON m.community_id = r.community_id WHERE o.id = {int(row.pk)}"
    )
    asked, given = matches(
        known.trees, "m.member_id", now=now, community_id=row.run.community_id, zone=row.run.zone
    )
    return (f"{sql} AND {asked}" if asked else sql), [*params, *given]


def _ask(rows: Sequence[Occurrence], now: datetime) -> None:
    """One line on a sheet per dated step, for whoever holds the role."""
    if rows:
        head = _head(stem(), "CAST(NULL AS bigint)", "o.member_id", "r")
        assign_people(f"{head} WHERE o.id IN ({_ids(rows)})", [], now)


def _tell(rows: Sequence[Occurrence], now: datetime) -> None:
    """A line for the operator about steps that had nothing to do, so that she can do something about it."""
    told = [row for row in rows if row.reason != "condition"]
    if told:
        _ask(told, now)
        lines = Assignment.objects.filter(occurrence__in=[row.pk for row in told], note="")
        lines.update(note=_("Nothing was planned for that day, so nothing went out."))


def _count(targets: Targets) -> dict[int, int]:
    """How many targets each occurrence has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.occurrence_id, count(*) FROM ({targets.sql}) AS t GROUP BY t.occurrence_id",
            targets.params,
        )
        return {int(pk): int(n) for pk, n in cursor.fetchall()}


def _record(rows: Sequence[Occurrence], now: datetime) -> None:
    facts: list[tuple[Event, datetime]] = []
    for row in rows:
        code, community = known_step(row.step_id).row.code, row.run.community_id
        if row.state == StepState.DONE:
            facts.append((StepDone(community, row.run_id, code, row.slot, row.effects), now))
        elif row.state in (StepState.LATE, StepState.ASKED):
            facts.append((StepMissed(community, row.run_id, code, row.slot), now))
    if facts and not is_rehearsing():
        record_many(facts, actor=CLOCK)
