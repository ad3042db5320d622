"""Playbooks as files: taken along, taken in, put away and brought back."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Invalid
from chaguan.playbooks.actions.portability import (
    MAX_CHARS,
    bring_back,
    export_edition,
    import_playbook,
    remove_playbook,
)
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.selectors.library import archived_playbooks, playbooks_visible_to
from chaguan.ui.shortcuts import toast

IMPORT_PAGE, REMOVE_PAGE = "console/playbooks/import.html", "console/playbooks/remove.html"


@staff_required
def playbook_source(request: StaffRequest, key: str) -> HttpResponse:
    """The edition as the author wrote it, with the wordings it uses: plain YAML to take along."""
    found = get_object_or_404(playbooks_visible_to(request.actor), key=key)
    if found.current is None:
        raise Http404
    text = export_edition(request.actor, found.current.pk)
    response = HttpResponse(text, content_type="text/yaml; charset=utf-8")
    name = f"{found.key}-{found.current.version}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@staff_required
def playbook_import(request: StaffRequest) -> HttpResponse:
    """Take in a file or a pasted text. What is wrong stands with its place; the text stays."""
    _editors_only(request)
    text = request.POST.get("text", "")
    replaces = request.POST.get("replace") == "on"
    context: dict[str, Any] = {"place": "playbook", "replaces": replaces}
    status = 200
    if request.method == "POST":
        try:
            text = _given(request, text)
            now = clock.now()
            edition = import_playbook(request.actor, text, now=now, replace_wordings=replaces)
        except BadDocument as error:
            status, context["problems"] = error.http_status, error.problems
        except ChaguanError as error:
            status, context["refusal"] = error.http_status, str(error)
        else:
            toast(request, _("It stands in the library."))
            return redirect("console:playbook", edition.playbook.key)
    return render(request, IMPORT_PAGE, {**context, "text": text}, status=status)


@staff_required
def playbook_remove(request: StaffRequest, key: str) -> HttpResponse:
    """Say what happens to it, then take it off the shelf."""
    found = get_object_or_404(playbooks_visible_to(request.actor), key=key)
    _editors_only(request)
    if request.method != "POST":
        context = {"place": "playbook", "playbook": found}
        return render(request, REMOVE_PAGE, context)
    if remove_playbook(request.actor, found.pk):
        toast(request, _("Removed. A file of it can be taken in again."))
    else:
        back = reverse("console:playbook-back", args=[found.pk])
        toast(request, _("Put away. Its runs stay as they are."), undo_url=back)
    return redirect("console:playbooks")


@staff_required
@require_POST
def playbook_back(request: StaffRequest, playbook_id: int) -> HttpResponse:
    """Bring back what was put away."""
    found = get_object_or_404(archived_playbooks(request.actor), pk=playbook_id)
    bring_back(request.actor, found.pk)
    toast(request, _("It is back on the shelf."))
    if request.htmx:
        response = HttpResponse(status=200)
        response["HX-Refresh"] = "true"
        return response
    return redirect("console:playbook", found.key)


def _editors_only(request: StaffRequest) -> None:
    if not has_right_somewhere(request.actor, Right.EDIT_PLAYBOOKS):
        raise Http404


def _given(request: StaffRequest, text: str) -> str:
    """What was uploaded, else what was pasted. Raises: Invalid for a file that is no text."""
    upload = request.FILES.get("file")
    if isinstance(upload, UploadedFile):
        if (upload.size or 0) > 4 * MAX_CHARS:
            raise Invalid(_("The file is longer than a million characters."))
        try:
            return str(upload.read(), "utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid(_("The file is no text in UTF-8.")) from None
    if not text.strip():
        raise Invalid(_("Choose a file or paste a text."))
    return text
