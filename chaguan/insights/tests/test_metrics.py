"""Each metric against the oracle, in several zones and periods, whole and by buckets."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from chaguan.insights.columns.opened import Columns
from chaguan.insights.contract import metrics
from chaguan.insights.evaluate import evaluate, members_behind
from chaguan.insights.testing import Told, columns_of
from chaguan.insights.tests.oracle import answers
from chaguan.insights.types import Asked, Every
from chaguan.people.models import Member
from chaguan.people.testing import make_member

pytestmark = pytest.mark.django_db
NAMES = [
    ("channels.message_posted", 60),
    ("communities.member_joined", 20),
    ("communities.member_left", 9),
    ("communities.member_removed", 3),
    ("channels.member_renamed", 5),
    ("people.order_confirmed", 3),
]
QUESTIONS = [
    # the clocks of New York change on 2026-03-08 and 2026-11-01, those of Shanghai never
    Asked((1,), date(2026, 1, 1), date(2026, 6, 30), Every.DAY, "America/New_York"),
    Asked((1,), date(2026, 1, 7), date(2026, 6, 9), Every.WEEK, "Asia/Shanghai"),
    Asked((1, 2), date(2026, 2, 11), date(2026, 6, 19), Every.MONTH, "Asia/Kolkata"),
    Asked((2,), date(2025, 11, 3), date(2026, 7, 31), Every.MONTH, "UTC", with_bots=True),
]


def told_at_random(members: list[int], seed: int = 7) -> list[Told]:
    """Half a year of 2,000 facts: skewed talkers, known bots, two communities, equal instants."""
    rng = random.Random(seed)
    names, weights = zip(*NAMES, strict=True)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    facts = []
    for _n in range(2000):
        member = members[min(int(rng.expovariate(0.12)), len(members) - 1)]
        at = begin + timedelta(minutes=rng.randrange(180 * 24 * 60), seconds=rng.choice([0, 30]))
        facts.append(
            Told(
                rng.choices(names, weights)[0],
                at,
                member,
                community_id=rng.choice([1, 1, 2]),
                is_bot=member % 11 == 0,
                origin=rng.choice(["", "link", "poster"]),
            )
        )
    # the two hours that New York's clocks repeat or skip, and both sides of its midnights
    odd = [
        "2026-03-08T04:59:59",
        "2026-03-08T06:30:00",
        "2026-03-08T07:30:00",
        "2026-03-09T03:59:59",
    ]
    facts += [
        Told("channels.message_posted", datetime.fromisoformat(f"{at}+00:00"), members[2])
        for at in odd
    ]
    return sorted(facts, key=lambda fact: fact.at)


@pytest.fixture
def people() -> dict[int, str]:
    return {make_member(name=f"茶友{n % 7}-{n}").pk: f"茶友{n % 7}-{n}" for n in range(45)}


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: f"{asked.every}-{asked.timezone}")
def test_every_metric_equals_its_oracle(asked: Asked, people: dict[int, str]) -> None:
    told = told_at_random(list(people))
    expected = answers(told, asked, people)

    with columns_of(told) as columns:
        for buckets in (1, 4, 16):
            found = {
                code: evaluate(code, asked, columns, buckets=buckets).rows for code, _m in metrics
            }
            assert found == expected, buckets


def test_members_behind_a_period_are_those_that_were_counted(people: dict[int, str]) -> None:
    asked = QUESTIONS[1]
    with columns_of(told_at_random(list(people))) as columns:
        for code in (
            "active_members",
            "new_members",
            "returning_members",
            "retained_members",
            "mau",
        ):
            for first, value in evaluate(code, asked, columns).rows:
                behind = members_behind(code, asked, [first.isoformat()], columns)
                assert len(behind) == value, (code, first)


def test_members_behind_cells_and_steps_are_those_that_were_counted(people: dict[int, str]) -> None:
    asked = QUESTIONS[2]
    with columns_of(told_at_random(list(people))) as columns:
        cells = cells_of(columns, asked)

        counted = [len(members_behind(code, asked, key, columns)) for code, key, _n in cells]

    assert counted == [n for _code, _key, n in cells]
    assert len(cells) > 30


def cells_of(columns: Columns, asked: Asked) -> list[tuple[str, list[str], int]]:
    """Code, key and number of every cell of the tables."""
    cells: list[tuple[str, list[str], int]] = []
    for cohort, age, active, size in evaluate("cohorts", asked, columns).rows:
        cells += [("cohorts", [str(cohort), str(age)], active), ("cohorts", [str(cohort)], size)]
    for source, cohort, age, active, size in evaluate("join_cohorts", asked, columns).rows:
        cells.append(("join_cohorts", [source, str(cohort), str(age)], active))
        cells.append(("join_cohorts", [source, str(cohort)], size))
    for step, n in evaluate("newcomer_funnel", asked, columns).rows:
        cells.append(("newcomer_funnel", [step], n))
    for period, active, new, kept, _rate in evaluate("retention", asked, columns).rows:
        cells.append(("retention", [str(period)], kept))
        cells += [
            ("retention", [str(period), "new"], new),
            ("retention", [str(period), "active"], active),
        ]
    return cells


def test_nothing_known_gives_zeros_and_empty_tables() -> None:
    asked = Asked((1,), date(2026, 1, 1), date(2026, 1, 3))
    with columns_of([]) as columns:
        found = {code: evaluate(code, asked, columns).rows for code, _metric in metrics}

    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]
    assert {code for code, metric in metrics if found[code] == [(day, 0) for day in days]} == {
        code for code, metric in metrics if metric.is_series
    }
    assert found["cohorts"] == found["join_cohorts"] == found["longest_silence"] == []
    assert found["top_posters"] == []
    assert [n for _step, n in found["newcomer_funnel"]] == [0, 0, 0, 0, 0]
    assert dict(found["concentration"]) == {"gini": 0, "top_share": 0, "posters": 0, "messages": 0}
    assert not Member.objects.exists()
