"""Facts that wake runs: they end waits, open triggered steps, bring people in and take them off.

A chain of causes ends after eight links: what a ninth would start is written down as a left-out step with
the reason `loop`, so that people see which playbooks answer each other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from chaguan.communities.selectors.audiences import people_inside
from chaguan.eventlog.actions import MAX_DEPTH
from chaguan.eventlog.contract import Logged
from chaguan.kernel.rowset import ids_in, rowset
from chaguan.playbooks.engine.arms import is_for_arm
from chaguan.playbooks.engine.catalogue import document_of, known_step, steps_of
from chaguan.playbooks.engine.enrolling import Arrival, enrol, matching_arrivals
from chaguan.playbooks.engine.waits import wake
from chaguan.playbooks.models import Enrolment, Occurrence, Watch
from chaguan.playbooks.moments import Deadline
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.types import RunState, StepState

Matched = list[tuple[Watch, list[Logged]]]


def hear(batch: Sequence[Logged]) -> int:
    """Take in a batch of facts; returns how many things woke. Two statements when nobody listens."""
    living = [fact for fact in batch if not is_history(fact)]
    heard = wake(living)
    watches = _watching(living)
    if not watches:
        return heard
    matched = _matched(watches, living)
    heard += _take_off([pair for pair in matched if pair[0].purpose == Watch.Purpose.STOP])
    starting = [pair for pair in matched if pair[0].purpose != Watch.Purpose.STOP]
    heard += _bring_in(_up_to_the_end(starting, Watch.Purpose.ENTRY))
    heard += _open_steps(_up_to_the_end(starting, Watch.Purpose.STEP))
    _show_loops(starting)
    return heard


_LISTEN = """
SELECT DISTINCT w.id FROM ({facts}) AS f JOIN playbooks_watch AS w
ON w.fact = f.fact AND (f.community_id IS NULL OR w.community_id = CAST(f.community_id AS bigint))
WHERE w.purpose <> %s
"""


def _watching(batch: Sequence[Logged]) -> list[Watch]:
    """Watches of the batch's communities; facts of no community (an order, a tag) reach all of that name.

    One short statement for every fact there is; a second one where somebody listens.
    """
    names = {(fact.name, fact.community_id) for fact in batch}
    if not names:
        return []
    facts, given = rowset({"fact": "text", "community_id": "bigint"}, sorted(names, key=str))
    with connection.cursor() as cursor:
        cursor.execute(_LISTEN.format(facts=facts), [*given, Watch.Purpose.SILENCE.value])
        found = [int(pk) for (pk,) in cursor.fetchall()]
    if not found:
        return []
    running = Q(run__state__in=[RunState.RUNNING, RunState.PAUSED])
    return list(Watch.objects.filter(running, pk__in=ids_in(found)).select_related("run"))


def is_history(fact: Logged) -> bool:
    """Facts of an imported file: what happened long ago starts nothing today."""
    return fact.actor.startswith("system:import")


def _matched(watches: Sequence[Watch], batch: Sequence[Logged]) -> Matched:
    """Each watch with its facts: of its own community, or of none about somebody who is inside it.

    What takes a person off counts wherever she is. At most one statement more.
    """
    by_fact: dict[tuple[str, int | None], list[Logged]] = defaultdict(list)
    for fact in batch:
        if not fact.data.get("is_bot"):
            by_fact[fact.name, fact.community_id].append(fact)
    inside = _inside(watches, [fact for fact in batch if fact.community_id is None])
    found = []
    for watch in watches:
        facts = list(by_fact[watch.fact, watch.community_id])
        is_stop = watch.purpose == Watch.Purpose.STOP
        facts += [
            fact
            for fact in by_fact[watch.fact, None]
            if is_stop or fact.member_id in inside[watch.community_id]
        ]
        facts = [fact for fact in facts if fact.at >= watch.run.created_at]
        if facts:
            found.append((watch, facts))
    return found


def _inside(watches: Sequence[Watch], facts: Sequence[Logged]) -> Mapping[int, set[int]]:
    """Community to the people of these facts who are in it."""
    found: dict[int, set[int]] = defaultdict(set)
    people = {fact.member_id for fact in facts if fact.member_id is not None}
    places = {w.community_id for w in watches if w.purpose != Watch.Purpose.STOP}
    if people and places:
        rows = people_inside().filter(member_id__in=people, community_id__in=places).order_by()
        for community_id, member_id in rows.values_list("community_id", "member_id"):
            found[community_id].add(member_id)
    return found


def _up_to_the_end(matched: Matched, purpose: Watch.Purpose) -> Matched:
    """The pairs of one purpose, without facts at the end of a chain of causes."""
    pairs = [
        (watch, [fact for fact in facts if fact.depth < MAX_DEPTH])
        for watch, facts in matched
        if watch.purpose == purpose
    ]
    return [(watch, facts) for watch, facts in pairs if facts]


def _take_off(matched: Matched) -> int:
    """End the passes of people whose act stops the track. One statement per watch that was hit."""
    stopped = 0
    for watch, facts in matched:
        stopped += (
            Enrolment.objects.filter(
                run_id=watch.run_id,
                track=_track_place(watch.run.edition_id, watch.track),
                member_id__in={fact.member_id for fact in facts},
            )
            .exclude(state=Enrolment.State.STOPPED)
            .update(
                state=Enrolment.State.STOPPED,
                ended_s=max(seconds(fact.at) for fact in facts),
                end_reason=watch.reason,
            )
        )
    return stopped


def _track_place(edition_id: int, key: str) -> int:
    return [track.key for track in document_of(edition_id).tracks].index(key)


def _bring_in(matched: Matched) -> int:
    began = 0
    for watch, facts in matched:
        document = document_of(watch.run.edition_id)
        track = document.track(watch.track)
        arrivals = [
            Arrival(fact.member_id, seconds(fact.at), fact.depth + 1)
            for fact in facts
            if fact.member_id is not None
        ]
        wanted = matching_arrivals(watch.run, document, track, arrivals)
        began += enrol(watch.run, document, track, wanted)
    return began


def _open_steps(matched: Matched) -> int:
    """Dated steps for the facts that triggers wait for, once per fact. One statement.

    A trigger on a personal track counts for the people on it only: one statement more for each.
    """
    rows = []
    for watch, facts in matched:
        zone = ZoneInfo(watch.run.zone)
        inside = [fact for fact in facts if is_inside(watch.window, fact.at, zone)]
        inside = [fact for fact in inside if _is_on_its_days(watch, fact, zone)]
        rows += [_occurrence(watch, fact) for fact in _of_people_on_track(watch, inside)]
    Occurrence.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _of_people_on_track(watch: Watch, facts: Sequence[Logged]) -> Sequence[Logged]:
    """All facts on a room track; on a personal one those of people who are on it, in the step's arm."""
    known = known_step(watch.step_id or 0)
    if not facts or not known.row.is_personal:
        return facts
    document = document_of(watch.run.edition_id)
    passes = (
        Enrolment.objects.filter(
            run_id=watch.run_id,
            track=_track_place(watch.run.edition_id, known.row.track),
            member_id__in={fact.member_id for fact in facts},
        )
        .exclude(state=Enrolment.State.STOPPED)
        .values_list("member_id", "cohort__arm")
    )
    on = {member for member, arm in passes if is_for_arm(known.document, document, arm)}
    return [fact for fact in facts if fact.member_id in on]


def _is_on_its_days(watch: Watch, fact: Logged, zone: ZoneInfo) -> bool:
    """`within 24h of on:submission, D2–D6`: only what happens on these local days of the run counts."""
    day = (fact.at.astimezone(zone).date() - watch.run.starts_on).days
    for moment in known_step(watch.step_id or 0).document.moment.moments:
        if isinstance(moment, Deadline) and moment.days and watch.within_s == moment.within_s:
            return moment.days[0] <= day <= moment.days[1]
    return True


def _occurrence(watch: Watch, fact: Logged) -> Occurrence:
    due_at = fact.at + timedelta(seconds=watch.delay_s)
    closes_at = fact.at + timedelta(seconds=watch.within_s) if watch.within_s else None
    return Occurrence(
        run_id=watch.run_id,
        step_id=watch.step_id or 0,
        slot=f"fact:{fact.id}+{watch.delay_s}" if watch.delay_s else f"fact:{fact.id}",
        due_at=due_at,
        closes_at=closes_at,
        member_id=fact.member_id,
        caused_by=fact.id,
        depth=fact.depth + 1,
    )


def _show_loops(matched: Matched) -> None:
    """A left-out step for whatever a fact at the end of a chain would have started. One statement."""
    rows = []
    for watch, facts in matched:
        step_id = watch.step_id or _first_step(watch)
        for fact in facts:
            if fact.depth >= MAX_DEPTH and step_id is not None:
                row = Occurrence(run_id=watch.run_id, step_id=step_id, slot=f"loop:{fact.id}")
                row.state, row.reason = StepState.SKIPPED, "loop"
                row.due_at = row.done_at = fact.at
                row.member_id, row.caused_by, row.depth = fact.member_id, fact.id, fact.depth
                rows.append(row)
    if rows:
        Occurrence.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _first_step(watch: Watch) -> int | None:
    """The step that shows a broken entry: the first of the track."""
    known = steps_of(watch.run.edition_id).values()
    return next((one.row.pk for one in known if one.row.track == watch.track), None)


def is_inside(window: Sequence[str] | None, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the instant's local time lies in the window; a window over midnight is understood."""
    if not window:
        return True
    opens, closes = (time.fromisoformat(text) for text in window)
    local = at.astimezone(zone).time()
    if opens <= closes:
        return opens <= local < closes
    return local >= opens or local < closes
