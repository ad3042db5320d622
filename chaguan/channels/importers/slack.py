"""Slack: the export zip with users.json, channels.json and one file per channel and day."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import (
    Archive,
    BadLine,
    Item,
    Record,
    RecordKind,
    Sample,
    Skipped,
    Source,
    importer,
)
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.json_stream import BadValue, JsonStream
from chaguan.channels.ingest.reasons import NO_PERSON, NO_TIME, OTHER, PRIVATE

_DAY = re.compile(r"^(?P<folder>.+/)?(?P<channel>[^/]+)/\d{4}-\d\d-\d\d\.json$")
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?:\|(?P<name>[^>]*))?>")
_LINK = re.compile(r"<(?P<url>(?:https?|mailto|ftp):[^|>]+)(?:\|(?P<label>[^>]*))?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+\|(?P<name>[^>]*)>")
_MOVES: dict[str, RecordKind] = {
    "channel_join": "join",
    "group_join": "join",
    "channel_leave": "leave",
    "group_leave": "leave",
}
_SPOKEN = frozenset(
    ("", "bot_message", "me_message", "file_share", "thread_broadcast", "file_comment")
)


@importer("slack")
class Slack:
    """Each channel is a room. Direct messages in the archive are left out."""

    label = _("Slack export (zip)")
    suffixes: tuple[str, ...] = (".zip",)
    options: tuple[str, ...] = ()
    reads_archive = True

    def sniff(self, sample: Sample) -> float:
        has_people = any(PurePosixPath(name).name == "users.json" for name in sample.names)
        return 0.95 if has_people and any(_DAY.match(name) for name in sample.names) else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        if source.archive is None:
            raise Unreadable(_("A Slack export is a zip file; choose the zip itself."))
        archive = source.archive
        people = _people(archive)
        public = _channel_names(archive)
        for name in archive.names:
            found = _DAY.match(name)
            if found is None:
                continue
            room = found["channel"]
            if public and room not in public:
                yield Skipped(0, PRIVATE)
                continue
            yield from _day(archive, name, _Room(room, people))


def _people(archive: Archive) -> dict[str, tuple[str, bool]]:
    """Name and botness by id."""
    people: dict[str, tuple[str, bool]] = {}
    for values in _entries(archive, "users.json"):
        found = values.get("profile")
        profile: dict[str, Any] = found if isinstance(found, dict) else {}
        name = (
            profile.get("display_name")
            or profile.get("real_name")
            or values.get("real_name")
            or values.get("name")
            or ""
        )
        people[str(values.get("id", ""))] = (str(name), values.get("is_bot") is True)
    return people


def _channel_names(archive: Archive) -> set[str]:
    """Channels, open or closed; direct messages stand in other lists."""
    lists = ("channels.json", "groups.json")
    return {str(values.get("name", "")) for name in lists for values in _entries(archive, name)}


def _entries(archive: Archive, file_name: str) -> Iterator[dict[str, Any]]:
    for name in archive.names:
        if PurePosixPath(name).name == file_name:
            with archive.open(name) as file:
                stream = JsonStream(file)
                for _each in stream.elements():
                    try:
                        values = stream.value()
                    except BadValue:
                        continue
                    if isinstance(values, dict):
                        yield values


def _day(archive: Archive, name: str, room: "_Room") -> Iterator[Item]:
    with archive.open(name) as file:
        stream = JsonStream(file)
        for number, _each in enumerate(stream.elements(), 1):
            try:
                values = stream.value()
            except BadValue as bad:
                yield BadLine(number, bad.reason, f"{name}: {bad.sample}")
                continue
            item = room.one(number, values) if isinstance(values, dict) else None
            item = item or BadLine(number, NO_PERSON, str(values)[:120])
            if isinstance(item, BadLine):
                item.sample = f"{name}: {item.sample}"
            yield item


class _Room:
    """Turns the entries of one channel into records."""

    def __init__(self, name: str, people: dict[str, tuple[str, bool]]) -> None:
        self._name = name
        self._people = people

    def one(self, number: int, values: dict[str, Any]) -> Item | None:
        subtype = str(values.get("subtype") or "")
        if subtype not in _SPOKEN and subtype not in _MOVES:
            return Skipped(number, OTHER)
        person, name, is_bot = self._author(values)
        if not person:
            return None
        stamp = str(values.get("ts", ""))
        try:
            at = datetime.fromtimestamp(float(stamp), UTC)
        except (ValueError, OverflowError, OSError):
            return BadLine(number, NO_TIME, stamp[:60])
        kind = _MOVES.get(subtype, "message")
        if kind != "message":
            return Record(stamp, at, kind, person, name, "", self._name, is_bot, line=number)
        thread = str(values.get("thread_ts") or "")
        message_kind, text = self._content(values, subtype)
        return Record(
            stamp,
            at,
            "message",
            person,
            name,
            text,
            self._name,
            is_bot,
            thread if thread != stamp else "",
            message_kind=message_kind,
            line=number,
        )

    def _author(self, values: dict[str, Any]) -> tuple[str, str, bool]:
        person = str(values.get("user") or "")
        if person:
            name, is_bot = self._people.get(person, ("", False))
            profile = values.get("user_profile")
            if not name and isinstance(profile, dict):
                name = str(profile.get("display_name") or profile.get("real_name") or "")
            return person, name, is_bot or "bot_id" in values or person == "USLACKBOT"
        bot = str(values.get("bot_id") or values.get("username") or "")
        return bot, str(values.get("username") or bot), True

    def _content(self, values: dict[str, Any], subtype: str) -> tuple[str, str]:
        text = self._plain(str(values.get("text") or ""))
        if subtype == "me_message":
            return "action", text
        files = [file for file in values.get("files") or [] if isinstance(file, dict)]
        if not files:
            return "text", text
        is_image = all(str(file.get("mimetype", "")).startswith("image/") for file in files)
        names = ", ".join(str(file.get("name") or "") for file in files)
        return ("image" if is_image else "file"), text or names

    def _plain(self, text: str) -> str:
        """Slack's marks as people see them: names for ids, addresses for links."""
        if "<" in text:
            text = _MENTION.sub(self._mention, text)
            text = _LINK.sub(lambda link: link["url"].removeprefix("mailto:"), text)
            text = _CHANNEL.sub(lambda channel: f"#{channel['name']}", text)
        return html.unescape(text) if "&" in text else text

    def _mention(self, found: re.Match[str]) -> str:
        name = self._people.get(found["id"], ("", False))[0] or found["name"] or found["id"]
        return f"@{name}"
