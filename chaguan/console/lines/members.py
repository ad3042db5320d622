"""Members as lists show them: with their communities, tags and when they last spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise

from chaguan.communities.selectors.homes import Home, homes_of
from chaguan.communities.selectors.memberships import badges_of
from chaguan.kernel.actor import Actor
from chaguan.people.selectors.tagged import tags_of
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS

if TYPE_CHECKING:
    from chaguan.people.models import Member


@dataclass(frozen=True)
class MemberLine:
    """One member for people. `last_spoke_at` over the communities the reader may see."""

    member: Member
    stage: str | Promise
    homes: Sequence[Home]
    tags: Sequence[str]
    badges: Sequence[tuple[str, str]]  # role and community
    messages: int
    last_spoke_at: datetime | None


def member_lines(members: Sequence[Member], actor: Actor) -> list[MemberLine]:
    """Give members their communities, tags and roles. Queries: 3."""
    ids = [member.pk for member in members]
    homes, tags, badges = homes_of(actor, ids), tags_of(ids), badges_of(actor, ids)
    lines = []
    for member in members:
        mine = homes.get(member.pk, [])
        spoke = [home.last_message_at for home in mine if home.last_message_at]
        lines.append(
            MemberLine(
                member=member,
                stage=STAGE_LABELS[RelationStage(member.stage)],
                homes=[home for home in mine if home.is_in],
                tags=tags.get(member.pk, []),
                badges=badges.get(member.pk, []),
                messages=sum(home.messages for home in mine),
                last_spoke_at=max(spoke, default=None),
            )
        )
    return lines
