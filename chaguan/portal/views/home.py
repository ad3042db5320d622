"""The first page of a member: the one thing to do now, and her rooms."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chaguan.channels.selectors.portal import unread_letters
from chaguan.channels.selectors.rooms import Line, latest_in
from chaguan.communities.selectors.places import Place, RoomSign
from chaguan.engagement.selectors.check_in import asks_open_to
from chaguan.engagement.selectors.sign_in import sign_in_card
from chaguan.kernel import clock
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.frame import my_places, show


@dataclass(frozen=True)
class NowCard:
    """The one thing to do now."""

    title: str
    words: str
    button: str
    url: str


@dataclass(frozen=True)
class RoomRow:
    """A room and the last thing said in it."""

    place: Place
    room: RoomSign
    last: Line | None


@member_required
@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """Rooms of all her communities, the liveliest first."""
    places = my_places(request)
    latest = latest_in(room.id for place in places for room in place.rooms)
    rows = [RoomRow(place, room, latest.get(room.id)) for place in places for room in place.rooms]
    rows.sort(key=lambda row: row.last.at.timestamp() if row.last else 0.0, reverse=True)
    context = {
        "here": "rooms",
        "rows": rows,
        "now_card": _now_card(request, places),
        "waiting": [place for place in places if place.state == "applied"],
        "today": clock.now(),
    }
    return show(request, "portal/rooms/list.html", context, places=places)


def _now_card(request: MemberRequest, places: list[Place]) -> NowCard | None:
    """A letter first, then a check-in that waits for an answer, then today's sign-in."""
    member_id = request.visitor.member_id
    if letters := unread_letters(member_id):
        return NowCard(
            _("You have a message"),
            _("%(count)d from us that you have not opened.") % {"count": letters},
            _("Read"),
            reverse("portal:letters"),
        )
    now = clock.now()
    ask = asks_open_to(request.actor, now=now).exclude(check_ins__member_id=member_id).first()
    if ask is not None:
        return NowCard(
            _("A check-in for you"), ask.prompt, _("Check in"), reverse("portal:check-in")
        )
    inside = next((place for place in places if place.state == "in"), None)
    if inside is None or inside.is_closed:
        return None
    card = sign_in_card(inside.id, member_id, now=now)
    if card.is_signed_in:
        return None
    words = (
        _("You have come %(days)d days in a row.") % {"days": card.streak_days}
        if card.streak_days
        else _("One tap, and the day counts.")
    )
    return NowCard(_("Sign in for today"), words, _("Sign in today"), reverse("portal:check-in"))
