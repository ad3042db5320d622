"""A new community: choose its type, read what comes with it, write the charter."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chaguan.communities.actions.communities import prefilled
from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.life_cycle import type_cards
from chaguan.communities.types import CommunityType, Right
from chaguan.communities.words import TYPE_LABELS
from chaguan.console.actions.communities import found_community
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.community import CharterForm
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.shortcuts import toast


@staff_required
def community_new(request: StaffRequest) -> HttpResponse:
    """Two steps on one address: without a type the six cards, with one the charter, filled in."""
    context: dict[str, Any] = {"place": "community"}
    if not has_right(request.actor, Right.EDIT_COMMUNITY):
        return render(request, "console/communities/new_refused.html", context, status=403)
    kind = request.GET.get("type", "")
    if kind not in set(CommunityType):
        cards = [(card, TYPE_LABELS[CommunityType(card.code)]) for card in type_cards()]
        return render(request, "console/communities/new.html", {**context, "cards": cards})
    initial = {**prefilled(kind), "timezone": "Asia/Shanghai"}
    form = CharterForm(request.POST or None, initial=initial)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        charter = dict(form.cleaned_data)
        try:
            made = found_community(
                request.actor, charter.pop("name"), kind, charter, now=clock.now()
            )
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("The draft is made. Open a room, then open the community."))
            return redirect("console:community-settings", made.slug)
    card = next(card for card in type_cards() if card.code == kind)
    context |= {"form": form, "card": card, "refusal": refusal}
    context["type_word"] = TYPE_LABELS[CommunityType(kind)]
    return render(request, "console/communities/new_charter.html", context, status=status)
