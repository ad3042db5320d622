"""Naming the four traffic tiers, and saying which stage belongs to which."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.people.events import TiersChanged
from chaguan.people.models import StageTier, TierName
from chaguan.people.policies import may_set_rules
from chaguan.people.types import RelationStage, TrafficTier


@transaction.atomic
def set_tiers(
    actor: Actor,
    *,
    names: Mapping[str, str],
    stages: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep the house's names of tiers and the tier of stages; what is not named stays as it is.

    An empty name gives the shipped one back. Emits: TiersChanged. Raises: Refused; Invalid for an unknown
    tier or stage, or two tiers of one name: nothing is kept then.
    """
    require(may_set_rules(actor))
    wanted = {tier: " ".join(name.replace("\x00", "").split())[:40] for tier, name in names.items()}
    if not {*wanted, *stages.values()} <= set(TrafficTier) or not set(stages) <= set(RelationStage):
        raise Invalid(_("Each stage belongs to one of the four tiers."))
    given = [name for name in wanted.values() if name]
    if len(set(given)) < len(given):
        raise Invalid(_("Two tiers cannot have one name."))
    for tier, name in wanted.items():  # four at most
        values = {"name": name, "by": actor.reference, "at": now}
        TierName.objects.update_or_create(tier=tier, defaults=values)
    for stage, tier in stages.items():  # seven at most
        values = {"tier": tier, "by": actor.reference, "at": now}
        StageTier.objects.update_or_create(stage=stage, defaults=values)
    record(TiersChanged(names=dict(wanted), stages=dict(stages)), actor=actor, at=now)
