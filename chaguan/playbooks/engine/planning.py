"""Laying a run out in time: its dated steps, and the facts that it watches."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from chaguan.communities.selectors.audiences import settings_of
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import Known, steps_of
from chaguan.playbooks.models import Occurrence, Run, Watch
from chaguan.playbooks.offsets import Deadline, Moment, Trigger
from chaguan.playbooks.schedule import HORIZON_DAYS, MAX_DATED, Anchor, Dated, dated
from chaguan.playbooks.triggers import fact_of, silence_s
from chaguan.playbooks.types import StepState
from chaguan.playbooks.workdays import Calendar, calendar_from


def anchor_of(run: Run, document: Playbook) -> Anchor:
    """Where the run stands now, with everything it was moved by."""
    return Anchor(
        run.starts_on,
        run.starts_at,
        ZoneInfo(run.zone),
        run.event_at,
        document.days,
        began_on=run.starts_on - timedelta(days=run.shifted_days),
    )


def calendar_of(community_id: int) -> Calendar:
    """The working days and holidays of a community. One statement."""
    return calendar_from(settings_of({community_id}).get(community_id, {}))


def dated_steps(
    run: Run, document: Playbook, *, since: date, until: date
) -> Iterator[tuple[Known, Dated]]:
    """Every dated step of the room tracks; the calendar's rules only between `since` and `until`."""
    anchor = replace(anchor_of(run, document), calendar=calendar_of(run.community_id))
    for known in steps_of(run.edition_id).values():
        if not known.row.is_personal:
            said = known.document.holidays or document.holidays
            for moment in known.document.moment.moments:
                for found in dated(moment, anchor, since=since, until=until, holidays=said):
                    yield known, found


def lay_out(run: Run, document: Playbook, *, since: date, until: date) -> int:
    """Write the dated steps that are not there yet; those left out over a holiday say so.

    Statements: one for the community's holidays and one per 500 steps.
    """
    rows = []
    for known, found in dated_steps(run, document, since=since, until=until):
        rows.append(
            Occurrence(
                run=run,
                step_id=known.row.pk,
                slot=found.slot,
                is_calendar=found.is_calendar,
                due_at=found.due_at,
                closes_at=found.closes_at,
                state=StepState.SKIPPED if found.left_out else StepState.WAITING,
                reason=found.left_out,
                done_at=found.due_at if found.left_out else None,
            )
        )
        if len(rows) > MAX_DATED:
            break
    Occurrence.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    run.planned_until = until
    return len(rows)


def horizon(run: Run, today: date) -> date:
    """The last day that should be laid out now."""
    return max(today, run.starts_on) + timedelta(days=HORIZON_DAYS)


def watch_facts(run: Run, document: Playbook) -> None:
    """Write down which facts and silences wake this run. One statement."""
    watches: list[Watch] = []
    for known in steps_of(run.edition_id).values():
        if not known.row.needs:
            for moment in known.document.moment.moments:
                watches.extend(_step_watch(run, known, moment))
    for track in document.tracks:
        entry = track.entry.at if track.entry else "start"
        if (fact := fact_of(entry)) is not None:
            purpose = Watch.Purpose.ENTRY
            watches.append(_watch(run, fact, purpose, track=track.key))
        for stop in track.stop:
            if (fact := fact_of(stop.on)) is not None:
                purpose = Watch.Purpose.STOP
                watches.append(_watch(run, fact, purpose, track=track.key, reason=stop.reason))
    Watch.objects.bulk_create(watches)


def _step_watch(run: Run, known: Known, moment: Moment) -> Iterator[Watch]:
    trigger = moment.trigger if isinstance(moment, Deadline) else moment
    if not isinstance(trigger, Trigger):
        return
    within_s = moment.within_s if isinstance(moment, Deadline) else None
    window = [f"{at:%H:%M}" for at in trigger.window] if trigger.window else None
    common = {"step_id": known.row.pk, "window": window}
    if (quiet_s := silence_s(trigger.name)) is not None:
        message = fact_of("message") or ""
        yield _watch(run, message, Watch.Purpose.SILENCE, silence_s=quiet_s, **common)
    elif (fact := fact_of(trigger.name)) is not None:
        yield _watch(
            run,
            fact,
            Watch.Purpose.STEP,
            delay_s=trigger.after_s,
            within_s=within_s,
            **common,
        )


def _watch(run: Run, fact: str, purpose: Watch.Purpose, **fields: object) -> Watch:
    return Watch(run=run, community_id=run.community_id, fact=fact, purpose=purpose, **fields)
