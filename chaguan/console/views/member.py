"""One member: who they are, how we know their stage, what happened, what we may send them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.channels.contract import connectors
from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.homes import Home, homes_of
from chaguan.communities.selectors.memberships import role_choices, roles_of
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.outbox import outbox_lines
from chaguan.console.lines.talks import talks_of
from chaguan.console.views.member_acts import ACTS
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.policies import may_edit_member
from chaguan.people.selectors.members import members_visible_to
from chaguan.people.selectors.notes import notes_visible_to
from chaguan.people.selectors.profile import answers_of
from chaguan.people.selectors.stages import stage_changes_of, stage_rule_states
from chaguan.people.selectors.tagged import tag_names, tags_of
from chaguan.people.selectors.timeline import timeline
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS
from chaguan.rewards.selectors.ledger import accounts_of_member
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.kernel.actor import Actor
    from chaguan.people.models import Member

PAGE = 30


@staff_required
def member(request: StaffRequest, public_id: str) -> HttpResponse:
    """The profile with a page of the timeline."""
    found = get_object_or_404(members_visible_to(request.actor), public_id=public_id)
    context = _context(request, found)
    page, partial = "console/members/profile.html", "console/members/_timeline.html"
    return render_swap(request, page, partial, context)


@staff_required
@require_POST
def member_step(request: StaffRequest, public_id: str) -> HttpResponse:
    """Take one of the decisions the profile offers; a refusal shows the page again with its sentence."""
    found = get_object_or_404(members_visible_to(request.actor), public_id=public_id)
    act, form, now = request.POST.get("act", ""), request.POST, clock.now()
    try:
        if act not in ACTS:
            raise ChaguanError(_("We do not know this decision."))
        ACTS[act][0](request.actor, found.pk, form, now)
    except ChaguanError as error:
        context = {**_context(request, found), "refusal": str(error), "typed": form.get("text", "")}
        page = "console/members/profile.html"
        return render_swap(request, page, page, context, error.http_status)
    toast(request, ACTS[act][1])
    return redirect("console:member", found.public_id)


def _addresses(found: Member) -> list[tuple[str, str]]:
    """Where she can be reached, in words; the marks of pages she joined by are nothing to read."""
    rows = found.identities.exclude(external_id__startswith="join:")
    return [
        (str(connectors.get(connector).label), address)
        if connector in connectors
        else (connector, address)
        for connector, address in rows.values_list("connector", "external_id")[:20]
    ]


def _context(request: StaffRequest, found: Member) -> dict[str, Any]:
    actor, now = request.actor, clock.now()
    before = parse_datetime(request.GET.get("before", "")) if request.GET.get("before") else None
    entries = timeline(actor, found.pk, before=before, limit=PAGE + 1)
    notes = list(notes_visible_to(actor, found.pk)[:20])
    changes = list(stage_changes_of(actor, found.pk)[:10])
    who = actor_names({e.by for e in entries if e.by} | {n.by for n in notes} | _by(changes))
    homes = homes_of(actor, [found.pk]).get(found.pk, [])
    rules = {state.code: state.label for state in stage_rule_states()}
    places = dict(communities_visible_to(actor).values_list("pk", "name"))
    rows = list(outbox_visible_to(actor).filter(member_id=found.pk).order_by("-due_at", "-id")[:8])
    return {
        "place": "members",
        "member": found,
        "stage": STAGE_LABELS[RelationStage(found.stage)],
        "stages": [(stage.value, label) for stage, label in STAGE_LABELS.items()],
        "changes": [
            (c, STAGE_LABELS[RelationStage(c.new)], rules.get(c.rule, c.rule), who.get(c.by, ""))
            for c in changes
        ],
        "homes": homes,
        "tags": tags_of([found.pk]).get(found.pk, []),
        "all_tags": tag_names(),
        "answers": answers_of(actor, found.pk),
        "identities": _addresses(found),
        "points": [
            (places[account.community_id], account.balance)
            for account in accounts_of_member(found.pk)
            if account.community_id in places
        ],
        "notes": [(note, who.get(note.by, "")) for note in notes],
        "entries": [
            (entry, who.get(entry.by, ""), places.get(entry.community_id or 0, ""))
            for entry in entries[:PAGE]
        ],
        "older": _older(entries),
        "outbox": outbox_lines(rows, actor, now),
        **_what_can_be_done(actor, found.pk, homes),
    }


def _what_can_be_done(actor: Actor, member_id: int, homes: list[Home]) -> dict[str, Any]:
    """Roles and talks with what their forms choose from."""
    return {
        "roles": roles_of(actor, member_id),
        "talks": talks_of(actor, member_id, homes),
        "role_places": _role_places(actor, homes),
        "role_choices": role_choices(),
        "may_edit": bool(may_edit_member(actor, member_id)),
    }


def _role_places(actor: Actor, homes: list[Home]) -> list[tuple[int, str]]:
    """Communities the member is in and where this person may give roles. Queries: 1."""
    names = {home.community_id: home.name for home in homes if home.is_in}
    mine = communities_visible_to(actor, Right.EDIT_COMMUNITY).filter(pk__in=names)
    return [(pk, names[pk]) for pk in mine.order_by("name").values_list("pk", flat=True)]


def _by(changes: Any) -> set[str]:
    return {change.by for change in changes if change.by}


def _older(entries: Any) -> str:
    """The token of the next page: the instant of the last entry shown."""
    if len(entries) <= PAGE:
        return ""
    at: datetime = entries[PAGE - 1].at
    return at.isoformat()
