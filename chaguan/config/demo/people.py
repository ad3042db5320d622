"""What the house knows of the demo's people: profiles, usage and orders as evidence, tags, notes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from chaguan.config.demo.built import DEMO, IMPORT, Built
from chaguan.config.demo.cast import TEAS, Person
from chaguan.config.demo.history import ZONE
from chaguan.people.actions.notes import write_note
from chaguan.people.actions.orders import confirm_order, report_usage
from chaguan.people.actions.profile import answer_profile, define_field
from chaguan.people.actions.segments import save_segment
from chaguan.people.actions.stages import override_stage
from chaguan.people.actions.tags import tag_members

USES = ("记下第一泡", "看完水温那一课", "用泡茶记录", "听完答疑回放", "交了一次作业")
TAGS = {
    "答疑热心": 0.5,
    "来过斗茶会": 0.3,
    "想学盖碗": 0.2,
    "可请值班": 0.12,
    "收藏老茶": 0.1,
}
SEGMENTS: dict[str, dict[str, Any]] = {
    "连续签到三天、还没买过": {
        "all": [
            {"condition": "signed_in_row", "days": 3},
            {"not": {"condition": "orders", "times": 1}},
        ]
    },
    "来了两周还没说过话": {
        "all": [
            {"condition": "messages_at_most", "messages": 0},
            {"not": {"condition": "first_seen_within", "days": 14}},
        ]
    },
    "熟悉我们、一个月没来": {
        "all": [
            {"condition": "stage", "stages": ["familiar", "bought", "bought_again"]},
            {"condition": "not_seen_for", "days": 30},
        ]
    },
}
REASONS = (
    "连着三周都来答疑，认得我们每个人。",
    "线下见过两次，会主动帮新人。",
    "泡茶记录写了二十多条，问的问题很细。",
)
NOTES = (
    "做会计，晚上九点以后才有空，别白天打电话。",
    "送过一套盖碗给新人，可以请来讲一次。",
    "对香精茶很敏感，遇到商家软文会直说，先私下沟通。",
    "想在苏州办一次小聚，场地有了，缺一个主持。",
    "家里老人刚出院，最近少打扰。",
)


def know_people(chance: Random, built: Sequence[Built], *, now: datetime) -> None:
    """Fill in what members told and did before `now`."""
    define_field(DEMO, "city", "所在城市", kind="place")
    define_field(DEMO, "favourite_tea", "最常喝的茶", kind="choice", choices=TEAS)
    define_field(DEMO, "years_of_tea", "喝茶几年了", kind="number")
    define_field(DEMO, "job", "做什么工作", kind="text")
    for one in built:
        known = [(p, one.member_ids[p.handle]) for p in one.people if p.handle in one.member_ids]
        _profiles(chance, one, known, now)
        _usage(chance, one, known, now)
        _orders(chance, one, known, now)
    tea = built[0]
    talkers = [tea.member_ids[p.handle] for p in tea.people[:90] if p.handle in tea.member_ids]
    for tag, share in TAGS.items():
        chosen = [member_id for member_id in talkers if chance.random() < share]
        tag_members(DEMO, chosen, add=[tag], now=now - timedelta(days=chance.randint(1, 20)))
    for member_id in talkers[5:70:4]:
        reason = chance.choice(REASONS)
        at = now - timedelta(days=chance.randint(2, 30))
        override_stage(DEMO, member_id, "familiar", reason=reason, now=at)
    for name, tree in SEGMENTS.items():
        save_segment(DEMO, name, tree, now=now)
    for text, member_id in zip(NOTES, talkers, strict=False):
        write_note(DEMO, member_id, text, now=now - timedelta(days=3), community_id=tea.id)


def _profiles(
    chance: Random, one: Built, known: Sequence[tuple[Person, int]], now: datetime
) -> None:
    """Those who talk mostly filled the form in; the quiet ones rarely did."""
    for person, member_id in known:
        likely = {"core": 1.0, "regular": 0.85, "casual": 0.45}.get(person.habit, 0.15)
        if chance.random() >= likely:
            continue
        answers = {"city": person.city, "favourite_tea": person.tea}
        if chance.random() < 0.7:
            answers["years_of_tea"] = str(chance.randint(0, 20))
        if chance.random() < 0.5:
            answers["job"] = person.job
        at = min(now, _instant(one, person.joins_on, chance.randint(10, 21)))
        answer_profile(DEMO, member_id, answers, now=at, source="资料表")


def _usage(chance: Random, one: Built, known: Sequence[tuple[Person, int]], now: datetime) -> None:
    """Uses of the product, which are the evidence for "informed" and "familiar"."""
    for person, member_id in known:
        likely = {"core": 0.9, "regular": 0.6, "casual": 0.12}.get(person.habit, 0.0)
        if chance.random() >= likely:
            continue
        for number, at in enumerate(_later(chance, one, person, now, chance.choice((1, 1, 2, 3)))):
            report_usage(
                IMPORT,
                member_id,
                chance.choice(USES),
                now=at,
                reference=f"demo:{person.handle}:{number}",
                community_id=one.id,
            )


def _orders(chance: Random, one: Built, known: Sequence[tuple[Person, int]], now: datetime) -> None:
    """Loyal fans bought at least twice; of the others a few bought once."""
    for person, member_id in known:
        if one.sketch.key == "fans":
            times = chance.choice((1, 2, 2, 2, 3))
        elif person.habit in ("core", "regular"):
            times = int(chance.random() < 0.22)
        else:
            times = 0
        for number, at in enumerate(_later(chance, one, person, now, times)):
            confirm_order(
                IMPORT,
                member_id,
                f"DEMO-{person.handle}-{number}",
                now=at,
                amount_fen=chance.choice((6800, 9900, 16800, 28800)),
                community_id=one.id,
            )


def _later(
    chance: Random, one: Built, person: Person, now: datetime, times: int
) -> Iterator[datetime]:
    """Instants after the person came and before `now`, in order."""
    first, last = person.joins_on + 1, one.sketch.days - 5
    if times and first < last:
        for day in sorted(chance.randint(first, last) for _ in range(times)):
            yield min(now, _instant(one, day, chance.randint(9, 22)))


def _instant(one: Built, day: int, hour: int) -> datetime:
    return datetime.combine(one.chronicle.day(day), time(hour), ZONE)
