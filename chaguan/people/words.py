"""What people read for the codes of this app."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.people.types import Familiarity, FieldKind, RelationStage, TrafficTier

STAGE_LABELS: dict[RelationStage, str | Promise] = {
    RelationStage.UNAWARE: _("Does not know us"),
    RelationStage.CURIOUS: _("Curious about us"),
    RelationStage.ACQUAINTED: _("Acquainted"),
    RelationStage.INFORMED: _("Understands us"),
    RelationStage.FAMILIAR: _("Familiar"),
    RelationStage.BOUGHT: _("Bought"),
    RelationStage.BOUGHT_AGAIN: _("Bought again"),
}

TIER_LABELS: dict[TrafficTier, str | Promise] = {
    TrafficTier.PUBLIC_TRAFFIC: _("Public traffic"),
    TrafficTier.NEWCOMER: _("New users"),
    TrafficTier.PROSPECT: _("Prospects"),
    TrafficTier.BUYER: _("Paying users"),
}

FAMILIARITY_LABELS: dict[Familiarity, str | Promise] = {
    Familiarity.KNOWS: _("Know us"),
    Familiarity.UNDERSTANDS: _("Understand what we do"),
    Familiarity.FAMILIAR: _("Familiar with us"),
}

FIELD_KIND_LABELS: dict[FieldKind, str | Promise] = {
    FieldKind.TEXT: _("Free text"),
    FieldKind.CHOICE: _("One of a list"),
    FieldKind.NUMBER: _("Number"),
    FieldKind.DATE: _("Date"),
    FieldKind.PLACE: _("Place"),
}
