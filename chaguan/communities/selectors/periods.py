"""The period a community is in: its items, what is proposed, and which playbooks fit now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from chaguan.communities.kinds import in_my_language
from chaguan.communities.models import Community, PeriodProposal, PeriodTick
from chaguan.communities.period_plan import period_plans
from chaguan.communities.selectors.contents import content_of
from chaguan.communities.types import Period
from chaguan.communities.words import PERIOD_LABELS


@dataclass(frozen=True)
class ItemLine:
    """One item as the page shows it."""

    code: str
    sentence: str
    done_at: datetime | None


@dataclass(frozen=True)
class PeriodSheet:
    """The community's period with its items, and the next one where it is proposed."""

    period: Period
    label: str | Promise
    since: datetime | None
    items: list[ItemLine]
    proposed: Period | None = None
    proposed_label: str | Promise = ""
    proposed_at: datetime | None = None
    new_items: tuple[str, ...] = ()
    new_playbooks: tuple[str, ...] = ()


def period_sheet(community: Community) -> PeriodSheet:
    """Two statements; the caller has checked who may look."""
    period = Period(community.period)
    ticks = dict(PeriodTick.objects.filter(community=community).values_list("item", "at"))
    plan = period_plans()[period]
    items = [ItemLine(t.code, in_my_language(t.words), ticks.get(t.code)) for t in plan.items]
    since = community.period_since or community.opened_at
    proposal = open_proposals([community.pk]).get(community.pk)
    if proposal is None:
        return PeriodSheet(period, PERIOD_LABELS[period], since, items)
    to, at = proposal
    return PeriodSheet(
        period,
        PERIOD_LABELS[period],
        since,
        items,
        to,
        PERIOD_LABELS[to],
        at,
        new_items(to),
        period_plans()[to].playbooks,
    )


def open_proposals(community_ids: Iterable[int]) -> dict[int, tuple[Period, datetime]]:
    """Proposals that wait for a decision. One statement."""
    rows = PeriodProposal.objects.filter(
        community_id__in=list(community_ids), state=PeriodProposal.State.OPEN
    )
    return {pk: (Period(to), at) for pk, to, at in rows.values_list("community_id", "to", "at")}


def new_items(to: Period) -> tuple[str, ...]:
    """The items of a period, in the reader's language."""
    return tuple(in_my_language(item.words) for item in period_plans()[to].items)


def recommended_playbooks(community: Community) -> list[str]:
    """Keys of playbooks that fit now: those of its period, of its type, of what it delivers. No statement."""
    own = community.settings.get("playbooks", [])
    kept = [str(key) for key in own] if isinstance(own, list) else []
    if community.content_kind:
        kept += content_of(community.content_kind).playbooks
    return list(dict.fromkeys([*period_plans()[Period(community.period)].playbooks, *kept]))
