"""Conditions of many runs as one piece of SQL: once per step and zone, with the community as a column."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chaguan.kernel.errors import Invalid
from chaguan.playbooks.engine.catalogue import matches

_ANYWHERE = -(2**62) + 41  # stands for "the run's community" until the column takes its place
_TOKEN = re.compile(r"%%|%s")


def matches_in(
    trees: Iterable[Any], member: str, community: str, *, now: datetime, zone: str
) -> tuple[str, list[Any]] | None:
    """As `matches`, for whatever community stands in the column `community`.

    None where a tree names one community: then each run must be asked for itself.
    """
    try:
        sql, params = matches(trees, member, now=now, community_id=_ANYWHERE, zone=zone)
    except Invalid:
        return None
    return with_column(sql, params, community)


def with_column(sql: str, params: Sequence[Any], community: str) -> tuple[str, list[Any]]:
    """Put the column where the stand-in is among the parameters."""
    given = iter(params)
    kept: list[Any] = []

    def place(token: re.Match[str]) -> str:
        if token[0] == "%%":
            return "%%"
        value = next(given)
        if value == _ANYWHERE:
            return community
        kept.append(value)
        return "%s"

    return _TOKEN.sub(place, sql), kept
