"""Who may do what with playbooks. Actions enforce these; screens ask before drawing a button."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.rights import has_right, has_right_somewhere
from chaguan.communities.types import Phase, Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict
from chaguan.playbooks.models import Assignment

_NO = Verdict("no_right", _("Your role does not allow this. Ask the owner for the right."))


def may_edit_playbooks(actor: Actor) -> Verdict:
    """Those who hold the right anywhere: playbooks belong to the house."""
    return ALLOWED if has_right_somewhere(actor, Right.EDIT_PLAYBOOKS) else _NO


def may_run_playbooks(actor: Actor, community_id: int, phase: str = "") -> Verdict:
    """Those with the right in the community, while it is not closing or closed."""
    if not has_right(actor, Right.RUN_PLAYBOOKS, community_id):
        return _NO
    if phase in (Phase.CLOSING, Phase.CLOSED):
        return Verdict("closed", _("This community is closing, so no playbook can start in it."))
    return ALLOWED


def may_take_over(actor: Actor, community_id: int) -> Verdict:
    """Those who run playbooks there, and those who may edit its members."""
    for right in (Right.RUN_PLAYBOOKS, Right.EDIT_MEMBERS):
        if has_right(actor, right, community_id):
            return ALLOWED
    return _NO


def may_do_assignment(actor: Actor, assignment: Assignment) -> Verdict:
    """The person it was given to, and those who run playbooks there."""
    if actor.user_id is not None and actor.user_id == assignment.user_id:
        return ALLOWED
    if actor.member_id is not None and actor.member_id == assignment.member_id:
        return ALLOWED
    return may_run_playbooks(actor, assignment.community_id)


def may_report(actor: Actor, community_id: int) -> Verdict:
    """Those who run playbooks there hand in its reports and file exceptions."""
    return ALLOWED if has_right(actor, Right.RUN_PLAYBOOKS, community_id) else _NO
