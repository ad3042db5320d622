"""Acting on a segment: keep it under a name, tag everybody in it after a look, undo."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.segment import Builder, builder_from, in_words, query_of
from chaguan.console.lines.members import member_lines
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.actions.segments import delete_segment, save_segment
from chaguan.people.actions.tags import tag_members
from chaguan.people.contract import Asking
from chaguan.people.selectors.members import EDIT, members_visible_to
from chaguan.people.selectors.segments import (
    asking_of,
    members_matching,
    segment_page,
    segments_visible_to,
)
from chaguan.people.selectors.tagged import tag_names
from chaguan.ui.shortcuts import toast, toast_error

AT_MOST = 10_000  # members tagged in one go
SAMPLE = 12


@staff_required
@require_POST
def keep_segment(request: StaffRequest) -> HttpResponse:
    """Save the sentence under a name."""
    now = clock.now()
    builder = _builder(request.POST, asking_of(request.actor, now))
    try:
        name = request.POST.get("name", "").strip()
        kept = save_segment(request.actor, name, dict(builder.tree), now=now)
    except ChaguanError as error:
        toast_error(request, str(error))
        return redirect(f"{reverse('console:members')}?{query_of(builder)}")
    toast(request, _("Saved. It stands above the list from now on."))
    return redirect(f"{reverse('console:members')}?segment={kept.pk}")


@staff_required
@require_POST
def forget_segment(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Forget a saved segment; its members stay."""
    try:
        delete_segment(request.actor, segment_id)
        toast(request, _("Forgotten. Its members stay as they are."))
    except ChaguanError as error:
        toast_error(request, str(error))
    return redirect("console:members")


@staff_required
def act_on_segment(request: StaffRequest) -> HttpResponse:
    """Look at whom a tag would be put on; put it on; take it off again (undo)."""
    now = clock.now()
    given = request.POST if request.method == "POST" else request.GET
    asking = asking_of(request.actor, now)
    builder = _builder(given, asking)
    tree, tag = _tree(request, builder), given.get("tag", "").strip()
    refusal = ""
    if request.method == "POST":
        try:
            return _tag(request, tree, tag, asking, builder)
        except ChaguanError as error:
            refusal = str(error)
    page = segment_page(request.actor, tree, None, SAMPLE, now, counts_far=True)
    context = {
        "place": "members",
        "words": in_words(builder),
        "query": query_of(builder),
        "segment": given.get("segment", ""),
        "tag": tag,
        "tags": tag_names(),
        "page": page,
        "at_most": AT_MOST,
        "is_too_many": page.is_capped,
        "lines": member_lines(page.members, request.actor),
        "refusal": refusal,
    }
    return render(request, "console/members/act.html", context, status=422 if refusal else 200)


@staff_required
@require_POST
def untag(request: StaffRequest) -> HttpResponse:
    """Undo: take the tag off those who got it with this act, and only those."""
    token, tag = request.POST.get("act") or request.GET.get("act", ""), request.GET.get("tag", "")
    ids = request.session.get(f"tagged:{token}", [])
    try:
        count = tag_members(request.actor, ids, remove=[tag], now=clock.now())
    except ChaguanError as error:
        toast_error(request, str(error))
        return redirect("console:members")
    request.session.pop(f"tagged:{token}", None)
    words = ngettext("Undone for %(n)d member.", "Undone for %(n)d members.", count)
    toast(request, words % {"n": count})
    return redirect("console:members")


def _tag(
    request: StaffRequest, tree: Any, tag: str, asking: Asking, builder: Builder
) -> HttpResponse:
    reach = members_visible_to(request.actor, EDIT)
    found = members_matching(tree, asking).filter(pk__in=reach.values("pk"))
    already = found.filter(tags__tag__name=tag).values("pk")
    fresh = list(found.exclude(pk__in=already).values_list("pk", flat=True)[: AT_MOST + 1])
    if len(fresh) > AT_MOST:
        raise ChaguanError(_("That is more than 10,000 members at once. Narrow the segment first."))
    count = tag_members(request.actor, fresh, add=[tag], now=clock.now())
    token = str(int(clock.now().timestamp()))
    request.session[f"tagged:{token}"] = fresh
    undo = QueryDict(mutable=True)
    undo.update({"act": token, "tag": tag})
    words = ngettext("%(n)d member has the tag now.", "%(n)d members have the tag now.", count)
    toast(request, words % {"n": count}, undo_url=f"{reverse('console:untag')}?{undo.urlencode()}")
    return redirect(f"{reverse('console:members')}?{query_of(builder)}")


def _builder(given: QueryDict, asking: Asking) -> Builder:
    """The builder of the form, or of the query string it carries along."""
    carried = str(given.get("query", ""))
    return builder_from(QueryDict(carried) if carried else given, asking)


def _tree(request: StaffRequest, builder: Builder) -> Any:
    """The tree to act on: of a saved segment when one is named, else of the sentence."""
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("segment", "")
    if wanted.isascii() and wanted.isdigit():
        saved = segments_visible_to(request.actor).filter(pk=int(wanted[:17])).first()
        if saved is not None:
            return saved.tree
    return builder.tree
