"""Prepared messages that nobody decided about in time: a person may send them after all."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.outbox import actions as outbox
from chaguan.playbooks.actions.approvals import Decision, decide_as_second_person
from chaguan.playbooks.actions.approvals import wants_second_person as is_sensitive
from chaguan.playbooks.actions.assignments import close_line, found_line, prepared, record_done
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.types import AssignmentState


@transaction.atomic
def send_missed(actor: Actor, assignment_id: int, *, now: datetime, note: str = "") -> Assignment:
    """Send now anyway what was prepared for a time that is over; the line is done with it.

    Opt-outs, quiet hours and caps still have their say.
    Emits: AssignmentDone; ApprovalDecided for a sensitive step.
    Raises: Missing, Refused, AlreadyDecided, Invalid when nothing of it is over; SecondPersonNeeded.
    """
    line = found_line(actor, assignment_id)
    if line.state not in (AssignmentState.OPEN, AssignmentState.EXPIRED):
        raise AlreadyDecided
    rows = list(prepared(line).filter(outbox.over(now)).select_for_update())
    if not rows:
        raise Invalid(_("Nothing of this step waits past its time."), code="not_over")
    if is_sensitive(rows):
        decide_as_second_person(actor, line, Decision.APPROVED, now=now, reason=note)
    outbox.send_anyway(actor, Q(pk__in=[row.pk for row in rows]), now=now)
    close_line(actor, line, AssignmentState.DONE, now, note=note)
    record_done(actor, line, now)
    return line
