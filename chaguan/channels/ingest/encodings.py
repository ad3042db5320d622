"""Which encoding a text is in, and its bytes as UTF-8."""

import codecs
import io
from io import BufferedReader

from charset_normalizer import from_bytes

from chaguan.channels.errors import Unreadable

SAMPLE_BYTES = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect(head: bytes) -> str:
    """Name the encoding of a text from its first bytes.

    A byte order mark decides; then UTF-8 if it fits; then UTF-16 by its zero bytes; then GB18030, which
    Chinese programs on Windows write; anything else is left to statistics.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if b"\0" not in head and fits(head, "utf-8"):
        return "utf-8"
    if wide := _utf16_without_mark(head):
        return wide
    for name in ("utf-8", "gb18030"):
        if fits(head, name):
            return name
    for name in ("utf-8", "gb18030"):
        if _nearly_fits(head, name):
            return name
    best = from_bytes(head[:32768]).best()
    return best.encoding if best else "utf-8"


def fits(head: bytes, encoding: str) -> bool:
    """True if the bytes decode; the last character may be cut off."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _nearly_fits(head: bytes, encoding: str) -> bool:
    """True if of the characters beyond ASCII at most one in ten is broken: a stray byte, not a guess."""
    text = head.decode(encoding, "replace")
    beyond = sum(1 for character in text if character > "\x7f")
    return beyond > 0 and text.count("\ufffd") * 10 <= beyond


def _utf16_without_mark(head: bytes) -> str:
    """Latin letters and line ends give every second byte zero; a few are enough to know the side."""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    floor = len(head[:4096]) // 40
    if max(even, odd) <= floor:
        return ""
    if odd > 4 * even and fits(head[: len(head) & ~1], "utf-16-le"):
        return "utf-16-le"
    if even > 4 * odd and fits(head[: len(head) & ~1], "utf-16-be"):
        return "utf-16-be"
    return ""


class _Rewound(io.RawIOBase):
    """A stream whose first bytes were read already and are served again."""

    def __init__(self, head: bytes, rest: BufferedReader) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            taken = min(len(buffer), len(self._head))
            buffer[:taken] = self._head[:taken]
            self._head = self._head[taken:]
            return taken
        piece = self._rest.read1(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Transcoded(io.RawIOBase):
    """Bytes of another encoding as UTF-8. What cannot be read becomes U+FFFD."""

    def __init__(self, stream: io.BufferedIOBase, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._is_done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._is_done:
            piece = self._stream.read1(65536)
            self._is_done = not piece
            text = self._decoder.decode(piece, final=self._is_done)
            self._ready = text.encode("utf-8", "replace")
        taken = min(len(buffer), len(self._ready))
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def close(self) -> None:
        self._stream.close()
        super().close()


def as_utf8(stream: BufferedReader) -> tuple[BufferedReader, str]:
    """The same text as UTF-8 without a mark, and the encoding it was written in.

    All layers use `read1`: where a packed file is damaged, what came before the damage still comes out.
    """
    head = _beginning(stream, SAMPLE_BYTES)
    encoding = detect(head)
    if encoding == "utf-8":
        plain = _Rewound(head.removeprefix(codecs.BOM_UTF8), stream)
        return BufferedReader(plain, SAMPLE_BYTES), encoding
    rewound: io.BufferedIOBase = BufferedReader(_Rewound(head, stream), SAMPLE_BYTES)
    return BufferedReader(_Transcoded(rewound, encoding), SAMPLE_BYTES), encoding


def _beginning(stream: BufferedReader, size: int) -> bytes:
    """The first bytes; damage that lies within them is met again, and told, by whoever reads on."""
    pieces: list[bytes] = []
    missing = size
    try:
        while missing and (piece := stream.read1(missing)):
            pieces.append(piece)
            missing -= len(piece)
    except Unreadable:
        if not pieces:
            raise
    return b"".join(pieces)
