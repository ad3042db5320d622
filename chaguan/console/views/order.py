"""Keeping order, as noted by those who do it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chaguan.communities.actions.order import note_ads_removed
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.views.community import community_or_404
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.shortcuts import toast, toast_error


@staff_required
@require_POST
def ads_removed(request: StaffRequest, slug: str) -> HttpResponse:
    """Count advertisements that were taken out."""
    community = community_or_404(request, slug)
    said = request.POST.get("amount", "")
    amount = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    try:
        note_ads_removed(request.actor, community.pk, amount, now=clock.now())
    except ChaguanError as error:
        toast_error(request, error.message)
    else:
        words = ngettext("%(n)d advertisement noted.", "%(n)d advertisements noted.", amount)
        toast(request, words % {"n": amount})
    return redirect("console:community-rules", community.slug)
