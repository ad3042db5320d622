"""Who may do what with channels and what goes out through them."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import Record
from chaguan.communities.selectors import communities_joined_by, has_right, has_right_somewhere
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


def may_decide_import(actor: Actor, community_id: int | None, uploader_id: int | None) -> Verdict:
    """Touch an import: in a community, those who import there; before that, whoever handed the file in."""
    is_own = uploader_id is not None and uploader_id == actor.user_id
    if community_id is None and is_own:
        return may_upload_history(actor)
    return may_import(actor, community_id)


def may_upload_history(actor: Actor) -> Verdict:
    """Hand in a file before it is decided where it goes."""
    if has_right_somewhere(actor, Right.IMPORT):
        return ALLOWED
    return Verdict("no_right", _("Your role does not import history here."))


def may_bring_in(actor: Actor, community_id: int, records: Sequence[Record]) -> Verdict:
    """Words from a room: the product brings in anybody's, a member in the community only her own."""
    if actor.is_system:
        return ALLOWED
    is_own = all(r.member_id == actor.member_id and r.kind == "message" for r in records)
    if actor.member_id is None or not is_own:
        return Verdict("not_for_others", _("Everybody speaks for themselves."))
    if not communities_joined_by(actor).filter(pk=community_id).exists():
        return Verdict("not_in_community", _("Join the community first, then speak."))
    return ALLOWED
