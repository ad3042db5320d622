"""A camp's board in three rows (知道/了解/熟悉): members where their relation stage puts them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.camp_board import SHOWN, camp_board
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.segment import builder_of_tree, query_of
from chaguan.console.views.community import community_or_404, frame_of
from chaguan.people.selectors.segments import asking_of


@staff_required
def board(request: StaffRequest, slug: str) -> HttpResponse:
    """Three rows; each opens its people. Camps have it among their tabs; members are for who may see them."""
    community = community_or_404(request, slug)
    if not has_right(request.actor, Right.VIEW_MEMBERS, community.pk):
        raise Http404
    context = frame_of(request, community, "board")
    asking = asking_of(request.actor, context["now"])
    rows = []
    for row in camp_board(request.actor, community.pk):
        people = {"condition": "stage", "stages": [stage.value for stage in row.stages]}
        here = {"condition": "in_community", "community": str(community.pk)}
        builder = builder_of_tree({"all": [here, people, {"not": {"condition": "bot"}}]}, asking)
        rows.append((row, query_of(builder) if builder else ""))
    context |= {"board": rows, "shown": SHOWN}
    return render(request, "console/communities/board.html", context)
