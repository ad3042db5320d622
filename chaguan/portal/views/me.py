"""My page: who I am here, points, quiet, my record."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chaguan.channels.actions.letters import read_letters
from chaguan.channels.selectors.portal import letters_to
from chaguan.communities.selectors.places import stays_of
from chaguan.engagement.selectors.sign_in import sign_in_card, sign_ins_of_member
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.actions import opt_out_of_touches
from chaguan.people.selectors.own_record import own_record
from chaguan.playbooks.actions.ratings import rate_run
from chaguan.playbooks.selectors.ratings import runs_to_rate
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.frame import chosen_place, my_places, show
from chaguan.portal.words import STAGE_WORDS
from chaguan.rewards.selectors.ledger import StatementLine, balance_of, statement_visible_to
from chaguan.rewards.selectors.policy import title_of

ENTRIES_SHOWN = 5
LETTERS_SHOWN = 50


@dataclass(frozen=True)
class PointsLine:
    """One entry of the points ledger in words."""

    entry: StatementLine
    title: str | Promise


@member_required
@require_safe
def me(request: MemberRequest) -> HttpResponse:
    """Stage, sign-in, points of one community, and the ways to quiet and record."""
    places = my_places(request)
    place = chosen_place(request, places)
    member_id = request.visitor.member_id
    context: dict[str, object] = {
        "here": "me",
        "place": place,
        "stage": STAGE_WORDS[request.visitor.stage],
        "to_rate": runs_to_rate(request.actor, clock.now()).first(),
    }
    if place is not None:
        entries = statement_visible_to(request.actor, place.id, member_id)[:ENTRIES_SHOWN]
        context |= {
            "card": sign_in_card(place.id, member_id, now=clock.now()),
            "balance": balance_of(place.id, member_id),
            "entries": [
                PointsLine(entry, entry.reason or title_of(entry.rule)) for entry in entries
            ],
        }
    return show(request, "portal/me/page.html", context, places=places)


@member_required
@require_safe
def letters(request: MemberRequest) -> HttpResponse:
    """What we wrote to the member. Opening the page opens them all; new ones are marked this once."""
    shown = list(letters_to(request.actor)[:LETTERS_SHOWN])
    if any(letter.read_at is None for letter in shown):
        read_letters(request.actor, now=clock.now())
    places = my_places(request)
    names = {place.id: place.name for place in places}
    context = {
        "here": "me",
        "letters": [(letter, names.get(letter.community_id or 0, "")) for letter in shown],
    }
    return show(request, "portal/me/letters.html", context, places=places)


@member_required
@require_POST
def stop_touches(request: MemberRequest) -> HttpResponse:
    """No more messages to this member alone. Announcements in rooms go on."""
    opt_out_of_touches(request.actor, request.visitor.member_id, now=clock.now())
    messages.success(request, _("Done. We will not write to you alone any more."))
    return HttpResponseRedirect(reverse("portal:me") + "#quiet")


@member_required
@require_POST
def rate(request: MemberRequest, run_id: int) -> HttpResponse:
    """The answer to the one question about something she took part in, or passing it over."""
    text = request.POST.get("stars", "")
    if not runs_to_rate(request.actor, clock.now()).filter(pk=run_id).exists():
        raise Http404
    try:
        stars = None if text == "skip" else int(text)
        rate_run(request.actor, run_id, stars, now=clock.now())
    except (ValueError, ChaguanError) as refusal:
        sentence = str(refusal) if isinstance(refusal, ChaguanError) else _("Choose one to five.")
        messages.warning(request, sentence)
    else:
        thanks = _("Thank you. We read every answer.")
        messages.success(
            request, thanks if stars is not None else _("All right, we do not ask again.")
        )
    return HttpResponseRedirect(reverse("portal:me"))


@member_required
@require_safe
def my_record(request: MemberRequest) -> HttpResponse:
    """Everything we know of the member, in words."""
    member_id = request.visitor.member_id
    context = {
        "here": "me",
        "record": own_record(request.actor),
        "stays": stays_of(request.actor),
        "stage": STAGE_WORDS[request.visitor.stage],
        "sign_ins": sign_ins_of_member(member_id).count(),
        "letters": letters_to(request.actor).count(),
    }
    return show(request, "portal/me/record.html", context, places=my_places(request))
