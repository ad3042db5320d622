from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection

from chaguan.kernel.rowset import instant, rowset, sqlite_instant

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 8, 12, 0, 0, 250, tzinfo=UTC)


def read_back(columns: dict[str, str], rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    sql, params = rowset(columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NULL",
        "null",
        "{}",
        "a,b",
        'said "tea"',
        "C:\\tea\\",
        "\\",
        '"',
        " 茶 🍵 ",
        "it's\n%s %(x)s\t",
    ],
)
def test_any_text_comes_through_as_it_is(text: str) -> None:
    assert read_back({"n": "bigint", "t": "text"}, [(1, text), (2, None)]) == [(1, text), (2, None)]


def test_values_keep_their_kinds() -> None:
    kinds = {"n": "bigint", "is_on": "boolean", "at": "timestamptz"}

    (row, nothing) = read_back(kinds, [(-(2**40), True, AT), (None, None, None)])

    assert row[:2] == (-(2**40), True)
    assert instant(row[2]) == AT
    assert nothing == (None, None, None)


def test_no_rows_yield_no_rows() -> None:
    assert read_back({"n": "bigint", "t": "text"}, []) == []


def test_instants_are_naive_utc_text_on_sqlite() -> None:
    shanghai = timezone(timedelta(hours=8))

    assert sqlite_instant(AT) == "2026-03-08 12:00:00.000250"
    assert sqlite_instant(datetime(2026, 3, 8, 20, 0, tzinfo=shanghai)) == "2026-03-08 12:00:00"
