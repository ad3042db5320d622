"""The preview of a plan of 28 days for 10,000 members.

    python benchmarks/playbook_preview.py [--rows 10000] [--database postgres]

Room steps three times a day, a private message each day with a condition of two clauses, one with a condition
of time, a wait with its time-out, a message a person approves: some 400,000 messages and lines of work.
"""

import statistics
import sys
from datetime import timedelta
from typing import Any

from common import Stopwatch, arguments, prepare, show

BAR_S = 2.0
ROUNDS = 5


def plan_of_28_days() -> Any:
    from waiting_house import TWO_CLAUSES

    from chaguan.playbooks.testing import make_edition, make_step

    touch = {"kind": "touch", "track": "person", "audience": "person"}
    wait = {"with": {"fact": "channels.message_posted", "within": "2d"}}
    return make_edition(
        make_step(id="R1", offset="D1–D28 08:00"),
        make_step(id="R2", offset="D1–D28 21:00", when=TWO_CLAUSES),
        make_step(
            id="R3", offset="D1–D28 12:30", kind="assign", actor="operator", instruction="看一看",
            text=None, minutes=10,
        ),
        make_step(id="S1", offset="D3 20:00, D10 20:00, D17 20:00", kind="touch", audience="segment:quiet"),
        make_step(id="P1", offset="P1–P28 19:00", when=TWO_CLAUSES, promotion=True, **touch),
        make_step(id="P2", offset="P2–P6 23:00", when={"condition": "first_seen_within", "days": 10}, **touch),
        make_step(id="W", offset="P5 10:00", kind="wait_for", track="person", text=None, **wait),
        make_step(id="WN", offset="T+1h", after="W.timeout", mode="assist", minutes=3, **touch),
        segments={"quiet": TWO_CLAUSES},
    )  # fmt: skip


def main() -> None:
    options = arguments(__doc__ or "", rows=10_000).parse_args()
    with prepare(options.database):
        from waiting_house import MONDAY, people

        from chaguan.channels.models import Account
        from chaguan.communities.testing import make_community, make_room
        from chaguan.playbooks.actions.preview import preview_run
        from chaguan.playbooks.actions.runs import Start
        from chaguan.playbooks.testing import SYSTEM, staff_person

        account = Account.objects.create(connector="echo", label="演练", created_at=MONDAY)
        place = make_community(name="茶友会", type="")
        make_room(place, connector="echo", account_id=account.pk)
        people(options.rows, [place.pk])
        edition = plan_of_28_days()
        start = Start(
            MONDAY.date() + timedelta(days=1),
            people={"operator": staff_person("community_manager")},
        )
        times = []
        for number in range(ROUNDS + 1):
            spent = Stopwatch()
            with spent:
                found = preview_run(SYSTEM, edition.pk, place.pk, start, now=MONDAY, days=29)
            show(f"  round {number}, wall", 1000 * spent.wall, "ms")
            show(f"  round {number}, processors", 1000 * spent.cpu, "ms")
            if number:  # the first reads the edition and the templates
                times.append(spent.wall)
        show("lines", len(found.lines), "")
        show("messages and assignments", len(found.planned), "")
        value = statistics.median(times)
    print(f"{options.database}: preview for {options.rows:,} members: {value:.2f} s (bar: {BAR_S} s)"
          f"  {'met' if value <= BAR_S else 'MISSED'}")  # fmt: skip
    sys.exit(0 if value <= BAR_S else 1)


if __name__ == "__main__":
    main()
