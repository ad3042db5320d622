"""The one place that reads the time, so that tests and rehearsals can move it.

Inside one process use `moved_to`. For a whole process tree set CHAGUAN_CLOCK_FILE to a JSON file
`{"real": <unix s>, "shown": <unix s>, "speed": <factor>}`: from the real second `real` on, the clock
shows `shown` and runs `speed` times as fast. `chaguan check --deploy` refuses that variable.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    moved = _moved.get()
    if moved is not None:
        return moved
    clock_file = os.environ.get("CHAGUAN_CLOCK_FILE")
    return _shown_by(Path(clock_file)) if clock_file else datetime.now(UTC)


@contextmanager
def moved_to(at: datetime) -> Iterator[None]:
    """Stand still at `at` (aware) inside the block."""
    token = _moved.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)


def move_process_tree(file: Path, *, to: datetime, speed: float = 1.0) -> None:
    """Write the clock file that `now` reads when CHAGUAN_CLOCK_FILE names it."""
    state = {"real": time.time(), "shown": to.timestamp(), "speed": speed}
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(state))
    beside.replace(file)


def _shown_by(file: Path) -> datetime:
    state = json.loads(file.read_text())
    elapsed_s = (time.time() - state["real"]) * state["speed"]
    return datetime.fromtimestamp(state["shown"], UTC) + timedelta(seconds=elapsed_s)
