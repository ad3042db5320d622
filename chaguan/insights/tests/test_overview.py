"""The dashboard and the story: every figure equals what was counted by hand, for those who may see it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from chaguan.channels.events import MessagePosted
from chaguan.communities.events import MemberJoined, MemberLeft, MemberRemoved
from chaguan.communities.models import Community
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_staff,
    make_stranger,
)
from chaguan.eventlog.actions import record_many
from chaguan.eventlog.contract import Event
from chaguan.insights.selectors.answers import CohortRow, cohort_table, members_behind, series
from chaguan.insights.selectors.overview import overview, overview_of
from chaguan.insights.selectors.questions import Range
from chaguan.insights.selectors.story import story
from chaguan.insights.types import Every
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.people.events import OrderConfirmed

pytestmark = pytest.mark.django_db
# 2026-04-30 23:30 in Shanghai: the last local day is the 30th, the month before began on the 1st
NOW = datetime(2026, 4, 30, 15, 30, tzinfo=UTC)


def at(day: int, hour: int = 12, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def fill(community: Community) -> list[int]:
    """Four members and a bot, in March (the 30 days before) and April (the last 30 days)."""
    a, b, c, d = (make_member(community).pk for _n in range(4))
    bot = make_member(community, is_bot=True).pk
    pk = community.pk

    def said(member: int, *when: datetime, is_bot: bool = False) -> list[tuple[Event, datetime]]:
        return [(MessagePosted(pk, 1, member, 1, chars=9, is_bot=is_bot), w) for w in when]

    facts: list[tuple[Event, datetime]] = [
        (MemberJoined(pk, a, origin="link"), at(2, month=3)),
        (MemberJoined(pk, b, origin="poster"), at(3, month=3)),
        *said(a, at(5, month=3), at(6, month=3), at(30, month=3)),
        *said(b, at(5, month=3)),
        (MemberJoined(pk, c, origin="link"), at(2)),
        (MemberJoined(pk, d, origin="link"), at(3)),
        *said(a, at(4), at(5), at(29), at(30)),
        *said(c, at(4), at(28)),
        *said(d, at(20)),
        *said(bot, at(4), at(5), is_bot=True),
        (OrderConfirmed(a, "T-1", 9900, community_id=pk), at(7)),
        (MemberLeft(pk, b), at(8)),
        (MemberRemoved(pk, d), at(21)),
    ]
    record_many(facts, actor=Actor.system())
    return [a, b, c, d]


@pytest.mark.req("ANA-01")
def test_the_figures_equal_those_counted_by_hand() -> None:
    community, owner = make_community(), make_owner()
    fill(community)

    found = overview(owner, community.pk, NOW)

    assert (found.since, found.until) == (date(2026, 4, 1), date(2026, 4, 30))
    assert {code: (f.value, f.before) for code, f in found.figures.items()} == {
        "members": (4, None),
        "messages": (7, 4),
        "joins": (2, 2),
        "leaves": (1, 0),
        "removals": (1, 0),
        "new_members": (2, 2),
        "conversions": (1, 0),
        "mau": (3, 2),
        "wau": (2, 1),
        "dau": (1, 0),
    }
    assert found["messages"].change_percent == 75
    assert found["leaves"].change_percent is None
    daily = dict(found["messages"].daily)
    assert len(daily) == 30
    assert {day: n for day, n in daily.items() if n} == {
        date(2026, 4, 4): 2,
        date(2026, 4, 5): 1,
        date(2026, 4, 20): 1,
        date(2026, 4, 28): 1,
        date(2026, 4, 29): 1,
        date(2026, 4, 30): 1,
    }


def test_two_communities_together_count_people_once() -> None:
    one, other, owner = make_community(), make_community(), make_owner()
    a = fill(one)[0]
    record_many([(MessagePosted(other.pk, 1, a, 1, chars=9), at(10))], actor=Actor.system())

    found = overview_of(owner, [one.pk, other.pk], NOW)

    assert (found["messages"].value, found["mau"].value) == (8, 3)


@pytest.mark.req("ANA-05")
def test_the_cohort_table_equals_the_hand_calculation() -> None:
    community, owner = make_community(), make_owner()
    fill(community)
    months = Range(date(2026, 3, 1), date(2026, 4, 30), Every.MONTH)
    march, april = date(2026, 3, 1), date(2026, 4, 1)

    assert cohort_table(owner, [community.pk], months) == [
        CohortRow("", march, 2, (2, 1)),
        CohortRow("", april, 2, (2,)),
    ]
    assert cohort_table(owner, [community.pk], months, "join_cohorts") == [
        CohortRow("link", march, 1, (1, 1)),
        CohortRow("link", april, 2, (2,)),
        CohortRow("poster", march, 1, (1, 0)),
    ]


def test_cohorts_of_a_type_are_those_of_its_communities_together() -> None:
    owner, camps = make_owner(), [make_community(type="camp") for _n in range(2)]
    for camp in camps:
        fill(camp)
    months = Range(date(2026, 3, 1), date(2026, 4, 30), Every.MONTH)

    found = cohort_table(owner, [camp.pk for camp in camps], months)

    assert [(row.size, row.active) for row in found] == [(4, (4, 2)), (4, (4,))]


def test_members_behind_a_number() -> None:
    community, owner = make_community(), make_owner()
    a, b, c, d = fill(community)
    months = Range(date(2026, 3, 1), date(2026, 4, 30), Every.MONTH)

    def behind(code: str, *key: str) -> list[int]:
        return members_behind(owner, code, [community.pk], months, key)

    assert behind("active_members", "2026-04-01") == sorted([a, c, d])
    assert behind("retained_members", "2026-04-01") == [a]
    assert behind("join_cohorts", "link", "2026-04-01", "0") == sorted([c, d])
    assert behind("leaves", "2026-04-01") == [b]


def test_the_story_has_five_sentences_in_both_languages() -> None:
    community, owner = make_community(), make_owner()
    fill(community)

    english = story(owner, community.pk, NOW)
    with translation.override("zh-hans"):
        chinese = story(owner, community.pk, NOW)

    assert english == [
        "Members now: 4; in the last 30 days 2 came in and 2 went.",
        "They wrote 7 messages, 3 members speaking; in the 30 days before it was 4 messages by 2 members.",
        "Members who spoke for the first time: 2; in the 30 days before it was 2.",
        "The busiest tenth of the speakers wrote 57% of it; most is said between 20:00 and 21:00.",
        "It is cold. Messages in 7 days: only 3. Talk to members one by one over seven days before you"
        " write to all.",
    ]
    assert chinese == [
        "现有成员 4 人，最近 30 天入群 2 人次，离开 2 人次。",
        "这段时间 3 人发言，共 7 条消息；再往前 30 天是 2 人、4 条。",
        "有 2 人第一次开口，再往前 30 天是 2 人。",
        "发言最多的一成人写了其中的 57%，聊得最多的是 20:00 到 21:00。",
        "目前状态：冷清。7 天内只有 3 条消息。先用七天逐个和成员聊一聊，再向全群说话。",
    ]


def test_a_silent_community_has_a_story_too() -> None:
    community = make_community(opened_at=NOW - timedelta(days=90))

    sentences = story(make_owner(), community.pk, NOW)

    assert len(sentences) == 5
    assert sentences[1].startswith("Nobody wrote in this time")


def test_strangers_see_nothing() -> None:
    community = make_community()
    fill(community)
    days = Range(date(2026, 4, 1), date(2026, 4, 2))
    elsewhere = make_staff("community_manager", make_community())

    for actor in (make_stranger(), elsewhere, Actor.anonymous(), Actor.member(1)):
        with pytest.raises(Missing):
            overview(actor, community.pk, NOW)
        with pytest.raises(Missing):
            story(actor, community.pk, NOW)
        with pytest.raises(Missing):
            series(actor, "messages", [community.pk], days)
        with pytest.raises(Missing):
            members_behind(actor, "messages", [community.pk], days, ["2026-04-01"])
