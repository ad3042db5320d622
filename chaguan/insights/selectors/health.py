"""The health of communities as last computed, in words, and its history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Phase, Right
from chaguan.insights.columns.opened import opened
from chaguan.insights.health.assessing import assess
from chaguan.insights.health.definition import RULE, definition_sentences, health_editions
from chaguan.insights.health.words import LABELS, PROPOSALS, reason_sentence
from chaguan.insights.models import CommunityHealth, HealthChange
from chaguan.kernel.actor import Actor

WORST_FIRST = (
    "ad_ridden",
    "cooling",
    "noisy",
    "cold",
    "dead",
    "lively",
)  # what can still be helped


@dataclass(frozen=True)
class Health:
    """One community's condition for people. `since` is None when it was only looked at, not kept."""

    community_id: int
    state: str
    label: str
    reasons: tuple[str, ...]
    proposal: str
    playbook: str
    edition: str
    since: datetime | None = None
    computed_at: datetime | None = None
    numbers: dict[str, int | None] | None = None


@dataclass(frozen=True)
class HealthDefinition:
    """The definition in words: its edition, the rule, each state's condition in order."""

    edition: str
    rule: str
    conditions: tuple[tuple[str, str, str], ...]  # state, label, condition
    windows: dict[str, int]


def health_of(actor: Actor, community_ids: Collection[int]) -> dict[int, Health]:
    """The kept health of those communities that the actor may see. Two statements at most."""
    rows = kept_health(actor).filter(community_id__in=list(community_ids))
    return {row.community_id: _in_words(row) for row in rows}


def kept_health(actor: Actor) -> QuerySet[CommunityHealth]:
    """All kept rows of communities the actor may see, for lists and filters."""
    visible = communities_visible_to(actor, Right.VIEW_COMMUNITY)
    return CommunityHealth.objects.filter(community__in=visible)


def changes_of(actor: Actor, community_id: int) -> QuerySet[HealthChange]:
    """The history of one community's condition, newest first."""
    visible = communities_visible_to(actor, Right.VIEW_COMMUNITY)
    return HealthChange.objects.filter(community__in=visible, community_id=community_id).order_by(
        "-at"
    )


def health_at(actor: Actor, community_ids: Collection[int], now: datetime) -> dict[int, Health]:
    """Look at communities as of `now`, keeping nothing: for questions about the past."""
    visible = communities_visible_to(actor, Right.VIEW_COMMUNITY).filter(pk__in=list(community_ids))
    ids = list(visible.values_list("pk", flat=True))
    with opened() as columns:
        found, edition = assess(columns, now, ids)
    return {
        pk: _worded(
            pk, a.judged.state, [(r.code, dict(r.numbers)) for r in a.judged.reasons], edition.label
        )
        for pk, a in found.items()
    }


def is_a_first_look_due() -> bool:
    """Whether an open community was never looked at. One statement."""
    known = CommunityHealth.objects.filter(community=OuterRef("pk"))
    everything = communities_visible_to(Actor.system("health")).exclude(phase=Phase.CLOSED)
    return everything.filter(~Exists(known)).exists()


def health_definition() -> HealthDefinition:
    """What the states mean, with the windows in force."""
    edition = health_editions()[-1]
    conditions = tuple(
        (state.value, str(LABELS[state]), sentence)
        for state, sentence in definition_sentences(edition)
    )
    return HealthDefinition(edition.label, str(RULE), conditions, dict(edition.windows))


def _in_words(row: CommunityHealth) -> Health:
    reasons = [(reason["code"], reason["numbers"]) for reason in row.reasons]
    return _worded(row.community_id, row.state, reasons, row.edition, row)


def _worded(
    pk: int,
    state: str,
    reasons: list[tuple[str, dict[str, int]]],
    edition: str,
    row: CommunityHealth | None = None,
) -> Health:
    proposal = PROPOSALS[state]
    return Health(
        community_id=pk,
        state=str(state),
        label=str(LABELS[state]),
        reasons=tuple(reason_sentence(code, numbers) for code, numbers in reasons),
        proposal=str(proposal.sentence),
        playbook=proposal.playbook,
        edition=edition,
        since=row.since if row else None,
        computed_at=row.computed_at if row else None,
        numbers=row.components if row else None,
    )
