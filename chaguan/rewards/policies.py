"""Who may move points. Actions enforce these; templates ask them before showing a button."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict


def may_pay_by_rule(actor: Actor) -> Verdict:
    """Only the product itself: rules pay, people do not."""
    if not actor.is_system:
        return Verdict("rules_pay", _("Points by rule are paid by the product itself."))
    return ALLOWED


def may_award(actor: Actor, community_id: int) -> Verdict:
    """The product, and staff who may edit the members of that community."""
    if actor.is_system or has_right(actor, Right.EDIT_MEMBERS, community_id):
        return ALLOWED
    return Verdict("no_right", _("You may not change points in this community."))


def may_spend(actor: Actor, member_id: int) -> Verdict:
    """A member their own points, and the product on a member's wish."""
    if actor.is_system or actor.member_id == member_id:
        return ALLOWED
    return Verdict("not_yours", _("Only the member can spend these points."))


def may_see_points(actor: Actor, community_id: int, member_id: int) -> Verdict:
    """The member, and whoever may see the members of that community."""
    if actor.member_id == member_id or has_right(actor, Right.VIEW_MEMBERS, community_id):
        return ALLOWED
    return Verdict("no_right", _("You may not see these points."))
