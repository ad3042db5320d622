"""Which words sign somebody in."""

import pytest

from chaguan.engagement.words import is_sign_in


@pytest.mark.parametrize(
    "text",
    [
        "签到",
        "打卡",
        "签到！",
        "签到 今天泡了白毫银针",
        "🌞签到",
        "签到签到",
        "打卡啦",
        "我来签到",
        "签到了，昨晚睡得早",
    ],
)
def test_keyword_signs_in_at_any_hour(text: str) -> None:
    assert is_sign_in(text, local_hour=23)


@pytest.mark.parametrize(
    "text", ["早", "早安", "早上好，各位", "大家早", "早呀~", "Good morning!", "大家早上好"]
)
def test_greeting_signs_in_before_noon_only(text: str) -> None:
    assert is_sign_in(text, local_hour=7)
    assert is_sign_in(text, local_hour=11)
    assert not is_sign_in(text, local_hour=12)


@pytest.mark.parametrize(
    "text",
    [
        "签到怎么弄？",
        "今天在哪里签到",
        "我忘了签到",
        "早饭吃了什么",
        "早知道就买了",
        "打卡的规则是什么",
        "",
        "。",
        "签到" + "，今天聊聊水温" * 8,
    ],
)
def test_talk_about_it_does_not_sign_in(text: str) -> None:
    assert not is_sign_in(text, local_hour=8)
