"""The odd corners of single formats: archives, settings, and files that lack what we need."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaguan.channels.contract import BadLine, Record
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.lines import StableIds
from chaguan.channels.tests.import_files import line, read_file, told, write_lines

NOTICE = "Notices of the chat program."


def slack_zip(path: Path, days: dict[str, list[dict[str, Any]]]) -> Path:
    accounts = [
        {"id": "U1", "name": "lin", "profile": {"display_name": "林一"}},
        {"id": "U2", "name": "helper", "is_bot": True, "profile": {"real_name": "Helper"}},
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps(accounts))
        archive.writestr("channels.json", json.dumps([{"id": "C1", "name": "general"}]))
        for name, messages in days.items():
            archive.writestr(name, json.dumps(messages))
    return path


def test_slack_archive_gives_rooms_threads_and_names(tmp_path: Path) -> None:
    first, second = "1772323200.000100", "1772323260.000200"
    file = slack_zip(
        tmp_path / "export.zip",
        {
            "general/2026-03-02.json": [{"type": "message", "user": "U9", "ts": "1772409600.0", "text": "x"}],
            "general/2026-03-01.json": [
                {"type": "message", "subtype": "channel_join", "user": "U1", "ts": first, "text": "joined"},
                {
                    "type": "message", "user": "U1", "ts": second, "thread_ts": first,
                    "text": "<@U2> see <https://example.com|this> &amp; <#C1|general>",
                },
                {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "Feed", "ts": "1772323300", "text": "news"},
                {"type": "message", "subtype": "channel_topic", "user": "U1", "ts": "1772323301", "text": "t"},
                {"type": "message", "ts": "1772323302", "text": "nobody"},
            ],
            "D0PRIVATE/2026-03-01.json": [{"type": "message", "user": "U1", "ts": first, "text": "secret"}],
        },
    )  # fmt: skip

    format, found = read_file(file)

    assert format == "slack"
    assert [told(item) for item in found] == [
        ("skipped", 0, "Private conversations are not imported."),
        ("join", "2026-03-01 00:00:00", "U1", "林一", "", "general", False, "", "", "text"),
        (
            "message", "2026-03-01 00:01:00", "U1", "林一", "@Helper see https://example.com & #general",
            "general", False, first, "", "text",
        ),
        ("message", "2026-03-01 00:01:40", "B1", "Feed", "news", "general", True, "", "", "text"),
        ("skipped", 4, NOTICE),
        ("bad", 5, "The line does not say who it is about."),
        ("message", "2026-03-02 00:00:00", "U9", "", "x", "general", False, "", "", "text"),
    ]  # fmt: skip


def table(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_of_any_name_are_read_when_they_are_told(tmp_path: Path) -> None:
    file = table(tmp_path / "talk.csv", "wann;wer;was\n2026-03-01T08:00:00+01:00;lin;guten Tag\n")

    _format, found = read_file(file, time="wann", person="wer", text="was")

    assert [told(item) for item in found] == [
        ("message", "2026-03-01 07:00:00", "lin", "lin", "guten Tag")
    ]


@pytest.mark.parametrize(
    ("header", "options", "code"),
    [
        ("who,text", {"person": "who"}, "no_time_column"),
        ("time,text", {}, "no_person_column"),
        ("time,user", {}, "no_text_column"),
        ("time,user,text", {"time": "when"}, "unreadable"),
        ("user,text", {"start": "tomorrow"}, "unreadable"),
        ("user,text", {"start": "2026-03-01", "step": "0"}, "unreadable"),
    ],
)
def test_a_table_that_lacks_a_column_is_refused(
    tmp_path: Path, header: str, options: dict[str, str], code: str
) -> None:
    file = table(tmp_path / "talk.csv", f"{header}\na,b,c\n")

    with pytest.raises(Unreadable) as refusal:
        read_file(file, UTC, **options)

    assert refusal.value.code == code


def test_talk_without_times_follows_a_given_start_in_its_order(real_files: Path) -> None:
    file = real_files / "chat-zh-kdconv" / "dialogues.csv.gz"
    with pytest.raises(Unreadable) as refusal:
        read_file(file)

    _format, found = read_file(file, UTC, start="2026-03-01T08:00", person="dialogue", step="30")

    assert refusal.value.code == "no_time_column"
    records = [item for item in found if isinstance(item, Record)]
    assert len(records) == len(found) == 6630
    assert (records[0].external_id, records[0].person) == ("film-dev-0000-00", "film-dev-0000")
    assert records[0].text == "知道恋恋笔记本这部电影吗？"
    assert records[2].at == datetime(2026, 3, 1, 8, 1, tzinfo=UTC)


def test_lines_of_chaguan_json_that_cannot_be_used_are_told_one_by_one(tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "talk.jsonl",
        [
            line(1),
            "{not json",
            '["a list"]',
            line(2, ts="yesterday"),
            line(3, ts="2026-03-01T08:00:00"),
            line(4, user=" "),
            line(5, kind="dance"),
            line(6, kind="other"),
            line(7, text=None, community=None, reply_to=None, user=""),
            line(8, text="/me 泡茶", bot=True, via="discord", reply_to="m1"),
            line(9, kind="rename", text="", to="lin_away"),
        ],
    )

    assert [told(item)[:3] for item in read_file(file)[1]] == [
        ("message", "2026-03-01 08:01:00", "lin"),
        ("bad", 2, "The line is not a JSON object."),
        ("bad", 3, "The line is not a JSON object."),
        ("bad", 4, "The time is missing or cannot be read."),
        ("bad", 5, "The time has no time zone; write it like 2026-03-01T08:00:00Z."),
        ("bad", 6, "The line does not say who it is about."),
        ("bad", 7, "The kind of the line is unknown."),
        ("skipped", 8, NOTICE),
        ("bad", 9, "The line does not say who it is about."),
        ("message", "2026-03-01 08:08:00", "lin"),
        ("rename", "2026-03-01 08:09:00", "lin"),
    ]


def test_an_irc_log_without_a_day_says_so(tmp_path: Path) -> None:
    file = table(tmp_path / "tea.log", "08:00 <lin> hello\n08:01 <chen> hi\n")

    assert [told(item) for item in read_file(file)[1]] == [
        ("bad", 1, "The line has a clock time, but nothing says on which day."),
        ("bad", 2, "The line has a clock time, but nothing says on which day."),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.sampled_from("xy"))),
    st.integers(0, 20),
)
def test_overlapping_exports_meet_in_the_same_ids(
    talk: list[tuple[int, str, str]], cut: int
) -> None:
    """The second export begins later, at the turn of a second: it gives the ids of the first one."""
    talk = sorted(talk, key=lambda said: said[0])
    start = next((n for n in range(cut, len(talk)) if n == 0 or talk[n][0] != talk[n - 1][0]), None)

    def ids(part: list[tuple[int, str, str]]) -> list[str]:
        made = StableIds()
        return [
            made.next(datetime(2026, 3, 1, 8, 0, second, tzinfo=UTC), who, "message", what)
            for second, who, what in part
        ]

    whole = ids(talk)
    assert len(set(whole)) == len(talk)
    if start is not None:
        assert ids(talk[start:]) == whole[start:]


@pytest.mark.parametrize(
    ("name", "is_bot"),
    [
        ("TeaBot", True), ("tea_bot", True), ("bot", True), ("茶茶机器人", True), ("Q群管家", True), ("MEE6", True),
        ("abbot", False), ("talbot", False), ("林一", False), ("robotics fan", False), ("", False),
    ],
)  # fmt: skip
def test_bots_are_told_by_their_names(name: str, is_bot: bool) -> None:
    assert looks_like_bot(name) is is_bot


def test_csv_rows_with_too_many_cells_or_endless_quotes_are_bad(tmp_path: Path) -> None:
    endless = '2026-03-01 08:02,lin,"' + "x\n" * 100_000
    file = table(
        tmp_path / "talk.csv",
        f"time,user,text\n2026-03-01 08:00,lin,a\n2026-03-01 08:01,lin,a,b\n{endless}",
    )

    found = read_file(file)[1]

    assert [told(item)[0] for item in found[:2]] == ["message", "bad"]
    assert {type(item) for item in found[2:]} == {BadLine}
