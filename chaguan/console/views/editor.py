"""The playbook editor: a draft as days × tracks, one step in a panel, every change kept at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.editor_step import StepForm
from chaguan.console.forms.editor_time import TimeForm, says_the_same
from chaguan.console.forms.segment import builder_from
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.editor import board_heads, by_step, flat_builder, plain_tree, tree_words
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Invalid, Missing
from chaguan.people.contract import Asking
from chaguan.playbooks.actions import drafts
from chaguan.playbooks.errors import DraftMoved
from chaguan.playbooks.selectors.drafts import (
    draft_board,
    drafts_visible_to,
    faults_of,
    parts_of,
    reading_of,
    script_titles,
    script_words,
    step_of,
    ways_back,
)
from chaguan.playbooks.selectors.example_texts import example_of
from chaguan.ui.shortcuts import leave_to, toast, wants_partial

if TYPE_CHECKING:
    from chaguan.playbooks.selectors.drafts import Draft

PAGE, PANEL, ANSWER = (
    f"console/playbooks/editor/{name}.html" for name in ("page", "_panel", "_answer")
)
Values = dict[str, Any]


def draft_for(request: StaffRequest, draft_id: int) -> Draft:
    """The draft, or 404 for whoever may not write playbooks."""
    return get_object_or_404(drafts_visible_to(request.actor), pk=draft_id)


def draft_context(draft: Draft) -> dict[str, Any]:
    """What every page of a draft shows: version, ways back, what is wrong."""
    faults = faults_of(draft, clock.now())
    can_undo, can_redo = ways_back(draft)
    return {
        "place": "playbook",
        "draft": draft,
        "title": (reading_of(draft).values or {}).get("title") or draft.playbook.title,
        "faults": faults,
        "wrong": by_step(faults),
        "blocking": sum(fault.is_blocking for fault in faults),
        "can_undo": can_undo,
        "can_redo": can_redo,
        "by": actor_names([draft.by])[draft.by],
    }


@staff_required
def draft(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The board of a draft; with ?step= that step is open in the panel."""
    found = draft_for(request, draft_id)
    values = reading_of(found).values
    if values is None:
        toast(request, _("The text cannot be read as YAML yet; mend it here."))
        return redirect("console:draft-yaml", found.pk)
    code = request.GET.get("step", "")
    context = {**draft_context(found), **_board(values)}
    if code:
        context |= _panel(values, code)
    return render(request, PAGE, context)


@staff_required
def draft_step(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """The panel of one step; POST keeps what was changed in it."""
    found = draft_for(request, draft_id)
    values = reading_of(found).values
    if values is None:
        return leave_to(request, reverse("console:draft-yaml", args=[found.pk]))
    if request.method != "POST":
        page = PANEL if wants_partial(request) else PAGE
        context = {**draft_context(found), **_board(values)}
        return render(request, page, {**context, **_panel(values, code)})
    step = _step(values, code)
    form = StepForm(step, values, script_titles(), request.POST)
    time = TimeForm(request.POST)
    changes = form.changes()
    offset = time.offset() if time.is_valid() else None
    if offset and not says_the_same(offset, str(step.get("offset") or "")):
        changes["offset"] = offset
    return _done(
        request,
        found,
        lambda version: drafts.change_step(
            request.actor, found.pk, version, code, changes, now=clock.now()
        ),
        step=str(changes.get("id") or code),
        refusals=[
            f"{bound[name].label}: {' '.join(map(str, errors))}"
            for bound in (form, time)
            for name, errors in bound.errors.items()
        ],
        extra={"form": form},
    )


@staff_required
@require_POST
def draft_when(request: StaffRequest, draft_id: int, code: str) -> HttpResponse:
    """The condition of a step, chosen in words; rows still open are shown and not kept yet."""
    found = draft_for(request, draft_id)
    values = reading_of(found).values
    if values is None:
        raise Http404
    asking, named = _asking(), request.POST.get("when-named", "")
    was = _step(values, code).get("when")
    builder = builder_from(request.POST, asking)
    when: Any = plain_tree(builder) if named == "own" else named or None
    if named == "own" and was and flat_builder(was, asking) is None and not builder.rows:
        when = was  # deeper than the sentence: shown in words, changed as YAML
    shown = {"builder": builder, "named": named, "words": tree_words(when, asking)}
    is_new = "drop" in request.POST or bool(request.POST.get("add")) or named != _named(was)
    return _done(
        request,
        found,
        lambda version: drafts.change_step(
            request.actor, found.pk, version, code, {"when": when}, now=clock.now()
        ),
        step=code,
        extra={"when": shown, "is_when": is_new},
    )


@staff_required
@require_POST
def draft_change(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Everything a button does: add, duplicate, delete, move a step; undo, redo, discard."""
    found = draft_for(request, draft_id)
    act, code = request.POST.get("act", ""), request.POST.get("code", "")
    now = clock.now()
    if act == "discard":
        return _discard(request, found)
    if act in ("undo", "redo"):
        go = drafts.undo_draft if act == "undo" else drafts.redo_draft
        return _done(
            request, found, lambda version: go(request.actor, found.pk, version, now=now), step=code
        )
    shown: list[str] = []

    def change(values: Values) -> None:
        shown.append(_apply(values, act, code, request.POST))

    return _done(
        request,
        found,
        lambda version: drafts.edit_draft(request.actor, found.pk, version, change, now=now),
        step=lambda: shown[-1] if shown else code,
    )


def _apply(values: Values, act: str, code: str, given: Any) -> str:
    """Do what the button says; returns the step to show afterwards."""
    editing = drafts.editing
    if act == "add":
        offset = given.get("offset") or "D1 10:00"
        return editing.add_step(values, track=given.get("track", "room"), offset=offset)
    if act == "duplicate":
        return editing.duplicate_step(values, code)
    if act == "delete":
        editing.delete_step(values, code)
        return ""
    if act == "move":
        days = given.get("days", "0")
        if not days.lstrip("-").isdigit() or len(days) > 4:
            raise Invalid(_("This step has no day of its own; change its time in the panel."))
        editing.move_step(values, code, days=int(days), track=given.get("track", ""))
        return code
    raise Invalid


def _discard(request: StaffRequest, found: Draft) -> HttpResponse:
    key, is_new = found.playbook.key, found.playbook.current_id is None
    try:
        drafts.discard_draft(request.actor, found.pk, version_seen(request), now=clock.now())
    except DraftMoved as moved:
        return _refused(request, found.pk, moved, "")
    toast(request, _("The draft is discarded."))
    page = reverse("console:playbooks") if is_new else reverse("console:playbook", args=[key])
    return leave_to(request, page)


def _done(
    request: StaffRequest,
    found: Draft,
    act: Callable[[int], Any],
    *,
    step: str | Callable[[], str],
    refusals: list[str] | None = None,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """Act, then show the draft as it is now: pieces for htmx, else the page."""
    shown = step if isinstance(step, str) else ""
    try:
        act(version_seen(request))
    except ChaguanError as error:
        return _refused(request, found.pk, error, shown, extra)
    fresh = draft_for(request, found.pk)
    if callable(step):
        shown = step()
    context = _whole(request, fresh, shown)
    if extra and "when" in extra:
        context |= extra
    if not wants_partial(request):
        page = reverse("console:draft", args=[found.pk])
        return redirect(f"{page}?step={shown}" if shown else page)
    return render(request, ANSWER, {**context, "refusals": refusals or []})


def _refused(
    request: StaffRequest,
    draft_id: int,
    error: ChaguanError,
    shown: str,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    """One sentence; the page keeps what was typed. Who was faster, and a way to write over it."""
    fresh = draft_for(request, draft_id)
    context = _whole(request, fresh, shown) | {"refusals": [str(error)], "is_refused": True}
    context |= extra or {}
    if isinstance(error, DraftMoved):
        who = actor_names([error.by])[error.by]
        context |= {"moved": error, "who": who, "seen": version_seen(request)}
    page = ANSWER if wants_partial(request) else PAGE
    return render(request, page, context, status=error.http_status)


def _whole(request: StaffRequest, found: Draft, code: str) -> dict[str, Any]:
    values = reading_of(found).values or {}
    context = {**draft_context(found), **_board(values), "act": request.POST.get("act", "")}
    if code and any(str(s.get("id")) == code for s in parts_of(values, "steps")):
        context |= _panel(values, code)
    return context


def _board(values: Values) -> dict[str, Any]:
    board = draft_board(values)
    return {"board": board, "heads": board_heads(board), "purpose": values.get("purpose", "")}


def _panel(values: Values, code: str) -> dict[str, Any]:
    step = _step(values, code)
    when, asking = step.get("when"), _asking()
    named = _named(when)
    return {
        "step": step,
        "code": code,
        "form": StepForm(step, values, script_titles()),
        "time": TimeForm(offset=str(step.get("offset") or "")),
        "segments": [
            (name, tree_words(tree, asking))
            for name, tree in (values.get("segments") or {}).items()
        ],
        "when": {
            "builder": flat_builder(when if named == "own" else None, asking),
            "named": named,
            "words": tree_words(when, asking) if named == "own" else named,
        },
        **_phone(values, step),
    }


def _phone(values: Values, step: dict[str, Any]) -> dict[str, Any]:
    key = step.get("script")
    script = script_words([key]).get(key) if isinstance(key, str) and key else None
    return {"examples": example_of(values, step, script), "step": step}


def _step(values: Values, code: str) -> dict[str, Any]:
    try:
        return step_of(values, code)
    except Missing:
        raise Http404 from None


def _asking() -> Asking:
    return Asking(clock.now(), community_ids=None, here=0)


def _named(when: Any) -> str:
    return when if isinstance(when, str) else ("own" if when else "")


def version_seen(request: StaffRequest) -> int:
    """The version the person saw; `over` when she chose to write over somebody else's change."""
    posted = request.POST
    given = posted.get("over") or posted.get("seen") or posted.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
