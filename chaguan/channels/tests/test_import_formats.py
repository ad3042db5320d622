"""Every format on a sample of its own: who, when, what, and what is left out."""

import pytest

from chaguan.channels.contract import BadLine, Record
from chaguan.channels.tests.import_files import SAMPLES, read_file, told

NOTICE = "Notices of the chat program."
NO_PERSON = "The line does not say who it is about."
NO_TIME = "The time is missing or cannot be read."

# fmt: off
EXPECTED = {
    "#tea_20260301.log": ("irc", [
        ("join", "2026-03-01 00:00:00", "lin", "lin", "", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 00:00:01", "chen", "chen", "hello", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 00:00:02", "lin", "lin", "drinks", "#tea", False, "", "", "action"),
        ("skipped", 4, NOTICE),
        ("rename", "2026-03-01 00:00:04", "lin", "lin", "", "#tea", False, "", "lin2", "text"),
        ("kick", "2026-03-01 00:00:05", "lin2", "lin2", "enough", "#tea", False, "", "", "text"),
        ("leave", "2026-03-01 00:00:06", "chen", "chen", "Quit: bye", "#tea", False, "", "", "text"),
    ]),
    "discord.json": ("discord", [
        ("join", "2026-03-01 08:00:00", "1", "Lin", "", "general", False, "", "", "text"),
        ("message", "2026-03-01 08:01:00", "1", "Lin", "hello", "general", False, "", "", "text"),
        ("message", "2026-03-01 08:02:00", "2", "helper", "tea.png", "general", True, "101", "", "image"),
        ("skipped", 4, NOTICE),
        ("bad", 5, NO_PERSON),
    ]),
    "irc.libera.#tea.weechatlog": ("irc", [
        ("join", "2026-03-01 00:00:00", "lin", "lin", "", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 00:00:01", "chen", "chen", "hello", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 00:00:02", "lin", "lin", "drinks", "#tea", False, "", "", "action"),
        ("skipped", 4, NOTICE),
        ("rename", "2026-03-01 00:00:04", "lin", "lin", "", "#tea", False, "", "lin2", "text"),
        ("kick", "2026-03-01 00:00:05", "lin2", "lin2", "enough", "#tea", False, "", "", "text"),
        ("leave", "2026-03-01 00:00:06", "chen", "chen", "Quit: bye", "#tea", False, "", "", "text"),
    ]),
    "irssi.log": ("irc", [
        ("join", "2026-03-01 15:58:00", "lin", "lin", "", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 15:58:00", "lin", "lin", "hello", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 15:58:00", "chen", "chen", "好", "#tea", False, "", "", "text"),
        ("message", "2026-03-01 15:59:00", "chen", "chen", "pours tea", "#tea", False, "", "", "action"),
        ("skipped", 6, NOTICE),
        ("rename", "2026-03-01 16:00:00", "lin", "lin", "", "#tea", False, "", "lin_away", "text"),
        ("kick", "2026-03-01 16:01:00", "spammer", "spammer", "no ads", "#tea", False, "", "", "text"),
        ("leave", "2026-03-01 16:02:00", "lin_away", "lin_away", "Ping timeout", "#tea", False, "", "", "text"),
        ("leave", "2026-03-01 16:03:00", "chen", "chen", "bye", "#tea", False, "", "", "text"),
        ("bad", 12, "The line is in none of the forms that this format knows."),
    ]),
    "qq.txt": ("qq", [
        ("message", "2026-03-01 00:01:05", "12345", "林一", "早上好\n12:30 开会", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 00:01:09", "chen@example.com", "陈二", "[表情]", "茶友会", False, "", "", "image"),
        ("join", "2026-03-01 00:02:00", "67890", "周三", "", "茶友会", False, "", "", "text"),
        ("kick", "2026-03-01 00:03:00", "67890", "周三", "", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 00:04:00", "2854196310", "Q群管家", "欢迎", "茶友会", True, "", "", "text"),
    ]),
    "qq_days.txt": ("qq", [
        ("message", "2026-03-01 15:59:59", "12345", "林一", "晚安", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 16:00:01", "12345", "林一", "晚安", "茶友会", False, "", "", "text"),
    ]),
    "table.csv": ("csv", [
        ("message", "2026-03-01 00:01:00", "林一", "林一", "早上好\n第二行"),
        ("message", "2026-03-01 00:02:03", "陈二", "陈二", "好"),
        ("bad", 5, NO_TIME),
        ("join", "2026-03-01 00:03:00", "周三", "周三", ""),
        ("bad", 7, NO_PERSON),
    ]),
    "telegram.json": ("telegram", [
        ("skipped", 1, NOTICE),
        ("join", "2026-03-01 08:01:00", "user2", "Chen", "", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 08:02:00", "user2", "Chen", "看 https://example.com 吧", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 08:03:00", "user9", "TeaBot", "", "茶友会", True, "3", "", "image"),
        ("join", "2026-03-01 08:04:00", "user4", "Wu", "", "茶友会", False, "", "", "text"),
        ("kick", "2026-03-01 08:05:00", "user4", "Wu", "", "茶友会", False, "", "", "text"),
        ("leave", "2026-03-01 08:06:00", "user2", "Chen", "", "茶友会", False, "", "", "text"),
        ("bad", 8, NO_TIME),
        ("join", "2026-03-01 08:01:00", "name:Zhou", "Zhou", "", "茶友会", False, "", "", "text"),
    ]),
    "telegram_all.json": ("telegram", [
        ("skipped", 0, "Private conversations are not imported."),
        ("message", "2026-03-01 08:00:00", "user2", "Chen", "hello", "茶友会", False, "", "", "text"),
        ("message", "2026-02-01 08:00:00", "user5", "", "bye", "旧群", False, "", "", "text"),
    ]),
    "wechat_email.txt": ("wechat", [
        ("message", "2026-03-01 00:01:00", "林一", "林一", "早上好，今天泡的是白茶\n\n水温大概 85 度", "茶友会", False, "", "", "text"),
        ("message", "2026-03-01 00:02:00", "茶茶机器人", "茶茶机器人", "[图片]", "茶友会", True, "", "", "image"),
        ("message", "2026-03-02 13:30:00", "陈二", "陈二", "晚上好", "茶友会", False, "", "", "text"),
    ]),
    "wechat_inline.txt": ("wechat", [
        ("message", "2026-03-01 00:01:05", "林一", "林一", "早上好\n第二行"),
        ("message", "2026-03-01 00:01:09", "陈二", "陈二", "[语音]", "", False, "", "", "file"),
    ]),
    "wechat_tool.txt": ("wechat", [
        ("message", "2026-03-01 00:01:05", "林一", "林一", "早上好\n第二行\n\n第四行"),
        ("message", "2026-03-01 00:01:09", "陈二", "陈二", "好的"),
        ("join", "2026-03-01 00:01:09", "周三", "周三", ""),
        ("join", "2026-03-01 00:01:09", "吴四", "吴四", ""),
        ("message", "2026-03-01 00:01:09", "陈二", "陈二", "好的"),
        ("skipped", 14, NOTICE),
        ("kick", "2026-03-01 00:05:00", "吴四", "吴四", ""),
        ("skipped", 17, NOTICE),
    ]),
}
# fmt: on


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_sample_is_read_line_by_line(name: str) -> None:
    format, found = read_file(SAMPLES / name)

    assert (format, [told(item) for item in found]) == EXPECTED[name]


def test_every_sample_is_expected() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in SAMPLES.iterdir())


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_second_reading_gives_the_same_ids(name: str) -> None:
    first, second = read_file(SAMPLES / name), read_file(SAMPLES / name)

    assert first == second
    ids = [(item.room, item.external_id) for item in first[1] if isinstance(item, Record)]
    assert len(set(ids)) == len(ids)
    assert all(not isinstance(item, BadLine) or item.reason for item in first[1])
