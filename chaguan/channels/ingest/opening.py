"""Opening a file of history: compressed or not, of any encoding, and never larger than agreed."""

import gzip
import io
import lzma
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import Sample
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.encodings import as_utf8

MAX_RATIO = 200  # text packs 5 to 50 times; a bomb packs 1,000 times
RATIO_FROM_BYTES = 64 * 1024 * 1024  # small files may pack as well as they like
MAX_ENTRIES = 100_000
MAX_NESTING = 3
SAMPLE_BYTES = 64 * 1024
_BUFFER = 256 * 1024
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_TEXT_SUFFIXES = {".txt", ".log", ".weechatlog", ".json", ".jsonl", ".ndjson", ".csv", ".tsv"}
_TEXT_SUFFIXES |= {".gz", ".zip", ""}


@dataclass
class Budget:
    """How many bytes all files of one upload may unpack to, and how many have been so far."""

    max_bytes: int
    unpacked: int = 0

    def take(self, size: int, packed: int) -> None:
        """Count `size` more bytes. Raises Unreadable past the limits."""
        self.unpacked += size
        if self.unpacked > self.max_bytes:
            raise Unreadable(_("The file unpacks to more than is allowed here."), code="too_large")
        if self.unpacked > RATIO_FROM_BYTES and self.unpacked > MAX_RATIO * max(packed, 1):
            raise Unreadable(
                _("The file is packed so tightly that it looks like a trap; it was not opened."),
                code="packed_bomb",
            )


class _Limited(io.RawIOBase):
    """The unpacked side of a packed stream: counts against the budget, says what is broken."""

    def __init__(self, unpacked: io.BufferedIOBase, raw: IO[bytes], budget: Budget) -> None:
        self._unpacked = unpacked
        self._raw = raw
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._unpacked.read1(len(buffer))
        except EOFError:
            raise Unreadable(
                _("The packed file ends too early: it was cut off."), code="cut_off"
            ) from None
        except (zlib.error, lzma.LZMAError, zipfile.BadZipFile, OSError, RuntimeError) as broken:
            raise Unreadable(
                _("The packed file is damaged and cannot be read to its end."), code="damaged"
            ) from broken
        self._budget.take(len(piece), self._raw.tell())
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._unpacked.close()
        super().close()


@dataclass
class ZipArchive:
    """A zip with its members in natural order, without folders, hidden files and media."""

    zip: zipfile.ZipFile
    raw: IO[bytes]
    budget: Budget
    names: Sequence[str] = ()
    left_out: int = 0

    def __post_init__(self) -> None:
        entries = [entry for entry in self.zip.infolist() if not entry.is_dir()]
        if len(entries) > MAX_ENTRIES:
            raise Unreadable(_("The archive holds too many files."), code="too_many_files")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Unreadable(
                _("The archive is locked with a password; unpack it first."), code="locked"
            )
        if sum(entry.file_size for entry in entries) > self.budget.max_bytes:
            raise Unreadable(_("The file unpacks to more than is allowed here."), code="too_large")
        names = [entry.filename for entry in entries if _may_hold_history(entry.filename)]
        if len(names) > 1:
            names = [name for name in names if not name.lower().endswith(".zip")]
        self.names = sorted(names, key=_natural)
        self.left_out = len(entries) - len(self.names)

    def open_raw(self, name: str) -> BufferedReader:
        """One member as it is."""
        unpacked = cast(io.BufferedIOBase, self.zip.open(name))
        return BufferedReader(_Limited(unpacked, self.raw, self.budget), _BUFFER)

    def open(self, name: str) -> BufferedReader:
        """One member as UTF-8."""
        return as_utf8(self.open_raw(name))[0]


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Sort log2 before log10."""
    return [
        (not part.isdigit(), int(part) if part.isdecimal() else 0, part)
        for part in re.split(r"([0-9]+)", name)
    ]


def _may_hold_history(name: str) -> bool:
    path = PurePosixPath(name)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not is_hidden and path.suffix.lower() in _TEXT_SUFFIXES


@dataclass(frozen=True)
class Part:
    """One text inside the file, opened: UTF-8, and a sample to recognise its format by."""

    name: str
    stream: BufferedReader
    encoding: str
    sample: Sample


@dataclass
class History:
    """An opened file of history: one text, or an archive of several."""

    name: str
    raw: IO[bytes]
    budget: Budget
    stack: ExitStack
    archive: ZipArchive | None = None
    _first: tuple[str, BufferedReader] | None = field(default=None)
    size: int = 0

    @property
    def bytes_read(self) -> int:
        """How far we are in the file on disk; what a progress bar shows. A text read to its end is closed."""
        return self.size if self.raw.closed else self.raw.tell()

    @property
    def part_names(self) -> Sequence[str]:
        """The texts inside, in order."""
        if self.archive is not None:
            return self.archive.names
        return [self._first[0]] if self._first else []

    def sample(self) -> Sample:
        """What an archive format is recognised by."""
        return Sample(self.name, "", self.archive.names if self.archive else ())

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        """Open one text. A file that is not an archive can be opened once."""
        if self.archive is not None:
            packed = self.archive.open_raw(name)
            inner, stream = _unwrap_gzip(name, packed, self.raw, self.budget)
        elif self._first is not None:
            inner, stream = self._first
        else:
            raise Unreadable(_("The file is empty."), code="empty")
        text, encoding = as_utf8(stream)
        try:
            beginning = text.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
            sample = Sample(inner, beginning.decode("utf-8", "ignore"))
            yield Part(inner, text, encoding, sample)
        finally:
            text.close()


@contextmanager
def open_history(path: Path, *, max_bytes: int, name: str = "") -> Iterator[History]:
    """Open `path` with all limits in force. `name` is what its owner calls it.

    Raises Unreadable with a sentence for the person who chose the file.
    """
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        budget = Budget(max_bytes)
        history = History(name or path.name, raw, budget, stack, size=path.stat().st_size)
        _unwrap(history, raw, nesting=0)
        yield history


def _unwrap(history: History, stream: BufferedReader, *, nesting: int) -> None:
    """Take packing after packing off until texts are left."""
    if nesting > MAX_NESTING:
        raise Unreadable(_("The file is packed too many times over."), code="packed_bomb")
    magic = _peek(stream, 4)
    if not magic:
        raise Unreadable(_("The file is empty."), code="empty")
    if magic.startswith(_GZIP):
        history.name, inner = _unwrap_gzip(history.name, stream, history.raw, history.budget)
        _unwrap(history, inner, nesting=nesting + 1)
    elif magic == _ZIP:
        _enter_zip(history, stream, nesting)
    elif magic.startswith(b"PK\x05\x06"):
        raise Unreadable(_("The archive is empty."), code="empty")
    else:
        history._first = (history.name, stream)


def _enter_zip(history: History, stream: BufferedReader, nesting: int) -> None:
    seekable: IO[bytes] = stream if nesting == 0 else _spooled(history, stream)
    try:
        archive = ZipArchive(
            history.stack.enter_context(zipfile.ZipFile(seekable)), history.raw, history.budget
        )
    except (zipfile.BadZipFile, OSError):
        raise Unreadable(
            _("The packed file is damaged and cannot be read to its end."), code="damaged"
        ) from None
    if not archive.names:
        raise Unreadable(
            _("The archive holds no text that could be a chat history."), code="nothing_inside"
        )
    if len(archive.names) == 1:
        history.name = PurePosixPath(archive.names[0]).name
        _unwrap(history, archive.open_raw(archive.names[0]), nesting=nesting + 1)
    else:
        history.archive = archive


def _spooled(history: History, stream: BufferedReader) -> IO[bytes]:
    """A packed zip must be seekable: copy it into a temporary file, within the budget."""
    copy = history.stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 -- the stack closes it
    while piece := stream.read(_BUFFER):
        copy.write(piece)
    copy.seek(0)
    return copy


def _unwrap_gzip(
    name: str, stream: BufferedReader, raw: IO[bytes], budget: Budget
) -> tuple[str, BufferedReader]:
    if not _peek(stream, 2).startswith(_GZIP):
        return name, stream
    unpacked = cast(io.BufferedIOBase, gzip.GzipFile(fileobj=stream))
    inner = name[:-3] if name.lower().endswith(".gz") else name
    return inner, BufferedReader(_Limited(unpacked, raw, budget), _BUFFER)


def _peek(stream: BufferedReader, size: int) -> bytes:
    return stream.peek(size)[:size]
