"""One community: its story, its rooms and their talk, its rules."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from chaguan.channels.selectors.rooms import latest_in, talk_in
from chaguan.channels.selectors.sending import accounts, outbox_visible_to
from chaguan.communities.actions.communities import edit_community
from chaguan.communities.selectors import Community, communities_visible_to, has_right
from chaguan.communities.selectors.order import ads_removed
from chaguan.communities.selectors.places import badges_in
from chaguan.communities.selectors.rooms import rooms_in
from chaguan.communities.types import Phase, Right
from chaguan.console.actions.communities import open_own_room, open_room_at
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.community import RoomForm, RulesForm
from chaguan.console.lines.communities import community_lines
from chaguan.console.lines.figures import charts_of, figures_of
from chaguan.console.lines.outbox import outbox_lines
from chaguan.console.lines.playbooks import RUN_LOOKS
from chaguan.console.lines.standing import standing_of
from chaguan.insights.selectors.overview import overview as overview_of
from chaguan.insights.selectors.story import story
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.types import RunState
from chaguan.ui.shortcuts import render_swap, toast, wants_partial

NEXT = 6
SHOWN_RUNS = 30


def community_or_404(request: StaffRequest, slug: str) -> Community:
    """The community, if this person may see it."""
    return get_object_or_404(communities_visible_to(request.actor), slug=slug)


def frame_of(request: StaffRequest, community: Community, tab: str) -> dict[str, Any]:
    """What every tab of the page needs: the header. Queries: 3."""
    now = clock.now()
    rights = {right.value: has_right(request.actor, right, community.pk) for right in Right}
    return {
        "place": "community",
        "tab": tab,
        "community": community,
        "line": community_lines([community], request.actor)[0],
        "rooms": list(rooms_in([community.pk])),
        "may": rights,
        "now": now,
    }


@staff_required
def overview(request: StaffRequest, slug: str) -> HttpResponse:
    """What waits and what comes next; the story and its numbers follow by themselves."""
    context = _overview(request, community_or_404(request, slug))
    return render(request, "console/communities/overview.html", context)


@staff_required
def numbers(request: StaffRequest, slug: str) -> HttpResponse:
    """The story in five sentences with the numbers behind it: asked for once the page stands."""
    community = community_or_404(request, slug)
    if not has_right(request.actor, Right.VIEW_REPORTS, community.pk):
        raise Http404
    as_of, was = standing_of(request.actor, community.pk, clock.now())
    found = overview_of(request.actor, community.pk, as_of)
    told = {
        "community": community,
        "as_of": as_of if was else None,
        "was": was,
        "story": story(request.actor, community.pk, as_of),
        "figures": figures_of(found),
        "charts": charts_of(found),
    }
    if wants_partial(request):
        return render(request, "console/communities/_numbers.html", told)
    context = {**_overview(request, community), **told}
    return render(request, "console/communities/overview.html", context)


def _overview(request: StaffRequest, community: Community) -> dict[str, Any]:
    context = frame_of(request, community, "overview")
    now = context["now"]
    mine = outbox_visible_to(request.actor).filter(community_id=community.pk)
    planned = list(mine.filter(state="planned").order_by("due_at", "id")[:NEXT])
    context |= {
        "waiting": mine.filter(state__in=["unknown", "awaiting_person", "failed"]).count(),
        "next": outbox_lines(planned, request.actor, now),
    }
    return context


@staff_required
def rooms(request: StaffRequest, slug: str) -> HttpResponse:
    """The rooms with their newest message; open another one."""
    community = community_or_404(request, slug)
    form = RoomForm(request.POST or None)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        try:
            _open(request, community.pk, form)
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("The room is open."))
            return redirect("console:community-rooms", community.slug)
    context = frame_of(request, community, "rooms")
    newest = latest_in([room.pk for room in context["rooms"]])
    labels = dict(accounts().values_list("pk", "label"))
    context["signs"] = [
        (room, labels.get(room.account_id, room.connector), newest.get(room.pk))
        for room in context["rooms"]
    ]
    if context["may"]["edit_community"] and community.phase != Phase.CLOSED:
        context |= {"form": form, "refusal": refusal}
    return render(request, "console/communities/rooms.html", context, status=status)


def _open(request: StaffRequest, community_id: int, form: RoomForm) -> None:
    """Open the room as typed. Raises what the actions raise."""
    name, is_back_room = form.cleaned_data["name"], form.cleaned_data["is_back_room"]
    actor, account_id = request.actor, form.account_id
    if account_id is not None:
        open_room_at(actor, community_id, name, account_id, is_back_room=is_back_room)
        return
    label, now = _("Member pages"), clock.now()
    open_own_room(actor, community_id, name, label, is_back_room=is_back_room, now=now)


@staff_required
def runs(request: StaffRequest, slug: str) -> HttpResponse:
    """The playbooks that run here, and the way to start another."""
    community = community_or_404(request, slug)
    context = frame_of(request, community, "playbooks")
    here = runs_visible_to(request.actor).filter(community_id=community.pk)[:SHOWN_RUNS]
    context["runs"] = [(run, RUN_LOOKS[RunState(run.state)]) for run in here]
    return render(request, "console/communities/playbooks.html", context)


@staff_required
def room(request: StaffRequest, slug: str, room_id: int) -> HttpResponse:
    """Read a room, the newest at the foot; older pages come on demand."""
    community = community_or_404(request, slug)
    context = frame_of(request, community, "rooms")
    chosen = get_object_or_404(rooms_in([community.pk]), pk=room_id)
    before = request.GET.get("before", "")
    talk = talk_in(chosen.pk, before=int(before) if before.isdigit() else None)
    badges = badges_in(community.pk, [line.member_id for line in talk.lines])
    context |= {"room": chosen, "talk": talk, "badges": badges}
    page, partial = "console/communities/room.html", "console/communities/_talk.html"
    with timezone.override(ZoneInfo(community.timezone)):  # the day of a room is the community's
        return render_swap(request, page, partial, context)


@staff_required
def rules(request: StaffRequest, slug: str) -> HttpResponse:
    """The rules members see; those who may edit the community change them here."""
    community = community_or_404(request, slug)
    kept = [str(rule) for rule in community.settings.get("rules", [])]
    form = RulesForm(request.POST or None, initial={"rules": "\n".join(kept)})
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        changed = {**community.settings, "rules": form.lines()}
        try:
            edit_community(request.actor, community.pk, {"settings": changed}, now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("The rules are saved. Members see them at once."))
            return redirect("console:community-rules", community.slug)
    removed = ads_removed(community.pk, clock.now())
    context = {**frame_of(request, community, "rules"), "rules": kept, "ads": removed}
    if context["may"]["edit_community"]:
        context |= {"form": form, "refusal": refusal}
    return render(request, "console/communities/rules.html", context, status=status)
