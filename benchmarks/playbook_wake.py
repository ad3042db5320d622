"""A fact that wakes one of a million waiting people.

    python benchmarks/playbook_wake.py [--rows 1000000] [--database postgres]

Everybody waits for an act; facts of single members are heard one by one, as a pump would hand them over.
"""

import statistics
import sys
import time
from datetime import timedelta

from common import arguments, prepare, show

BAR_MS = 5.0
FACTS = 200
SPOKE = "channels.message_posted"


def main() -> None:
    options = arguments(__doc__ or "", rows=1_000_000).parse_args()
    with prepare(options.database):
        from django.db import transaction
        from waiting_house import MONDAY, build, run_sql, settle

        from chaguan.eventlog.contract import Logged
        from chaguan.playbooks.engine.acts import hear
        from chaguan.playbooks.models import CohortStep, Outcome, Wait

        began = time.perf_counter()
        house = build(
            options.rows, communities=10, due_per_day=max(1000, options.rows // 20), step={}
        )
        run_sql(
            "INSERT INTO playbooks_wait (fact, member_id, enrolment_id, place)"
            f" SELECT '{SPOKE}', member_id, id, 900 FROM playbooks_enrolment"
        )
        first = CohortStep.objects.order_by("cohort_id", "place").values_list("step_id", flat=True)[
            0
        ]
        no = "false" if options.database == "postgres" else "0"
        run_sql(  # what follows the wait, for every cohort
            "INSERT INTO playbooks_cohortstep (cohort_id, place, step_id, after_s, wait_place, wait_result,"
            f" is_chained) SELECT id, 901, {first}, 1800, 900, 1, {no}"
            " FROM playbooks_cohort"
        )
        settle()
        show(f"{options.rows:,} people wait; built in", time.perf_counter() - began, "s")
        times = []
        for number in range(FACTS):
            member_id = 1 + (number * 7919) % options.rows
            community_id = house.runs[member_id % 10].community_id
            at = MONDAY + timedelta(days=30, seconds=number)
            fact = Logged(
                number + 1, SPOKE, at, community_id, None, member_id, "member", None, 0, {}
            )
            began = time.perf_counter()
            with transaction.atomic():  # as the pump hands over a batch
                woken = hear([fact])
            times.append(1000 * (time.perf_counter() - began))
            if woken != 1:
                sys.exit(f"{woken} woke instead of one")
        if not Outcome.objects.count() == options.rows - Wait.objects.count() == FACTS:
            sys.exit("the outcomes do not tell who woke")
        value = statistics.median(times)
        show("slowest", max(times), "ms")
    print(f"{options.database}: one fact wakes 1 of {options.rows:,}: {value:.2f} ms (bar: {BAR_MS} ms)"
          f"  {'met' if value <= BAR_MS else 'MISSED'}")  # fmt: skip
    sys.exit(0 if value <= BAR_MS else 1)


if __name__ == "__main__":
    main()
