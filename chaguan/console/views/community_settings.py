"""One community's settings: charter, quiet hours, who works here, its way through life."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.actions.communities import edit_community
from chaguan.communities.actions.phases import WAYS, move_phase, tick_closing_item
from chaguan.communities.selectors import Community
from chaguan.communities.selectors.life_cycle import closing_list, opening_list, planned_end
from chaguan.communities.selectors.staff import posts_in
from chaguan.communities.types import Phase
from chaguan.communities.words import PHASE_LABELS
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.community import SettingsForm
from chaguan.console.lines.communities import PHASE_ACTS
from chaguan.console.selectors import names_of_logins
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.shortcuts import toast


@staff_required
def community_settings(request: StaffRequest, slug: str) -> HttpResponse:
    """Read for all who see the community, changed by those who may."""
    community = community_or_404(request, slug)
    form = SettingsForm(request.POST or None, community=community)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        try:
            edit_community(request.actor, community.pk, form.changes(), now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("Saved."))
            return redirect("console:community-settings", community.slug)
    context = {"form": form, "refusal": refusal}
    return _page(request, community, context, status)


@staff_required
@require_POST
def phase_step(request: StaffRequest, slug: str) -> HttpResponse:
    """Move on in life, or tick an item of the closing list. A refusal says what is missing."""
    community = community_or_404(request, slug)
    to, item, now = request.POST.get("to", ""), request.POST.get("item", ""), clock.now()
    try:
        if item:
            note = request.POST.get("note", "")
            tick_closing_item(request.actor, community.pk, item, now=now, note=note)
        else:
            move_phase(request.actor, community.pk, to, now=now)
    except ChaguanError as error:
        community.refresh_from_db()
        context = {"phase_refusal": error.message}
        return _page(request, community, context, error.http_status)
    toast(request, _("Ticked.") if item else _("The community has moved on."))
    return redirect("console:community-settings", community.slug)


def _page(
    request: StaffRequest, community: Community, context: dict[str, Any], status: int
) -> HttpResponse:
    frame = frame_of(request, community, "settings")
    phase = Phase(community.phase)
    posts = posts_in(community.pk)
    names = names_of_logins({post.user_id for post in posts})
    frame |= {
        "opening": opening_list(community) if phase == Phase.DRAFT else [],
        "closing": closing_list(community.pk) if phase == Phase.CLOSING else [],
        "ends_at": planned_end(community),
        "ways": [
            (to.value, PHASE_LABELS[to], PHASE_ACTS[phase, to]) for to in Phase if to in WAYS[phase]
        ],
        "posts": [(post, names.get(post.user_id, "")) for post in posts],
        "form": SettingsForm(community=community),
    }
    if not frame["may"]["edit_community"]:
        frame["ways"] = []
    return render(request, "console/communities/settings.html", {**frame, **context}, status=status)
