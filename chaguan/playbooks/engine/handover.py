"""Splitting people at the end (承接): each gets one row with the plan that the first fitting rule names.

Set-based: a statement per rule, whatever the number of people. The unique row per run and person makes it
harmless to do twice, also after a crash in the middle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from chaguan.communities.selectors.audiences import people_inside
from chaguan.kernel.rowset import stored
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import matches
from chaguan.playbooks.models import Enrolment, Handover, Run
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.types import RunState, TrackKind

MAX_DEPTH = 8  # hand-overs in a row, each within IN_A_ROW of the one before
IN_A_ROW = timedelta(days=7)
LOOKS_BACK = timedelta(days=2)  # how far back people are looked for who just left
State = Handover.State

_SPLIT = """
INSERT INTO playbooks_handover (
  run_id, member_id, rule, playbook, why, state, reason, depth, at, started_at, by
)
SELECT c.run_id, c.member_id, {rule}, %s, %s, %s, %s, c.depth, {now}, NULL, %s
FROM (
  SELECT {run} AS run_id, p.member_id, 1 + coalesce((
    SELECT max(b.depth) FROM playbooks_handover AS b
    WHERE b.target_id = {run} AND b.member_id = p.member_id AND b.started_at > {recent}
  ), 0) AS depth
  FROM ({people}) AS p
) AS c
WHERE NOT EXISTS (
  SELECT 1 FROM playbooks_handover AS h WHERE h.run_id = c.run_id AND h.member_id = c.member_id
) AND {which}
ON CONFLICT (run_id, member_id) DO NOTHING
"""
_ON_TRACKS = "SELECT e.member_id FROM playbooks_enrolment AS e WHERE e.run_id = {run}"
_DEPARTED = """
SELECT e.member_id FROM playbooks_enrolment AS e
WHERE e.run_id = {run} AND e.state <> 0 AND e.ended_s >= {since_s}{stopped}
AND NOT EXISTS (
  SELECT 1 FROM playbooks_enrolment AS a
  WHERE a.run_id = e.run_id AND a.member_id = e.member_id AND a.state = 0
)
"""
_SPENT = """
UPDATE playbooks_enrolment SET state = 1, ended_s = {now_s}
WHERE state = 0 AND run_id IN ({runs}) AND id NOT IN (SELECT enrolment_id FROM playbooks_timer)
"""
_OUT = "NOT EXISTS (SELECT 1 FROM ({inside}) AS i WHERE i.member_id = c.member_id)"
_QUIET = (
    "EXISTS (SELECT 1 FROM people_member AS m"
    " WHERE m.id = c.member_id AND m.touch_opt_out_at IS NOT NULL)"
)


def close_spent_passes(now: datetime) -> int:
    """End the passes of runs past their last day to which nothing comes any more: people who came in after
    the last step would keep the run open for ever. Two statements, one where no such run is."""
    over = Run.objects.filter(state=RunState.RUNNING, ends_at__lte=now)
    open_ones = over.filter(Exists(Enrolment.objects.filter(run=OuterRef("pk"), state=0)))
    ids = list(open_ones.values_list("pk", flat=True))
    if not ids:
        return 0
    runs = ", ".join(f"{pk:d}" for pk in ids)
    with connection.cursor() as cursor:
        cursor.execute(_SPENT.format(now_s=seconds(now), runs=runs))
        return int(cursor.rowcount)


@dataclass(frozen=True)
class People:
    """Who is to be handed over, as a SELECT of member_id."""

    sql: str
    params: Sequence[Any] = field(default_factory=tuple)


def everybody(run: Run, document: Playbook) -> People:
    """All people of a run: those on its tracks and, where it spoke to the room, those inside."""
    on_tracks = _ON_TRACKS.format(run=int(run.pk))
    if all(track.kind == TrackKind.PERSONAL for track in document.tracks):
        return People(on_tracks)
    inside, params = _inside(run)
    return People(f"{on_tracks} UNION {inside}", params)


def departed(run: Run, now: datetime) -> People:
    """People of a run under way for whom it is over: who left by a stop; without an end of the run, all
    whose own pass is over."""
    since_s = seconds(now - LOOKS_BACK)
    stopped = "" if run.ends_at is None else " AND e.state = 2"
    sql = _DEPARTED.format(run=int(run.pk), since_s=since_s, stopped=stopped)
    return People(f"SELECT DISTINCT member_id FROM ({sql}) AS d")


def split(run: Run, document: Playbook, people: People, *, by: str, now: datetime) -> int:
    """Give everybody of `people` a row; returns how many are new. Statements: 4 and one per rule.

    Who is no longer in the community, wants no private messages, or goes round in circles is held, with
    the reason. Who matches no rule is nobody's.
    """
    inside, params = _inside(run)
    given = _Splitting(run, people, by, now)
    new = given.insert(State.HELD, reason="left", which=_OUT.format(inside=inside), params=params)
    new += given.insert(State.HELD, reason="opted_out", which=_QUIET)
    new += given.insert(State.HELD, reason="loop", which=f"c.depth > {MAX_DEPTH}")
    for place, rule in enumerate(document.then):
        trees = [] if rule.who is None else [_tree(document, rule.who)]
        asked, told = matches(
            trees, "c.member_id", now=now, community_id=run.community_id, zone=run.zone
        )
        new += given.insert(
            State.PLANNED,
            rule=place,
            playbook=rule.start,
            why=rule.why,
            which=asked or "true",
            params=told,
        )
    return new + given.insert(State.NOBODY, which="true")


@dataclass(frozen=True)
class _Splitting:
    run: Run
    people: People
    by: str
    now: datetime

    def insert(
        self,
        state: str,
        *,
        which: str,
        params: Sequence[Any] = (),
        rule: int | None = None,
        playbook: str = "",
        why: str = "",
        reason: str = "",
    ) -> int:
        """Rows for those of the people who have none and fit `which`. One statement."""
        marker = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
        sql = _SPLIT.format(
            rule="NULL" if rule is None else int(rule),
            run=int(self.run.pk),
            now=marker,
            recent=marker,
            people=self.people.sql,
            which=which,
        )
        recent = stored(self.now - IN_A_ROW)
        told = [playbook, why[:200], state, reason, stored(self.now), self.by, recent]
        with connection.cursor() as cursor:
            cursor.execute(sql, [*told, *self.people.params, *params])
            return int(cursor.rowcount)


def _inside(run: Run) -> tuple[str, tuple[Any, ...]]:
    rows = people_inside().filter(community_id=run.community_id).order_by()
    sql, params = rows.values("member_id").query.sql_with_params()
    return sql, tuple(params)


def _tree(document: Playbook, who: Any) -> Any:
    return document.segments[who] if isinstance(who, str) else who
