"""What states and reasons of messages are called for people."""

from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.outbox.contract import OutboxRow

State = OutboxRow.State
LATE_AFTER = timedelta(minutes=5)

LOOKS: dict[str, str] = {  # the outbox's states -> codes of ui.states
    State.PLANNED: "planned",
    State.CLAIMED: "running",
    State.SENT: "sent",
    State.AWAITING_PERSON: "waiting",
    State.SUPPRESSED: "held",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
    State.FAILED: "failed",
    State.UNKNOWN: "unknown",
}

REASONS: dict[str, str | Promise] = {
    "quiet_hours": _("Quiet hours: nobody wants to be woken."),
    "daily_cap": _("This person has had enough messages today."),
    "contacts_cap": _("This person has heard from us often enough today."),
    "promotion_cap": _("This person has had enough promotions today."),
    "cap": _("The limit of messages is reached."),
    "opted_out": _("This person asked not to be written to one to one."),
    "type_guard": _("The type of this community does not allow it."),
    "push_guard": _("Only commerce communities take several promotions a day."),
    "push_cap": _("The day's promotions are used up; this one is not made up for tomorrow."),
    "push_quiet": _("It fell into the quiet hours; the next one comes by day."),
    "push_rest": _("People had enough: recurrent promotions rest here."),
    "left": _("This person has left the community."),
    "closed": _("The community is closed."),
    "community_closed": _("The community is closed."),
    "paused": _("The playbook run is paused."),
    "run_paused": _("The playbook run is paused."),
    "run_stopped": _("The playbook run was stopped."),
    "finished": _("The playbook run is over."),
    "left_track": _("This person is not on this track any more."),
    "step_skipped": _("The step was left out."),
    "needs_approval": _("Somebody must read it and agree before it goes out."),
    "second_person": _("Somebody else than who started it has to agree first."),
    "talk_dropped": _("Dropped when the talk went back to the playbooks."),
    "taken_over": _("A colleague talks to this person herself."),
    "room_paused": _("This room is paused."),
    "room_moved": _("This room was paused, so it is some days later here."),
    "retry": _("The channel was busy; it is tried again."),
    "too_many_attempts": _("The channel stayed busy after several tries."),
    "refused_by_channel": _("The channel refused it."),
    "lost_in_call": _("The program stopped in the middle of sending."),
    "no_api": _("We cannot reach this app. Copy the text, send it there, tick it off here."),
    "no_text": _("There was no text to send: a variable of the script has no value."),
    "no_address": _("We do not know where to reach this person."),
    "loop": _("Playbooks answered each other in a circle; the chain was cut here."),
    "holiday": _("It falls on a holiday."),
    "too_late": _("It was too late to still send it."),
    "by_person": _("A person decided it."),
    "seen_by_person": _("A person saw that it arrived."),
    "vendor_refused": _("The channel refused it."),
    "lost": _("The program stopped in the middle of sending."),
}

KINDS: dict[str, str | Promise] = {
    "say": _("To the room"),
    "touch": _("To one person"),
    "welcome": _("Welcome"),
    "moderate": _("Keeping order"),
}


def look_of(row: OutboxRow, now: datetime) -> str:
    """The code of `ui.states` for a row: a planned one may also be held until later, or late."""
    if row.state == State.PLANNED:
        if row.reason:
            return "held"
        return "late" if row.due_at < now - LATE_AFTER else "planned"
    return LOOKS[row.state]


def reason_of(row: OutboxRow) -> str | Promise:
    """Why it is as it is, in a sentence; the bare code where we have none."""
    if row.state == State.UNKNOWN:
        return _("It may have been sent. Please look whether it is there.")
    if row.state == State.SENT and row.reason == "by_person":
        return _("A person sent it by hand.")
    return REASONS.get(row.reason, row.reason.replace("_", " "))
