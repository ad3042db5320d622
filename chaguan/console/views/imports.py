"""导入 Imports: a file of history becomes people, talk and a verdict on the community's health."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.channels.actions.imports import (
    cancel_import,
    confirm_import,
    retry_import,
    stage_upload,
)
from chaguan.channels.selectors.imports import (
    ImportRun,
    Preview,
    formats,
    imports_of_same_file,
    imports_visible_to,
    preview,
)
from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.imports import PlanForm, UploadForm
from chaguan.console.lines.imports import LOOKS, import_line
from chaguan.console.lines.standing import standing_of
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.ui.paging import keyset_page_of
from chaguan.ui.shortcuts import leave_to, render_swap

LIST, DROP = "console/imports/page.html", "console/imports/_drop.html"
SAMPLE_LINES = 12


@staff_required
def imports(request: StaffRequest) -> HttpResponse:
    """Drop a file; below, what was imported before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    status, refusal = 200, ""
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        upload = form.cleaned_data["file"]
        try:
            run = stage_upload(request.actor, upload, upload.name or "", now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            return leave_to(request, f"/imports/{run.pk}/")
    runs = imports_visible_to(request.actor)
    page = keyset_page_of(request, runs, ("-id",), size=20)
    context = {
        "place": "import",
        "form": form,
        "refusal": refusal,
        "may_import": has_right_somewhere(request.actor, Right.IMPORT),
        "lines": [(run, LOOKS[ImportRun.State(run.state)]) for run in page.rows],
        "paged": page,
        "formats": [importer for _code, importer in formats()],
        "max_bytes": settings.IMPORT_MAX_BYTES,
    }
    return render_swap(request, LIST, DROP, context, status)


@staff_required
def import_run(request: StaffRequest, run_id: int) -> HttpResponse:
    """One import: the sample to confirm, the bar while it runs, what came of it."""
    run = get_object_or_404(imports_visible_to(request.actor), pk=run_id)
    context = _context(request, run, request.GET if request.GET.get("format") else None)
    return render_swap(request, "console/imports/run.html", _part(run), context)


def _part(run: ImportRun) -> str:
    """The piece of the page that changes in each state."""
    if run.state == ImportRun.State.UPLOADED:
        return "console/imports/_confirm.html"
    return "console/imports/_progress.html"


def _context(request: StaffRequest, run: ImportRun, typed: Any = None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "place": "import",
        "run": run,
        "part": _part(run),
        "line": import_line(run, clock.now()),
        "format_label": dict(formats())[run.format].label if run.format else "",
    }
    if run.state == ImportRun.State.DONE and run.community is not None and run.last_at:
        as_of, was = standing_of(request.actor, run.community.pk, clock.now())
        context |= {"as_of": as_of, "was": was}
    if run.state == ImportRun.State.UPLOADED:
        form = PlanForm(initial=typed and typed.dict(), actor=request.actor, run=run)
        context |= {"form": form, "same": imports_of_same_file(request.actor, run)[:3]}
        context |= _sample(run, typed)
    return context


def _sample(run: ImportRun, typed: Any) -> dict[str, Any]:
    """The first lines as they would be read with what is chosen now, or why they cannot be read."""
    given = typed or {}
    try:
        seen: Preview = preview(
            run, timezone=given.get("timezone", ""), format=given.get("format", "")
        )
    except ChaguanError as error:
        return {"sample": [], "sample_refusal": error.message}
    return {"sample": seen.records[:SAMPLE_LINES], "preview": seen}


@staff_required
@require_POST
def confirm(request: StaffRequest, run_id: int) -> HttpResponse:
    """Start it. A refusal shows the same form with its sentence."""
    run = get_object_or_404(imports_visible_to(request.actor), pk=run_id)
    form = PlanForm(request.POST, actor=request.actor, run=run)
    status, refusal = 422, ""
    if form.is_valid():
        try:
            confirm_import(request.actor, run.pk, form.plan(), now=clock.now())
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            return leave_to(request, f"/imports/{run.pk}/")
    context = {**_context(request, run, request.POST), "form": form, "refusal": refusal}
    return render_swap(request, "console/imports/run.html", _part(run), context, status)


@staff_required
def progress(request: StaffRequest, run_id: int) -> HttpResponse:
    """The bar, asked for again and again until the import has ended."""
    run = get_object_or_404(imports_visible_to(request.actor), pk=run_id)
    context = _context(request, run)
    return render_swap(request, "console/imports/run.html", _part(run), context)


@staff_required
@require_POST
def steer(request: StaffRequest, run_id: int) -> HttpResponse:
    """Stop an import, or carry a stopped or failed one on."""
    run = get_object_or_404(imports_visible_to(request.actor), pk=run_id)
    steps: dict[str, Callable[[], object]] = {
        "stop": lambda: cancel_import(request.actor, run.pk, now=clock.now()),
        "go_on": lambda: retry_import(request.actor, run.pk, now=clock.now()),
    }
    status, refusal = 200, ""
    try:
        steps[request.POST.get("step", "")]()
    except KeyError:
        status, refusal = 422, _("We do not know this decision.")
    except ChaguanError as error:
        status, refusal = error.http_status, str(error.message)
    run.refresh_from_db()
    if not refusal and not request.htmx:
        return leave_to(request, f"/imports/{run.pk}/")
    context = {**_context(request, run), "refusal": refusal}
    return render_swap(request, "console/imports/run.html", _part(run), context, status)
