"""Staff roles and who holds them where."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaguan.communities.models import StaffPost, StaffRole
from chaguan.communities.policies import may
from chaguan.communities.roles import STAFF_ROLES
from chaguan.communities.selectors.rights import forget_rights
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require


@transaction.atomic
def ensure_defaults(actor: Actor) -> None:
    """Put the six shipped roles in place where they are missing; edited ones stay as they are."""
    require(may(actor, Right.MANAGE_STAFF))
    StaffRole.objects.bulk_create(
        [
            StaffRole(code=code, name=role.name, rights=sorted(role.rights))
            for code, role in STAFF_ROLES.items()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def edit_role_rights(actor: Actor, role_code: str, rights: Iterable[str]) -> StaffRole:
    """Set what a staff role allows. Raises Invalid for a right that does not exist."""
    require(may(actor, Right.MANAGE_STAFF))
    wanted = set(rights)
    if unknown := sorted(wanted - set(Right)):
        raise Invalid(_("There is no right %(right)s.") % {"right": unknown[0]})
    role = _role(role_code)
    role.rights = sorted(wanted)
    role.save(update_fields=["rights"])
    forget_rights()
    return role


@transaction.atomic
def give_post(
    actor: Actor,
    user_id: int,
    role_code: str,
    *,
    community_id: int | None = None,
    hours_per_week: int = 0,
) -> StaffPost:
    """Let a login hold a staff role, in one community or (None) in all. Twice changes only the hours."""
    require(may(actor, Right.MANAGE_STAFF, community_id))
    where: dict[str, Any] = {"user_id": user_id, "community_id": community_id}
    post, _created = StaffPost.objects.update_or_create(
        role=_role(role_code), **where, defaults={"hours_per_week": hours_per_week}
    )
    forget_rights()
    return post


@transaction.atomic
def end_post(actor: Actor, post_id: int) -> None:
    """Take a staff role away. Raises Missing when the post is not there or not the actor's to see."""
    post = StaffPost.objects.filter(pk=post_id).first()
    if post is None:
        raise Missing
    require(may(actor, Right.MANAGE_STAFF, post.community_id))
    post.delete()
    forget_rights()


def _role(code: str) -> StaffRole:
    roles: QuerySet[StaffRole] = StaffRole.objects.filter(code=code)
    role = roles.first()
    if role is None:
        raise Invalid(_("There is no staff role %(role)s.") % {"role": code})
    return role
