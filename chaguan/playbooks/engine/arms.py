"""Dealing people out to the arms of a split, and what each arm gets. Pure."""

from datetime import timedelta
from hashlib import sha256

from chaguan.playbooks.contract import steps
from chaguan.playbooks.document import Playbook, Step
from chaguan.playbooks.models import Run


def arm_of(run: Run, document: Playbook, member_id: int) -> str:
    """The arm of one person in one run, the same whenever it is asked; "" without a split.

    Drawn from what names the run before it has an id, so that the preview deals as reality will.
    """
    if document.split is None:
        return ""
    began_on = run.starts_on - timedelta(days=run.shifted_days)
    lot = f"{document.key}/{document.split.key}/{run.community_id}/{began_on}/{member_id}"
    drawn = int.from_bytes(sha256(lot.encode()).digest()[:8], "big") % 100
    for arm in document.split.arms:
        drawn -= arm.share
        if drawn < 0:
            return arm.key
    return document.split.arms[-1].key


def is_for_arm(step: Step, document: Playbook, arm: str) -> bool:
    """Whether people of the arm get the step. A control arm hears nothing and is not called upon."""
    if document.split is None or not arm:
        return True
    if step.arm is not None:
        return step.arm == arm
    if not document.split.arm(arm).control:
        return True
    return not steps.get(step.kind).speaks and step.kind != "assign"
