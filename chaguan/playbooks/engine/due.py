"""Due timers as one parameter: a row is one number, which databases take apart faster than they read text."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from chaguan.kernel.rowset import rowset

Row = tuple[int, int, int]  # wake_s, enrolment_id, place

DUE_COLUMNS = {"wake_s": "bigint", "enrolment_id": "bigint", "place": "integer"}
_PLACE_BITS, _ID_BITS = 10, 31  # 2,147,483,648 passes; the rest holds 48 days of seconds
_SPAN_S = 1 << (63 - _PLACE_BITS - _ID_BITS - 1)


def due_rows(rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """A SELECT of DUE_COLUMNS that yields `rows`, with its parameters."""
    base = min(row[0] for row in rows)
    if max(row[0] for row in rows) - base >= _SPAN_S or max(row[1] for row in rows) >> _ID_BITS:
        return rowset(DUE_COLUMNS, rows)
    high, low = _PLACE_BITS + _ID_BITS, _PLACE_BITS
    numbers = ",".join([str((wake - base) << high | pk << low | place) for wake, pk, place in rows])
    picks = (
        f"(v.value >> {high}) + {base} AS wake_s, (v.value >> {low}) & {(1 << _ID_BITS) - 1} AS enrolment_id,"
        f" {{place}} AS place"
    )
    place = f"v.value & {(1 << _PLACE_BITS) - 1}"
    if connection.vendor == "postgresql":
        picked = picks.format(place=f"({place})::integer")
        return f"SELECT {picked} FROM unnest(%s::bigint[]) AS v(value)", [f"{{{numbers}}}"]
    return f"SELECT {picks.format(place=place)} FROM json_each(%s) AS v", [f"[{numbers}]"]
