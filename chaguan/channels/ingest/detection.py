"""Which format a file of history is in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from io import BufferedReader, BytesIO
from typing import Any, cast

from django.utils.translation import gettext as _

from chaguan.channels.contract import BadLine, Importer, Item, Source, importers
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.opening import History
from chaguan.channels.ingest.reasons import FOREIGN

SURE_ENOUGH = 0.3


def recognise(history: History) -> str:
    """The code of the format. Raises Unreadable, naming the formats we can read.

    It uses the opened file up: open it again to read it.
    """
    certainty: dict[str, float] = {}
    if history.archive is not None:
        sample = history.sample()
        certainty = {code: i.sniff(sample) for code, i in importers if i.reads_archive}
        if certainty and max(certainty.values()) >= SURE_ENOUGH:
            return max(certainty, key=lambda code: certainty[code])
    for name in history.part_names[:5]:
        with history.part(name) as part:
            certainty = {code: i.sniff(part.sample) for code, i in importers if not i.reads_archive}
        best = max(certainty, key=lambda code: certainty[code])
        if certainty[best] >= SURE_ENOUGH:
            return best
    sentence = _("We do not recognise the format of this file. We can read: %(formats)s.")
    raise Unreadable(sentence % {"formats": _labels()}, code="unknown_format")


def _labels() -> str:
    return ", ".join(str(importer.label) for _code, importer in importers)


@dataclass(frozen=True)
class Reading:
    """How a file is to be read."""

    format: str
    timezone: tzinfo
    options: dict[str, Any]


def items(history: History, reading: Reading) -> Iterator[Item]:
    """All items of a file, text after text. An archive's file in another format is told and left out."""
    importer = importers.get(reading.format)
    if importer.reads_archive and history.archive is not None:
        nothing = cast(BufferedReader, BytesIO())
        source = Source(
            history.name, nothing, reading.timezone, "utf-8", reading.options, history.archive
        )
        yield from importer.read(source)
        return
    is_one_of_many = len(history.part_names) > 1
    for name in history.part_names:
        with history.part(name) as part:
            if is_one_of_many and importer.sniff(part.sample) < SURE_ENOUGH:
                yield BadLine(0, FOREIGN, name)
                continue
            source = Source(
                part.name, part.stream, reading.timezone, part.encoding, reading.options
            )
            yield from _named(importer, source, name if is_one_of_many else "")


def _named(importer: Importer, source: Source, part_name: str) -> Iterator[Item]:
    """In an archive a bad line also tells its file."""
    if not part_name:
        yield from importer.read(source)
        return
    for item in importer.read(source):
        if isinstance(item, BadLine):
            item.sample = f"{part_name}: {item.sample}"
        yield item
