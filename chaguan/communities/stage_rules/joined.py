"""Rule: who joined one of our communities is acquainted with us."""

from django.utils.translation import gettext_lazy as _

from chaguan.communities.events import MemberJoined
from chaguan.people.contract.stage_rules import EveryTime, stage_rules
from chaguan.people.types import RelationStage

stage_rules.add("joined")(
    EveryTime(_("Joined a community"), MemberJoined.name, RelationStage.ACQUAINTED)
)
