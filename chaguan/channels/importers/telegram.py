"""Telegram Desktop: result.json, of one chat or of a whole account."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importer
from chaguan.channels.ingest.bots import looks_like_bot
from chaguan.channels.ingest.json_stream import BadValue, JsonStream
from chaguan.channels.ingest.reasons import NO_PERSON, NO_TIME, OTHER, PRIVATE

_PRIVATE_TYPES = frozenset(("personal_chat", "saved_messages", "bot_chat", "replies"))
_JOINS = frozenset(("join_group_by_link", "join_group_by_request"))
_IMAGES = frozenset(("sticker", "animation"))


@importer("telegram")
class Telegram:
    """Messages carry ids of chat and person, so exports that overlap meet."""

    label = _("Telegram export (result.json)")
    suffixes: tuple[str, ...] = (".json",)
    options: tuple[str, ...] = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        head = sample.text
        if not head.lstrip().startswith("{"):
            return 0.0
        if '"from_id"' in head or '"date_unixtime"' in head or '"actor_id"' in head:
            return 0.9
        return 0.8 if '"chats"' in head and '"personal_information"' in head else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        stream = JsonStream(source.stream)
        chat = _Chat(source.timezone, is_chosen=True)
        for key in stream.keys():  # noqa: SIM118 -- not a dictionary
            if key in ("chats", "left_chats"):
                yield from _all_chats(stream, source.timezone)
            else:
                yield from chat.take(key, stream)
        yield from chat.rest()


def _all_chats(stream: JsonStream, zone: tzinfo) -> Iterator[Item]:
    for key in stream.keys():  # noqa: SIM118 -- not a dictionary
        if key != "list":
            stream.skip()
            continue
        for _each in stream.elements():
            chat = _Chat(zone, is_chosen=False)
            for part in stream.keys():  # noqa: SIM118 -- not a dictionary
                yield from chat.take(part, stream)
            yield from chat.rest()


class _Chat:
    """One chat. Invitations name people without their ids: they wait until the name is heard again."""

    def __init__(self, zone: tzinfo, *, is_chosen: bool) -> None:
        self._zone = zone
        self._is_chosen = is_chosen  # exported by itself, so somebody meant it, private or not
        self._name = ""
        self._type = ""
        self._ids: dict[str, str] = {}
        self._waiting: dict[str, list[Record]] = {}

    def take(self, key: str, stream: JsonStream) -> Iterator[Item]:
        if key == "messages":
            yield from self._messages(stream)
        elif key in ("name", "type"):
            value = str(stream.value() or "")
            if key == "name":
                self._name = value
            else:
                self._type = value
        else:
            stream.skip()

    def rest(self) -> Iterator[Item]:
        """Invited people who never said a word: their name is all we know of them."""
        for waiting in self._waiting.values():
            yield from waiting
        self._waiting.clear()

    def _messages(self, stream: JsonStream) -> Iterator[Item]:
        if self._type in _PRIVATE_TYPES and not self._is_chosen:
            stream.skip()
            yield Skipped(0, PRIVATE)
            return
        for number, _each in enumerate(stream.elements(), 1):
            try:
                values = stream.value()
            except BadValue as bad:
                yield BadLine(number, bad.reason, bad.sample)
                continue
            if not isinstance(values, dict):
                yield BadLine(number, NO_PERSON, str(values)[:120])
                continue
            yield from self._one(number, values)

    def _one(self, number: int, values: dict[str, Any]) -> Iterator[Item]:
        at = _instant(values, self._zone)
        if at is None:
            yield BadLine(number, NO_TIME, str(values.get("text", ""))[:120])
        elif values.get("type") == "message":
            yield from self._message(number, values, at)
        else:
            yield from self._happening(number, values, at)

    def _message(self, number: int, values: dict[str, Any], at: datetime) -> Iterator[Item]:
        person, name = str(values.get("from_id") or ""), str(values.get("from") or "")
        if not person and not name:
            yield BadLine(number, NO_PERSON, _text(values.get("text"))[:120])
            return
        person = person or f"name:{name}"
        yield from self._heard(name, person)
        kind, text = _content(values)
        reply = values.get("reply_to_message_id")
        yield Record(
            str(values.get("id", "")),
            at,
            "message",
            person,
            name,
            text,
            self._name,
            looks_like_bot(name),
            str(reply) if reply else "",
            message_kind=kind,
            line=number,
        )

    def _happening(self, number: int, values: dict[str, Any], at: datetime) -> Iterator[Item]:
        action = values.get("action")
        name, person = str(values.get("actor") or ""), str(values.get("actor_id") or "")
        if name and person:
            yield from self._heard(name, person)
        base = str(values.get("id", ""))
        if action in _JOINS and person:
            yield self._move(base, at, "join", person, name, number)
        elif action in ("invite_members", "remove_members"):
            for place, member in enumerate(values.get("members") or []):
                if not isinstance(member, str) or not member:
                    continue
                kind = "join" if action == "invite_members" else "kick"
                if kind == "kick" and member == name:
                    kind = "leave"
                known = person if member == name and person else self._ids.get(member, "")
                move = self._move(
                    f"{base}:{place}", at, kind, known or f"name:{member}", member, number
                )
                if known:
                    yield move
                else:
                    self._waiting.setdefault(member, []).append(move)
        else:
            yield Skipped(number, OTHER)

    def _move(
        self, key: str, at: datetime, kind: Any, person: str, name: str, number: int
    ) -> Record:
        is_bot = looks_like_bot(name)
        return Record(key, at, kind, person, name, "", self._name, is_bot, line=number)

    def _heard(self, name: str, person: str) -> Iterator[Record]:
        """A name and its id stand together: whoever waited under the name is this person."""
        if not name or name in self._ids:
            return
        self._ids[name] = person
        for waiting in self._waiting.pop(name, ()):
            waiting.person = person
            yield waiting


def _instant(values: dict[str, Any], zone: tzinfo) -> datetime | None:
    try:
        if "date_unixtime" in values:
            return datetime.fromtimestamp(int(values["date_unixtime"]), UTC)
        at = datetime.fromisoformat(str(values.get("date")))
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _text(parts: Any) -> str:
    """The text is a string, or a list of strings and marked pieces."""
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    return "".join(
        part if isinstance(part, str) else str(part.get("text", ""))
        for part in parts
        if isinstance(part, str | dict)
    )


def _content(values: dict[str, Any]) -> tuple[str, str]:
    text = _text(values.get("text"))
    if "photo" in values:
        return "image", text
    if "file" in values or "media_type" in values:
        kind = "image" if values.get("media_type") in _IMAGES else "file"
        return kind, text or str(values.get("sticker_emoji") or values.get("file_name") or "")
    if isinstance(poll := values.get("poll"), dict) and not text:
        return "text", str(poll.get("question", ""))
    return "text", text
