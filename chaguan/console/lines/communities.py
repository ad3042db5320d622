"""Communities as lists, the map and their own page show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from chaguan.communities.selectors import Community
from chaguan.communities.selectors.sizes import member_counts
from chaguan.communities.types import CommunityType, Phase
from chaguan.communities.words import PHASE_LABELS, TYPE_LABELS
from chaguan.console.lines.health import NOT_KNOWN
from chaguan.insights.selectors.health import Health, health_of
from chaguan.kernel.actor import Actor

PHASE_TONES = {Phase.RUNNING: "green", Phase.RECRUITING: "sky", Phase.CLOSING: "amber"}
BANDS: dict[str, tuple[str | Promise, frozenset[str]]] = {  # four tiers over the seven stages
    "public": (gettext_lazy("Hardly know us"), frozenset({"unaware", "curious"})),
    "new": (gettext_lazy("New"), frozenset({"acquainted", "informed"})),
    "near": (gettext_lazy("Know us well"), frozenset({"familiar"})),
    "paying": (gettext_lazy("Buyers"), frozenset({"bought", "bought_again"})),
}


@dataclass(frozen=True)
class CommunityLine:
    """One community for people."""

    community: Community
    type_word: str | Promise
    phase_word: str | Promise
    phase_tone: str
    members: int
    health: Health


def type_word(code: str) -> str | Promise:
    """What a type is called; a community taken over by an import may have none yet."""
    return TYPE_LABELS[CommunityType(code)] if code else gettext_lazy("Type not chosen")


def community_lines(communities: Sequence[Community], actor: Actor) -> list[CommunityLine]:
    """Give communities their sizes and health. Queries: 2."""
    ids = [community.pk for community in communities]
    sizes, health = member_counts(ids), health_of(actor, ids)
    return [
        CommunityLine(
            community=community,
            type_word=type_word(community.type),
            phase_word=PHASE_LABELS[Phase(community.phase)],
            phase_tone=PHASE_TONES.get(Phase(community.phase), ""),
            members=sizes[community.pk],
            health=health.get(community.pk, NOT_KNOWN),
        )
        for community in communities
    ]


@dataclass(frozen=True)
class Cell:
    """One cell of the map: how many communities of a type are for one tier of people."""

    type: str
    band: str
    amount: int


def map_cells(
    placed: Sequence[tuple[str, list[str]]],
) -> list[tuple[str | Promise, str, list[Cell]]]:
    """The map: a row per type, a cell per tier, from (type, target stages) of each community."""
    rows = []
    for kind in CommunityType:
        stages = [set(targets) for code, targets in placed if code == kind]
        cells = [
            Cell(kind, band, sum(1 for own in stages if own & wanted))
            for band, (_word, wanted) in BANDS.items()
        ]
        rows.append((TYPE_LABELS[kind], str(kind), cells))
    return rows


def is_in_band(targets: Sequence[str], band: str) -> bool:
    """Whether a community with these target stages is for this tier."""
    return band not in BANDS or bool(set(targets) & BANDS[band][1])


@dataclass(frozen=True)
class PhaseAct:
    """A move through life as a button: its words, what to ask before, what it brings."""

    words: str | Promise
    question: str | Promise
    note: str | Promise


_OPEN = PhaseAct(
    gettext_lazy("Open it"),
    gettext_lazy("Open the community now?"),
    gettext_lazy("Playbooks may run and people may come in from now on."),
)
PHASE_ACTS: dict[tuple[Phase, Phase], PhaseAct] = {
    (Phase.DRAFT, Phase.RECRUITING): PhaseAct(
        gettext_lazy("Start recruiting"),
        gettext_lazy("Let people come in before it begins?"),
        gettext_lazy("The join page works from now on."),
    ),
    (Phase.DRAFT, Phase.RUNNING): _OPEN,
    (Phase.RECRUITING, Phase.RUNNING): _OPEN,
    (Phase.RECRUITING, Phase.CLOSING): PhaseAct(
        gettext_lazy("Begin to close"),
        gettext_lazy("Begin to close the community?"),
        gettext_lazy("Members are told in every room at once, and that cannot be called back."),
    ),
    (Phase.RUNNING, Phase.CLOSING): PhaseAct(
        gettext_lazy("Begin to close"),
        gettext_lazy("Begin to close the community?"),
        gettext_lazy("Members are told in every room at once, and that cannot be called back."),
    ),
    (Phase.CLOSING, Phase.RUNNING): PhaseAct(
        gettext_lazy("Open it again"),
        gettext_lazy("Open the community again?"),
        gettext_lazy("The closing list keeps its ticks."),
    ),
    (Phase.CLOSING, Phase.CLOSED): PhaseAct(
        gettext_lazy("Close it for good"),
        gettext_lazy("Close the community for good?"),
        gettext_lazy(
            "Rooms close and everything still planned is cancelled. This cannot be undone."
        ),
    ),
}
