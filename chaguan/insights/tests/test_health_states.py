"""Replayed communities are in the expected states on the expected days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from chaguan.communities.testing import make_community
from chaguan.insights.columns.log import SCHEMA
from chaguan.insights.health.assessing import assess
from chaguan.insights.health.definition import THRESHOLDS
from chaguan.insights.health.judge import judge
from chaguan.insights.health.measure import Measured, measure
from chaguan.insights.periods import instant_us
from chaguan.insights.testing import Told, columns_of

pytestmark = pytest.mark.django_db
OPENED = datetime(2026, 3, 2, tzinfo=UTC)
POST = "channels.message_posted"


def talk(
    community: int, days: range, speakers: int, each: int, *, first: int = 1, **over: int | bool
) -> Iterator[Told]:
    """On every day each of so many speakers says so many things, three minutes apart, from 9:00."""
    for day in days:
        for number in range(speakers * each):
            member = community * 1000 + first + number % speakers
            at = OPENED + timedelta(days=day, hours=9, minutes=3 * number)
            yield Told(POST, at, member, community, **over)  # type: ignore[arg-type] # flags by name


def states_by_day(told: list[Told], community: int, days: int) -> dict[int, str]:
    """The day on which each new state is first found, looked at every midnight."""
    changes: dict[int, str] = {}
    with columns_of(told) as columns:
        for day in range(1, days + 1):
            found, _edition = assess(columns, OPENED + timedelta(days=day), [community])
            state = found[community].judged.state.value
            if state != [None, *changes.values()][-1]:
                changes[day] = state
    return changes


@pytest.mark.req("ANA-04")
def test_hot_for_seven_days_then_colder_until_death() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk
    told = [
        *talk(pk, range(0, 7), speakers=20, each=3),  # 60 messages a day
        *talk(pk, range(7, 21), speakers=8, each=2),  # 16 a day
        *talk(pk, range(21, 35), speakers=1, each=1),  # 1 a day
    ]

    # day 13: 60 + 6 × 16 = 156 messages in seven days, at most half of the 360 of the six days before
    # day 48: 7 days of nothing, 16 + 14 messages in 28 days; a day earlier there were 46
    # day 60: the days 32 to 34 hold the last 3 messages of 28 days
    assert states_by_day(told, pk, 70) == {1: "lively", 13: "cooling", 48: "cold", 60: "dead"}


@pytest.mark.req("ANA-04")
def test_floods_of_short_words_are_noisy_until_talk_returns() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk
    told = [
        *talk(pk, range(0, 14), speakers=12, each=2),  # 24 a day, each with 12 characters
        *talk(pk, range(14, 28), speakers=12, each=10, chars=2),  # 120 short ones a day
        *talk(pk, range(28, 42), speakers=12, each=10),  # 120 long ones a day
    ]

    assert states_by_day(told, pk, 42) == {1: "lively", 17: "noisy", 31: "lively"}


@pytest.mark.req("ANA-04")
def test_a_community_taken_over_by_links_is_ad_ridden() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk
    told = [
        *talk(pk, range(0, 14), speakers=10, each=2),
        *talk(pk, range(14, 28), speakers=4, each=2),  # the members go quiet
        *talk(pk, range(14, 35), speakers=3, each=6, first=500, has_link=True),  # and sellers come
    ]

    assert states_by_day(told, pk, 35) == {1: "lively", 19: "ad_ridden"}


def test_bots_keep_no_community_alive() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk
    told = [
        *talk(pk, range(0, 7), speakers=5, each=5),
        *talk(pk, range(0, 60), speakers=3, each=20, first=900, is_bot=True),
    ]

    assert states_by_day(told, pk, 60)[35] == "dead"


def test_a_new_community_is_cold_before_it_is_dead() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk

    assert states_by_day([], pk, 40) == {1: "cold", 28: "dead"}


def test_reasons_carry_the_numbers_they_are_made_of() -> None:
    pk = make_community(opened_at=OPENED, created_at=OPENED).pk
    told = [
        *talk(pk, range(0, 56), speakers=41, each=2),
        *talk(pk, range(56, 63), speakers=18, each=2),
    ]

    with columns_of(told) as columns:
        found, edition = assess(columns, OPENED + timedelta(days=63), [pk])

    judged = found[pk].judged
    assert (judged.state, edition.label) == ("cooling", "1.0")
    assert [(reason.code, dict(reason.numbers)) for reason in judged.reasons] == [
        ("messages_fell", {"before": 574, "now": 252}),
        ("speakers_fell", {"before": 41, "now": 18}),
        ("core_absent", {"absent": 23, "core": 41, "days": 7}),
        ("unanswered", {"percent": 3, "minutes": 60}),
    ]


def test_the_numbers_equal_those_counted_by_hand() -> None:
    now = OPENED + timedelta(days=70)
    told = [
        Told(POST, now - timedelta(hours=1), 1, has_link=True, chars=3),
        Told(POST, now - timedelta(hours=2), 1, has_link=True, chars=6),
        Told(POST, now - timedelta(hours=2, minutes=30), 2),
        Told(POST, now - timedelta(days=7), 3),  # the first instant of the window
        Told(POST, now - timedelta(days=7, microseconds=1), 3),  # just before it
        Told(POST, now - timedelta(days=63), 2),  # the first instant of the baseline
        Told(POST, now - timedelta(days=63, microseconds=1), 2),
        Told(POST, now, 9),  # not yet
        Told("communities.member_joined", now - timedelta(days=1), 8),
    ]

    with columns_of(told) as columns:
        found = measure(columns, now, THRESHOLDS)

    assert found == {
        1: Measured(
            community_id=1,
            messages=4,
            speakers=3,
            short=1,
            links_only=2,
            base_messages=2,
            base_speakers=2,
            base_spans=8,
            messages_long=5,
            speakers_long=3,
            turns=3,
            unanswered=2,
            first_us=instant_us(now - timedelta(days=63, microseconds=1)),
            last_us=instant_us(now - timedelta(hours=1)),
        )
    }


def test_real_communities_are_warned_of_before_they_die(real_files: Path) -> None:
    """Weekly labels of 47 streams: most weeks before a death are found, most living weeks are not cold."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        folder = real_files / "lifecycle"
        table = con.sql(
            "SELECT row_number() OVER () AS id, 'channels.message_posted' AS name,"
            ' (day::TIMESTAMP + INTERVAL 12 HOUR)::TIMESTAMPTZ AS "at",'
            " dense_rank() OVER (ORDER BY community) AS community_id, NULL::BIGINT AS room_id,"
            ' dense_rank() OVER (ORDER BY "user") AS member_id, false AS is_bot, false AS is_reply,'
            " false AS has_link, 20 AS chars, '' AS origin, 0::BIGINT AS amount_fen"
            f" FROM (SELECT *, unnest(range(messages)) FROM '{folder}/user_day_zulip.parquet')"
        ).to_arrow_table()
        numbers = con.execute(
            "SELECT community, dense_rank() OVER (ORDER BY community) FROM"
            f" (SELECT DISTINCT community FROM '{folder}/user_day_zulip.parquet')"
        ).fetchall()
        labels = con.execute(
            'SELECT community, "week"::DATE, dead_next12'
            f" FROM '{folder}/labels_zulip.csv.gz' WHERE dead_next12 >= 0"
        ).fetchall()
    by_week: dict[datetime, list[tuple[int, int]]] = {}
    ids = dict(numbers)
    for community, week, dies in labels:
        after = datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(days=7)
        by_week.setdefault(after, []).append((ids[community], dies))

    found = {0: [0, 0], 1: [0, 0]}  # dies: weeks, of them not lively
    with columns_of(table.cast(SCHEMA)) as columns:
        for number, (now, labelled) in enumerate(sorted(by_week.items())):
            if number % 8 and not any(dies for _pk, dies in labelled):
                continue  # every week before a death, and a sample of the others
            numbers_then = measure(columns, now, THRESHOLDS)
            for pk, dies in labelled:
                state = judge(numbers_then.get(pk, Measured(pk)), instant_us(now), THRESHOLDS).state
                found[dies][0] += 1
                found[dies][1] += state != "lively"

    assert found[1][0] == 83  # as the files' README says
    assert found[1][1] / found[1][0] > 0.8
    assert found[0][1] / found[0][0] < 0.5
