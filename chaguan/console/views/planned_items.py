"""排期 What a community has in store: offers, topics and posts by day; steps publish them by themselves."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import Community, communities_visible_to
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.broadcasts import ITEM_KINDS, ItemForm
from chaguan.console.lines.pushes import rest_sentence
from chaguan.console.views.community import frame_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Missing
from chaguan.playbooks.actions.planned_items import Item, drop_item, plan_item
from chaguan.playbooks.actions.pushes import end_push_rest
from chaguan.playbooks.selectors.planned_items import coming_days, item_of
from chaguan.playbooks.selectors.pushes import push_rest_of
from chaguan.ui.shortcuts import toast


@staff_required
def planned_items(request: StaffRequest, slug: str) -> HttpResponse:
    """The next two weeks; whoever runs playbooks here adds to them."""
    community = _community(request, slug)
    form = ItemForm(request.POST or None, initial={"day": _today(community)})
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        try:
            plan_item(request.actor, community.pk, Item(**form.cleaned_data), now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("It is planned."))
            return redirect("console:community-items", community.slug)
    return _page(request, community, form, refusal, status)


@staff_required
@require_POST
def planned_item_drop(request: StaffRequest, slug: str, item_id: int) -> HttpResponse:
    """Take an item out of its day."""
    community = _community(request, slug)
    if item_of(community.pk, item_id) is not None:
        try:
            drop_item(request.actor, item_id)
        except ChaguanError as error:
            form = ItemForm(initial={"day": _today(community)})
            return _page(request, community, form, str(error.message), error.http_status)
        toast(request, _("It is out of the plan."))
    return redirect("console:community-items", community.slug)


@staff_required
@require_POST
def push_rest_end(request: StaffRequest, slug: str) -> HttpResponse:
    """Let recurrent promotions go on before their rest is over, with a reason."""
    community = _community(request, slug)
    reason = request.POST.get("reason", "")
    try:
        end_push_rest(request.actor, community.pk, reason, now=clock.now())
    except Missing:
        toast(request, _("They go on already."))
    except ChaguanError as error:
        form = ItemForm(initial={"day": _today(community)})
        context = {"rest_refusal": str(error.message)}
        return _page(request, community, form, "", error.http_status, **context)
    else:
        toast(request, _("Recurrent promotions go on."))
    return redirect("console:community-items", community.slug)


def _page(
    request: StaffRequest,
    community: Community,
    form: ItemForm,
    refusal: str,
    status: int,
    **more: str,
) -> HttpResponse:
    rest = push_rest_of(community.pk)
    context: dict[str, Any] = frame_of(request, community, "playbooks") | {
        "form": form,
        "refusal": refusal,
        "days": coming_days(community.pk, _today(community)),
        "kinds": dict(ITEM_KINDS),
        "rest": rest_sentence(rest) if rest is not None else "",
        **more,
    }
    return render(request, "console/communities/items.html", context, status=status)


def _community(request: StaffRequest, slug: str) -> Community:
    return get_object_or_404(communities_visible_to(request.actor, Right.VIEW_COMMUNITY), slug=slug)


def _today(community: Community) -> Any:
    return clock.now().astimezone(ZoneInfo(community.timezone)).date()
