"""Runs before Django's settings load: points the tests at the database that `--database` names."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import messages


def _chosen(argv: list[str]) -> str:
    for here, word in enumerate(argv):
        if word.startswith("--database="):
            return word.partition("=")[2]
        if word == "--database" and here + 1 < len(argv):
            return argv[here + 1]
    return "sqlite"


HOME = tempfile.mkdtemp(prefix="chaguan-test-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["CHAGUAN_HOME"] = HOME  # never the state folder of somebody's house
os.environ.setdefault("CHAGUAN_LOG_LEVEL", "WARNING")
os.environ["CHAGUAN_HASHED_STATIC"] = "0"  # tests see the files as they stand in the tree
if _chosen(sys.argv) == "postgres":
    os.environ["CHAGUAN_DATABASE_URL"] = os.environ.get(
        "CHAGUAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres"
    )
else:
    os.environ.pop("CHAGUAN_DATABASE_URL", None)

if messages.is_stale():
    try:
        messages.compile_all()
    except OSError as broken:  # somebody is editing a fragment; `make check` refuses it
        print(f"translations not compiled: {broken}", file=sys.stderr)
