"""In-group roles (群内角色): giving, ending, and what a session host may do."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from chaguan.communities.errors import NotAMember
from chaguan.communities.events import RoleEnded, RoleGiven, SessionOpened
from chaguan.communities.models import MemberRole, Membership, Room
from chaguan.communities.policies import may
from chaguan.communities.selectors.rights import forget_rights
from chaguan.communities.types import COHORT_ROLES, InRoomRole, Right
from chaguan.eventlog.actions import record, record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent


@transaction.atomic
def give_role(
    actor: Actor,
    community_id: int,
    member_id: int,
    role: str,
    *,
    now: datetime,
    ends_at: datetime | None = None,
) -> bool:
    """Give a member a role from now on. Returns False when they hold it already.

    With `ends_at` the clock ends it then. Roles of a cohort end with the cohort in any case.
    Emits: RoleGiven. Raises: Refused, NotAMember, Invalid for an unknown role or an end that
    is past. Races: one open row a role.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    if role not in set(InRoomRole):
        raise Invalid(_("There is no role %(role)s.") % {"role": role})
    if ends_at is not None and ends_at <= now:
        raise Invalid(_("The end of a role lies in the future."))
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
        defaults={"since": now, "by": actor.reference, "ends_at": ends_at},
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
def end_due_roles(actor: Actor, *, now: datetime) -> int:
    """End roles whose time is over, and those of cohorts whose community has come to its planned end.

    They stay as history. Returns how many. Emits: RoleEnded. Statements: 3.
    """
    require(may(actor, Right.EDIT_COMMUNITY))
    is_over = Q(ends_at__lte=now) | Q(
        ends_at__isnull=True, role__in=COHORT_ROLES, membership__community__closes_at__lte=now
    )
    return _end_all(actor, is_over, now)


@transaction.atomic
def end_cohort_roles(actor: Actor, community_ids: Collection[int], *, now: datetime) -> int:
    """End the roles of cohorts in communities whose cohort is over. Emits: RoleEnded. Statements: 3."""
    for community_id in community_ids:
        require(may(actor, Right.EDIT_COMMUNITY, community_id))
    here = Q(role__in=COHORT_ROLES, membership__community_id__in=community_ids)
    return _end_all(actor, here, now)


def _end_all(actor: Actor, which: Q, now: datetime) -> int:
    open_rows = MemberRole.objects.filter(which, until__isnull=True).select_for_update(of=("self",))
    held = open_rows.order_by("pk").values_list(
        "pk", "membership__community_id", "membership__member_id", "role"
    )
    ended = list(held)
    if not ended:
        return 0
    MemberRole.objects.filter(pk__in=[row[0] for row in ended]).update(until=now)
    forget_rights()
    facts = [(RoleEnded(community, member, role), now) for _pk, community, member, role in ended]
    record_many(facts, actor=actor)
    return len(ended)


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
