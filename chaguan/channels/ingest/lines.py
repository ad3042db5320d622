"""Reading text line by line without ever holding a monstrous line, and ids for lines that have none."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from io import BufferedReader

from chaguan.channels.contract import BadLine
from chaguan.channels.ingest.reasons import REPAIRED, TOO_LONG

MAX_LINE_BYTES = 1024 * 1024
SAMPLE_CHARS = 120


def byte_lines(stream: BufferedReader) -> Iterator[tuple[int, bytes] | BadLine]:
    """Number and bytes of each line, without its end; a line over the limit becomes a BadLine."""
    number = 0
    read = stream.readline
    limit = MAX_LINE_BYTES + 2
    while line := read(limit):
        number += 1
        if len(line) == limit and not line.endswith(b"\n"):
            yield BadLine(number, TOO_LONG, line[:SAMPLE_CHARS].decode("utf-8", "replace"))
            while line and not line.endswith(b"\n"):
                line = read(limit)  # drop the rest piece by piece
            continue
        yield number, line.rstrip(b"\r\n")


def text_lines(stream: BufferedReader) -> Iterator[tuple[int, str] | BadLine]:
    """Number and text of each line. A line that is not UTF-8 is read as GB18030 or repaired, and told."""
    for item in byte_lines(stream):
        if isinstance(item, BadLine):
            yield item
            continue
        number, line = item
        try:
            text = line.decode()
        except UnicodeDecodeError:
            text, is_repaired = _decoded(line)
            if is_repaired:
                yield BadLine(number, REPAIRED, text[:SAMPLE_CHARS], is_kept=True)
        yield number, text


def _decoded(line: bytes) -> tuple[str, bool]:
    try:
        return line.decode("gb18030"), False
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace"), True


class StableIds:
    """External ids for formats without: the same record gets the same id in every export of it.

    An id is a hash of when, who and what, and of how many equal ones came before. So two "ok" of one
    person in one minute stay two, and exports that overlap meet in the same ids.
    """

    _KEPT = 20_000

    def __init__(self) -> None:
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def next(self, at: datetime, person: str, kind: str, text: str) -> str:
        """The id of the next record of the file."""
        told = f"{at.timestamp():.3f}\0{person}\0{kind}\0{text}".encode("utf-8", "replace")
        digest = blake2b(told, digest_size=12).digest()
        seen = self._young.get(digest, self._old.get(digest, 0))
        if len(self._young) >= self._KEPT:
            self._old, self._young = self._young, {}
        self._young[digest] = seen + 1
        return f"h{digest.hex()}" if not seen else f"h{digest.hex()}.{seen}"
