"""The same numbers a second time: plain Python over a list of facts, written from the definitions.

Nothing here uses the product's kernels; dates come from the standard library alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from chaguan.insights.testing import Told
from chaguan.insights.types import Asked, Every

POST = "channels.message_posted"
JOIN = "communities.member_joined"
PRESENCE = {
    POST,
    JOIN,
    "communities.member_left",
    "communities.member_removed",
    "channels.member_renamed",
}
Rows = list[tuple[Any, ...]]


def start(day: date, every: Every) -> date:
    if every is Every.MONTH:
        return date(day.year, day.month, 1)
    return day - timedelta(days=day.isoweekday() - 1) if every is Every.WEEK else day


def shift(first: date, every: Every, steps: int) -> date:
    if every is Every.MONTH:
        months = first.year * 12 + first.month - 1 + steps
        return date(months // 12, months % 12 + 1, 1)
    return first + timedelta(days=steps * (7 if every is Every.WEEK else 1))


def rounded(part: int, whole: int, digits: str = "0.0001") -> float:
    return float((Decimal(part) / Decimal(whole)).quantize(Decimal(digits), ROUND_HALF_UP))


class Oracle:
    """All facts of the communities and bots asked for, with their local day."""

    def __init__(self, told: list[Told], asked: Asked) -> None:
        self.asked = asked
        self.zone = ZoneInfo(asked.timezone)
        self._days: dict[int, date] = {}
        numbered = sorted(enumerate(told), key=lambda pair: (pair[1].at, pair[0]))
        self.facts = [
            fact
            for _n, fact in numbered
            if fact.community_id in asked.community_ids
            and fact.member_id is not None
            and (asked.with_bots or not fact.is_bot)
        ]

        self._named: dict[str, list[Told]] = defaultdict(list)
        self._posts: list[Told] = []
        self._speakers: dict[date, set[Any]] = defaultdict(set)  # in the range
        self._speakers_of_whole: dict[date, set[Any]] = defaultdict(set)  # in whole periods
        for fact in self.facts:
            self._named[fact.name].append(fact)
            if fact.name == POST:
                self._speakers_of_whole[self.period(fact)].add(fact.member_id)
                if self.inside(fact):
                    self._posts.append(fact)
                    self._speakers[self.period(fact)].add(fact.member_id)

    def day(self, fact: Told) -> date:
        if id(fact) not in self._days:
            self._days[id(fact)] = fact.at.astimezone(self.zone).date()
        return self._days[id(fact)]

    def inside(self, fact: Told) -> bool:
        return self.asked.since <= self.day(fact) <= self.asked.until

    def named(self, name: str) -> list[Told]:
        return self._named[name]

    def posts(self) -> list[Told]:
        return self._posts

    def period(self, fact: Told) -> date:
        return start(self.day(fact), self.asked.every)

    def periods(self) -> Iterator[date]:
        first = start(self.asked.since, self.asked.every)
        while first <= self.asked.until:
            yield first
            first = shift(first, self.asked.every, 1)

    def speakers(self, first: date) -> set[Any]:
        return self._speakers[first]

    def speakers_of_whole(self, first: date) -> set[Any]:
        return self._speakers_of_whole[first]

    def first_posts(self) -> dict[Any, Told]:
        found: dict[Any, Told] = {}
        for fact in self.named(POST):
            found.setdefault(fact.member_id, fact)
        return found

    def series(self, count: Callable[[date], int]) -> Rows:
        return [(first, count(first)) for first in self.periods()]

    def counted(self, name: str) -> Rows:
        found = Counter(self.period(fact) for fact in self.named(name) if self.inside(fact))
        return self.series(lambda first: found[first])

    def new(self) -> Rows:
        found = Counter(self.period(f) for f in self.first_posts().values() if self.inside(f))
        return self.series(lambda first: found[first])

    def returning(self) -> Rows:
        new: dict[date, int] = dict(self.new())
        return self.series(lambda first: len(self.speakers(first)) - new[first])

    def retained(self) -> Rows:
        every = self.asked.every
        return self.series(
            lambda first: len(
                self.speakers(first) & self.speakers_of_whole(shift(first, every, -1))
            )
        )

    def rolling(self, days: int) -> Rows:
        def count(first: date) -> int:
            last = min(shift(first, self.asked.every, 1) - timedelta(days=1), self.asked.until)
            since = last - timedelta(days=days - 1)
            return len({f.member_id for f in self.named(POST) if since <= self.day(f) <= last})

        return self.series(count)

    def retention(self) -> Rows:
        rows: Rows = []
        new: dict[date, int] = dict(self.new())
        for first in self.periods():
            active = self.speakers(first)
            kept = len(active & self.speakers_of_whole(shift(first, self.asked.every, 1)))
            rate = rounded(kept, len(active)) if active else 0.0
            rows.append((first, len(active), new[first], kept, rate))
        return rows

    def triangle(self, begun: dict[Any, tuple[str, date]]) -> Rows:
        periods = list(self.periods())
        rows = []
        for source, cohort in sorted(set(begun.values())):
            members = {m for m, key in begun.items() if key == (source, cohort)}
            if cohort not in periods:
                continue
            for age, first in enumerate(periods[periods.index(cohort) :]):
                if active := len(self.speakers(first) & members):
                    rows.append((source, cohort, age, active, len(members)))
        return rows

    def cohorts(self) -> Rows:
        firsts = {m: ("", self.period(f)) for m, f in self.first_posts().items() if self.inside(f)}
        return [row[1:] for row in self.triangle(firsts)]

    def join_cohorts(self) -> Rows:
        firsts: dict[Any, Told] = {}
        for fact in self.named(JOIN):
            firsts.setdefault(fact.member_id, fact)
        begun = {m: (f.origin, self.period(f)) for m, f in firsts.items() if self.inside(f)}
        return self.triangle(begun)

    def funnel(self) -> Rows:
        known = [fact for fact in self.facts if fact.name in PRESENCE]
        steps: dict[str, set[Any]] = {
            "joined_new": set(),
            "posted_within_7d": set(),
            "posted_2plus_total": set(),
            "posted_again_day7_13": set(),
            "posted_again_day14_29": set(),
        }
        seen: set[Any] = set()
        begins, ends = known[0].at + timedelta(days=30), known[-1].at - timedelta(days=37)
        for fact in known:
            if fact.member_id in seen:
                continue
            seen.add(fact.member_id)
            if fact.name == JOIN and begins <= fact.at <= ends and self.inside(fact):
                self._follow(fact, steps)
        return [(step, len(members)) for step, members in steps.items()]

    def _follow(self, join: Told, steps: dict[str, set[Any]]) -> None:
        member = join.member_id
        steps["joined_new"].add(member)
        posts = [f.at for f in self.named(POST) if f.member_id == member]
        if not posts or posts[0] - join.at > timedelta(days=7):
            return
        steps["posted_within_7d"].add(member)
        if len(posts) >= 2:
            steps["posted_2plus_total"].add(member)
        days = {(at - posts[0]).days for at in posts}
        if days & set(range(7, 14)):
            steps["posted_again_day7_13"].add(member)
        if days & set(range(14, 30)):
            steps["posted_again_day14_29"].add(member)

    def by_member(self) -> Counter[Any]:
        return Counter(fact.member_id for fact in self.posts())

    def concentration(self) -> Rows:
        counts = sorted(self.by_member().values())
        n, total = len(counts), sum(counts)
        differences = sum(abs(a - b) for a in counts for b in counts)
        top = sum(sorted(counts, reverse=True)[: ceil(n / 10)])
        return [
            ("gini", rounded(differences, 2 * n * total)),
            ("top_share", rounded(top, total)),
            ("posters", n),
            ("messages", total),
        ]

    def hours(self) -> Rows:
        found = Counter(fact.at.astimezone(self.zone).hour for fact in self.posts())
        return [(hour, found[hour]) for hour in range(24)]

    def silences(self) -> Rows:
        times = sorted({fact.at for fact in self.posts()})
        gaps = []
        for one, other in pairwise(times):
            minutes = (cut(other) - cut(one)) // timedelta(minutes=1)
            gaps.append((-minutes, one, other))
        return [
            (one.astimezone(self.zone), other.astimezone(self.zone), rounded(-m, 60, "0.01"))
            for m, one, other in sorted(gaps, key=lambda gap: gap[:2])[:5]
        ]

    def totals(self) -> Rows:
        posts, inside = self.posts(), [f for f in self.facts if self.inside(f)]
        count = Counter(fact.name for fact in inside)
        return [
            ("messages", len(posts)),
            ("posters", len(self.by_member())),
            ("joins", count[JOIN]),
            ("leaves", count["communities.member_left"]),
            ("removals", count["communities.member_removed"]),
            ("renames", count["channels.member_renamed"]),
            ("active_days", len({self.day(fact) for fact in posts})),
            ("first_message", posts[0].at.astimezone(self.zone)),
            ("last_message", posts[-1].at.astimezone(self.zone)),
        ]

    def top_posters(self, names: dict[int, str]) -> Rows:
        ranked = sorted(self.by_member().items(), key=lambda item: (-item[1], names[item[0]]))
        return [(rank, member, n, names[member]) for rank, (member, n) in enumerate(ranked[:30], 1)]


def cut(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def answers(told: list[Told], asked: Asked, names: dict[int, str]) -> dict[str, Rows]:
    """Every metric by its code."""
    o = Oracle(told, asked)
    by_speaker = {first: len(o.speakers(first)) for first in o.periods()}
    return {
        "messages": o.counted(POST),
        "joins": o.counted(JOIN),
        "leaves": o.counted("communities.member_left"),
        "removals": o.counted("communities.member_removed"),
        "conversions": o.counted("people.order_confirmed"),
        "active_members": o.series(lambda first: by_speaker[first]),
        "new_members": o.new(),
        "returning_members": o.returning(),
        "retained_members": o.retained(),
        "dau": o.rolling(1),
        "wau": o.rolling(7),
        "mau": o.rolling(30),
        "retention": o.retention(),
        "cohorts": o.cohorts(),
        "join_cohorts": o.join_cohorts(),
        "newcomer_funnel": o.funnel(),
        "concentration": o.concentration(),
        "hour_of_day": o.hours(),
        "longest_silence": o.silences(),
        "totals": o.totals(),
        "top_posters": o.top_posters(names),
    }
