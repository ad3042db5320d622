"""The room: read, write, and stay up to date. Whole without JavaScript."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from chaguan.channels.selectors.rooms import Line, Talk, line_in, talk_in, talk_since
from chaguan.communities.selectors.places import Place, RoomSign, badges_in
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.portal.actions.rooms import new_say_mark, say_in_room
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.forms import SayForm
from chaguan.portal.frame import my_places, show
from chaguan.portal.live import board
from chaguan.portal.policies import may_say
from chaguan.portal.talk import Entry, laid_out
from chaguan.portal.tokens import sign_ticket

LIVE = "X-Portal-Live"  # our script asks for new lines only
OVERLAP = timedelta(seconds=30)  # lines said shortly before the last one shown may have come late


@dataclass(frozen=True)
class Inside:
    """The room somebody is in, and the community around it."""

    place: Place
    room: RoomSign


@member_required
@require_http_methods(["GET", "POST"])
def room(request: MemberRequest, room_id: int) -> HttpResponse:
    """Show the talk, or take one message into it."""
    inside = _inside(request, room_id)
    if request.method == "POST":
        return _say(request, inside)
    answers = line_in(room_id, int(a)) if (a := request.GET.get("reply", "")).isdecimal() else None
    form = SayForm(initial={"answers": answers.id if answers else None})
    return _room_page(request, inside, form, answers=answers)


@member_required
@require_GET
def new_lines(request: MemberRequest, room_id: int) -> HttpResponse:
    """The lines since the last one shown. LiveMiddleware answers before us when there are none."""
    return _news(request, _inside(request, room_id), request.GET.get("after", ""))


def _say(request: MemberRequest, inside: Inside) -> HttpResponse:
    form, room_id = SayForm(request.POST), inside.room.id
    answers = None
    if form.is_valid():
        answers_id = form.cleaned_data["answers"]
        answers = line_in(room_id, answers_id) if answers_id else None
        try:
            say_in_room(
                request.visitor,
                inside.room,
                form.cleaned_data["text"],
                mark=form.cleaned_data["mark"],
                answers=answers,
                now=clock.now(),
            )
        except ChaguanError as refusal:
            return _room_page(request, inside, form, answers=answers, refusal=refusal)
        if request.headers.get(LIVE):
            return _news(request, inside, request.POST.get("after", ""))
        return HttpResponseRedirect(reverse("portal:room", args=[room_id]))
    return _room_page(request, inside, form, status=422)


def _news(request: MemberRequest, inside: Inside, after: str) -> HttpResponse:
    """New lines as list items, with the page's next version, ticket and form mark in headers."""
    now, version = clock.now(), board.read(inside.room.id)
    last = line_in(inside.room.id, int(after)) if after.isdecimal() else None
    talk = talk_since(inside.room.id, last.at - OVERLAP) if last else talk_in(inside.room.id)
    with timezone.override(inside.place.zone):
        context = {"entries": _entries(request, inside, talk, now), **_around(inside)}
        response = render(request, "portal/rooms/_lines.html", context)
    response["X-Room-Version"] = version
    response["X-Room-Ticket"] = sign_ticket(inside.room.id, request.visitor.member_id, now)
    response["X-Form-Mark"] = new_say_mark(request.visitor, inside.room.id, now)
    return response


def _room_page(
    request: MemberRequest,
    inside: Inside,
    form: SayForm,
    *,
    answers: Line | None = None,
    refusal: ChaguanError | None = None,
    status: int = 200,
) -> HttpResponse:
    now, room_id = clock.now(), inside.room.id
    before = request.GET.get("before", "")
    version = board.read(room_id)  # before the lines: what comes between is asked for again
    talk = talk_in(room_id, before=int(before) if before.isdecimal() else None)
    mark = form.data.get("mark") if form.is_bound and refusal is None else None
    context = {
        "here": "rooms",
        "place": inside.place,
        **_around(inside),
        "entries": _entries(request, inside, talk, now),
        "older": talk.older,
        "is_past": bool(before),
        "form": form,
        "mark": mark or new_say_mark(request.visitor, room_id, now),
        "answers": answers,
        "refusal": refusal,
        "version": version,
        "ticket": sign_ticket(room_id, request.visitor.member_id, now),
        "last_id": talk.lines[-1].id if talk.lines else "",
        "may_write": bool(may_say(request.actor, inside.room)) and not before,
    }
    code = refusal.http_status if refusal else status
    return show(request, "portal/rooms/page.html", context, places=[inside.place], status=code)


def _around(inside: Inside) -> dict[str, object]:
    """What the lines need to know of their room."""
    room = inside.room
    return {
        "room": room,
        "room_url": reverse("portal:room", args=[room.id]),
        "may_answer": room.is_open and room.connector == "portal",
    }


def _entries(request: MemberRequest, inside: Inside, talk: Talk, now: datetime) -> list[Entry]:
    badges = badges_in(inside.place.id, {line.member_id for line in talk.lines})
    today = now.astimezone(inside.place.zone).date()
    return laid_out(
        talk.lines,
        reader_id=request.visitor.member_id,
        badges=badges,
        host_name=inside.place.host_name,
        zone=inside.place.zone,
        today=today,
    )


def _inside(request: MemberRequest, room_id: int) -> Inside:
    for place in my_places(request):
        for sign in place.rooms:
            if sign.id == room_id:
                return Inside(place, sign)
    raise Http404
