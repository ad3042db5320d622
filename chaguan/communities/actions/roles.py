"""In-group roles (群内角色): giving, ending, and what a session host may do."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.errors import NotAMember
from chaguan.communities.events import RoleEnded, RoleGiven, SessionOpened
from chaguan.communities.models import MemberRole, Membership, Room
from chaguan.communities.policies import may
from chaguan.communities.selectors.rights import forget_rights
from chaguan.communities.types import InRoomRole, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent


@transaction.atomic
def give_role(actor: Actor, community_id: int, member_id: int, role: str, *, now: datetime) -> bool:
    """Give a member a role from now on. Returns False when they hold it already.

    Emits: RoleGiven. Raises: Refused, NotAMember, Invalid for an unknown role. Races: one open row a role.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    if role not in set(InRoomRole):
        raise Invalid(_("There is no role %(role)s.") % {"role": role})
    inside = Membership.objects.filter(
        community_id=community_id, member_id=member_id, state=Membership.State.IN
    )
    membership = inside.select_for_update().first()
    if membership is None:
        raise NotAMember
    _held, is_new = MemberRole.objects.get_or_create(
        membership=membership,
        role=role,
        until=None,
        defaults={"since": now, "by": actor.reference},
    )
    if is_new:
        forget_rights()
        record(RoleGiven(community_id, member_id, role), actor=actor, at=now)
    return is_new


@transaction.atomic
def end_role(actor: Actor, community_id: int, member_id: int, role: str, *, now: datetime) -> bool:
    """End a role; it stays as history. Returns False when it was not held. Emits: RoleEnded."""
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    held = MemberRole.objects.filter(
        membership__community_id=community_id,
        membership__member_id=member_id,
        role=role,
        until__isnull=True,
    )
    if not held.update(until=now):
        return False
    forget_rights()
    record(RoleEnded(community_id, member_id, role), actor=actor, at=now)
    return True


@transaction.atomic
def open_session(actor: Actor, community_id: int, topic: str, *, now: datetime) -> int:
    """Begin a formal session (正式讨论): the topic goes to the community's open rooms. Returns their number.

    Emits: SessionOpened. Raises: Refused, Invalid without a topic. The same topic in the same minute
    is announced once.
    """
    require(may(actor, Right.OPEN_SESSION, community_id))
    topic = topic.replace("\x00", "").strip()[:200]
    if not topic:
        raise Invalid(_("Name the topic of the session."))
    event_id = record(SessionOpened(community_id, topic, actor.member_id), actor=actor, at=now)
    text = _("Session: %(topic)s. Join in now.") % {"topic": topic}
    minute = now.strftime("%Y-%m-%dT%H:%M")
    main = Room.objects.filter(community_id=community_id, is_open=True, purpose=Room.Purpose.MAIN)
    intents = [
        Intent(
            key=f"session:{community_id}:{minute}:room:{room.pk}",
            kind="say",
            connector=room.connector,
            account_id=room.account_id,
            due_at=now,
            community_id=community_id,
            room_id=room.pk,
            payload={"text": text},
            purpose=topic,
            caused_by=event_id,
        )
        for room in main
    ]
    return plan(intents, actor=actor, now=now)
