"""Text exports in which a line with name and time stands above the lines of a message."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedReader

from chaguan.channels.contract import BadLine
from chaguan.channels.ingest.lines import MAX_LINE_BYTES, SAMPLE_CHARS, text_lines
from chaguan.channels.ingest.reasons import NO_HEAD


@dataclass
class Block:
    """One message: who, when, and the lines below. `text` may begin on the head line itself."""

    at: datetime
    name: str
    text: str = ""
    line: int = 0
    _lines: list[str] = field(default_factory=list)
    _chars: int = 0

    def add(self, text: str) -> None:
        """Take one more line; past 1 MB of text the rest is cut."""
        self._chars += len(text) + 1
        if self._chars <= MAX_LINE_BYTES:
            self._lines.append(text)

    def close(self) -> "Block":
        """Join the lines; empty ones around the text are layout, not text."""
        self.text = "\n".join([self.text, *self._lines] if self.text else self._lines).strip("\n ")
        self._lines = []
        return self


Head = Callable[[str], Block | BadLine | None]
"""Reads a line: a head, None for a line of text, or a BadLine for a head that cannot be used."""


def blocks(
    stream: BufferedReader, head: Head, is_layout: Callable[[str], bool]
) -> Iterator[Block | BadLine]:
    """The messages of a text export. Layout lines (rulers, titles) end a message and are left out."""
    block: Block | None = None
    is_lost = False  # below a head that cannot be used: its lines are lost with it
    for item in text_lines(stream):
        if isinstance(item, BadLine):
            yield item
            continue
        number, text = item
        found = head(text)
        if found is None and not is_layout(text):
            if block is not None:
                block.add(text)
            elif text.strip() and not is_lost:
                yield BadLine(number, NO_HEAD, text[:SAMPLE_CHARS])
            continue
        if block is not None:
            yield block.close()
        block, is_lost = None, False
        if isinstance(found, BadLine):
            found.line, is_lost = number, True
            yield found
        elif found is not None:
            block, found.line = found, number
    if block is not None:
        yield block.close()
