"""One community's period of work (初期/中期/后期): its items, what is proposed, which playbooks fit now."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.actions.periods import decide_period, set_period, tick_period_item
from chaguan.communities.selectors import Community
from chaguan.communities.selectors.periods import period_sheet, recommended_playbooks
from chaguan.communities.types import Period
from chaguan.communities.words import PERIOD_LABELS
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.selectors.library import playbooks_visible_to
from chaguan.ui.shortcuts import toast

DONE_WORDS = {
    "accept": gettext_lazy("Switched. The new tasks stand below."),
    "decline": gettext_lazy("It stays as it is. We ask again in two weeks."),
    "set": gettext_lazy("Switched, with your reason beside it."),
    "tick": gettext_lazy("Ticked."),
    "untick": gettext_lazy("Open again."),
}


@staff_required
def community_period(request: StaffRequest, slug: str) -> HttpResponse:
    """Read for all who see the community; those who may change it decide and tick."""
    community = community_or_404(request, slug)
    if request.method != "POST":
        return _page(request, community, "", 200)
    step = request.POST.get("step", "")
    try:
        _take(request, community, step)
    except ChaguanError as error:
        return _page(request, community, str(error.message), error.http_status)
    toast(request, DONE_WORDS[step])
    return redirect("console:community-period", community.slug)


def _take(request: StaffRequest, community: Community, step: str) -> None:
    """One decision. Raises what the actions raise."""
    actor, post, now = request.actor, request.POST, clock.now()
    reason = post.get("reason", "")
    if step in ("accept", "decline"):
        accepted = step == "accept"
        decide_period(actor, community.pk, is_accepted=accepted, reason=reason, now=now)
    elif step == "set":
        set_period(actor, community.pk, post.get("to", ""), reason=reason, now=now)
    elif step in ("tick", "untick"):
        item = post.get("item", "")
        tick_period_item(actor, community.pk, item, is_done=step == "tick", now=now)
    else:
        raise ChaguanError(_("We do not know this decision."))


def _page(request: StaffRequest, community: Community, refusal: str, status: int) -> HttpResponse:
    sheet = period_sheet(community)
    known = playbooks_visible_to(request.actor)
    titles = dict(known.values_list("key", "title"))
    context: dict[str, Any] = frame_of(request, community, "period") | {
        "sheet": sheet,
        "open_items": sum(item.done_at is None for item in sheet.items),
        "fitting": [(k, titles[k]) for k in recommended_playbooks(community) if k in titles],
        "fitting_next": [(k, titles[k]) for k in sheet.new_playbooks if k in titles],
        "others": [(p.value, label) for p, label in PERIOD_LABELS.items() if p != sheet.period],
        "steps": [(p, PERIOD_LABELS[p], p == sheet.period) for p in Period],
        "refusal": refusal,
    }
    return render(request, "console/communities/period.html", context, status=status)
