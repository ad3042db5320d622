"""社群 Communities: the map by type and tier, and the list."""

from django.http import HttpResponse

from chaguan.communities.selectors import communities_visible_to, has_right
from chaguan.communities.types import CommunityType, Phase, Right
from chaguan.communities.words import PHASE_LABELS, TYPE_LABELS
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.communities import BANDS, community_lines, is_in_band, map_cells
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.shortcuts import render_swap

PAGE, LIST = "console/communities/page.html", "console/communities/_list.html"


@staff_required
def communities(request: StaffRequest) -> HttpResponse:
    """All communities this person may see; a cell of the map filters the list."""
    asked = {name: request.GET.get(name, "") for name in ("type", "band", "phase", "q")}
    visible = communities_visible_to(request.actor)
    placed = list(
        visible.exclude(phase=Phase.CLOSED).values_list("pk", "type", "target_stages", "phase")
    )
    rows = visible
    if asked["type"] in set(CommunityType):
        rows = rows.filter(type=asked["type"])
    if asked["phase"] in set(Phase):
        rows = rows.filter(phase=asked["phase"])
    elif not asked["phase"]:
        rows = rows.exclude(phase=Phase.CLOSED)
    if asked["q"]:
        rows = rows.filter(name__icontains=asked["q"][:80])
    if asked["band"] in BANDS:
        rows = rows.filter(pk__in=[p[0] for p in placed if is_in_band(p[2], asked["band"])])
    page = keyset_page_of(request, rows, ("name", "id"), size=40)
    context = {
        "place": "community",
        "asked": asked,
        "map": map_cells([(code, stages) for _pk, code, stages, _phase in placed]),
        "bands": [(code, words) for code, (words, _stages) in BANDS.items()],
        "types": [(kind.value, words) for kind, words in TYPE_LABELS.items()],
        "phases": [(phase.value, words) for phase, words in PHASE_LABELS.items()],
        "total": len(placed),
        "lines": community_lines(page.rows, request.actor),
        "paged": page,
        "may_create": has_right(request.actor, Right.EDIT_COMMUNITY),
    }
    return render_swap(request, PAGE, LIST, context)
