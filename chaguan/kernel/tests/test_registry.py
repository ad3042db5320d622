import pytest

from chaguan.kernel.errors import DuplicateCode, UnknownCode
from chaguan.kernel.registry import Registry


def test_unknown_code_names_the_known_ones() -> None:
    words: Registry[str] = Registry("word")
    words.add("tea")("茶")
    words.add("cup")("杯")

    with pytest.raises(UnknownCode) as refusal:
        words.get("pot")

    assert str(refusal.value) == "There is no word 'pot'. There are: cup, tea."


def test_two_things_cannot_share_a_code() -> None:
    words: Registry[str] = Registry("word")
    words.add("tea")("茶")

    with pytest.raises(DuplicateCode):
        words.add("tea")("水")
