"""A draft as text, its head, publishing it; copying a playbook; what two editions differ in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.editor_head import LISTS, HeadForm, read_rows, rows_of
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.editor import change_lines
from chaguan.console.views.editor import draft_context, draft_for, version_seen
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions import drafts
from chaguan.playbooks.errors import BadDocument, DraftMoved
from chaguan.playbooks.selectors.drafts import (
    draft_difference,
    edition_difference,
    editions_of,
    reading_of,
    unified_text,
)
from chaguan.playbooks.selectors.library import playbooks_visible_to
from chaguan.ui.shortcuts import leave_to, toast, toast_error

FOLDER = "console/playbooks/editor"


@staff_required
def playbook_copy(request: StaffRequest, key: str) -> HttpResponse:
    """Copy a playbook under a key and title of her own."""
    found = _editable(request, key)
    context: dict[str, Any] = {
        "place": "playbook",
        "playbook": found,
        "given": {
            "key": _free_key(request, key),
            "title": _("%(title)s (copy)") % {"title": found.title},
        },
    }
    if request.method != "POST":
        return render(request, f"{FOLDER}/copy.html", context)
    given = {name: request.POST.get(name, "").strip() for name in ("key", "title")}
    try:
        draft = drafts.copy_playbook(request.actor, found.current.pk, **given, now=clock.now())
    except ChaguanError as error:
        context |= {"given": given, "refusal": str(error)}
        return render(request, f"{FOLDER}/copy.html", context, status=error.http_status)
    return redirect("console:draft", draft.pk)


def _free_key(request: StaffRequest, key: str) -> str:
    known = set(playbooks_visible_to(request.actor).values_list("key", flat=True))
    stem = key[:34]
    return next(fresh for n in range(1, 1000) if (fresh := f"{stem}_{n}") not in known)


@staff_required
@require_POST
def playbook_edit(request: StaffRequest, key: str) -> HttpResponse:
    """Go on with the draft of a playbook, or begin one from the current edition."""
    found = _editable(request, key)
    draft = drafts.open_draft(request.actor, found.pk, now=clock.now())
    return leave_to(request, reverse("console:draft", args=[draft.pk]))


def _editable(request: StaffRequest, key: str) -> Any:
    if not has_right_somewhere(request.actor, Right.EDIT_PLAYBOOKS):
        raise Http404
    return get_object_or_404(playbooks_visible_to(request.actor), key=key)


@staff_required
def draft_yaml(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The draft as YAML: kept whatever it says, with every problem and its line."""
    found = draft_for(request, draft_id)
    extra: dict[str, Any] = {"text": found.text}
    status = 200
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            found = drafts.write_draft(
                request.actor, found.pk, version_seen(request), text, now=clock.now()
            )
            toast(request, _("Saved."))
            return redirect("console:draft-yaml", found.pk)
        except ChaguanError as error:
            status = error.http_status
            extra = {"text": text, "refusal": str(error)}
            if isinstance(error, DraftMoved):
                found = draft_for(request, draft_id)
                mine = text.replace("\r\n", "\n")
                extra |= {
                    "moved": error,
                    "who": actor_names([error.by])[error.by],
                    "between": unified_text(found.text, mine, _("theirs"), _("your text")),
                }
    return render(request, f"{FOLDER}/yaml.html", {**draft_context(found), **extra}, status=status)


@staff_required
def draft_head(request: StaffRequest, draft_id: int) -> HttpResponse:
    """The head of the draft in forms: what it is, variables, phases, tracks, what comes after."""
    found = draft_for(request, draft_id)
    values = reading_of(found).values
    if values is None:
        return redirect("console:draft-yaml", found.pk)
    form, refusal, status = HeadForm(values), "", 200
    if request.method == "POST":
        form = HeadForm(values, request.POST)
        if form.is_valid():
            changes = form.changes() | {
                part.name: read_rows(values, part, request.POST)
                for part in LISTS
                if f"{part.name}-0" in request.POST
            }
            try:
                drafts.edit_draft(
                    request.actor,
                    found.pk,
                    version_seen(request),
                    lambda fresh: drafts.editing.set_fields(fresh, changes),
                    what="head",
                    now=clock.now(),
                )
                toast(request, _("Saved."))
                return redirect("console:draft-head", found.pk)
            except ChaguanError as error:
                refusal, status = str(error), error.http_status
                found, values = draft_for(request, draft_id), {**values, **changes}
        else:
            status = 422
    context = {
        **draft_context(found),
        "form": form,
        "refusal": refusal,
        "lists": [(part, rows_of(values, part)) for part in LISTS],
    }
    return render(request, f"{FOLDER}/head.html", context, status=status)


@staff_required
def draft_publish(request: StaffRequest, draft_id: int) -> HttpResponse:
    """Look at what changes, say it in a sentence, publish."""
    found = draft_for(request, draft_id)
    document = reading_of(found).document
    given = {name: request.POST.get(name, "").strip() for name in ("number", "note")}
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            edition = drafts.publish_draft(
                request.actor, found.pk, version_seen(request), now=clock.now(), **given
            )
            toast(request, _("Published. Runs under way stay on their edition."))
            return redirect("console:playbook", edition.playbook.key)
        except BadDocument as error:
            status = error.http_status
            toast_error(request, _("Some things keep it from being published; they stand below."))
        except ChaguanError as error:
            status = error.http_status
            context["refusal"] = str(error)
            found = draft_for(request, draft_id)
    difference = draft_difference(found, document) if document else None
    context |= {
        **draft_context(found),
        "difference": difference,
        "lines": change_lines(difference.changes) if difference else [],
        "number": given["number"] or (difference.version if difference else ""),
        "note": given["note"],
        "is_first": found.playbook.current_id is None,
    }
    return render(request, f"{FOLDER}/publish.html", context, status=status)


@staff_required
def playbook_diff(request: StaffRequest, key: str) -> HttpResponse:
    """What changed between two editions: in words, and as text."""
    found = get_object_or_404(playbooks_visible_to(request.actor), key=key)
    editions = list(editions_of(found.pk))
    new = _chosen(editions, request.GET.get("to", ""), 0)
    old = _chosen(editions, request.GET.get("from", ""), editions.index(new) + 1)
    difference = edition_difference(old, new)
    names = actor_names({edition.by for edition in editions})
    context = {
        "place": "playbook",
        "playbook": found,
        "editions": [(edition, names[edition.by]) for edition in editions],
        "old": old,
        "new": new,
        "difference": difference,
        "lines": change_lines(difference.changes),
    }
    return render(request, f"{FOLDER}/diff.html", context)


def _chosen(editions: list[Any], number: str, usual: int) -> Any:
    """The edition of this number, or the usual one; the last one when there is no earlier."""
    for edition in editions:
        if str(edition.number) == number:
            return edition
    return editions[min(usual, len(editions) - 1)]
