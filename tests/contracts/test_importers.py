"""What holds for every import format, whatever it is fed."""

import io
from datetime import UTC
from io import BufferedReader
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importers
from chaguan.channels.errors import Unreadable
from chaguan.channels.tests.import_files import SAMPLES

FRAGMENTS = [
    "2026-03-01 08:00:00 lin(12345)", "[08:00:00] <lin> hi", "08:00 -!- lin [x] has joined #tea", '{"messages": [',
    '{"ts": "2026-03-01T08:00:00Z", "user": "lin"}', "time,user,text", "2026-03-01,lin,hi", '"', "\0", "\\", "]}",
    "9999-99-99 99:99:99 lin(12345)", "--- Day changed Mon Feb 31 2026", "————— 2026-13-45 —————", "lin  25:61",
    '{"id": 1, "type": "message", "date_unixtime": "1e999", "from": 1, "text": {}}', "[[[[[[", "\ufeff", "\u2028",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=30), max_size=12).map("\n".join)
every_format = pytest.mark.parametrize("code", [code for code, _importer in importers])


def source_of(content: bytes) -> Source:
    return Source("talk", BufferedReader(cast(io.RawIOBase, io.BytesIO(content))), UTC)


def read_all(code: str, content: bytes) -> list[Item] | str:
    try:
        return list(importers.get(code).read(source_of(content)))
    except Unreadable as refusal:
        return refusal.code


@every_format
@given(text=TEXTS)
def test_nonsense_gives_items_or_a_refusal_and_the_same_ones_again(code: str, text: str) -> None:
    content = text.encode("utf-8", "replace")

    found = read_all(code, content)

    assert found == read_all(code, content)
    if not isinstance(found, str):
        assert {type(item) for item in found} <= {Record, BadLine, Skipped}
        assert all(item.at.tzinfo is not None for item in found if isinstance(item, Record))


@every_format
@given(text=TEXTS, name=st.sampled_from(["a.txt", "a.csv", "#tea.log", "", "x.json"]))
def test_sniffing_is_a_share_and_never_fails(code: str, text: str, name: str) -> None:
    assert 0.0 <= importers.get(code).sniff(Sample(name, text)) <= 1.0


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_each_sample_is_claimed_most_surely_by_one_format(path: Path) -> None:
    sample = Sample(path.name, path.read_text("utf-8-sig"))
    scores = sorted((importer.sniff(sample), code) for code, importer in importers)

    assert scores[-1][0] >= 0.4
    assert scores[-1][0] > scores[-2][0]
