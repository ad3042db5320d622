"""Words for our facts on a member's timeline: which step it was."""

from collections.abc import Sequence

from chaguan.eventlog.contract import Logged
from chaguan.people.contract import wordings
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.events import AssignmentDone, AssignmentSkipped
from chaguan.playbooks.models import Run


@wordings.add(AssignmentDone.name)
def done(facts: Sequence[Logged]) -> dict[int, str]:
    """The title of the step."""
    return _titles(facts)


@wordings.add(AssignmentSkipped.name)
def left_out(facts: Sequence[Logged]) -> dict[int, str]:
    """The title of the step."""
    return _titles(facts)


def _titles(facts: Sequence[Logged]) -> dict[int, str]:
    """By fact; one statement, for editions are kept."""
    runs = Run.objects.filter(pk__in={fact.data["run_id"] for fact in facts})
    titles: dict[tuple[int, str], str] = {}
    for run_id, edition_id in runs.values_list("pk", "edition_id"):
        for step in document_of(edition_id).steps:
            titles[run_id, step.id] = step.title
    return {
        fact.id: titles.get((fact.data["run_id"], fact.data["step"]), fact.data["step"])
        for fact in facts
    }
