"""The walk through large JSON: equal to reading it whole, and unharmed by what cannot be read."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest import json_stream
from chaguan.channels.ingest.json_stream import BadValue, JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, so that every token is cut somewhere."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = io.BytesIO(content)
        self._size = size

    def read1(self, size: int = -1) -> bytes:
        return self._content.read(self._size)


@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=5), st.integers(1, 40), st.booleans())
def test_walk_gives_what_the_whole_holds(values: dict[str, Any], size: int, is_ascii: bool) -> None:
    content = json.dumps(values, ensure_ascii=is_ascii, indent=1 if size % 2 else None).encode()
    stream = JsonStream(Trickle(content, size))  # type: ignore[arg-type] # it only needs read1

    assert {key: stream.value() for key in stream.keys()} == values  # noqa: SIM118


@given(st.lists(VALUES, max_size=8), st.integers(1, 40))
def test_elements_can_be_read_or_passed_over(values: list[Any], size: int) -> None:
    stream = JsonStream(Trickle(json.dumps(values).encode(), size))  # type: ignore[arg-type] # as above
    found = []

    for place, _each in enumerate(stream.elements()):
        if place % 2:
            stream.skip()
        else:
            found.append(stream.value())

    assert found == values[::2]


def test_a_value_too_large_or_wrong_is_told_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_stream, "MAX_VALUE_BYTES", 1000)
    large = json.dumps({"text": 'x"]}\\' * 500, "more": [["y" * 3000]]})
    content = f'[{{"id": 1}}, {large}, {{"id": nonsense}}, {{"id": 4}}]'.encode()
    stream = JsonStream(Trickle(content, 64))  # type: ignore[arg-type] # as above
    found: list[Any] = []

    for _each in stream.elements():
        try:
            found.append(stream.value()["id"])
        except BadValue as bad:
            found.append(bad.reason)

    assert found == [1, "One entry is larger than 8 MB.", "The entry is not valid JSON.", 4]


@pytest.mark.parametrize(
    "content", [b'[{"id": 1}, {"id"', b'[{"id": 1}', b'[{"id": 1} : 2]', b'[{"id": 1}, "x']
)
def test_a_broken_end_is_refused_after_what_came_before(content: bytes) -> None:
    stream = JsonStream(Trickle(content, 8))  # type: ignore[arg-type] # as above
    found = []

    def walk() -> None:
        for _each in stream.elements():
            found.append(stream.value())

    with pytest.raises(Unreadable) as refusal:
        walk()

    assert (found, refusal.value.code) == ([{"id": 1}], "cut_off")


def test_a_key_that_is_no_key_breaks_the_file_in_one_sentence() -> None:
    stream = JsonStream(io.BufferedReader(io.BytesIO(b'{"a": [\n]\n2026-03-01 08:00:00 lin(1)')))

    keys = stream.keys()
    assert next(keys) == "a"
    stream.skip()

    with pytest.raises(Unreadable):
        next(keys)
