"""Files as they come: packed, in any encoding, cut off, or made to hurt."""

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from chaguan.channels.contract import BadLine, Record
from chaguan.channels.errors import Unreadable
from chaguan.channels.ingest.opening import open_history
from chaguan.channels.tests.import_files import line, read_file, write_lines

TALK = "2026-03-01 08:01:05 林一\n早上好，喝茶吗\n\n2026-03-01 08:02:00 陈二\n好的\n"


def texts(path: Path) -> list[str]:
    return [item.text for item in read_file(path)[1] if isinstance(item, Record)]


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as refusal:
        read_file(path)
    return refusal.value.code


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"],
)
def test_text_is_read_in_any_encoding_it_comes_in(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "talk.txt"
    file.write_bytes(TALK.replace("\n", "\r\n").encode(encoding))

    assert texts(file) == ["早上好，喝茶吗", "好的"]


def test_a_stray_byte_costs_one_character_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "talk.txt"
    file.write_bytes(TALK.encode().replace("好的".encode(), "好的".encode() + b" \xff!"))

    _format, found = read_file(file)

    assert [item.text for item in found if isinstance(item, Record)] == [
        "早上好，喝茶吗",
        "好的 \ufffd!",
    ]
    assert [(bad.line, bad.is_kept) for bad in found if isinstance(bad, BadLine)] == [(5, True)]


def test_packed_files_are_opened_layer_by_layer(tmp_path: Path) -> None:
    plain = write_lines(tmp_path / "talk.jsonl", [line(1)]).read_bytes()
    packed = gzip.compress(plain)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zip_file:
        zip_file.writestr("talk.jsonl.gz", packed)
    for name, content in {"one.gz": packed, "two.zip": inner.getvalue()}.items():
        (tmp_path / name).write_bytes(content)
        assert texts(tmp_path / name) == ["第 1 句"]
    with zipfile.ZipFile(tmp_path / "three.zip", "w") as outer:
        outer.writestr("two.zip", inner.getvalue())
    assert texts(tmp_path / "three.zip") == ["第 1 句"]


def test_an_archive_gives_its_texts_in_natural_order_and_tells_strangers(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in (10, 2):
            archive.writestr(f"log{number}.jsonl", json.dumps(line(number)) + "\nbroken\n")
        archive.writestr("notes.txt", "nothing to see")
        archive.writestr("photos/cat.jpg", b"\xff\xd8")
        archive.writestr("__MACOSX/log2.jsonl", b"\0")

    format, found = read_file(tmp_path / "all.zip")

    assert format == "chaguan"
    assert [item.external_id for item in found if isinstance(item, Record)] == ["m2", "m10"]
    bad = [item.sample for item in found if isinstance(item, BadLine)]
    assert bad == ["log2.jsonl: broken", "log10.jsonl: broken", "notes.txt"]


def test_bombs_are_refused_before_they_unfold(tmp_path: Path) -> None:
    ratio = tmp_path / "ratio.jsonl.gz"
    with gzip.open(ratio, "wb") as out:
        out.write(json.dumps(line(1)).encode() + b"\n")
        for _each in range(100):
            out.write(b" " * (1 << 20))
    assert refused(ratio) == "packed_bomb"

    total = tmp_path / "total.gz"
    total.write_bytes(gzip.compress(b"x" * 5000))
    with (
        pytest.raises(Unreadable) as refusal,
        open_history(total, max_bytes=1000) as history,
        history.part("total") as part,
    ):
        part.stream.read()
    assert refusal.value.code == "too_large"

    with zipfile.ZipFile(tmp_path / "declared.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "x" * 5000)
        archive.writestr("b.txt", "x" * 5000)
    with (
        pytest.raises(Unreadable) as refusal,
        open_history(tmp_path / "declared.zip", max_bytes=6000),
    ):
        pass
    assert refusal.value.code == "too_large"

    russian_doll = json.dumps(line(1)).encode()
    for _layer in range(6):
        russian_doll = gzip.compress(russian_doll)
    (tmp_path / "doll.gz").write_bytes(russian_doll)
    assert refused(tmp_path / "doll.gz") == "packed_bomb"


def test_what_cannot_be_a_history_is_refused_with_a_reason(tmp_path: Path) -> None:
    def made(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    assert refused(made("empty.txt", b"")) == "empty"
    assert refused(made("empty.gz", gzip.compress(b""))) == "empty"
    assert refused(made("noise.bin", zlib.compress(b"tea") * 40)) == "unknown_format"
    assert refused(made("prose.txt", "茶是一种饮料。\n".encode() * 20)) == "unknown_format"
    assert refused(made("broken.zip", b"PK\x03\x04 and then nothing")) == "damaged"
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("cat.jpg", b"\xff\xd8")
    assert refused(tmp_path / "pictures.zip") == "nothing_inside"
    with zipfile.ZipFile(tmp_path / "none.zip", "w"):
        pass
    assert refused(tmp_path / "none.zip") == "empty"


def test_a_line_of_a_hundred_megabytes_is_one_bad_line_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as out:
        out.write(json.dumps(line(1)).encode() + b"\n")
        for _each in range(100):
            out.write(b"x" * (1 << 20))
        out.write(b"\n" + json.dumps(line(2)).encode() + b"\n")

    _format, found = read_file(file)

    assert [type(item).__name__ for item in found] == ["Record", "BadLine", "Record"]
    bad = found[1]
    assert isinstance(bad, BadLine)
    assert (bad.line, bad.reason, bad.sample) == (2, "The line is longer than 1 MB.", "x" * 120)


def test_a_file_of_one_endless_line_is_not_recognised(tmp_path: Path) -> None:
    file = tmp_path / "endless.txt"
    file.write_bytes(b"x" * (8 << 20))

    assert refused(file) == "unknown_format"
