import pytest
from django.utils import translation

from chaguan.console.lines.offsets import offset_words

WORDS = {
    "D-10 10:00": ("10 days before 10:00", "开始前 10 天 10:00"),
    "D0 19:00": ("1 day before 19:00", "开始前 1 天 19:00"),
    "D-1 12:00": ("1 day before 12:00", "开始前 1 天 12:00"),
    "D1 08:00": ("day 1 08:00", "第 1 天 08:00"),
}


@pytest.mark.parametrize("offset", WORDS)
def test_days_before_the_first_one_count_backwards_to_it(offset: str) -> None:
    found = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found.append(offset_words(offset))

    assert tuple(found) == WORDS[offset]
