"""The list of files that make up the columnar copy. One small JSON file, replaced whole.

A process that dies at any moment leaves the old list or the new one, and perhaps files that no list names:
`sweep` takes those away later, when no reader can still hold them.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

FORMAT = 1
BUCKETS = 16
GRACE_S = 900  # a reader holds a list of files for less than this


@dataclass(frozen=True)
class Part:
    """One Parquet file. `bucket` is None for facts in the order they arrived."""

    file: str
    rows: int
    bucket: int | None = None


@dataclass(frozen=True)
class Manifest:
    """What the copy holds: facts up to `place`, the row printed as `mark` being the last."""

    place: tuple[int, int] = (0, 0)
    mark: str = ""
    rows: int = 0
    parts: tuple[Part, ...] = ()
    retired: tuple[tuple[str, float], ...] = field(default=())  # file, Unix second

    @property
    def clustered(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.bucket is not None)

    @property
    def arrived(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.bucket is None)

    def without(self, gone: tuple[Part, ...]) -> "Manifest":
        """The list without these files, which a reader may still hold for a while."""
        kept = tuple(part for part in self.parts if part not in gone)
        retired = (*self.retired, *((part.file, time.time()) for part in gone))
        return replace(self, parts=kept, retired=retired)


def load(folder: Path) -> Manifest:
    """The list in force; an empty one when there is none or it was written by another format."""
    try:
        kept: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return Manifest()
    if kept.get("format") != FORMAT:
        return Manifest()
    return Manifest(
        place=(kept["place"][0], kept["place"][1]),
        mark=kept["mark"],
        rows=kept["rows"],
        parts=tuple(Part(**part) for part in kept["parts"]),
        retired=tuple((file, since) for file, since in kept["retired"]),
    )


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the list in one step that survives a power cut."""
    beside = folder / "manifest.new"
    with beside.open("w") as out:
        json.dump({"format": FORMAT, **asdict(manifest)}, out)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(folder / "manifest.json")


def sweep(folder: Path, manifest: Manifest) -> Manifest:
    """Delete files that nothing names any more, each GRACE_S after it went out of use."""
    now = time.time()
    kept = tuple((file, since) for file, since in manifest.retired if now - since < GRACE_S)
    named = {part.file for part in manifest.parts} | {file for file, _since in kept}
    for file in folder.glob("*.parquet*"):
        if file.name not in named and now - file.stat().st_mtime >= GRACE_S:
            file.unlink(missing_ok=True)
    return replace(manifest, retired=kept)
