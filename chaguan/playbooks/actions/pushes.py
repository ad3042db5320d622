"""Letting recurrent promotions rest where people have had enough, and letting them go on (疲劳)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import settings_of
from chaguan.communities.selectors.departures import living_with_content
from chaguan.communities.types import ContentKind
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.playbooks.fatigue import WINDOW, Tired, tired
from chaguan.playbooks.limits import limits_from
from chaguan.playbooks.models import PushRest
from chaguan.playbooks.policies import may_run_playbooks
from chaguan.playbooks.push_events import PushesRested, PushesResumed


def watch_pushes(actor: Actor, *, now: datetime) -> int:
    """End the rests that are over, and begin one where people have had enough; returns how many began.

    What was before the last rest does not count again. Emits: PushesRested, PushesResumed.
    """
    for rest in PushRest.objects.filter(ended_at__isnull=True, until__lte=now):
        _end(actor, rest, "", now=now)
    resting = set(
        PushRest.objects.filter(ended_at__isnull=True).values_list("community", flat=True)
    )
    watched = [pk for pk in living_with_content(ContentKind.COMMERCE) if pk not in resting]
    last = PushRest.objects.filter(community__in=watched).values_list("community")
    ended = dict(last.annotate(Max("ended_at")))
    since = {pk: ended.get(pk) or now - 2 * WINDOW for pk in watched}
    found = tired(since, now) if since else []
    return sum(_begin(actor, one, now=now) for one in found)


@transaction.atomic
def _begin(actor: Actor, one: Tired, *, now: datetime) -> bool:
    """The rest of today and the whole of tomorrow, in the community's own time."""
    limits = limits_from(settings_of({one.community_id})[one.community_id])
    try:
        with transaction.atomic():
            PushRest.objects.create(
                community_id=one.community_id,
                why=one.why,
                now_count=one.now_count,
                was_count=one.was_count,
                since=now,
                until=limits.next_morning(now + timedelta(days=1)),
            )
    except IntegrityError:  # another worker was faster
        return False
    fact = PushesRested(one.community_id, one.why.value, one.now_count, one.was_count)
    record(fact, actor=actor, at=now)
    return True


def end_push_rest(actor: Actor, community_id: int, reason: str, *, now: datetime) -> None:
    """Let recurrent promotions go on before their rest is over.

    Emits: PushesResumed. Raises: Refused (may_run_playbooks), Missing without a rest, Invalid without a reason.
    """
    require(may_run_playbooks(actor, community_id))
    if not reason.strip():
        raise Invalid(_("Say in a few words why the promotions may go on."), code="reason_missing")
    rest = PushRest.objects.filter(community=community_id, ended_at__isnull=True).first()
    if rest is None:
        raise Missing
    _end(actor, rest, reason.strip()[:200], now=now)


@transaction.atomic
def _end(actor: Actor, rest: PushRest, reason: str, *, now: datetime) -> None:
    mine = PushRest.objects.filter(pk=rest.pk, ended_at__isnull=True)
    if mine.update(ended_at=now, ended_by=actor.reference, reason=reason):
        record(PushesResumed(rest.community_id, reason), actor=actor, at=now)
