"""Who may do what with channels and what goes out through them."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors import has_right, has_right_somewhere
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict


def may_decide_sending(actor: Actor, community_id: int | None) -> Verdict:
    """Approve, release, cancel, settle doubt: the right decide_outbox in that community."""
    if has_right(actor, Right.DECIDE_OUTBOX, community_id):
        return ALLOWED
    return Verdict("no_right", _("Your role does not decide what is sent here."))


def may_manage_accounts(actor: Actor) -> Verdict:
    """Channels are set up for the whole house."""
    if has_right(actor, Right.MANAGE_SETTINGS):
        return ALLOWED
    return Verdict("no_right", _("Only those who manage the settings can change channels."))


def may_read_letters(actor: Actor) -> Verdict:
    """Members open their own letters; nobody opens another's."""
    if actor.member_id is not None:
        return ALLOWED
    return Verdict("members_only", _("Letters are opened by the member they are for."))


def may_import(actor: Actor, community_id: int | None) -> Verdict:
    """Bring history into a community; with None, into one that does not exist yet."""
    if has_right(actor, Right.IMPORT, community_id):
        return ALLOWED
    return Verdict("no_right", _("Your role does not import history here."))


def may_upload_history(actor: Actor) -> Verdict:
    """Hand in a file before it is decided where it goes."""
    if has_right_somewhere(actor, Right.IMPORT):
        return ALLOWED
    return Verdict("no_right", _("Your role does not import history here."))
