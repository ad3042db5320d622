"""What the worker carries out for channels."""

from typing import Any

from django.utils.translation import gettext as _

from chaguan.channels.actions.imports import JOB, carry_out
from chaguan.channels.selectors.imports import size_of
from chaguan.jobs.contract import Progress, job
from chaguan.kernel import clock


@job(JOB)
def import_history_job(args: dict[str, Any], progress: Progress) -> None:
    """Import one confirmed file. A second try goes on behind the last stored batch."""
    run_id = int(args["run_id"])
    size = size_of(run_id)

    def report(bytes_read: int, records: int) -> None:
        progress(bytes_read, size, _("%(records)s records read") % {"records": records})

    carry_out(run_id, now=clock.now(), report=report)
