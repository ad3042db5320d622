"""Pictures as proofs: what they are is checked, what the camera wrote into them is left out."""

from zlib import crc32

import pytest

from chaguan.playbooks.pictures import BadPicture, clean_picture
from chaguan.playbooks.types import PICTURE_BYTES

HEAD = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + kind + raw + crc32(kind + raw).to_bytes(4, "big")


def segment(marker: int, raw: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(raw) + 2).to_bytes(2, "big") + raw


PICTURE = chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"pixels")
END = chunk(b"IEND", b"")
PLAIN = segment(0xE0, b"JFIF\x00") + segment(0xDB, b"table")
SCAN = segment(0xDA, b"scan") + b"pixels\xff\xd9"


def test_places_and_devices_are_left_out_and_the_picture_stays() -> None:
    place = chunk(b"eXIf", b"31.2N 121.5E") + chunk(b"tEXt", b"device")

    png = clean_picture(HEAD + PICTURE + place + END)
    jpeg = clean_picture(
        b"\xff\xd8"
        + segment(0xE1, b"Exif 31.2N")
        + PLAIN
        + segment(0xFE, b"who")
        + SCAN
        + b"trailer"
    )

    assert png == (HEAD + PICTURE + END, "image/png")
    assert jpeg == (b"\xff\xd8" + PLAIN + SCAN, "image/jpeg")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<svg onload=alert(1)>",
        b"GIF89a",
        HEAD,
        HEAD + PICTURE,
        HEAD + END,
        HEAD + b"\xff\xff\xff\xffIDAT",
        b"\xff\xd8\xff",
        b"\xff\xd8" + PLAIN,
        b"\xff\xd8" + segment(0xDA, b"scan") + b"no end",
        b"\xff\xd8\xff\xe1\x00\x00",
        HEAD + PICTURE + END + bytes(PICTURE_BYTES),
    ],
)
def test_what_is_no_whole_picture_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPicture) as refusal:
        clean_picture(raw)
    assert refusal.value.code == "bad_picture"
