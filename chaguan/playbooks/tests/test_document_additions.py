"""Splits, holidays, what comes after and rules: read, kept, and refused with their place."""

from typing import Any

import pytest
import yaml

from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.offsets import parse_offset
from chaguan.playbooks.reading import dump, load_playbook
from chaguan.playbooks.testing import make_document, make_step

SPLIT: dict[str, Any] = {
    "key": "tone",
    "arms": [
        {"key": "warm", "title": "先问候", "share": 45},
        {"key": "brief", "title": "直接说事", "share": 45},
        {"key": "control", "title": "不发消息", "share": 10, "control": True},
    ],
    "goal": {"fact": "people.order_confirmed", "within": "7d"},
}
TOUCH = make_step(
    id="T-1", track="person", offset="P2 09:00", kind="touch", audience="person", arm="warm"
)
BUYERS = {"condition": "messages_at_most", "messages": 0, "community": "here"}
NEXT = [
    {"who": "buyers", "start": "delivery_28d", "why": "已经下单"},
    {"start": "touch_plan_7d", "why": "其他人慢慢来"},
]


def text_of(*steps: dict[str, Any], **over: Any) -> str:
    return yaml.safe_dump(make_document(*steps, **over), allow_unicode=True, sort_keys=False)


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadDocument) as refusal:
        load_playbook(text)
    return [problem.place for problem in refusal.value.problems]


def split_with(**over: Any) -> dict[str, Any]:
    return {**SPLIT, **over}


def arms(*shares: int, control: int = 0) -> list[dict[str, Any]]:
    return [
        {"key": f"a{n}", "title": "一种", "share": share, "control": n < control}
        for n, share in enumerate(shares)
    ]


def test_the_additions_are_read_and_written_without_loss() -> None:
    text = text_of(
        TOUCH,
        make_step(id="R-1", offset="rrule:FREQ=MONTHLY;BYDAY=2TU,4TU 20:00", holidays="skip"),
        split=SPLIT,
        holidays="shift",
        outcome={"reply_rate": 0.1, "check_in_rate": 0.3, "rating": 3.5},
        segments={"buyers": BUYERS},
        then=NEXT,
    )

    document = load_playbook(text)

    assert load_playbook(dump(document)) == document
    assert document.split is not None
    assert [(arm.key, arm.share, arm.control) for arm in document.split.arms] == [
        ("warm", 45, False),
        ("brief", 45, False),
        ("control", 10, True),
    ]
    assert (document.holidays, document.step("R-1").holidays) == ("shift", "skip")
    assert document.outcome is not None
    assert document.outcome.model_dump() == {
        "reply_rate": 0.1,
        "check_in_rate": 0.3,
        "rating": 3.5,
    }
    assert [(line.who, line.start) for line in document.then] == [
        ("buyers", "delivery_28d"),
        (None, "touch_plan_7d"),
    ]


@pytest.mark.parametrize(
    ("over", "place"),
    [
        ({"split": split_with(arms=arms(50, 40))}, "split › arms"),
        ({"split": split_with(arms=arms(50, 50, control=2))}, "split › arms"),
        ({"split": split_with(arms=[*arms(50), *arms(50)])}, "split › arms › a0"),
        ({"split": split_with(arms=arms(99))}, "split › arms"),
        (
            {"split": split_with(goal={"fact": "people.flew", "within": "7d"})},
            "split › goal › fact",
        ),
        (
            {"split": split_with(goal={"fact": "people.order_confirmed", "within": "soon"})},
            "split › goal › within",
        ),
        ({"split": SPLIT, "tracks": [{"key": "room", "title": "群", "kind": "room"}]}, "split"),
        ({"then": [{"start": "one", "why": "好"}, {"start": "two", "why": "好"}]}, "then › 1"),
        ({"then": [{"who": "nobody", "start": "next_one", "why": "好"}]}, "then › 1 › who"),
        ({"then": [{"start": "next_one"}]}, "then › 1 › why"),
        ({"outcome": {"reply_rate": 12}}, "outcome › reply_rate"),
        ({"holidays": "move"}, "holidays"),
    ],
)
def test_what_is_wrong_on_the_head_is_named(over: dict[str, Any], place: str) -> None:
    assert problems_of(text_of(**over)) == [place]


@pytest.mark.parametrize(
    ("step", "over", "place"),
    [
        (TOUCH, {}, "steps › T-1 › arm"),
        ({**TOUCH, "arm": "cold"}, {"split": SPLIT}, "steps › T-1 › arm"),
        ({**TOUCH, "arm": "control"}, {"split": SPLIT}, "steps › T-1 › arm"),
        (make_step(arm="warm"), {"split": SPLIT}, "steps › A-1 › arm"),
        ({**TOUCH, "holidays": "skip"}, {"split": SPLIT}, "steps › T-1 › holidays"),
    ],
)
def test_what_is_wrong_on_a_step_is_named(
    step: dict[str, Any], over: dict[str, Any], place: str
) -> None:
    assert problems_of(text_of(step, **over)) == [place]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYHOUR=9",
        "FREQ=SOMETIMES",
        "BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=2TU",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20270101",
        "FREQ=WEEKLY;UNTIL=20271301",
        "FREQ=WEEKLY;UNTIL=20270101T000000Z",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;;",
        "FREQ=WEEKLY;EXDATE=20270101",
        "=",
    ],
)
def test_a_bad_rule_is_refused_with_one_sentence(rule: str) -> None:
    text = text_of(make_step(offset=f"rrule:{rule} 20:00"))

    with pytest.raises(BadDocument) as refusal:
        load_playbook(text)

    (problem,) = refusal.value.problems
    assert problem.place == "steps › A-1 › offset"
    assert "\n" not in problem.sentence
    assert problem.sentence.endswith((".", "。"))


def test_a_rule_without_a_time_is_told_so() -> None:
    assert problems_of(text_of(make_step(offset="rrule:FREQ=WEEKLY"))) == ["steps › A-1 › offset"]


def test_a_rule_keeps_its_commas_inside_a_list() -> None:
    offset = parse_offset("rrule:FREQ=WEEKLY;BYDAY=MO,WE 20:00, D3 08:00, rrule:freq=daily 7:05")

    assert [getattr(moment, "rrule", "") for moment in offset.moments] == [
        "FREQ=WEEKLY;BYDAY=MO,WE",
        "",
        "FREQ=DAILY",
    ]
    assert offset.bases == {"calendar", "D"}
