"""Walking through a large JSON text value by value; only one value is in memory at a time."""

import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.reasons import BAD_ENTRY, TOO_LARGE

MAX_VALUE_BYTES = 8 * 1024 * 1024
_CHUNK = 256 * 1024
_SPACE = b" \t\r\n"
# A whole string (group 1 is its end; none: the buffer ended inside it), or one bracket.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[{}\[\]]', re.DOTALL)
_QUOTE, _COMMA, _COLON = ord('"'), ord(","), ord(":")
_OPENING, _CLOSING = frozenset(b"{["), frozenset(b"}]")
_SCALAR_END = re.compile(rb"[,\]}\s]")


class BadValue(Exception):
    """One value cannot be used; the walk goes on behind it."""

    def __init__(self, reason: str, sample: bytes) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sample = sample[:120].decode("utf-8", "replace")


class JsonStream:
    """A cursor in front of the next value. Whoever gets a key or an element consumes its value."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._buffer = b""
        self._at = 0

    def keys(self) -> Iterator[str]:
        """Enter an object and stand in front of each value in turn. Other values are passed over."""
        if self._next() != ord("{"):
            self.skip()
            return
        self._at += 1
        while (byte := self._next()) != ord("}"):
            if byte == _COMMA:
                self._at += 1
                continue
            try:
                key = self._read()
            except BadValue:
                raise self._broken() from None  # without a key nobody knows what stands behind it
            if self._next() != _COLON:
                raise self._broken()
            self._at += 1
            yield str(key)
        self._at += 1

    def elements(self) -> Iterator[None]:
        """Enter an array and stand in front of each element in turn. Other values are passed over."""
        if self._next() != ord("["):
            self.skip()
            return
        self._at += 1
        while (byte := self._next()) != ord("]"):
            if byte == _COMMA:
                self._at += 1
                continue
            yield
        self._at += 1

    def value(self) -> Any:
        """Read the next value whole. Raises BadValue; then the value has been passed over."""
        self._next()
        return self._read()

    def skip(self) -> None:
        """Pass over the next value, however large."""
        try:
            self._next()
            self._extent()
        except BadValue:
            return

    def _read(self) -> Any:
        start, end = self._extent()
        piece = self._buffer[start:end]
        try:
            return orjson.loads(piece)
        except orjson.JSONDecodeError:
            raise BadValue(BAD_ENTRY, piece) from None

    def _extent(self) -> tuple[int, int]:
        """Where the next value begins and ends in the buffer; the cursor moves behind it."""
        first = self._buffer[self._at]
        if first in _OPENING or first == _QUOTE:
            end = self._end_of_nested()
        elif first in _CLOSING or first in (_COMMA, _COLON):
            raise self._broken()
        else:
            end = self._end_of_scalar()
        start, self._at = self._at, end
        return start, end

    def _end_of_nested(self) -> int:
        depth, scanned = 0, self._at
        while True:
            for token in _TOKEN.finditer(self._buffer, scanned):
                byte = self._buffer[token.start()]
                scanned = token.end()
                if byte == _QUOTE:
                    if token.lastindex is None:  # the string goes on behind the buffer
                        scanned = token.start()
                        break
                elif byte in _OPENING:
                    depth += 1
                else:
                    depth -= 1
                if depth == 0:
                    return scanned
            if len(self._buffer) - self._at > MAX_VALUE_BYTES:
                sample = self._buffer[self._at : self._at + 200]
                self._at = scanned
                self._pass_over(depth)
                raise BadValue(TOO_LARGE, sample)
            scanned -= self._fill()

    def _pass_over(self, depth: int) -> None:
        """Leave a value that is too large, from a place between two tokens, keeping nothing of it."""
        while True:
            token = _TOKEN.search(self._buffer, self._at)
            if token is None:
                self._at = len(self._buffer)
                self._fill()
                continue
            byte = self._buffer[token.start()]
            self._at = token.end()
            if byte == _QUOTE:
                if token.lastindex is None:
                    self._pass_over_string()
            elif byte in _OPENING:
                depth += 1
            else:
                depth -= 1
            if depth == 0:
                return

    def _pass_over_string(self) -> None:
        """From inside a string to behind its end. A backslash at the buffer's end waits for its letter."""
        end = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+(")?', re.DOTALL)
        while True:
            token = end.match(self._buffer, self._at)
            assert token is not None  # it matches the empty string
            self._at = token.end()
            if token.lastindex is not None:
                return
            self._fill()

    def _end_of_scalar(self) -> int:
        scanned = self._at
        while True:
            found = _SCALAR_END.search(self._buffer, scanned)
            if found is not None:
                return found.start()
            if len(self._buffer) - self._at > 1000:
                raise self._broken()
            scanned = len(self._buffer)
            scanned -= self._fill()

    def _next(self) -> int:
        """The first byte of what comes next, past white space."""
        while True:
            while self._at < len(self._buffer):
                byte = self._buffer[self._at]
                if byte not in _SPACE:
                    return byte
                self._at += 1
            self._fill()

    def _fill(self) -> int:
        """Read on; what lies before the cursor is dropped. Returns how far everything moved to the left."""
        piece = self._stream.read1(_CHUNK)
        if not piece:
            raise self._broken()
        moved = self._at
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return moved

    def _broken(self) -> Unreadable:
        return Unreadable(
            _("The JSON in this file is damaged or cut off. What came before is imported."),
            code="cut_off",
        )
