"""Steps that people took out of a run."""

from collections.abc import Set

from chaguan.kernel.remembering import remembered
from chaguan.playbooks.models import SkippedStep


@remembered
def skipped_steps(run_ids: Set[int]) -> set[tuple[int, int]]:
    """(run, step) of everything taken out of these runs. One statement."""
    rows = SkippedStep.objects.filter(run__in=run_ids)
    return set(rows.values_list("run_id", "step_id"))
