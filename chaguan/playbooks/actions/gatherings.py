"""Events that playbooks announce (活动预告): planned with their run, called off with one notice."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import open_rooms
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent
from chaguan.playbooks.actions.runs import Start, end_run, open_run, start_run
from chaguan.playbooks.broadcast_events import EventCalledOff
from chaguan.playbooks.models import Playbook, Run

ANNOUNCEMENTS = "event_announcements"  # evening before, half a day before, one hour before


def announce_event(
    actor: Actor,
    community_id: int,
    event_at: datetime,
    values: dict[str, str],
    *,
    now: datetime,
    playbook: str = ANNOUNCEMENTS,
) -> Run:
    """Schedule an event: its announcements are dated from `event_at` (aware) on.

    Raises: Invalid for an event in the past; as start_run.
    """
    if event_at <= now:
        raise Invalid(_("The event is over already. Choose a later time."))
    edition = Playbook.objects.get(key=playbook).current_id
    if edition is None:
        raise Invalid(_("This playbook has no edition."))
    start = Start(now.date(), event_at=event_at, values=values)
    return start_run(actor, edition, community_id, start, now=now)


@transaction.atomic
def call_off_event(actor: Actor, run_id: int, reason: str, *, now: datetime) -> Run:
    """End the run of an event: what has not gone out is taken back, and every room hears it once.

    Emits: RunEnded, EventCalledOff. Raises: Missing, Refused, RunIsOver; Invalid without a reason, or when
    the run is about no event.
    """
    run = open_run(actor, run_id)
    if run.event_at is None:
        raise Invalid(_("This run is about no event."))
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid(_("Say in a few words why, so that people understand."))
    end_run(actor, run, reason, now=now)
    rooms = open_rooms().filter(community_id=run.community_id)
    text = notice_of(run, reason)
    intents = [
        Intent(
            key=f"called_off:{run.pk}/room:{pk}",
            kind="say",
            connector=connector,
            account_id=account_id,
            due_at=now,
            community_id=run.community_id,
            room_id=pk,
            payload={"text": text},
            purpose=str(_("Nobody should come in vain.")),
            is_urgent=True,
        )
        for pk, connector, account_id in rooms.values_list("pk", "connector", "account_id")
    ]
    plan(intents, actor=actor, now=now)
    record(EventCalledOff(run.community_id, run.pk, reason), actor=actor, at=now)
    return run


def notice_of(run: Run, reason: str) -> str:
    """What the rooms hear."""
    at = run.event_at.astimezone(ZoneInfo(run.zone)) if run.event_at else None
    name = str(run.values.get("event") or run.edition.playbook.title)
    when = _("%(month)d/%(day)d %(time)s") % {
        "month": at.month if at else 0,
        "day": at.day if at else 0,
        "time": f"{at:%H:%M}" if at else "",
    }
    words = _("%(event)s (%(when)s) does not take place: %(reason)s. Sorry for the trouble.")
    return words % {"event": name, "when": when, "reason": reason.rstrip("。.")}
