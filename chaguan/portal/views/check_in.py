"""Signing in with one tap, repairing a missed day, answering check-ins."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from chaguan.communities.selectors.places import Place
from chaguan.engagement.actions.check_in import check_in
from chaguan.engagement.actions.sign_in import sign_in, use_make_up_card
from chaguan.engagement.selectors.check_in import asks_open_to
from chaguan.engagement.selectors.sign_in import sign_in_card
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.forms import AnswerForm
from chaguan.portal.frame import chosen_place, my_place, my_places, show
from chaguan.rewards.selectors.policy import rules_for


@member_required
@require_safe
def page(request: MemberRequest) -> HttpResponse:
    """Today's sign-in of one community, and the check-ins of all."""
    return _page(request)


@member_required
@require_POST
def sign_in_today(request: MemberRequest, public_id: str) -> HttpResponse:
    """Sign in for today. Twice is harmless: the second time says so."""
    place = my_place(request, public_id)
    try:
        days = sign_in(request.actor, place.id, now=clock.now())
    except ChaguanError as refusal:
        messages.info(request, str(refusal))
    else:
        done = ngettext(
            "Signed in. The first day is made.", "Signed in. %(days)d days in a row.", days
        )
        messages.success(request, done % {"days": days})
    return _back(place)


@member_required
@require_POST
def repair_day(request: MemberRequest, public_id: str) -> HttpResponse:
    """Spend a make-up card on a missed day."""
    place = my_place(request, public_id)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise Http404 from None
    try:
        days = use_make_up_card(request.actor, place.id, day, now=clock.now())
    except ChaguanError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("Repaired: %(days)d days in a row.") % {"days": days})
    return _back(place)


@member_required
@require_POST
def answer(request: MemberRequest, ask_id: int) -> HttpResponse:
    """Answer a check-in. What was typed stays when it is refused."""
    if not asks_open_to(request.actor, now=clock.now()).filter(pk=ask_id).exists():
        raise Http404
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, form_of=ask_id, status=422)
    try:
        check_in(request.actor, ask_id, now=clock.now(), note=form.cleaned_data["note"])
    except ChaguanError as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("Checked in. Thank you."))
    return HttpResponseRedirect(reverse("portal:check-in"))


def _page(
    request: MemberRequest,
    *,
    form: AnswerForm | None = None,
    form_of: int = 0,
    status: int = 200,
) -> HttpResponse:
    now, member_id = clock.now(), request.visitor.member_id
    places = my_places(request)
    place = chosen_place(request, places)
    context: dict[str, object] = {
        "here": "check-in",
        "place": place,
        "asks": asks_open_to(request.actor, now=now).select_related("community"),
        "form": form or AnswerForm(),
        "form_of": form_of,
    }
    if place is not None:
        card = sign_in_card(place.id, member_id, now=now)
        context |= {"card": card, "rules": rules_for(place.id, member_id, card.day)}
    return show(request, "portal/checkin/page.html", context, places=places, status=status)


def _back(place: Place) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('portal:check-in')}?in={place.public_id}")
