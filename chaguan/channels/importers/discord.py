"""Discord, as DiscordChatExporter writes it to JSON: one file a channel or thread."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import BadLine, Item, Record, Sample, Skipped, Source, importer
from chaguan.channels.ingest.json_stream import BadValue, JsonStream
from chaguan.channels.ingest.reasons import NO_PERSON, NO_TIME, OTHER

_SPOKEN = frozenset(
    (
        "Default",
        "Reply",
        "ChatInputCommand",
        "ContextMenuCommand",
        "ThreadStarterMessage",
        "0",
        "19",
    )
)
_IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


@importer("discord")
class Discord:
    """The channel names the room; ids are Discord's own."""

    label = _("Discord (DiscordChatExporter, JSON)")
    suffixes: tuple[str, ...] = (".json",)
    options: tuple[str, ...] = ()
    reads_archive = False

    def sniff(self, sample: Sample) -> float:
        head = sample.text
        if not head.lstrip().startswith("{"):
            return 0.0
        return 0.9 if '"guild"' in head and '"channel"' in head and '"messages"' in head else 0.0

    def read(self, source: Source) -> Iterator[Item]:
        stream = JsonStream(source.stream)
        room = ""
        for key in stream.keys():  # noqa: SIM118 -- not a dictionary
            if key == "channel":
                room = _room_name(stream)
            elif key == "messages":
                yield from _messages(stream, room)
            else:
                stream.skip()


def _room_name(stream: JsonStream) -> str:
    """The channel's name; a channel that cannot be read has none."""
    try:
        channel = stream.value()
    except BadValue:
        return ""
    return str(channel.get("name") or "") if isinstance(channel, dict) else ""


def _messages(stream: JsonStream, room: str) -> Iterator[Item]:
    for number, _each in enumerate(stream.elements(), 1):
        try:
            values = stream.value()
        except BadValue as bad:
            yield BadLine(number, bad.reason, bad.sample)
            continue
        if isinstance(values, dict):
            yield _one(number, values, room)
        else:
            yield BadLine(number, NO_PERSON, str(values)[:120])


def _one(number: int, values: dict[str, Any], room: str) -> Item:
    author = values.get("author")
    if not isinstance(author, dict) or not author.get("id"):
        return BadLine(number, NO_PERSON, str(values.get("content", ""))[:120])
    try:
        at = datetime.fromisoformat(str(values.get("timestamp")))
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        return BadLine(number, NO_TIME, str(values.get("content", ""))[:120])
    kind = str(values.get("type", "Default"))
    person = str(author["id"])
    name = str(author.get("nickname") or author.get("name") or "")
    is_bot = author.get("isBot") is True
    key = str(values.get("id", ""))
    if kind in ("GuildMemberJoin", "7"):
        return Record(key, at, "join", person, name, "", room, is_bot, line=number)
    if kind not in _SPOKEN:
        return Skipped(number, OTHER)
    message_kind, text = _content(values)
    reference = values.get("reference")
    reply_to = str(reference.get("messageId") or "") if isinstance(reference, dict) else ""
    return Record(
        key,
        at,
        "message",
        person,
        name,
        text,
        room,
        is_bot,
        reply_to,
        message_kind=message_kind,
        line=number,
    )


def _content(values: dict[str, Any]) -> tuple[str, str]:
    text = str(values.get("content") or "")
    files = [str(file.get("fileName", "")) for file in values.get("attachments") or []]
    if files:
        is_image = all(name.lower().endswith(_IMAGE_SUFFIXES) for name in files)
        return ("image" if is_image else "file"), text or ", ".join(files)
    stickers = values.get("stickers") or []
    if stickers and not text:
        return "image", ", ".join(str(sticker.get("name", "")) for sticker in stickers)
    return "text", text
