"""The board of a camp in three rows (知道/了解/熟悉): members where their relation stage puts them."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise

from chaguan.communities.models import Membership
from chaguan.communities.selectors.memberships import memberships_visible_to
from chaguan.kernel.actor import Actor
from chaguan.people.types import FAMILIARITY, Familiarity, RelationStage
from chaguan.people.words import FAMILIARITY_LABELS, STAGE_LABELS

SHOWN = 60


@dataclass(frozen=True)
class BoardPerson:
    """A member on the board, with the stage that put her there."""

    member_id: int
    public_id: str
    name: str
    stage: str | Promise


@dataclass(frozen=True)
class BoardRow:
    """One of the three rows. `people` are at most SHOWN, those who spoke last first; `members` counts all."""

    code: Familiarity
    label: str | Promise
    stages: tuple[RelationStage, ...]
    members: int
    people: list[BoardPerson]

    @property
    def stage_labels(self) -> list[str | Promise]:
        return [STAGE_LABELS[stage] for stage in self.stages]


def camp_board(actor: Actor, community_id: int) -> list[BoardRow]:
    """The three rows in order, without bots; nobody for those who may not see members. Statements: 5."""
    inside = memberships_visible_to(actor, community_id).filter(
        state=Membership.State.IN, member__is_bot=False
    )
    bare = inside.prefetch_related(None).select_related(None).order_by()
    counts = dict(bare.values_list("member__stage").annotate(n=Count("pk")))
    rows = []
    for code in Familiarity:
        stages = tuple(stage for stage in RelationStage if FAMILIARITY[stage] == code)
        here = bare.filter(member__stage__in=stages).order_by("-last_message_at", "pk")
        fields = ("member_id", "member__public_id", "member__name", "member__stage")
        people = [
            BoardPerson(pk, public_id, name, STAGE_LABELS[RelationStage(stage)])
            for pk, public_id, name, stage in here.values_list(*fields)[:SHOWN]
        ]
        members = sum(counts.get(stage.value, 0) for stage in stages)
        rows.append(BoardRow(code, FAMILIARITY_LABELS[code], stages, members, people))
    return rows
