"""CSV files that a spreadsheet opens without running anything."""

from collections.abc import Iterable

RISKY = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers and dates stay.

    Source: OWASP, "CSV Injection".
    """
    if isinstance(value, str) and value.startswith(RISKY):
        return f"'{value}"
    return value


def safe_row(row: Iterable[object]) -> list[object]:
    """All cells of a row made safe."""
    return [safe_cell(value) for value in row]
