"""Rows of a metric as CSV, JSON or plain cells."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from chaguan.insights.contract import Row

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """One value as text: dates in ISO form, instants with their offset, nothing for None."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Comma-separated values with a head line. Texts that a spreadsheet would run are quoted with '."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(value) for value in row])
    return out.getvalue()


def as_json(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A list of objects; dates and instants are ISO texts."""
    objects = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
    return json.dumps(objects, ensure_ascii=False, indent=1)


def _plain(value: Any) -> Any:
    return cell(value) if isinstance(value, date | datetime) else value


def _safe(value: Any) -> str:
    text = cell(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text
