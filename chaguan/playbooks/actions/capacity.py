"""How much time a person has for the communities each week (时间和精力)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import people_inside
from chaguan.communities.selectors.rights import community_ids_with, has_right_somewhere
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.playbooks.models import Capacity, RunRole
from chaguan.playbooks.roles import Person

MOST = 7 * 24 * 60


@transaction.atomic
def set_capacity(
    actor: Actor, person: Person, minutes_per_week: int | None, *, now: datetime
) -> None:
    """Write down what somebody can give in a week; None forgets it. Everybody may say it of herself.

    Others are set by those who manage staff, or who run playbooks where the member belongs.
    Raises: Missing where the actor may not; Invalid for more than a week.
    """
    if not _may_set(actor, person):
        raise Missing
    whose: dict[str, Any] = {"user_id": person.user_id, "member_id": person.member_id}
    if minutes_per_week is None:
        Capacity.objects.filter(**whose).delete()
        return
    if not 0 <= minutes_per_week <= MOST:
        raise Invalid(_("A week has at most 168 hours."), code="too_many")
    values = {"minutes_per_week": minutes_per_week, "by": actor.reference, "at": now}
    Capacity.objects.update_or_create(defaults=values, **whose)


def _may_set(actor: Actor, person: Person) -> bool:
    if (person.user_id is None) == (person.member_id is None):
        return False
    if actor.is_system or (actor.user_id is not None and actor.user_id == person.user_id):
        return True
    if person.user_id is not None:
        return has_right_somewhere(actor, Right.MANAGE_STAFF)
    member_id = person.member_id or 0
    if actor.member_id == member_id:  # whoever works here: a duty, or a role in a run
        helps = has_right_somewhere(actor, Right.DO_ASSIGNMENTS)
        return helps or RunRole.objects.filter(member_id=member_id).exists()
    inside = people_inside().filter(member_id=member_id)
    ids = community_ids_with(actor, Right.RUN_PLAYBOOKS)
    return (inside if ids is None else inside.filter(community_id__in=ids)).exists()
