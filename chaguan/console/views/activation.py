"""One community's activation (激活): who has experienced the product, how soon, and what counts as that."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chaguan.communities.actions.activation import set_activation_goal
from chaguan.communities.selectors.activation import (
    act_choices,
    activated_in,
    activation_sheet,
    not_yet_in,
)
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.activation import ActivationForm
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.shortcuts import toast

SHOWN = 40


@staff_required
def activation(request: StaffRequest, slug: str) -> HttpResponse:
    """Share, time taken and people; those who may change the community define the acts."""
    community = community_or_404(request, slug)
    sheet = activation_sheet(community.pk)
    form = ActivationForm(request.POST or None, acts=sheet.acts)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        acts = [] if request.POST.get("step") == "as_the_house" else form.acts()
        try:
            set_activation_goal(request.actor, community.pk, acts, now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("Reckoned anew, with what you count from now on."))
            return redirect("console:community-activation", community.slug)
    names = dict(act_choices())
    found = activated_in(request.actor, community.pk)[:SHOWN]
    context = frame_of(request, community, "activation") | {
        "sheet": sheet,
        "percent": round(100 * sheet.share),
        "median": _taken(sheet.median_s),
        "acts": [(names.get(act.fact, act.fact), act) for act in sheet.acts],
        "activated": [(one.member, one.at, _taken(one.took_s)) for one in found],
        "not_yet": not_yet_in(request.actor, community.pk)[:SHOWN],
        "form": form,
        "refusal": refusal,
    }
    return render(request, "console/communities/activation.html", context, status=status)


def _taken(seconds: float | None) -> str:
    """A span for people: in hours up to two days, then in days."""
    if seconds is None:
        return "–"
    hours = timedelta(seconds=seconds) / timedelta(hours=1)
    if hours < 48:
        return _("%(n).1f hours") % {"n": hours}
    return _("%(n).1f days") % {"n": hours / 24}
