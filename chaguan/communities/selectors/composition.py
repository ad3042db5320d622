"""Who is really in a community, by relation stage, against whom it is for."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise

from chaguan.communities.models import Community, Membership
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS

MIXED_SHARE = 0.3  # a community's settings may set another `mixed_share`
FEW = 5  # below that many people a share says nothing


@dataclass(frozen=True)
class StageShare:
    """One stage: how many people, what share, and whether the community is for them."""

    stage: RelationStage
    label: str | Promise
    members: int
    share: float
    is_target: bool


def composition_of(community_id: int) -> list[StageShare]:
    """All seven stages in order, without bots. Two statements; the caller has checked who may look."""
    targets = Community.objects.filter(pk=community_id).values_list("target_stages", flat=True)
    wanted = set(targets.first() or ())
    inside = Membership.objects.filter(
        community_id=community_id, state=Membership.State.IN, member__is_bot=False
    )
    counts = dict(inside.order_by().values_list("member__stage").annotate(members=Count("pk")))
    total = sum(counts.values())
    return [
        StageShare(
            stage,
            STAGE_LABELS[stage],
            counts.get(stage.value, 0),
            counts.get(stage.value, 0) / total if total else 0.0,
            stage.value in wanted,
        )
        for stage in RelationStage
    ]


def outside_share(shares: list[StageShare]) -> float:
    """The share of people in stages the community is not for; 0 with too few people to say."""
    if sum(one.members for one in shares) < FEW:
        return 0.0
    return sum(one.share for one in shares if not one.is_target)
