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


class FieldKind(StrEnum):
    """What a profile field holds."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    PLACE = "place"
