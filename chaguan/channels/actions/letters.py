"""Letters of ours on the member pages: opened by the member they are for."""

from datetime import datetime

from django.db import transaction

from chaguan.channels.events import LetterRead
from chaguan.channels.models import DirectMessage
from chaguan.channels.policies import may_read_letters
from chaguan.eventlog.actions import record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require


@transaction.atomic
def read_letters(actor: Actor, *, now: datetime) -> int:
    """Mark the acting member's letters as opened; returns how many were new.

    Emits: LetterRead for each. Raises: Refused; letters are for members only.
    """
    require(may_read_letters(actor))
    member_id = actor.member_id or 0  # the policy saw to it
    fresh = DirectMessage.objects.filter(member_id=member_id, read_at__isnull=True)
    letters = list(fresh.select_for_update().values_list("pk", "community_id"))
    if not letters:
        return 0
    DirectMessage.objects.filter(pk__in=[pk for pk, _c in letters]).update(read_at=now)
    record_many(
        [(LetterRead(member_id=member_id, letter_id=pk, community_id=c), now) for pk, c in letters],
        actor=actor,
        source="channels.letter",
        source_ids=[str(pk) for pk, _c in letters],
    )
    return len(letters)
