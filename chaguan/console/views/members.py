"""成员 Members: a sentence with blanks that says who, and the people it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.segment import (
    Builder,
    builder_from,
    builder_of_tree,
    in_words,
    query_of,
)
from chaguan.console.lines.members import member_lines
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.contract import Asking
from chaguan.people.selectors.segments import (
    SegmentPage,
    asking_of,
    segment_page,
    segments_visible_to,
)
from chaguan.people.selectors.tagged import tag_names
from chaguan.ui.shortcuts import render_swap

if TYPE_CHECKING:
    from chaguan.people.models import Segment

PAGE = 50
NOBODY = SegmentPage([], None, 0, False)


@staff_required
def members(request: StaffRequest) -> HttpResponse:
    """The builder and a page of members. What is filled in so far filters at once."""
    now = clock.now()
    asking = asking_of(request.actor, now)
    saved = segments_visible_to(request.actor)
    builder, chosen = _builder(request, saved, asking)
    tree = chosen.tree if chosen and builder is None else builder.tree if builder else {}
    refusal, status = "", 200
    try:
        page = segment_page(request.actor, tree, _after(request), PAGE, now)
    except ChaguanError as error:
        page, refusal, status = NOBODY, str(error.message), error.http_status
    shown = builder or builder_from(request.GET, asking)
    context = {
        "place": "members",
        "builder": shown,
        "query": query_of(shown),
        "words": in_words(shown),
        "is_filtered": bool(tree),
        "saved": saved[:50],
        "chosen": chosen,
        "page": page,
        "lines": member_lines(page.members, request.actor),
        "refusal": refusal,
        "tags": tag_names(),
        "may_edit": has_right_somewhere(request.actor, Right.EDIT_MEMBERS),
        "is_later_page": bool(_after(request)),
    }
    page_file, partial = "console/members/page.html", "console/members/_board.html"
    return render_swap(request, page_file, partial, context, status)


def _builder(
    request: StaffRequest, saved: Any, asking: Asking
) -> tuple[Builder | None, Segment | None]:
    """The builder on the page: from the query string, or of the saved segment it names.

    A saved segment that is nested deeper than a sentence can say has no builder; its tree still counts.
    """
    wanted = request.GET.get("segment", "")
    if wanted.isascii() and wanted.isdigit():
        chosen = get_object_or_404(saved, pk=int(wanted[:17]))
        return builder_of_tree(chosen.tree, asking), chosen
    return builder_from(request.GET, asking), None


def _after(request: StaffRequest) -> str | None:
    after = request.GET.get("after", "")
    return after if after.isascii() and after.isdigit() and len(after) < 18 else None
