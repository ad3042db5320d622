"""Health of 1,000 communities from 10,000,000 events, against the bare statement it rests on.

    python benchmarks/health_speed.py [--events 10000000] [--communities 1000] [--rounds 5]

Bare: DuckDB alone reads the same Parquet files and groups messages by (community, member), then by
community, with the same counts. Product: `update_health`, from the look at the log's end to the committed
upsert and history. Both take turns in one run; the ratio is the median of the paired ratios. It works on
the database that CHAGUAN_DATABASE_URL names, which should be empty: use one of its own.
"""

import argparse
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

import duckdb  # noqa: E402 -- after setup, like all that follows
from django.core.management import call_command  # noqa: E402 -- after setup

from chaguan.communities.models import Community  # noqa: E402 -- after setup
from chaguan.insights.actions.health import update_health  # noqa: E402 -- after setup
from chaguan.insights.columns.manifest import Manifest, Part, save  # noqa: E402 -- after setup
from chaguan.insights.columns.store import Store  # noqa: E402 -- after setup
from chaguan.insights.models import CommunityHealth  # noqa: E402 -- after setup
from chaguan.insights.periods import DAY_US, instant_us  # noqa: E402 -- after setup
from chaguan.kernel.actor import Actor  # noqa: E402 -- after setup
from chaguan.kernel.ids import new_public_id  # noqa: E402 -- after setup

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DAYS = 90
ME = Actor.system("benchmark")

BARE = """
WITH by_member AS (
  SELECT community_id, member_id,
    count(*) FILTER (epoch_us("at") >= {recent}) AS messages,
    count(*) FILTER (epoch_us("at") >= {recent} AND chars <= 5) AS short,
    count(*) FILTER (epoch_us("at") >= {recent} AND has_link) AS links,
    count(*) FILTER (epoch_us("at") < {recent} AND epoch_us("at") >= {base}) AS base_messages,
    bit_count(bit_or(CASE WHEN epoch_us("at") < {recent} AND epoch_us("at") >= {base}
      THEN 1::BIGINT << (({recent} - 1 - epoch_us("at")) // {week}) ELSE 0::BIGINT END)) AS weeks,
    count(*) FILTER (epoch_us("at") >= {long}) AS long,
    min("at") AS first_at, max("at") AS last_at
  FROM read_parquet({files})
  WHERE name = 'channels.message_posted' AND NOT is_bot AND "at" < make_timestamptz({now})
  GROUP BY ALL
)
SELECT community_id, sum(messages), count(*) FILTER (messages > 0), sum(short),
  sum(messages) FILTER (links * 100 >= messages * 80), sum(base_messages), sum(weeks), sum(long),
  count(*) FILTER (long > 0), min(first_at), max(last_at)
FROM by_member GROUP BY 1
"""


def build(folder: Path, events: int, communities: int) -> Manifest:
    """Write the files: skewed talkers, 90 days, joins among the messages, sizes of communities skewed."""
    begin = instant_us(NOW - timedelta(days=DAYS))
    parts = []
    with duckdb.connect() as con:
        for number in range(4):
            file = folder / f"part-{number}.parquet"
            count = events // 4
            con.execute(f"""
COPY (
  SELECT {number * count} + n AS id,
    CASE WHEN n % 20 = 0 THEN 'communities.member_joined' ELSE 'channels.message_posted' END AS name,
    make_timestamptz({begin} + ({number} * {count} + n) * {DAYS * DAY_US // events}) AS "at",
    c AS community_id, c AS room_id,
    c * 1000 + CAST(floor(1000 * pow(random(), 3)) AS BIGINT) AS member_id,
    n % 50 = 7 AS is_bot, n % 3 = 0 AS is_reply, n % 13 = 0 AS has_link,
    CAST(1 + floor(40 * random()) AS INTEGER) AS chars, '' AS origin, 0::BIGINT AS amount_fen
  FROM (SELECT n, 1 + CAST(floor({communities} * pow(random(), 1.5)) AS BIGINT) AS c
        FROM range({count}) t(n))
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)""")
            parts.append(Part(file.name, count))
    return Manifest(rows=events, parts=tuple(parts))


def stopwatch(work: object, *args: object) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    assert callable(work)
    work(*args)
    return time.perf_counter() - began


def bare(folder: Path) -> None:
    at = instant_us(NOW)
    recent = at - 7 * DAY_US
    sql = BARE.format(
        recent=recent,
        base=recent - 56 * DAY_US,
        week=7 * DAY_US,
        long=at - 28 * DAY_US,
        now=at,
        files=[str(file) for file in sorted(folder.glob("*.parquet"))],
    )
    with duckdb.connect() as con:
        con.execute(sql).fetchall()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--communities", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    Community.objects.bulk_create(
        [
            Community(
                pk=n,
                public_id=new_public_id(),
                name=f"c{n}",
                slug=f"c{n}",
                phase="running",
                opened_at=NOW - timedelta(days=DAYS),
                created_at=NOW - timedelta(days=DAYS),
            )
            for n in range(1, options.communities + 1)
        ],
        ignore_conflicts=True,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(folder, build(folder, options.events, options.communities))
        store = Store(folder)
        pairs = []
        for turn in range(options.rounds):
            CommunityHealth.objects.all().delete()  # so that every round writes every change
            at = NOW + timedelta(microseconds=turn)
            pairs.append((stopwatch(bare, folder), stopwatch(product, store, at)))
    assert CommunityHealth.objects.count() == options.communities
    report(options.events, options.communities, pairs)


def product(store: Store, now: datetime) -> None:
    update_health(ME, now=now, store=store)


def report(events: int, communities: int, pairs: list[tuple[float, float]]) -> None:
    ratios = [whole / limit for limit, whole in pairs]
    limit, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"events {events:,}, communities {communities:,}, rounds {len(pairs)}")
    print(f"bare DuckDB GROUP BY  {limit:6.2f} s")
    print(f"update_health         {whole:6.2f} s  (bar: 5 s)")
    print(
        f"ratio                 {statistics.median(ratios):6.2f}    (target: 1.5;"
        f" {min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
