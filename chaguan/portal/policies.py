"""Who may hand out and end personal links."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.places import RoomSign
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


def may_say(actor: Actor, room: RoomSign) -> Verdict:
    """Members, in a room of our own that is open. Whether the room is theirs is asked by `receive`."""
    if actor.member_id is None:
        return Verdict("members_only", _("Only members speak here."))
    if room.connector != "portal":
        return Verdict("elsewhere", _("This room lives in another app; please write there."))
    if not room.is_open:
        return Verdict("room_closed", _("This room is closed. Your words were not posted."))
    return ALLOWED
