"""A member's answer to the one question after a run, or her passing it over."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.playbooks.errors import AlreadyDecided
from chaguan.playbooks.events import RunRated
from chaguan.playbooks.models import RunRating
from chaguan.playbooks.selectors.ratings import runs_to_rate


@transaction.atomic
def rate_run(actor: Actor, run_id: int, stars: int | None, *, now: datetime) -> RunRating:
    """Rate a run with one to five stars; None passes it over, and it is not asked again.

    Emits: RunRated for an answer. Raises: Missing for a run that is not hers to rate (any more), Invalid
    for other numbers, AlreadyDecided. Races: the unique row decides.
    """
    if stars is not None and not 1 <= stars <= 5:
        raise Invalid(_("Choose one to five."), code="stars")
    run = runs_to_rate(actor, now).filter(pk=run_id).first()
    if run is None or actor.member_id is None:
        raise Missing
    rating, is_new = RunRating.objects.get_or_create(
        run=run, member_id=actor.member_id, defaults={"stars": stars, "at": now}
    )
    if not is_new:
        raise AlreadyDecided
    if stars is not None:
        record(
            RunRated(run.community_id, run.pk, actor.member_id, stars),
            actor=actor,
            at=now,
        )
    return rating
