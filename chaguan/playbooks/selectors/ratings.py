"""The one question after a run (一题评价): which runs a member may still rate."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from chaguan.communities.selectors.audiences import people_inside
from chaguan.kernel.actor import Actor
from chaguan.playbooks.models import Enrolment, Run, RunRating
from chaguan.playbooks.types import RunState

ASKED_FOR = timedelta(days=14)  # after that nobody remembers, so nobody is asked
WORTH_ASKING = 2  # days; shorter runs are no experience to ask about


def runs_to_rate(actor: Actor, now: datetime) -> QuerySet[Run]:
    """Runs the member took part in that ended lately and that she neither rated nor passed over.

    One that still runs may be rated from its last day on: what is left then is clearing up, and that is when
    playbooks ask for it. Newest first. She took part on a personal track, or by being in the community with
    a run for its rooms.
    """
    member = actor.member_id
    rows = Run.objects.select_related("edition__playbook", "community").order_by("-ended_at", "-pk")
    if member is None:
        return rows.none()
    ended = Q(state=RunState.FINISHED, ended_at__gt=now - ASKED_FOR, ended_at__lte=now)
    over = rows.filter(
        ended | Q(pk__in=_on_their_last_day(member, now)),
        edition__document__days__gte=WORTH_ASKING,
    )
    inside = people_inside().filter(member_id=member, community_id=OuterRef("community_id"))
    walked = Enrolment.objects.filter(run=OuterRef("pk"), member_id=member)
    rated = RunRating.objects.filter(run=OuterRef("pk"), member_id=member)
    in_room = Q(edition__steps__is_personal=False) & Exists(
        inside.filter(joined_at__lt=Coalesce(OuterRef("ended_at"), now))
    )
    return over.filter(~Exists(rated)).filter(in_room | Exists(walked)).distinct()


def _on_their_last_day(member_id: int, now: datetime) -> list[int]:
    """Runs of her communities that still run and whose days are over, or will be tonight. One statement."""
    places = people_inside().filter(member_id=member_id).values("community_id")
    rows = Run.objects.filter(
        state=RunState.RUNNING,
        community__in=places,
        starts_on__lte=now.date(),
        edition__document__days__gte=WORTH_ASKING,
    )
    found = rows.values_list("pk", "zone", "starts_on", "edition__document__days")
    return [
        pk
        for pk, zone, starts_on, days in found
        if timedelta(days=days - 1)
        <= now.astimezone(ZoneInfo(zone)).date() - starts_on
        < timedelta(days=days - 1) + ASKED_FOR
    ]
