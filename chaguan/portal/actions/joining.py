"""Coming in through the join page."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chaguan.communities.actions import apply_to_join, join_community
from chaguan.communities.selectors.places import place_by_id
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.actions import NewIdentity, find_or_create_members
from chaguan.people.actions.profile import answer_profile
from chaguan.portal.actions.links import admit_visitor
from chaguan.portal.selectors import Visitor
from chaguan.portal.tokens import read_form, sign_form

ORIGIN = "join_page"


@dataclass(frozen=True)
class Newcomer:
    """What a stranger filled in. `mark` makes two taps one person."""

    name: str
    mark: str
    answers: Mapping[str, str] = field(default_factory=dict)


def new_join_mark(now: datetime) -> str:
    """A mark for one join form."""
    return sign_form("join", secrets.token_urlsafe(12), now)


@transaction.atomic
def welcome_newcomer(newcomer: Newcomer, community_id: int, now: datetime) -> tuple[Visitor, str]:
    """Make the member behind a join form (or find her, the second time) and let her come in.

    Raises: Invalid for a mark that is not ours or too old, or an answer that does not fit; and what
    `come_in` raises. Then nothing is kept.
    """
    mark = read_form("join", newcomer.mark, now)
    if mark is None:
        raise Invalid(_("This page was open for very long. Please send the form once more."))
    house = Actor.system("join page")
    identity = NewIdentity("portal", "", f"join:{mark}", newcomer.name, now)
    (member_id,) = find_or_create_members(house, [identity])
    visitor = admit_visitor(house, member_id, now)
    if newcomer.answers:
        answer_profile(visitor.actor, member_id, newcomer.answers, now=now, source=ORIGIN)
    return visitor, come_in(visitor, community_id, now)


@transaction.atomic
def come_in(visitor: Visitor, community_id: int, now: datetime) -> str:
    """Join, or apply where the community admits people itself; returns "in" or "applied".

    Raises: Refused for somebody who was removed; Missing; CommunityClosed.
    """
    place = place_by_id(community_id, visitor.member_id)
    if place is None:
        raise Missing
    if place.state == "removed":
        raise Refused(
            _("You cannot come in by yourself at the moment. Please talk to the host."),
            code="removed",
        )
    if place.state == "in":
        return "in"
    if place.is_screened:
        apply_to_join(visitor.actor, community_id, visitor.member_id, now=now, origin=ORIGIN)
        return "applied"
    join_community(visitor.actor, community_id, visitor.member_id, now=now, origin=ORIGIN)
    return "in"
