"""收尾 The end of a run: what it came to, where its people went, its review; and the people behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from chaguan.communities.selectors import has_right, has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.endings import (
    FIELDS,
    LABELS,
    VERDICTS,
    facts_of,
    figure_lines,
    part_lines,
    reason_words,
)
from chaguan.console.lines.members import member_lines
from chaguan.console.lines.splits import split_lines
from chaguan.kernel import clock
from chaguan.people.selectors.members import members_visible_to
from chaguan.playbooks.selectors.handovers import handing_of, people_in, undecided_people
from chaguan.playbooks.selectors.library import document_in, playbooks_visible_to
from chaguan.playbooks.selectors.outcomes import behind, run_outcome
from chaguan.playbooks.selectors.reviews import (
    OVER,
    before,
    changes_between,
    changes_of,
    editions_caused_by,
    next_edition,
    review_of,
)
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.selectors.splits import split_result

if TYPE_CHECKING:
    from chaguan.playbooks.models import Run

PAGE = "console/playbooks/end.html"
SHOWN = 500


@staff_required
def run_end(request: StaffRequest, run_id: int) -> HttpResponse:
    """The closing page of a run; while it goes on, how it stands."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    return render(request, PAGE, end_context(request, found))


def end_context(request: StaffRequest, found: Run) -> dict[str, Any]:
    """Everything on the closing page. Queries: about 40, whatever the number of people."""
    outcome = run_outcome(found, now=clock.now())
    handing = handing_of(found)
    word, tone, meaning = VERDICTS[outcome.verdict]
    review = review_of(found)
    may_run = has_right(request.actor, Right.RUN_PLAYBOOKS, found.community_id)
    is_closed = review is not None and review.closed_at is not None
    return {
        "place": "playbook",
        "run": found,
        "document": document_in(found.edition),
        "outcome": outcome,
        "verdict": {"word": word, "tone": tone, "meaning": meaning},
        "figures": figure_lines(outcome),
        "split": split_lines(split_result(found, now=clock.now())),
        "handing": handing,
        "parts": part_lines(handing),
        "undecided": [(row, reason_words(row.reason)) for row in undecided_people(found)],
        "plans": playbooks_visible_to(request.actor, found.community.type).filter(
            current__isnull=False
        ),
        "review": review,
        "facts": review.facts if review and review.facts else facts_of(outcome, handing),
        "changes": list(changes_of(found)),
        "fields": FIELDS,
        "steps": document_in(found.edition).steps,
        "is_over": found.state in OVER,
        "is_closed": is_closed,
        "may_run": may_run,
        "may_write": may_run and not is_closed and found.state in OVER,
        "may_edit": has_right_somewhere(request.actor, Right.EDIT_PLAYBOOKS),
        **_editions(found, is_closed=is_closed),
    }


def _editions(found: Run, *, is_closed: bool) -> dict[str, Any]:
    """What closing would publish, or did."""
    if is_closed:
        edition = editions_caused_by(found).first()
        old = before(edition) if edition else None
        return {
            "edition": edition,
            "diff": changes_between(old, edition) if old and edition else [],
        }
    coming = next_edition(found)
    if coming is None:
        return {"diff": []}
    return {"coming": coming, "diff": coming.changes, "diff_problems": coming.problems}


@staff_required
def run_behind(request: StaffRequest, run_id: int, figure: str) -> HttpResponse:
    """The people behind one number of the closing page."""
    found = get_object_or_404(runs_visible_to(request.actor), pk=run_id)
    if figure in LABELS and figure != "steps":
        title, counted = str(LABELS[figure]), behind(found, figure)
    elif "-" in figure:
        title = next((str(p.title) for p in handing_of(found).parts if p.code == figure), "")
        counted = dict.fromkeys(people_in(found, figure).values_list("member_id", flat=True), 1)
        title = title or next(
            (w for p, w, _r in part_lines(handing_of(found)) if p.code == figure), ""
        )
    else:
        raise Http404
    seen = members_visible_to(request.actor).filter(pk__in=list(counted)[:10_000])
    people = list(seen.order_by("name", "pk")[:SHOWN])
    context = {
        "place": "playbook",
        "run": found,
        "document": document_in(found.edition),
        "title": title,
        "count": len(counted),
        "shown": len(people),
        "is_rating": figure == "rating",
        "stars": [(member, counted[member.pk]) for member in people],
        "lines": member_lines(people, request.actor),
    }
    return render(request, "console/playbooks/end_behind.html", context)
