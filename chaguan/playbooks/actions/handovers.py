"""Handing people over when a run is over: the split, the plans that start, and what a person decides."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Invalid, Missing
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import members_matching
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Playbook as PlaybookDocument
from chaguan.playbooks.document import Track
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.engine.handover import departed, everybody, split
from chaguan.playbooks.events import PeopleHandedOver
from chaguan.playbooks.models import Ending, Enrolment, Handover, Playbook, Run
from chaguan.playbooks.policies import may_run_playbooks
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.types import RunState, TrackKind

State = Handover.State
SLICE = 5_000  # people whose plan starts in one transaction
OPEN = (RunState.RUNNING, RunState.PAUSED)
OVER = (RunState.FINISHED, RunState.STOPPED)
COMES_IN = ("start", "new_member")  # tracks that take in whoever is handed over
EARLY = 6  # o'clock: a plan that starts before it begins the same day


def hand_over(actor: Actor, *, now: datetime) -> int:
    """One round of the clock: split the people of runs that are over, start the plans that were chosen.

    Returns how many people got a row or a plan. Doing it again, or after a crash, doubles nothing: each
    part is one transaction, and a person has one row per run.
    """
    with_rules = Run.objects.filter(edition__document__has_key="then")
    done = 0
    for run in with_rules.filter(
        Q(ending__isnull=True) | Q(ending__split_at__isnull=True), state__in=OVER
    )[:50]:
        done += split_run(actor, run.pk, now=now)
    for run in with_rules.filter(state__in=OPEN):
        document = document_of(run.edition_id)
        with transaction.atomic():
            done += split(run, document, departed(run, now), by=actor.reference, now=now)
    waiting = Handover.objects.filter(state=State.PLANNED).exclude(run__state=RunState.STOPPED)
    for run_id, key in waiting.values_list("run_id", "playbook").distinct().order_by():
        done += start_plan(actor, run_id, key, now=now)
    return done


@transaction.atomic
def split_run(actor: Actor, run_id: int, *, now: datetime) -> int:
    """Give everybody of a run that is over a row, once."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    ending, _new = Ending.objects.get_or_create(run=run, defaults={"at": run.ended_at or now})
    if ending.split_at is not None:
        return 0
    document = document_of(run.edition_id)
    rows = split(run, document, everybody(run, document), by=actor.reference, now=now)
    ending.split_at = now
    ending.save(update_fields=["split_at"])
    return rows


def start_plan(actor: Actor, run_id: int, key: str, *, now: datetime) -> int:
    """Start the plan `key` for everybody of a run who waits for it; returns how many began.

    People join a run of it that takes people in, or a new one is started. What stands in the way is kept
    as their reason; the next round tries again.
    """
    began = 0
    while True:
        try:
            with transaction.atomic():
                taken, new = _start_slice(actor, run_id, key, now)
        except ChaguanError as refusal:
            waiting = Handover.objects.filter(run_id=run_id, playbook=key, state=State.PLANNED)
            waiting.update(reason=str(refusal)[:200])
            return began
        began += new
        if taken < SLICE:
            return began


@transaction.atomic
def hand_over_now(actor: Actor, run_id: int, *, now: datetime) -> int:
    """Start the plans of a run that a person stopped: there the clock waits for a yes.

    Raises: Missing, Refused.
    """
    run = _run(actor, run_id)
    waiting = Handover.objects.filter(run=run, state=State.PLANNED)
    keys = list(waiting.values_list("playbook", flat=True).distinct().order_by())
    return sum(start_plan(actor, run.pk, key, now=now) for key in keys)


@transaction.atomic
def send_on(
    actor: Actor, run_id: int, member_ids: Sequence[int], key: str, *, now: datetime
) -> int:
    """A person decides where people go whom no rule placed, or who were held; returns how many began.

    Raises: Missing, Refused, Invalid without people or for an unknown plan.
    """
    run = _run(actor, run_id)
    if not Playbook.objects.filter(key=key, is_archived=False, current__isnull=False).exists():
        raise Invalid(_("There is no playbook “%(key)s”.") % {"key": key}, code="no_playbook")
    rows = _undecided(run, member_ids)
    rows.update(state=State.PLANNED, playbook=key, rule=None, reason="", by=actor.reference, at=now)
    began = start_plan(actor, run.pk, key, now=now)
    if began == 0:
        stuck = Handover.objects.filter(run=run, member_id__in=member_ids).exclude(reason="")
        reason = stuck.values_list("reason", flat=True).first()
        if reason and stuck.filter(state=State.PLANNED).exists():
            raise Invalid(reason, code="cannot_start")
    return began


@transaction.atomic
def let_go(
    actor: Actor, run_id: int, member_ids: Sequence[int], reason: str, *, now: datetime
) -> int:
    """A person decides that nothing follows for these people, and says why; returns how many.

    Raises: Missing, Refused, Invalid without people or a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why nothing follows."), code="reason_missing")
    rows = _undecided(_run(actor, run_id), member_ids)
    return rows.update(
        state=State.LET_GO, playbook="", reason=reason.strip()[:200], by=actor.reference, at=now
    )


def _run(actor: Actor, run_id: int) -> Run:
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id).first()
    if run is None or not may_run_playbooks(actor, run.community_id):
        raise Missing
    return run


def _undecided(run: Run, member_ids: Sequence[int]) -> QuerySet[Handover]:
    rows = Handover.objects.filter(run=run, member_id__in=member_ids)
    rows = rows.exclude(state__in=[State.STARTED, State.LET_GO])
    if not rows.exists():
        raise Invalid(_("Choose at least one person who waits for a decision."), code="nobody")
    return rows


def _start_slice(actor: Actor, run_id: int, key: str, now: datetime) -> tuple[int, int]:
    """(how many were looked at, how many began) of the next people who wait for the plan."""
    run = Run.objects.select_for_update(of=("self",)).get(pk=run_id)
    waiting = Handover.objects.filter(run=run, playbook=key, state=State.PLANNED)
    ids = list(waiting.order_by("member_id").values_list("member_id", flat=True)[:SLICE])
    if not ids:
        return 0, 0
    target = _target(actor, run, key, now)
    mine = Handover.objects.filter(run=run, member_id__in=ids, state=State.PLANNED)
    begun = _enrol(target, ids, now)
    began = mine.filter(member_id__in=begun).update(
        state=State.STARTED, target=target, started_at=now, reason=""
    )
    been = Enrolment.objects.filter(run=target, member_id__in=ids).values("member_id")
    mine.filter(member_id__in=been).update(state=State.ALREADY, target=target, reason="")
    mine.update(state=State.HELD, reason="no_track")  # who is left fits no track of the plan
    if began:
        fact = PeopleHandedOver(run.community_id, run.pk, key, target.pk, began)
        record(fact, actor=actor, at=now)
    return len(ids), began


def _target(actor: Actor, run: Run, key: str, now: datetime) -> Run:
    """The run that takes the people in; started when there is none. Raises what `start_run` raises."""
    playbook = Playbook.objects.filter(key=key, is_archived=False).first()
    if playbook is None or playbook.current_id is None:
        raise Missing(_("There is no playbook “%(key)s”.") % {"key": key})
    today = now.astimezone(ZoneInfo(run.zone)).date()
    runs = Run.objects.filter(
        edition__playbook=playbook, community_id=run.community_id, state=RunState.RUNNING
    ).exclude(pk=run.pk)
    began_here = Q(pk__in=Handover.objects.filter(run=run, playbook=key).values("target"))
    takes_in = Q(ends_at__isnull=True) | Q(starts_on__gte=today)
    found = runs.filter(began_here | takes_in).order_by("-id").first()
    if found is not None:
        return found
    start = Start(_first_day(run, now), takes_audience=False)
    return start_run(actor, playbook.current_id, run.community_id, start, now=now)


def _first_day(run: Run, now: datetime) -> date:
    """Today while the day is young, else tomorrow: its first steps are not late before it begins."""
    local = now.astimezone(ZoneInfo(run.zone))
    return local.date() + timedelta(days=local.hour >= EARLY)


def _enrol(target: Run, member_ids: Sequence[int], now: datetime) -> set[int]:
    """Put the people onto the plan's tracks; returns for whom it began. A plan for the room has no tracks:
    it began for all."""
    document = document_of(target.edition_id)
    tracks = [track for track in document.tracks if track.kind == TrackKind.PERSONAL]
    if not tracks:
        return set(member_ids)
    open_tracks = [t for t in tracks if t.entry is None or t.entry.at in COMES_IN] or tracks
    entered_s = max(seconds(now), seconds(target.starts_at))
    for track in open_tracks:
        fitting = _fitting(target, document, track, member_ids, now)
        enrol(target, document, track, [Arrival(pk, entered_s) for pk in fitting])
    new = Enrolment.objects.filter(run=target, member_id__in=member_ids, entered_s=entered_s)
    return set(new.values_list("member_id", flat=True))


def _fitting(
    target: Run, document: PlaybookDocument, track: Track, member_ids: Sequence[int], now: datetime
) -> list[int]:
    """Those whom the track's own entry takes: its `when` and its segment."""
    entry = track.entry
    named = [entry.when] if entry is not None and entry.when is not None else []
    if entry is not None and entry.audience.startswith("segment:"):
        named.append(entry.audience.removeprefix("segment:"))
    if not named:
        return list(member_ids)
    trees = [document.segments[name] if isinstance(name, str) else name for name in named]
    here = target.community_id
    asking = Asking(now, frozenset({here}), here, ZoneInfo(target.zone))
    found = members_matching({"all": trees}, asking).filter(pk__in=member_ids)
    return sorted(found.values_list("pk", flat=True))
