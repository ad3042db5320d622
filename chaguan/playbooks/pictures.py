"""Pictures as proofs: checked by what they are, not by their name, and without what the camera wrote into them.

A phone writes the place and the device into a photo. Only the segments that a picture needs to be seen are
kept; the picture itself is not decoded, so nothing can be hidden in a decoder's weakness either.
"""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import Invalid
from chaguan.playbooks.types import PICTURE_BYTES

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"IDAT", b"IEND"}
_JPEG_DROPPED = {*range(0xE1, 0xF0), 0xFE}  # APP1 (EXIF, place) … APP15, comments


class BadPicture(Invalid):
    """The file is no picture that we keep."""

    code = "bad_picture"
    message = _("Please choose a picture (JPEG or PNG) of at most 3 MB.")


def clean_picture(raw: bytes) -> tuple[bytes, str]:
    """The picture without its notes, and its media type. Raises BadPicture."""
    if not 0 < len(raw) <= PICTURE_BYTES:
        raise BadPicture
    try:
        if raw.startswith(b"\xff\xd8\xff"):
            return b"\xff\xd8" + b"".join(_jpeg_parts(raw)), "image/jpeg"
        if raw.startswith(_PNG):
            return _PNG + b"".join(_png_parts(raw)), "image/png"
    except (IndexError, ValueError):
        raise BadPicture from None
    raise BadPicture


def _jpeg_parts(raw: bytes) -> Iterator[bytes]:
    """Segments up to the scan, then the rest as it is: nothing but pixels follows."""
    place = 2
    while True:
        if raw[place] != 0xFF:
            raise ValueError
        marker = raw[place + 1]
        if marker == 0xFF:  # fill
            place += 1
            continue
        length = int.from_bytes(raw[place + 2 : place + 4], "big")
        if length < 2 or place + 2 + length > len(raw):
            raise ValueError
        if marker == 0xDA:
            end = raw.rfind(b"\xff\xd9")
            if end < place:
                raise ValueError
            yield raw[place : end + 2]
            return
        if marker not in _JPEG_DROPPED:
            yield raw[place : place + 2 + length]
        place += 2 + length


def _png_parts(raw: bytes) -> Iterator[bytes]:
    """The chunks that draw the picture; texts, times and places are left out."""
    place = len(_PNG)
    while True:
        length = int.from_bytes(raw[place : place + 4], "big")
        kind = raw[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(raw) or len(kind) < 4:
            raise ValueError
        if place == len(_PNG) and kind != b"IHDR":
            raise ValueError
        if kind in _PNG_KEPT:
            yield raw[place:end]
        if kind == b"IEND":
            return
        place = end
