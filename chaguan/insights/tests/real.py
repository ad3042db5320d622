"""The published figures of the real chats, and the same figures as the product computes them.

The README beside those files defines them: human messages only, UTC, weeks from Monday.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from chaguan.insights.columns.opened import Columns
from chaguan.insights.evaluate import evaluate
from chaguan.insights.types import Asked, Every


@dataclass(frozen=True)
class Imported:
    """The real chats inside the product: community ids by channel, the range, names of members."""

    folder: Path
    columns: Columns
    communities: Mapping[str, int]
    since: date
    until: date

    def rows(self, code: str, channel: str, every: Every = Every.DAY, **over: Any) -> list[Any]:
        asked = Asked((self.communities[channel],), self.since, self.until, every, "UTC", **over)
        return evaluate(code, asked, self.columns).rows

    def series(self, code: str, channel: str, every: Every = Every.DAY) -> dict[date, int]:
        return dict(self.rows(code, channel, every))

    def expected(self, name: str) -> Iterator[dict[str, str]]:
        with (self.folder / "expected" / f"{name}.csv").open(newline="") as file:
            yield from csv.DictReader(file)

    def by_channel(self, name: str) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in self.expected(name):
            found[row["community"]].append(row)
        return found


def check_daily(real: Imported) -> None:
    published = real.by_channel("daily")
    for channel in real.communities:
        days = {date.fromisoformat(r["day"]): r for r in published[channel]}
        every_day = [
            real.since + timedelta(days=n) for n in range((real.until - real.since).days + 1)
        ]
        for code, column in (("messages", "messages"), ("active_members", "dau"), ("dau", "dau")):
            want = {day: int(days[day][column]) if day in days else 0 for day in every_day}
            assert real.series(code, channel) == want, (channel, code)


def check_joins(real: Imported) -> None:
    published = real.by_channel("joins_daily")
    for channel in real.communities:
        for code in ("joins", "leaves"):
            want = {date.fromisoformat(r["day"]): int(r[code]) for r in published[channel]}
            found = {day: n for day, n in real.series(code, channel).items() if n or day in want}
            assert found == want, (channel, code)


def check_totals(real: Imported) -> None:
    for row in real.expected("totals"):
        mine = dict(real.rows("totals", row["community"]))
        everybody = dict(real.rows("totals", row["community"], with_bots=True))
        found = {
            "community": row["community"],
            "messages_all": str(everybody["messages"]),
            "messages_human": str(mine["messages"]),
            "posters_human": str(mine["posters"]),
            "joins": str(everybody["joins"]),
            "leaves": str(everybody["leaves"]),
            "kicks": str(everybody["removals"]),
            "renames": str(everybody["renames"]),
            "first_msg": _stamp(everybody["first_message"]),
            "last_msg": _stamp(everybody["last_message"]),
            "active_days": str(mine["active_days"]),
        }
        assert found == row, (found, row)


def check_weekly_retention(real: Imported) -> None:
    published = real.by_channel("weekly_retention")
    for channel in real.communities:
        want = [
            (
                date.fromisoformat(r["week"]),
                int(r["active"]),
                int(r["new_posters"]),
                int(r["retained_next_week"]),
                float(r["retention_next_week"]),
            )
            for r in published[channel]
        ]
        found = [row for row in real.rows("retention", channel, Every.WEEK) if row[1]]
        assert found == want, channel
        retained = real.series("retained_members", channel, Every.WEEK)
        new = real.series("new_members", channel, Every.WEEK)
        returning = real.series("returning_members", channel, Every.WEEK)
        for week, active, new_posters, retained_next, _rate in want:
            assert retained.get(week + timedelta(days=7), 0) == retained_next
            assert (new[week], returning[week]) == (new_posters, active - new_posters)


def check_cohorts(real: Imported) -> None:
    published = real.by_channel("monthly_cohorts")
    for channel in real.communities:
        want = [
            (
                date.fromisoformat(r["cohort_month"]),
                int(r["month_no"]),
                int(r["active"]),
                int(r["cohort_size"]),
            )
            for r in published[channel]
        ]
        assert real.rows("cohorts", channel, Every.MONTH) == want, channel


def check_top_posters(real: Imported) -> None:
    published = real.by_channel("top_posters")
    for channel in real.communities:
        want = [(int(r["rank"]), int(r["messages"]), r["user"]) for r in published[channel]]
        found = [(rank, n, name) for rank, _member, n, name in real.rows("top_posters", channel)]
        assert found == want, channel


def check_hours(real: Imported) -> None:
    published = real.by_channel("hour_of_day")
    for channel in real.communities:
        want = {int(r["hour_utc"]): int(r["messages"]) for r in published[channel]}
        found = {hour: n for hour, n in real.rows("hour_of_day", channel) if n}
        assert found == want, channel


def check_silences(real: Imported) -> None:
    published = real.by_channel("longest_gaps")
    for channel in real.communities:
        want = [(r["gap_start"], r["gap_end"], float(r["gap_hours"])) for r in published[channel]]
        found = [(_stamp(a), _stamp(b), h) for a, b, h in real.rows("longest_silence", channel)]
        assert found == want, channel


def check_concentration(real: Imported) -> None:
    published = json.loads((real.folder / "expected" / "concentration.json").read_text())
    for channel in real.communities:
        found = dict(real.rows("concentration", channel))
        assert found["gini"] == published["gini_messages_per_poster"][channel]
        assert found["top_share"] == published["share_of_messages_by_top_10pct_posters"][channel]


def check_funnel(real: Imported) -> None:
    if not (real.folder / "expected" / "newcomer_funnel.csv").exists():  # this chat tells no joins
        found = [
            row for channel in real.communities for row in real.rows("newcomer_funnel", channel)
        ]
        assert [n for _step, n in found] == [0, 0, 0, 0, 0]
        return
    for row in real.expected("newcomer_funnel"):
        channel = row.pop("community")
        want = [(step, int(n)) for step, n in row.items()]
        assert real.rows("newcomer_funnel", channel) == want, channel


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


CHECKS = [
    check_daily,
    check_joins,
    check_totals,
    check_weekly_retention,
    check_cohorts,
    check_top_posters,
    check_hours,
    check_silences,
    check_concentration,
    check_funnel,
]
