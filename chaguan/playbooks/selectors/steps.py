"""One step of one run: its moments, its lines, where a person put it, who approved it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from chaguan.playbooks.document import Step as StepDocument
from chaguan.playbooks.engine.catalogue import steps_of
from chaguan.playbooks.models import (
    Approval,
    Assignment,
    Occurrence,
    Run,
    SkippedStep,
    Step,
    StepMove,
)

SHOWN = 100


@dataclass(frozen=True)
class StepOfRun:
    """Everything about a step except its messages. `only` is the one moment that was asked for."""

    run: Run
    step: Step
    document: StepDocument
    moments: Sequence[Occurrence]
    moments_total: int
    moves: Mapping[int, StepMove]
    lines: QuerySet[Assignment]
    approvals: Sequence[Approval]
    skipped: SkippedStep | None
    only: int | None


def step_of_run(run: Run, code: str, only: int | None = None) -> StepOfRun | None:
    """Read a step; None when the run has none of this code, or not this moment. Queries: 5."""
    known = next((k for k in steps_of(run.edition_id).values() if k.row.code == code), None)
    if known is None:
        return None
    moments = Occurrence.objects.filter(run=run, step=known.row).order_by("due_at", "id")
    lines = Assignment.objects.filter(run=run, step=known.row).order_by("-due_at", "id")
    if only is not None:
        moments, lines = moments.filter(pk=only), lines.filter(occurrence=only)
    shown = list(moments[:SHOWN])
    if only is not None and not shown:
        return None
    moves = StepMove.objects.filter(occurrence__in=[row.pk for row in shown])
    approvals = Approval.objects.filter(run=run, step=known.row).order_by("-at")
    return StepOfRun(
        run=run,
        step=known.row,
        document=known.document,
        moments=shown,
        moments_total=moments.count() if len(shown) == SHOWN else len(shown),
        moves={move.pk: move for move in moves},
        lines=lines.select_related("user", "member", "about"),
        approvals=list(approvals[:20]),
        skipped=SkippedStep.objects.filter(run=run, step=known.row).first(),
        only=only,
    )
