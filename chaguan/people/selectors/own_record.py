"""What we know of one member, for that member's own eyes."""

from dataclasses import dataclass
from datetime import datetime

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.people.models import Identity, Member, MemberTag, ProfileValue, StageChange


@dataclass(frozen=True)
class OwnRecord:
    """A member's record: pairs of words as a reader wants them, oldest first."""

    name: str
    first_seen_at: datetime
    last_seen_at: datetime | None
    opted_out_at: datetime | None
    identities: list[Identity]
    answers: list[ProfileValue]
    tags: list[str]
    stage_changes: list[StageChange]


def own_record(actor: Actor) -> OwnRecord:
    """The acting member's own record. Raises Missing for anybody else. Queries: 5."""
    member = Member.objects.filter(pk=actor.member_id).first() if actor.member_id else None
    if member is None:
        raise Missing
    answers = ProfileValue.objects.filter(member=member).select_related("field")
    tags = MemberTag.objects.filter(member=member).order_by("tag__name")
    return OwnRecord(
        name=member.name,
        first_seen_at=member.first_seen_at,
        last_seen_at=member.last_seen_at,
        opted_out_at=member.touch_opt_out_at,
        identities=list(Identity.objects.filter(member=member).order_by("id")),
        answers=list(answers.order_by("field__label")),
        tags=list(tags.values_list("tag__name", flat=True)),
        stage_changes=list(StageChange.objects.filter(member=member).order_by("at", "id")),
    )
