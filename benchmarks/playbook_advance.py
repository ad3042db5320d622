"""Due steps of personal tracks against the bare set-based statements, with 10,000 and 1,000,000 people waiting.

    python benchmarks/playbook_advance.py [--rows 1000000] [--due 10000] [--database postgres]

The product's side is its own advance: conditions of two clauses, lateness, skipped steps, the run's state,
tallies, outbox rows with all their indexes, the next timer. The bare side does the least that moves a
timer: SQLite deletes a range of a WITHOUT ROWID table and appends, PostgreSQL runs one CTE with SKIP
LOCKED; both write one outbox row with one unique key per step. They take turns on the same database.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from common import Stopwatch, arguments, prepare, show

BATCH = 2000  # as the product's
BAR_BARE, BAR_GROWTH, BAR_BYTES, BAR_IDLE_MS = 0.5, 1.3, 200, 1.0
verdicts: list[bool] = []


def judge(label: str, value: float, bar: float, *, at_least: bool = False, unit: str = "") -> None:
    """One line with the bar and whether it is met."""
    is_met = value >= bar if at_least else value <= bar
    verdicts.append(is_met)
    sign = "≥" if at_least else "≤"
    print(
        f"{label:<52}{value:>10.2f} {unit:<8}{sign} {bar:g}  {'met' if is_met else 'MISSED'}",
        flush=True,
    )


def make_bare(waiting: int, due_per_day: int) -> None:
    """Bare timers, as many as the product's, and two outboxes: four columns, and one like the product's."""
    from django.db import connection
    from import_speed import make_empty_copy
    from waiting_house import numbers, run_sql

    if connection.vendor == "postgresql":
        run_sql(
            "CREATE TABLE bare_timer (id bigint PRIMARY KEY, wake_s bigint NOT NULL, place int NOT NULL)"
        )
        run_sql("CREATE INDEX bare_wake ON bare_timer (wake_s)")
        run_sql(
            "CREATE TABLE bare_narrow (id bigserial PRIMARY KEY, key text NOT NULL UNIQUE,"
            " member_id bigint, due_s bigint)"
        )
    else:
        run_sql(
            "CREATE TABLE bare_timer (wake_s bigint, id bigint, place int,"
            " PRIMARY KEY (wake_s, id)) WITHOUT ROWID"
        )
        run_sql(
            "CREATE TABLE bare_narrow (id integer PRIMARY KEY, key text NOT NULL UNIQUE,"
            " member_id bigint, due_s bigint)"
        )
    with connection.cursor() as cursor:
        make_empty_copy(cursor, "outbox_outboxrow")
    head, source = numbers(1, waiting)
    run_sql(
        f"INSERT INTO bare_timer (wake_s, id, place) {head}SELECT (n - 1) / {due_per_day}, n, 0 FROM {source}"
    )
    run_sql("ANALYZE")


def narrow(source: str) -> str:
    return f"INSERT INTO bare_narrow (key, member_id, due_s) SELECT {KEY}, id, wake_s FROM {source} WHERE true"


def whole(source: str) -> str:
    """The product's row, from constants."""
    from django.db import connection

    from chaguan.outbox.actions import PLAN_COLUMNS

    is_postgres = connection.vendor == "postgresql"
    at = (
        "to_timestamp(wake_s)"
        if is_postgres
        else "strftime('%%Y-%%m-%%d %%H:%%M:%%S', wake_s, 'unixepoch')"
    )
    payload = "jsonb_build_object" if is_postgres else "json_object"
    no = "false" if is_postgres else "0"
    values = {
        "key": KEY, "kind": "'touch'", "connector": "'echo'", "account_id": "1", "community_id": "1",
        "room_id": "NULL::bigint" if is_postgres else "NULL", "member_id": "id", "renderer": "'script'",
        "payload": f"{payload}('run', 1, 'step', 1, 'version', 1, 'enrolment', id, 'due', wake_s)",
        "purpose": "'让大家想起来看看'", "is_promotion": no, "is_urgent": no, "needs_approval": no,
        "priority": "0", "due_at": at, "expires_at": "NULL::timestamptz" if is_postgres else "NULL",
        "caused_by": "NULL::bigint" if is_postgres else "NULL", "depth": "0", "created_at": at,
    }  # fmt: skip
    rest = {"state": "'planned'", "attempts": "0"}
    rest |= dict.fromkeys(("reason", "detail", "text", "claim", "decided_by", "external_id"), "''")
    columns = ", ".join([*PLAN_COLUMNS, *rest])
    picked = ", ".join([*(values[name] for name in PLAN_COLUMNS), *rest.values()])
    return f"INSERT INTO bare_outbox_outboxrow ({columns}) SELECT {picked} FROM {source} WHERE true"


KEY = "'run:1/P-1/e' || id || '/' || place || '/m'"


def bare_batch(day: int, insert: Callable[[str], str]) -> int:
    """One batch of the bare limit; returns how many."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "WITH due AS (SELECT id, wake_s, place FROM bare_timer WHERE wake_s <= %s ORDER BY wake_s"
                " LIMIT %s"
                " FOR UPDATE SKIP LOCKED), moved AS (UPDATE bare_timer AS t SET wake_s = due.wake_s + 100000,"
                " place = due.place + 1 FROM due WHERE t.id = due.id RETURNING t.id, due.wake_s, due.place) "
                + insert("moved") + " ON CONFLICT (key) DO NOTHING",
                [day, BATCH],
            )  # fmt: skip
            return int(cursor.rowcount)
        cursor.execute(
            "SELECT wake_s, id FROM bare_timer WHERE wake_s <= %s ORDER BY wake_s, id LIMIT 1 OFFSET %s",
            [day, BATCH - 1],
        )
        last = cursor.fetchone() or (day, 2**62)
        here = "(SELECT * FROM bare_timer WHERE (wake_s, id) <= (%s, %s))"
        cursor.execute(insert(here) + " ON CONFLICT (key) DO NOTHING", last)
        cursor.execute(
            f"INSERT INTO bare_timer SELECT wake_s + 100000, id, place + 1 FROM {here}", last
        )
        cursor.execute("DELETE FROM bare_timer WHERE (wake_s, id) <= (%s, %s)", last)
        return int(cursor.rowcount)


def drained(step: Callable[[], int], spent: Stopwatch) -> int:
    done = 0
    with spent:
        while moved := step():
            done += moved
    return done


def measure(waiting: int, due: int, rounds: int) -> dict[str, float]:
    """Take turns for some days; seconds per step of both sides, and the other figures."""
    from waiting_house import build, clear_outbox, day_at

    from chaguan.outbox.models import OutboxRow
    from chaguan.playbooks.engine.personal import advance_people

    began = time.perf_counter()
    build(waiting, communities=10, due_per_day=due, step={})
    make_bare(waiting, due)
    show(f"{waiting:,} people wait; built in", time.perf_counter() - began, "s")
    bytes_each = bytes_of_waiting(waiting)
    idle_ms = idle(lambda: advance_people(day_at(-1)))
    pairs = []
    for day in range(rounds):
        spent = {"whole": Stopwatch(), "narrow": Stopwatch(), "product": Stopwatch()}
        now = day_at(day)
        done = drained(partial(advance_people, now), spent["product"])
        moved = drained(partial(bare_batch, day, whole), spent["whole"])
        planned = OutboxRow.objects.count()
        if not done == moved == planned == due:
            sys.exit(
                f"counts differ: {done} advanced, {moved} bare, {planned} in the outbox, {due} due"
            )
        back_in_time(day)
        drained(partial(bare_batch, day, narrow), spent["narrow"])
        pairs.append({name: (watch.wall / due, watch.cpu / due) for name, watch in spent.items()})
        for name, watch in spent.items():
            show(f"  day {day}: {name}", due / watch.wall, "steps/s")
        clear_outbox()
    middle = {
        f"{name}_{kind}": statistics.median(pair["product"][n] / pair[name][n] for pair in pairs)
        for name in ("whole", "narrow")
        for n, kind in enumerate(("wall", "cpu"))
    }
    return {
        **{name: 1 / value for name, value in middle.items()},
        "cost": statistics.median(pair["product"][0] for pair in pairs),
        "bytes": bytes_each,
        "idle_ms": idle_ms,
    }


def back_in_time(day: int) -> None:
    """The bare timers of that day wait again, for the second bare side."""
    from waiting_house import run_sql

    run_sql("UPDATE bare_timer SET wake_s = wake_s - 100000 WHERE wake_s = %s", [day + 100000])


def idle(poll: Callable[[], Any]) -> float:
    times = []
    for _round in range(50):
        began = time.perf_counter()
        poll()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def bytes_of_waiting(waiting: int) -> float:
    """Disk of passes and timers with their indexes, per person who waits."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_total_relation_size('playbooks_enrolment')"
                " + pg_total_relation_size('playbooks_timer')"
            )
        else:
            cursor.execute(
                "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name IN"
                " ('playbooks_enrolment', 'playbooks_timer'))"
            )
        return float(cursor.fetchone()[0]) / waiting


def in_its_own_process(options: Any, waiting: int, due: int) -> dict[str, float]:
    """An installation of its own per size: the settings of a process name one database."""
    command = [sys.executable, __file__, "--alone", "--database", options.database]
    command += ["--rows", str(waiting), "--due", str(due), "--rounds", str(options.rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 -- ourselves
    *lines, last = done.stdout.strip().splitlines()
    print("\n".join(lines), flush=True)
    return dict(json.loads(last))


def main() -> None:
    parser = arguments(__doc__ or "", rows=1_000_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="measure only --rows, print JSON last")
    options = parser.parse_args()
    if options.alone:
        with prepare(options.database):
            print(json.dumps(measure(options.rows, options.due, options.rounds)))
        return
    found = {
        waiting: in_its_own_process(options, waiting, due)
        for waiting, due in ((10_000, 2_000), (options.rows, options.due))
    }
    small, large = found[10_000], found[options.rows]
    print(f"\n{options.database}, {options.rows:,} waiting")
    for name, label in (
        ("whole", "the product's outbox row"),
        ("narrow", "an outbox of four columns"),
    ):
        judge(f"product / bare, {label}", large[f"{name}_wall"], BAR_BARE, at_least=True)
        judge(f"product / bare, {label}, processor", large[f"{name}_cpu"], BAR_BARE, at_least=True)
    judge("cost per step / cost with 10,000 waiting", large["cost"] / small["cost"], BAR_GROWTH)
    judge("disk per waiting person", large["bytes"], BAR_BYTES, unit="bytes")
    judge("idle poll", large["idle_ms"], BAR_IDLE_MS, unit="ms")
    sys.exit(0 if all(verdicts) else 1)


if __name__ == "__main__":
    main()
