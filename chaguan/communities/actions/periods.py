"""The periods of a community (初期/中期/后期): proposed by age, decided by a person, ticked by item."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from chaguan.communities.errors import NotThatWay
from chaguan.communities.events import PeriodChanged, PeriodDeclined, PeriodProposed
from chaguan.communities.models import Community, PeriodProposal, PeriodTick
from chaguan.communities.period_plan import next_period, period_plans
from chaguan.communities.policies import may
from chaguan.communities.types import Period, Phase, Right
from chaguan.eventlog.actions import record, record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require

ASK_AGAIN_AFTER = timedelta(days=14)  # a declined proposal comes back then
State = PeriodProposal.State


@transaction.atomic
def propose_periods(actor: Actor, *, now: datetime) -> int:
    """Propose the next period to every community old enough for it; returns how many proposals are new.

    Who declined is asked again after two weeks. Emits: PeriodProposed, once a proposal. Statements: 3 a
    period. Races: one open proposal a community, by constraint.
    """
    require(may(actor, Right.EDIT_COMMUNITY))
    made = 0
    for to in (Period.MIDDLE, Period.LATE):
        before = [p.value for p in Period if next_period(p) == to]
        recent = PeriodProposal.objects.filter(community=OuterRef("pk"), to=to.value).exclude(
            state=State.DECLINED, decided_at__lte=now - ASK_AGAIN_AFTER
        )
        old_enough = Community.objects.filter(
            ~Exists(recent.exclude(state=State.ACCEPTED)),
            phase__in=[Phase.RECRUITING, Phase.RUNNING],
            period__in=before,
            opened_at__lte=now - period_plans()[to].after,
        )
        fresh = PeriodProposal.objects.bulk_create(
            [
                PeriodProposal(community_id=pk, to=to.value, at=now)
                for pk in old_enough.order_by("pk").values_list("pk", flat=True)
            ],
            ignore_conflicts=True,
        )
        facts = [(PeriodProposed(one.community_id, to.value), now) for one in fresh]
        keys = [f"{one.community_id}/{to.value}/{now.isoformat()}" for one in fresh]
        if facts:
            made += record_many(facts, actor=actor, source="communities.period", source_ids=keys)
    return made


@transaction.atomic
def decide_period(
    actor: Actor, community_id: int, *, is_accepted: bool, reason: str = "", now: datetime
) -> None:
    """Accept or decline the open proposal of a community; declining wants a reason.

    Accepting switches the period, and with it its items and the playbooks we recommend.
    Emits: PeriodChanged or PeriodDeclined. Raises: Refused, Missing without an open proposal, Invalid.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    reason = reason.replace("\x00", "").strip()[:200]
    if not is_accepted and not reason:
        raise Invalid(_("Say in a few words why it is too early; we ask again in two weeks."))
    proposal = (
        PeriodProposal.objects.select_for_update()
        .filter(community_id=community_id, state=State.OPEN)
        .first()
    )
    if proposal is None:
        raise Missing
    proposal.state = State.ACCEPTED if is_accepted else State.DECLINED
    proposal.decided_at, proposal.by, proposal.reason = now, actor.reference, reason
    proposal.save()
    if is_accepted:
        _switch(actor, community_id, Period(proposal.to), reason, now)
    else:
        record(PeriodDeclined(community_id, proposal.to, reason), actor=actor, at=now)


@transaction.atomic
def set_period(actor: Actor, community_id: int, to: str, *, reason: str, now: datetime) -> None:
    """Switch the period by one's own decision, forwards or back, with a reason. An open proposal ends.

    Emits: PeriodChanged. Raises: Refused, Missing, Invalid, NotThatWay for the period it is in.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    reason = reason.replace("\x00", "").strip()[:200]
    if to not in set(Period) or not reason:
        raise Invalid(_("Choose a period and say why."))
    PeriodProposal.objects.filter(community_id=community_id, state=State.OPEN).update(
        state=State.DECLINED, decided_at=now, by=actor.reference, reason=reason
    )
    _switch(actor, community_id, Period(to), reason, now)
    if (following := next_period(to)) is not None:  # the clock waits before it asks about that one
        PeriodProposal.objects.create(
            community_id=community_id,
            to=following.value,
            state=State.DECLINED,
            at=now,
            decided_at=now,
            by=actor.reference,
            reason=reason,
        )


@transaction.atomic
def tick_period_item(
    actor: Actor, community_id: int, item: str, *, is_done: bool, now: datetime
) -> None:
    """Tick a item of the community's list, or take the tick back. Raises: Refused, Invalid."""
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    if item not in {t.code for plan in period_plans().values() for t in plan.items}:
        raise Invalid(_("This task is not on the list."))
    ticks = PeriodTick.objects.filter(community_id=community_id, item=item)
    if not is_done:
        ticks.delete()
        return
    PeriodTick.objects.get_or_create(
        community_id=community_id, item=item, defaults={"at": now, "by": actor.reference}
    )


def _switch(actor: Actor, community_id: int, to: Period, reason: str, now: datetime) -> None:
    community = Community.objects.select_for_update().filter(pk=community_id).first()
    if community is None:
        raise Missing
    old = community.period
    if old == to:
        raise NotThatWay
    community.period, community.period_since = to.value, now
    community.save(update_fields=["period", "period_since"])
    record(PeriodChanged(community_id, old, to.value, reason), actor=actor, at=now)
