"""Who may hand out and end personal links."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict
from chaguan.people.selectors import may_see_member


def may_hold_link(actor: Actor, member_id: int) -> Verdict:
    """The member herself, the product, and those who may edit this member."""
    if actor.is_system or (actor.member_id is not None and actor.member_id == member_id):
        return ALLOWED
    if actor.kind == "staff" and may_see_member(actor, member_id, Right.EDIT_MEMBERS):
        return ALLOWED
    return Verdict(
        "no_right", _("Your role may not hand out personal links. Ask the owner for the right.")
    )
