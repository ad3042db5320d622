"""What every member page shows around its content: her communities, the bar, the clock she lives by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from chaguan.channels.selectors.portal import unread_letters
from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.selectors.places import Place, places_of
from chaguan.communities.types import Right
from chaguan.kernel.errors import ChaguanError
from chaguan.portal.auth import MemberRequest


@dataclass(frozen=True)
class Bar:
    """What the bar at the bottom needs: the duty entry for stewards, the number of unread letters."""

    is_steward: bool
    letters: int


def show(
    request: MemberRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    places: list[Place],
    status: int = 200,
) -> HttpResponse:
    """Render a member page. Times are those of the first community named at its foot."""
    member_id = request.visitor.member_id
    bar = Bar(
        is_steward=has_right_somewhere(request.actor, Right.DO_ASSIGNMENTS),
        letters=unread_letters(member_id),
    )
    ground = {"visitor": request.visitor, "places": places, "bar": bar}
    zone = places[0].zone if places else ZoneInfo(settings.TIME_ZONE)
    with timezone.override(zone):
        return render(request, template, {**ground, **context}, status=status)


def my_places(request: MemberRequest) -> list[Place]:
    """Her communities, those she waits for included."""
    return places_of(request.actor)


def my_place(request: MemberRequest, public_id: str) -> Place:
    """One of her communities that she is in, or 404."""
    for place in my_places(request):
        if place.public_id == public_id and place.state == "in":
            return place
    raise Http404


def refusal_page(request: HttpRequest, refusal: ChaguanError, *, advice: str = "") -> HttpResponse:
    """A page of its own for a refusal that has no better place."""
    context = {"sentence": str(refusal), "advice": advice}
    return render(request, "portal/problem.html", context, status=refusal.http_status)


def chosen_place(request: HttpRequest, places: list[Place]) -> Place | None:
    """The community a page with several shows now: the one asked for, else the first she is in."""
    inside = [place for place in places if place.state == "in"]
    asked = request.GET.get("in", "")
    return next(
        (place for place in inside if place.public_id == asked), inside[0] if inside else None
    )
