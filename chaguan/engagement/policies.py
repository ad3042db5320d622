"""Who may do what. Actions enforce these; templates ask them before showing a button."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors import communities_joined_by, has_right
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict


def may_sign_in(actor: Actor, community_id: int) -> Verdict:
    """Members of the community, for themselves only."""
    if not communities_joined_by(actor).filter(pk=community_id).exists():
        return Verdict("not_in_community", _("Join the community first, then sign in."))
    return ALLOWED


def may_sign_others_in(actor: Actor) -> Verdict:
    """Only the product itself, for words it heard in a room."""
    if not actor.is_system:
        return Verdict("not_for_others", _("Everybody signs in for themselves."))
    return ALLOWED


def may_ask_check_in(actor: Actor, community_id: int) -> Verdict:
    """The product (a playbook's step), and staff who may run playbooks in that community."""
    if actor.is_system or has_right(actor, Right.RUN_PLAYBOOKS, community_id):
        return ALLOWED
    return Verdict("no_right", _("You may not ask the members of this community to check in."))


def may_check_in(actor: Actor, community_id: int) -> Verdict:
    """Members of the community that was asked, for themselves only."""
    if not communities_joined_by(actor).filter(pk=community_id).exists():
        return Verdict("not_in_community", _("Only members of this community can check in here."))
    return ALLOWED
