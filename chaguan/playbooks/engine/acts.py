"""Facts that wake runs: they end waits, open triggered steps, bring people in and take them off."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from chaguan.eventlog.contract import Logged
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.engine.waits import wake
from chaguan.playbooks.models import Enrolment, Occurrence, Run, Watch
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.types import RunState


def hear(batch: Sequence[Logged]) -> int:
    """Take in a batch of facts; returns how many things woke. Two statements when nobody listens."""
    heard = wake([fact for fact in batch if not is_history(fact)])
    names = {fact.name for fact in batch}
    watches = list(
        Watch.objects.filter(_heard_in(batch), fact__in=names)
        .select_related("run")
        .exclude(purpose=Watch.Purpose.SILENCE)
        .filter(run__state__in=[RunState.RUNNING, RunState.PAUSED])
    )
    if not watches:
        return heard
    by_watch = _matched(watches, batch)
    heard += _take_off(by_watch)
    heard += _bring_in(by_watch)
    return heard + _open_steps(by_watch)


def _heard_in(batch: Sequence[Logged]) -> Q:
    """Watches of the batch's communities; facts of no community reach every watch that stops a track."""
    places = {fact.community_id for fact in batch}
    heard = Q(community_id__in=places - {None})
    if None in places:
        heard |= Q(purpose=Watch.Purpose.STOP)
    return heard


def is_history(fact: Logged) -> bool:
    """Facts of an imported file: what happened long ago starts nothing today."""
    return fact.actor.startswith("system:import")


Matched = list[tuple[Watch, list[Logged]]]


def _matched(watches: Sequence[Watch], batch: Sequence[Logged]) -> Matched:
    """Each watch with its facts: of its own community, or of no community (an order, an opt-out)."""
    by_fact: dict[tuple[str, int | None], list[Logged]] = defaultdict(list)
    for fact in batch:
        if not fact.data.get("is_bot") and not is_history(fact):
            by_fact[fact.name, fact.community_id].append(fact)
    found = []
    for watch in watches:
        facts = [*by_fact[watch.fact, watch.community_id]]
        if watch.purpose == Watch.Purpose.STOP:
            facts += by_fact[watch.fact, None]
        facts = [fact for fact in facts if fact.at >= watch.run.created_at]
        if facts:
            found.append((watch, facts))
    return found


def _take_off(by_watch: Matched) -> int:
    """End the passes of people whose act stops the track. One statement per watch that was hit."""
    stopped = 0
    for watch, facts in by_watch:
        if watch.purpose == Watch.Purpose.STOP:
            place = _place_of(watch)
            stopped += (
                Enrolment.objects.filter(
                    run_id=watch.run_id,
                    track=place,
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


def _bring_in(by_watch: Matched) -> int:
    began = 0
    for watch, facts in by_watch:
        if watch.purpose == Watch.Purpose.ENTRY:
            run = Run.objects.select_related("edition").get(pk=watch.run_id)
            document = document_of(run.edition_id)
            arrivals = [
                Arrival(fact.member_id, seconds(fact.at))
                for fact in facts
                if fact.member_id is not None
            ]
            began += enrol(run, document, document.track(watch.track), arrivals)
    return began


def _place_of(watch: Watch) -> int:
    document = document_of(Run.objects.values_list("edition_id", flat=True).get(pk=watch.run_id))
    return [track.key for track in document.tracks].index(watch.track)


def _open_steps(by_watch: Matched) -> int:
    """Dated steps for the facts that triggers wait for, once per fact. One statement."""
    zones = dict(
        Run.objects.filter(pk__in={watch.run_id for watch, _facts in by_watch}).values_list(
            "pk", "zone"
        )
    )
    rows = []
    for watch, facts in by_watch:
        if watch.purpose != Watch.Purpose.STEP:
            continue
        for fact in facts:
            if is_inside(watch.window, fact.at, ZoneInfo(zones[watch.run_id])):
                rows.append(_occurrence(watch, fact))
    Occurrence.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _occurrence(watch: Watch, fact: Logged) -> Occurrence:
    due_at = fact.at + timedelta(seconds=watch.delay_s)
    closes_at = fact.at + timedelta(seconds=watch.within_s) if watch.within_s else None
    return Occurrence(
        run_id=watch.run_id,
        step_id=watch.step_id or 0,
        slot=f"fact:{fact.id}",
        due_at=due_at,
        closes_at=closes_at,
        member_id=fact.member_id,
        caused_by=fact.id,
        depth=fact.depth + 1,
    )


def is_inside(window: Sequence[str] | None, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the instant's local time lies in the window; a window over midnight is understood."""
    if not window:
        return True
    opens, closes = (time.fromisoformat(text) for text in window)
    local = at.astimezone(zone).time()
    if opens <= closes:
        return opens <= local < closes
    return local >= opens or local < closes
