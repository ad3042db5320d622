"""Who may do what with members. Actions enforce these; screens ask before drawing a button."""

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict
from chaguan.people.contract import reach_of
from chaguan.people.selectors.members import EDIT, may_see_member

_NO = Verdict("no_right", _("Your role does not allow this. Ask the owner for the right."))


def may_bring_in_members(actor: Actor) -> Verdict:
    """The product itself (imports, inbound) and those who may edit members somewhere."""
    if actor.is_system:
        return ALLOWED
    reach = reach_of(actor, EDIT)
    return ALLOWED if reach.is_everyone or reach.community_ids else _NO


def may_edit_member(actor: Actor, member_id: int) -> Verdict:
    """Those whose right to edit members reaches this one."""
    return ALLOWED if may_see_member(actor, member_id, EDIT) else _NO


def may_opt_out(actor: Actor, member_id: int) -> Verdict:
    """Every member for themselves, and those who may edit the member."""
    return ALLOWED if actor.member_id == member_id else may_edit_member(actor, member_id)
