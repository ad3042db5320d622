"""50,000 steps due in one minute, two real workers: how late each is claimed.

    python benchmarks/playbook_burst.py [--rows 50000] [--database postgres] [--workers 2] [--at-once]

The steps fall due spread over one minute of the real clock (with --at-once: all in its first second). The
workers are `chaguan work` processes: the clock's tick plans, the sender claims and delivers into the
sandbox, pumps follow. Late is from the instant a step was due to the instant its message was claimed.
"""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from common import ROOT, arguments, prepare, show

BAR_P50_S, BAR_P99_S = 1.0, 5.0
LEAD_S = 20  # from the end of building to the first due step
PATIENCE_S = 150


def workers(count: int) -> list["subprocess.Popen[bytes]"]:
    command = [str(Path(sys.executable).with_name("chaguan")), "work"]
    return [
        subprocess.Popen(command, cwd=ROOT, env=os.environ.copy())  # noqa: S603 -- ourselves
        for _number in range(count)
    ]


def due_within(begin_s: int, spread_s: int) -> None:
    """Put every timer into the minute that begins at `begin_s`, and move the cohorts' steps along."""
    from waiting_house import run_sql

    run_sql("CREATE TABLE moved AS SELECT enrolment_id, place FROM playbooks_timer")
    run_sql("DELETE FROM playbooks_timer")
    run_sql(
        "INSERT INTO playbooks_timer (wake_s, enrolment_id, place)"
        f" SELECT {begin_s} + enrolment_id %% {spread_s}, enrolment_id, place FROM moved"
    )
    run_sql("UPDATE playbooks_cohortstep SET at_s = NULL, after_s = 315360000 WHERE place > 0")
    run_sql("DROP TABLE moved")


def lateness(begin: datetime) -> list[float]:
    from chaguan.outbox.models import OutboxRow

    rows = OutboxRow.objects.filter(claimed_at__isnull=False).values_list("claimed_at", "due_at")
    return sorted((claimed - due).total_seconds() for claimed, due in rows if claimed)


def wait_for(count: int, until: float) -> int:
    from chaguan.outbox.models import OutboxRow

    claimed = 0
    while time.time() < until:
        time.sleep(2)
        claimed = OutboxRow.objects.filter(claimed_at__isnull=False).count()
        if claimed >= count:
            break
    return claimed


def measure(options: Any) -> list[float]:
    from waiting_house import build

    from chaguan.communities.models import Community

    quiet = {"settings": {"quiet_hours": ["03:00", "03:00"]}}  # nobody's night falls into the run
    build(
        options.rows, communities=10, due_per_day=options.rows,
        step={"promotion": False, "lateness": "send"},
    )  # fmt: skip
    Community.objects.update(**quiet)
    begin = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=LEAD_S)
    due_within(int(begin.timestamp()), 1 if options.at_once else 60)
    started = workers(options.workers)
    try:
        claimed = wait_for(options.rows, begin.timestamp() + PATIENCE_S)
    finally:
        for worker in started:
            worker.terminate()
        for worker in started:
            worker.wait(timeout=30)
    show("claimed", claimed, "messages")
    return lateness(begin) + [float("inf")] * (options.rows - claimed)


def main() -> None:
    parser = arguments(__doc__ or "", rows=50_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-once", action="store_true")
    options = parser.parse_args()
    with prepare(options.database):
        late = measure(options)
    met = True
    for name, share, bar in (("p50", 0.5, BAR_P50_S), ("p99", 0.99, BAR_P99_S)):
        value = late[min(len(late) - 1, int(len(late) * share))]
        met = met and value <= bar
        verdict = "met" if value <= bar else "MISSED"
        print(f"{options.database}: {name} late {value:.2f} s (bar: {bar} s)  {verdict}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
