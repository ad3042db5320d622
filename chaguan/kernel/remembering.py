"""Remembering answers for a while: inside a rehearsal, where nobody changes what is asked again and again.

Decorate only questions whose answer nothing inside such a block changes. Outside of one they are always asked.
"""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Inside, questions marked `remembered` are asked once for each set of arguments."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def remembered(question: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Mark a question of hashable arguments and sets. Whoever gets the answer must not change it."""

    @wraps(question)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        kept = _kept.get()
        if kept is None:
            return question(*args, **kwargs)
        key = (
            question,
            tuple(map(_hashable, args)),
            tuple((name, _hashable(value)) for name, value in sorted(kwargs.items())),
        )
        if key not in kept:
            kept[key] = question(*args, **kwargs)
        answer: Answer = kept[key]
        return answer

    return asked


def _hashable(value: Any) -> Any:
    return frozenset(value) if isinstance(value, Set) else value
