"""Words for people: relation stages and profile kinds."""

from enum import StrEnum


class RelationStage(StrEnum):
    """The seven steps from unknown to repeat buyer (用户关系分层), in order."""

    UNAWARE = "unaware"
    CURIOUS = "curious"
    ACQUAINTED = "acquainted"
    INFORMED = "informed"
    FAMILIAR = "familiar"
    BOUGHT = "bought"
    BOUGHT_AGAIN = "bought_again"


class TrafficTier(StrEnum):
    """Four coarse steps from public traffic to paying users (流量层级). A house names them its own way."""

    PUBLIC_TRAFFIC = "public_traffic"
    NEWCOMER = "new_user"
    PROSPECT = "prospect"
    BUYER = "paying_user"


class Familiarity(StrEnum):
    """The three steps of a camp's board (知道/了解/熟悉): the seven stages, seen from further away."""

    KNOWS = "knows"
    UNDERSTANDS = "understands"
    FAMILIAR = "familiar"


FAMILIARITY: dict[RelationStage, Familiarity] = {
    RelationStage.UNAWARE: Familiarity.KNOWS,
    RelationStage.CURIOUS: Familiarity.KNOWS,
    RelationStage.ACQUAINTED: Familiarity.KNOWS,
    RelationStage.INFORMED: Familiarity.UNDERSTANDS,
    RelationStage.FAMILIAR: Familiarity.FAMILIAR,
    RelationStage.BOUGHT: Familiarity.FAMILIAR,
    RelationStage.BOUGHT_AGAIN: Familiarity.FAMILIAR,
}

TIER_AS_SHIPPED: dict[RelationStage, TrafficTier] = {
    RelationStage.UNAWARE: TrafficTier.PUBLIC_TRAFFIC,
    RelationStage.CURIOUS: TrafficTier.PUBLIC_TRAFFIC,
    RelationStage.ACQUAINTED: TrafficTier.NEWCOMER,
    RelationStage.INFORMED: TrafficTier.PROSPECT,
    RelationStage.FAMILIAR: TrafficTier.PROSPECT,
    RelationStage.BOUGHT: TrafficTier.BUYER,
    RelationStage.BOUGHT_AGAIN: TrafficTier.BUYER,
}


class FieldKind(StrEnum):
    """What a profile field holds."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
