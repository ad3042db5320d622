"""What wants an operator's eye about communities: derived from their rows, never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from chaguan.communities.kinds import preset_of
from chaguan.communities.models import Community
from chaguan.communities.readiness import end_of_life
from chaguan.communities.selectors.composition import MIXED_SHARE
from chaguan.communities.selectors.periods import new_items, open_proposals
from chaguan.communities.selectors.rights import communities_visible_to
from chaguan.communities.types import CommunityType, Phase
from chaguan.communities.words import PERIOD_LABELS
from chaguan.kernel.actor import Actor

UNSCREENED_FOR = timedelta(days=30)
SOON = timedelta(days=2)


@dataclass(frozen=True)
class CommunityWarning:
    """One thing to look at. `since` is when it began or (closes_soon) when it will happen."""

    code: str  # closes_soon | past_lifetime | unscreened | mixed | period
    community_id: int
    community: str
    sentence: str | Promise
    since: datetime


def warnings_for(actor: Actor, now: datetime) -> list[CommunityWarning]:
    """All warnings about communities the actor may see, the most urgent first. Three statements."""
    alive = communities_visible_to(actor).filter(phase__in=[Phase.RECRUITING, Phase.RUNNING])
    communities = list(alive)
    found = [warning for community in communities for warning in warnings_about(community, now)]
    found += _periods(communities)
    return sorted(found, key=lambda warning: (_URGENCY[warning.code], warning.since))


_URGENCY = {"closes_soon": 0, "past_lifetime": 1, "mixed": 2, "unscreened": 3, "period": 4}


def warnings_about(community: Community, now: datetime) -> Iterator[CommunityWarning]:
    """The warnings about one living community."""
    yield from _lifetime(community, now)
    if (
        not community.is_screened
        and community.opened_at is not None
        and community.opened_at + UNSCREENED_FOR < now
    ):
        text = _("%(community)s has been open for more than 30 days without screening its members.")
        yield _about(community, "unscreened", text, community.opened_at + UNSCREENED_FOR)
    most = float(community.settings.get("mixed_share", MIXED_SHARE))
    if community.outside_share is not None and community.outside_share > most:
        text = _("%(share)d%% of the members of %(community)s are people it is not for.")
        share = round(community.outside_share * 100)
        yield _about(community, "mixed", text, community.composed_at or now, share=share)


def _periods(communities: Sequence[Community]) -> Iterator[CommunityWarning]:
    """Proposed next periods, each with its new tasks. One statement."""
    proposed = open_proposals([community.pk for community in communities])
    for community in communities:
        if community.pk in proposed:
            to, at = proposed[community.pk]
            words = {"period": PERIOD_LABELS[to], "tasks": _("; ").join(new_items(to))}
            text = _(
                "%(community)s is old enough for the next one: %(period)s. New tasks: %(tasks)s."
            )
            yield _about(community, "period", text, at, **words)


def _lifetime(community: Community, now: datetime) -> Iterator[CommunityWarning]:
    end = end_of_life(community.type, community.opened_at, community.closes_at)
    if end is None:
        return
    is_typed = community.type in set(CommunityType)
    before = preset_of(community.type).warn_before if is_typed else SOON
    if end <= now:
        text = _("%(community)s is past its planned lifetime: close it, or plan a new end.")
        yield _about(community, "past_lifetime", text, end)
    elif end - before <= now:
        if is_typed and preset_of(community.type).closes_by_itself:
            text = _("%(community)s closes by itself in less than %(hours)d hours.")
        else:
            text = _("The planned lifetime of %(community)s ends in less than %(hours)d hours.")
        hours = int((end - now).total_seconds() // 3600) + 1
        yield _about(community, "closes_soon", text, end, hours=hours)


def _about(
    community: Community, code: str, text: str, since: datetime, **words: object
) -> CommunityWarning:
    sentence = text % {"community": community.name, **words}
    return CommunityWarning(code, community.pk, community.name, sentence, since)
