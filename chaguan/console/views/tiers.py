"""设置 Settings: the four traffic tiers (流量层级), by the house's own names."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.people_rules import TiersForm
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.actions.tiers import set_tiers
from chaguan.people.policies import may_set_rules
from chaguan.people.selectors.tiers import tiers
from chaguan.people.words import STAGE_LABELS
from chaguan.ui.shortcuts import toast


@staff_required
def tiers_page(request: StaffRequest) -> HttpResponse:
    """Names and stages of the tiers; those who may change the house change them."""
    form = TiersForm(request.POST or None)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        try:
            set_tiers(request.actor, names=form.names(), stages=form.stages(), now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("The tiers are saved. Reports count by them at once."))
            return redirect("console:tiers")
    context = {
        "place": "settings",
        "tab": "tiers",
        "tiers": [(tier, [STAGE_LABELS[stage] for stage in tier.stages]) for tier in tiers()],
        "form": form,
        "refusal": refusal,
        "may_edit": bool(may_set_rules(request.actor)),
    }
    return render(request, "console/settings/tiers.html", context, status=status)
