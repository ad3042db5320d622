"""How fast the console answers in a big house (benchmarks/big_house.py), and with how many queries.

    CHAGUAN_HOME=… python benchmarks/console_pages.py [--times 20]

Every page is asked through the whole stack (middleware, session, rights, templates) in this process. Bars: at
most 30 queries and 300 ms at p95. Beside each page stands the time of the bare statement for its rows in
the same run, so that the ratio means something on any machine.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
os.environ.setdefault("CHAGUAN_LOG_LEVEL", "ERROR")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 -- after setup
from django.db import connection, reset_queries  # noqa: E402 -- after setup
from django.test import Client  # noqa: E402 -- after setup
from django.test.utils import CaptureQueriesContext  # noqa: E402 -- after setup

BARE_PEOPLE = "SELECT id, name, stage FROM people_member ORDER BY id DESC LIMIT 51"
BARE_PLACES = "SELECT id, name, type, phase FROM communities_community ORDER BY name LIMIT 51"
BARE_ROWS = (
    "SELECT id, state, due_at FROM outbox_outboxrow WHERE state = 'unknown'"
    " ORDER BY due_at DESC, id DESC LIMIT 51"
)
SEGMENTS = {
    "stage, quiet for 30 days, tag": [
        ("stage", {"stages": ["bought"]}),
        ("quiet_for", {"days": ["30"]}),
        ("tag", {"tag": ["普洱"]}),
    ],
    "one community, talks, stage": [
        ("in_community", {"community": ["7"]}),
        ("messages_at_least", {"community": ["7"], "messages": ["5"]}),
        ("stage", {"stages": ["acquainted", "informed"]}),
    ],
    "type, joined lately, not bought": [
        ("community_type", {"type": ["camp"]}),
        ("joined_within", {"days": ["30"]}),
        ("stage", {"stages": ["curious", "acquainted"]}),
    ],
    "nobody: rare name, stage, quiet": [
        ("stage", {"stages": ["familiar"]}),
        ("name_contains", {"text": ["没有这个人"]}),
        ("quiet_for", {"days": ["7"]}),
    ],
}


def segment_url(rows: list[tuple[str, dict[str, list[str]]]], after: str = "") -> str:
    """The address of a segment, with values only for blanks that the condition has."""
    from chaguan.people.contract import conditions

    query: list[tuple[str, str]] = [("join", "all")]
    for number, (code, values) in enumerate(rows):
        query.append((f"{number}-condition", code))
        for operand in conditions.get(code).operands:
            if operand.name in values:
                query += [(f"{number}-{operand.name}", value) for value in values[operand.name]]
            elif operand.is_required:
                raise SystemExit(f"benchmark: condition {code} wants {operand.name}")
    if after:
        query.append(("after", after))
    return f"/members/?{urlencode(query)}"


def pages() -> dict[str, tuple[str, str]]:
    """The pages to ask: name -> (address, bare statement)."""
    found = {
        "Today": ("/", BARE_ROWS),
        "Communities": ("/communities/", BARE_PLACES),
        "Communities, one type": ("/communities/?type=camp", BARE_PLACES),
        "Members": ("/members/", BARE_PEOPLE),
        "Members, page in the middle": ("/members/?after=500000", BARE_PEOPLE),
        "Outbox": ("/outbox/", BARE_ROWS),
        "Outbox, sent": ("/outbox/?state=sent", BARE_ROWS),
    }
    for name, rows in SEGMENTS.items():
        found[f"Members: {name}"] = (segment_url(rows), BARE_PEOPLE)
        found[f"Members: {name}, middle"] = (segment_url(rows, "500000"), BARE_PEOPLE)
    return found


def measured(call: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call, after two calls that warm up."""
    call()
    call()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def bare(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    login, _new = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_superuser": True}
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(login)
    print(
        f"{connection.vendor}; p50 and p95 of {options.times}, in ms; ratio to the bare statement"
    )
    for name, (url, statement) in pages().items():
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        asked = len(queries)
        if response.status_code != 200:
            raise SystemExit(f"{name}: {url} answered {response.status_code}")
        reset_queries()
        took = measured(lambda url=url: client.get(url), options.times)  # type: ignore[misc] # bound
        floor = statistics.median(measured(lambda s=statement: bare(s), options.times))  # type: ignore[misc]
        p50, p95 = statistics.median(took), took[int(len(took) * 0.95) - 1]
        verdict = "ok" if p95 <= 300 and asked <= 30 else "OVER"
        print(
            f"{name:44} {asked:3} queries  p50 {p50:6.0f}  p95 {p95:6.0f}"
            f"  bare {floor:6.1f}  x{p50 / floor:6.0f}  {verdict}",
            flush=True,
        )


if __name__ == "__main__":
    main()
