"""Starting a run, and changing one that is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import holders_in, open_rooms
from chaguan.communities.selectors.rights import communities_visible_to
from chaguan.communities.types import Right
from chaguan.eventlog.actions import record
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox.actions import cancel
from chaguan.playbooks.actions.fitting import require_type_allows
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import document_of, is_rehearsing, steps_of
from chaguan.playbooks.engine.enrolling import enrol_audience
from chaguan.playbooks.engine.moving import move_run, park_timers
from chaguan.playbooks.engine.planning import horizon, lay_out, watch_facts
from chaguan.playbooks.errors import MissingRoles, MissingValues, RunIsOver
from chaguan.playbooks.events import (
    RunEnded,
    RunPaused,
    RunResumed,
    RunShifted,
    RunStarted,
    StepSkipped,
)
from chaguan.playbooks.models import (
    Assignment,
    Edition,
    Enrolment,
    Occurrence,
    Run,
    RunRole,
    SkippedStep,
    Watch,
)
from chaguan.playbooks.policies import may_run_playbooks
from chaguan.playbooks.roles import ROLE_NAMES, Person, proposed, roles_needed
from chaguan.playbooks.schedule import local_instant, seconds
from chaguan.playbooks.types import AssignmentState, RunState, StepState, TrackKind


@dataclass(frozen=True)
class Start:
    """What a person says when a run starts.

    `starts_on` is D1, a local date of the community. `event_at` is E, for playbooks about an event.
    `values` fill the texts' variables. `people` name who takes a role; others are found by their posts.
    Without `takes_audience` nobody is put on the tracks: people are handed over to it.
    """

    starts_on: date
    values: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    event_at: datetime | None = None
    takes_audience: bool = True


@transaction.atomic
def start_run(
    actor: Actor, edition_id: int, community_id: int, start: Start, *, now: datetime
) -> Run:
    """Start an edition on a community: dated steps, watches, people on the tracks that begin now.

    Emits: RunStarted.
    Raises: Refused (may_run_playbooks), Missing, MissingRoles, MissingValues, Invalid for another type of
    community, for steps it forbids (`type_guard`, `type_limit`, `push_guard`) or a missing event.
    """
    edition = Edition.objects.filter(pk=edition_id).first()
    community = communities_visible_to(actor, Right.RUN_PLAYBOOKS).filter(pk=community_id).first()
    if edition is None or community is None:
        raise Missing
    require(may_run_playbooks(actor, community_id, community.phase))
    document = document_of(edition_id)
    _refuse_unfit(document, community.type, community.content_kind, start)
    values = _values(document, start.values)
    people = _people(document, community_id, start.people)
    zone = ZoneInfo(community.timezone)
    touch_room = open_rooms().filter(community_id=community_id).order_by("id").first()
    run = Run.objects.create(
        edition=edition,
        community_id=community_id,
        zone=community.timezone,
        starts_on=start.starts_on,
        starts_at=_begins_at(document, start.starts_on, zone, now),
        event_at=start.event_at,
        values=values,
        connector=touch_room.connector if touch_room else "",
        account_id=touch_room.account_id if touch_room else 0,
        created_at=now,
        by=actor.reference,
    )
    _keep_roles(run, people)
    until = horizon(run, now.astimezone(zone).date())
    lay_out(run, document, since=start.starts_on, until=until)
    run.ends_at = _end_of(run, document)
    run.save(update_fields=["planned_until", "ends_at"])
    watch_facts(run, document)
    if start.takes_audience:
        _enrol_those_of_the_start(run, document, now)
    if not is_rehearsing():
        record(RunStarted(community_id, run.pk, document.key, edition_id), actor=actor, at=now)
    return run


def _keep_roles(run: Run, people: Mapping[str, Person]) -> None:
    RunRole.objects.bulk_create(
        RunRole(run=run, role=role, user_id=person.user_id, member_id=person.member_id)
        for role, person in people.items()
    )


def _begins_at(document: Playbook, starts_on: date, zone: ZoneInfo, now: datetime) -> datetime:
    """H+0 and T+0. A case (a playbook that counts in T) is not open before somebody opens it."""
    hour, minute = document.start_time.split(":")
    begins = local_instant(starts_on, time(int(hour), int(minute)), zone)
    is_case = any("T" in step.moment.bases and not step.after for step in document.steps)
    return max(begins, now) if is_case else begins


def _refuse_unfit(document: Playbook, community_type: str, content_kind: str, start: Start) -> None:
    """Raise Invalid for another type or content of community, what it forbids, or a missing event."""
    if document.for_ and community_type and community_type not in document.for_:
        raise Invalid(_("This playbook is made for another type of community."), code="wrong_type")
    if document.content_kinds and content_kind and content_kind not in document.content_kinds:
        text = _("This playbook is made for communities that deliver something else.")
        raise Invalid(text, code="wrong_content")
    if document.anchor == "event" and start.event_at is None:
        raise Invalid(_("This playbook counts from an event; say when it begins."), code="no_event")
    require_type_allows(document, community_type, content_kind)


def _enrol_those_of_the_start(run: Run, document: Playbook, now: datetime) -> None:
    """Put the audience on every personal track that begins with the run."""
    entered_s = max(seconds(now), seconds(run.starts_at))
    for track in document.tracks:
        if track.kind == TrackKind.PERSONAL and (track.entry is None or track.entry.at == "start"):
            enrol_audience(run, document, track, entered_s=entered_s, since_s=seconds(now))


@transaction.atomic
def pause_run(actor: Actor, run_id: int, *, now: datetime) -> Run:
    """Let a run stand still: nothing of it falls due until it goes on. Pausing twice changes nothing.

    Emits: RunPaused. Raises: Missing, Refused, RunIsOver.
    """
    run = open_run(actor, run_id)
    if run.state == RunState.PAUSED:
        return run
    run.state, run.paused_at = RunState.PAUSED, now
    run.save(update_fields=["state", "paused_at"])
    park_timers(run)
    record(RunPaused(run.community_id, run.pk), actor=actor, at=now)
    return run


@transaction.atomic
def resume_run(actor: Actor, run_id: int, *, now: datetime) -> Run:
    """Let a paused run go on; what was still to come moves by the local days it stood still.

    Emits: RunResumed. Raises: Missing, Refused, RunIsOver.
    """
    run = open_run(actor, run_id)
    if run.state != RunState.PAUSED or run.paused_at is None:
        return run
    zone = ZoneInfo(run.zone)
    days = (now.astimezone(zone).date() - run.paused_at.astimezone(zone).date()).days
    run.state, run.end_reason = RunState.RUNNING, ""
    move_run(run, days, now=now, since=run.paused_at)
    run.paused_at = None
    run.save()
    record(RunResumed(run.community_id, run.pk, days), actor=actor, at=now)
    return run


@transaction.atomic
def shift_run(actor: Actor, run_id: int, days: int, *, now: datetime) -> Run:
    """Move everything still to come of a run by whole local days; routines of the calendar stay.

    Emits: RunShifted. Raises: Missing, Refused, RunIsOver, Invalid for more than a year.
    """
    if not -366 <= days <= 366:
        raise Invalid(_("A run moves by at most a year."))
    run = open_run(actor, run_id)
    move_run(run, days, now=now, since=now)
    run.save()
    record(RunShifted(run.community_id, run.pk, days), actor=actor, at=now)
    return run


@transaction.atomic
def skip_step(actor: Actor, run_id: int, code: str, reason: str, *, now: datetime) -> None:
    """Take a step out of a run, wherever it is still to come. Its messages on their way are cancelled.

    Emits: StepSkipped. Raises: Missing, Refused, RunIsOver, Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Say in a few words why this step is left out."), code="reason_missing")
    run = open_run(actor, run_id)
    step = next((k.row for k in steps_of(run.edition_id).values() if k.row.code == code), None)
    if step is None:
        raise Missing
    _skip, is_new = SkippedStep.objects.get_or_create(
        run=run, step=step, defaults={"reason": reason[:200], "by": actor.reference, "at": now}
    )
    if not is_new:
        return
    Occurrence.objects.filter(run=run, step=step, state=StepState.WAITING).update(
        state=StepState.SKIPPED, reason=reason[:200], done_at=now, by=actor.reference
    )
    Assignment.objects.filter(run=run, step=step, state=AssignmentState.OPEN).update(
        state=AssignmentState.SKIPPED, note=reason[:200], done_at=now, done_by=actor.reference
    )
    cancel(actor, now=now, reason="step_skipped", key_prefix=f"run:{run.pk}/{code}/")
    record(StepSkipped(run.community_id, run.pk, code, reason[:200]), actor=actor, at=now)


@transaction.atomic
def stop_run(actor: Actor, run_id: int, reason: str, *, now: datetime) -> Run:
    """End a run for good: steps still to come are cancelled and stay visible.

    Emits: RunEnded. Raises: Missing, Refused, RunIsOver.
    """
    run = open_run(actor, run_id)
    end_run(actor, run, reason[:200], now=now)
    return run


def end_run(
    actor: Actor, run: Run, reason: str, *, now: datetime, cause: Logged | None = None
) -> None:
    """Close everything that hangs on a run. The caller has asked the policy and opened a transaction."""
    run.state, run.ended_at, run.end_reason = RunState.STOPPED, now, reason
    run.save(update_fields=["state", "ended_at", "end_reason"])
    Watch.objects.filter(run=run).delete()
    Occurrence.objects.filter(run=run, state=StepState.WAITING).update(
        state=StepState.CANCELLED, reason=reason, done_at=now, by=actor.reference
    )
    Enrolment.objects.filter(run=run, state=Enrolment.State.ACTIVE).update(
        state=Enrolment.State.STOPPED, ended_s=seconds(now), end_reason=reason
    )
    Enrolment.objects.filter(run=run, state=Enrolment.State.DONE).update(
        state=Enrolment.State.STOPPED
    )
    Assignment.objects.filter(run=run, state=AssignmentState.OPEN).update(
        state=AssignmentState.CANCELLED, note=reason, done_at=now, done_by=actor.reference
    )
    cancel(actor, now=now, reason="run_stopped", key_prefix=f"run:{run.pk}/")
    fact = RunEnded(run.community_id, run.pk, RunState.STOPPED.value, reason)
    record(fact, actor=actor, at=now, cause=cause)


@transaction.atomic
def give_role(actor: Actor, run_id: int, role: str, person: Person, *, now: datetime) -> None:
    """Give a role of a run to somebody else; what is open of it goes to them.

    Raises: Missing, Refused, RunIsOver.
    """
    run = open_run(actor, run_id)
    RunRole.objects.update_or_create(
        run=run, role=role, defaults={"user_id": person.user_id, "member_id": person.member_id}
    )
    Assignment.objects.filter(run=run, role=role, state=AssignmentState.OPEN).update(
        user_id=person.user_id, member_id=person.member_id
    )


def _end_of(run: Run, document: Playbook) -> datetime | None:
    """A day after the last dated step or the last day; None while people keep coming in."""
    keeps_open = any(track.entry and track.entry.at != "start" for track in document.tracks)
    if document.days is None or keeps_open:
        return None
    last_day = run.starts_on + timedelta(days=document.days)
    end = local_instant(last_day, time(), ZoneInfo(run.zone))
    last_due = run.occurrences.aggregate(last=Max("due_at"))["last"]
    return max(end, last_due or end) + timedelta(days=1)


def open_run(actor: Actor, run_id: int) -> Run:
    """The run, locked for a change. Raises Missing, RunIsOver."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None or not may_run_playbooks(actor, run.community_id):
        raise Missing
    if run.state in (RunState.STOPPED, RunState.FINISHED):
        raise RunIsOver
    return run


def _values(document: Playbook, given: Mapping[str, str]) -> dict[str, str]:
    """The texts' variables: given, else their defaults. Raises MissingValues, and Invalid for unknown ones."""
    if unknown := sorted(set(given) - set(document.variables)):
        text = _("This playbook has no variable “%(name)s”.")
        raise Invalid(text % {"name": unknown[0]}, code="unknown_value")
    values = {
        name: str(given.get(name) or variable.default or "")
        for name, variable in document.variables.items()
    }
    if missing := [name for name, value in values.items() if not value.strip()]:
        labels = "、".join(document.variables[name].label for name in missing)
        raise MissingValues(missing, _("Please fill in: %(labels)s.") % {"labels": labels})
    return values


def _people(
    document: Playbook, community_id: int, given: Mapping[str, Person]
) -> dict[str, Person]:
    """Who takes each role. Raises MissingRoles that lists everything nobody holds."""
    found = proposed(roles_needed(document), holders_in(community_id), given)
    missing = [role.value for role, person in found.items() if person is None]
    if missing:
        names = "、".join(str(ROLE_NAMES[role]) for role in missing)
        raise MissingRoles(missing, _("Nobody is named for: %(names)s.") % {"names": names})
    return {role.value: person for role, person in found.items() if person is not None}
