"""Rule: who used the product understands us."""

from django.utils.translation import gettext_lazy as _

from chaguan.people.contract.stage_rules import EveryTime, stage_rules
from chaguan.people.events import ProductUsed
from chaguan.people.types import RelationStage

stage_rules.add("product_used")(
    EveryTime(_("Used the product"), ProductUsed.name, RelationStage.INFORMED)
)
