"""Who may do what with communities. Actions enforce these; screens ask before drawing a button."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.rights import has_right, is_owner, rights_of
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict


def may(actor: Actor, right: str, community_id: int | None = None) -> Verdict:
    """Allowed when the actor holds the right there (no community: for the whole house)."""
    if has_right(actor, right, community_id):
        return ALLOWED
    return Verdict("no_right", _("Your role does not allow this. Ask the owner for the right."))


def may_manage_members(actor: Actor, community_id: int, member_id: int) -> Verdict:
    """Those who admit members, and every member for themselves."""
    if actor.member_id is not None and actor.member_id == member_id:
        return ALLOWED
    return may(actor, Right.ADMIT_MEMBERS, community_id)


def may_join(actor: Actor, community_id: int, member_id: int, *, is_screened: bool) -> Verdict:
    """As may_manage_members, but nobody lets themselves into a screened community."""
    is_oneself = actor.member_id is not None and actor.member_id == member_id
    if is_oneself and is_screened and not has_right(actor, Right.ADMIT_MEMBERS, community_id):
        return Verdict("screened", _("This community admits people itself. Apply, and it answers."))
    return may_manage_members(actor, community_id, member_id)


def may_keep_order(actor: Actor, community_id: int) -> Verdict:
    """Those who do assignments there: staff and stewards."""
    return may(actor, Right.DO_ASSIGNMENTS, community_id)


def may_override_guards(actor: Actor, community_id: int) -> Verdict:
    """The owner of the house, and the member who owns the community. Not staff, whatever their role."""
    if rights_of(actor).has_all or is_owner(actor, community_id):
        return ALLOWED
    return Verdict("owner_only", _("Only an owner may make this exception, with a reason."))
