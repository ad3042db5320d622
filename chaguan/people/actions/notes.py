"""Private remarks about members."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.people.models import Note
from chaguan.people.policies import may_write_note


@transaction.atomic
def write_note(
    actor: Actor,
    member_id: int,
    text: str,
    *,
    now: datetime,
    visibility: str = Note.Visibility.STAFF,
    community_id: int | None = None,
) -> Note:
    """Keep a remark. A steward's remark is always one that stewards may read.

    Raises: Refused, Invalid for an empty text or an unknown visibility.
    """
    if actor.member_id is not None:
        visibility = Note.Visibility.STEWARDS
    require(may_write_note(actor, member_id))
    if not text.strip() or visibility not in Note.Visibility.values:
        raise Invalid(_("A note needs a text."))
    return Note.objects.create(
        member_id=member_id,
        community_id=community_id,
        text=text.replace("\x00", "").strip()[:4000],
        visibility=visibility,
        at=now,
        by=actor.reference,
    )
