"""剧本 Playbooks: the library, one edition as a board, and starting it after a look at what will happen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from chaguan.communities.selectors import communities_visible_to, has_right_somewhere
from chaguan.communities.types import Phase, Right
from chaguan.communities.words import CONTENT_LABELS, TYPE_LABELS
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.starting import StartForm
from chaguan.console.lines.playbooks import (
    RUN_LOOKS,
    column_words,
    role_words,
    type_words,
)
from chaguan.console.lines.playbooks_preview import days_of, held_back, workers_of
from chaguan.console.lines.shelves import shelves
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.preview import Preview, preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.selectors.drafts import drafts_visible_to
from chaguan.playbooks.selectors.holidays import unpublished_years
from chaguan.playbooks.selectors.library import (
    archived_playbooks,
    document_in,
    edition_board,
    playbooks_visible_to,
)
from chaguan.playbooks.selectors.notation import PlaybookDocument
from chaguan.playbooks.selectors.reviews import before, cause_of, changes_between
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.types import RunState
from chaguan.ui.shortcuts import render_swap, toast

if TYPE_CHECKING:
    from chaguan.playbooks.models import Edition, Playbook

OPEN = (RunState.RUNNING, RunState.PAUSED)


START_PAGE, PREVIEW = "console/playbooks/start.html", "console/playbooks/_preview.html"


@staff_required
def playbooks(request: StaffRequest) -> HttpResponse:
    """What runs now, and the library by community type."""
    wanted = request.GET.get("type", "")
    wanted = wanted if wanted in TYPE_LABELS else ""
    query = request.GET.get("q", "").strip()[:80]
    runs = runs_visible_to(request.actor).filter(state__in=OPEN)[:50]
    context = {
        "place": "playbook",
        "shelves": shelves(playbooks_visible_to(request.actor, wanted), query),
        "query": query,
        "put_away": archived_playbooks(request.actor),
        "may_edit": has_right_somewhere(request.actor, Right.EDIT_PLAYBOOKS),
        "runs": [(run, RUN_LOOKS[RunState(run.state)]) for run in runs],
        "types": TYPE_LABELS.items(),
        "wanted": wanted,
        "drafts": drafts_visible_to(request.actor)[:50],
    }
    return render(request, "console/playbooks/page.html", context)


@staff_required
def playbook(request: StaffRequest, key: str) -> HttpResponse:
    """One playbook: why it exists, and its steps as days × tracks."""
    found = get_object_or_404(playbooks_visible_to(request.actor), key=key)
    edition = _edition(found)
    board = edition_board(edition)
    context = {
        "place": "playbook",
        "playbook": found,
        "edition": edition,
        "document": document_in(edition),
        "cause": _cause(request, edition),
        "types": type_words(found.types),
        "contents": [CONTENT_LABELS[kind] for kind in document_in(edition).content_kinds],
        "heads": [column_words(column) for column in board.columns],
        "lanes": board.lanes,
        "phases": board.phases,
        "runs": [
            (run, RUN_LOOKS[RunState(run.state)])
            for run in runs_visible_to(request.actor).filter(edition__playbook=found)[:20]
        ],
        "may_run": has_right_somewhere(request.actor, Right.RUN_PLAYBOOKS),
        "may_edit": has_right_somewhere(request.actor, Right.EDIT_PLAYBOOKS),
    }
    return render(request, "console/playbooks/edition.html", context)


@staff_required
def playbook_start(request: StaffRequest, key: str) -> HttpResponse:
    """Choose community, day and people; see what would be sent to whom and when; start it."""
    found = get_object_or_404(playbooks_visible_to(request.actor), key=key)
    edition = _edition(found)
    document = document_in(edition)
    fitting = _fitting(request, document.for_, document.content_kinds)
    context: dict[str, Any] = {"place": "playbook", "playbook": found, "document": document}
    if not fitting:
        return render(request, "console/playbooks/no_community.html", context)
    given = request.POST if request.method == "POST" else request.GET
    community = _chosen(fitting, given.get("community", ""))
    now = clock.now()
    form = StartForm(
        given,
        document=document,
        communities=fitting,
        community=community,
        actor=request.actor,
        today=now.astimezone(ZoneInfo(community.timezone)).date(),
    )
    form.is_valid()
    if request.method != "POST":
        form.errors.clear()  # nothing was sent yet, so nothing is wrong yet
    status, refusal = 200, ""
    preview: Preview | None = None
    try:
        if request.method == "POST" and form.is_valid():
            run = start_run(request.actor, edition.pk, community.pk, form.start(), now=now)
            toast(request, _("Started. Everything it will do stands on this page."))
            return redirect("console:run", run.pk)
        preview = preview_run(request.actor, edition.pk, community.pk, form.start(), now=now)
    except ChaguanError as error:
        status, refusal = error.http_status, str(error)
    context |= {
        "form": form,
        "is_sent": request.method == "POST",
        "refusal": refusal,
        "community": community,
        **_preview_context(preview, document, community.settings, form.start(), now),
    }
    return render_swap(request, START_PAGE, PREVIEW, context, status)


def _chosen(fitting: list[Any], wanted: str) -> Any:
    """The community that was asked for, or the first."""
    return next((c for c in fitting if str(c.pk) == wanted), fitting[0])


def _unpublished(
    preview: Preview | None, document: PlaybookDocument, settings: dict[str, Any]
) -> list[int]:
    """Years the timeline reaches without published holidays."""
    if preview is None or not preview.lines:
        return []
    days = [line.at.date() for line in preview.lines]
    return unpublished_years(document, settings, min(days), max(days))


def _preview_context(
    preview: Preview | None,
    document: PlaybookDocument,
    settings: dict[str, Any],
    start: Start,
    now: datetime,
) -> dict[str, Any]:
    """The dated timeline, what is held back, whose hours it costs, and what is still missing for it."""
    if preview is None:
        return {"preview": None, "days": [], "held": [], "workers": []}
    missing_values = preview.missing_values
    return {
        "preview": preview,
        "unpublished": _unpublished(preview, document, settings),
        "days": days_of(preview, document),
        "held": held_back(preview),
        "workers": workers_of(preview, start.people, now=now),
        "missing_roles": [role_words(role) for role in preview.missing_roles],
        "missing_values": [
            document.variables[name].label if name in document.variables else name
            for name in missing_values
        ],
    }


def _cause(request: StaffRequest, edition: Edition) -> dict[str, Any] | None:
    """The run whose review led to this edition, where the actor may see it, and what it changed."""
    run, old = cause_of(edition), before(edition)
    if run is None or not runs_visible_to(request.actor).filter(pk=run.pk).exists():
        return None
    return {"run": run, "changes": changes_between(old, edition) if old else []}


def _edition(found: Playbook) -> Edition:
    if found.current is None:
        raise Http404
    return found.current


def _fitting(request: StaffRequest, types: Any, contents: Any) -> list[Any]:
    """Communities where this person runs playbooks and that this playbook is made for."""
    rows = communities_visible_to(request.actor, Right.RUN_PLAYBOOKS).exclude(
        phase__in=[Phase.CLOSED, Phase.CLOSING]
    )
    if types:
        rows = rows.filter(type__in=[kind.value for kind in types])
    if contents:  # where nobody chose yet, the start says what to choose
        rows = rows.filter(content_kind__in=["", *(kind.value for kind in contents)])
    return list(rows.order_by("name")[:500])
