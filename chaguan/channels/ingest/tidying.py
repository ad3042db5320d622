"""Making a record fit to be stored: plausible in time, storable in every database."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from chaguan.channels.contract import BadLine, Record
from chaguan.channels.ingest.reasons import NO_PERSON, TOO_EARLY, TOO_LATE

EARLIEST = datetime(1988, 8, 1, tzinfo=UTC)  # the month in which group chat over the net began
SLACK = timedelta(days=2)  # clocks and zones are wrong by hours, not by days
ID_CHARS, NAME_CHARS = 160, 120


def tidy(record: Record, now: datetime) -> Record | BadLine:
    """The record in UTC, with ids that fit their columns, or what is wrong with it.

    Names are shortened where they are stored: a name repeats on every message of its bearer.
    """
    at = record.at
    if at < EARLIEST:
        return BadLine(record.line, TOO_EARLY, f"{at.isoformat()} {record.text[:60]}")
    if at > now + SLACK:
        return BadLine(record.line, TOO_LATE, f"{at.isoformat()} {record.text[:60]}")
    if at.tzinfo is not UTC:
        record.at = at.astimezone(UTC)
    if "\0" in record.text:
        record.text = record.text.replace("\0", "")
    record.external_id = short_id(record.external_id)
    record.person = short_id(record.person)
    if record.reply_to:
        record.reply_to = short_id(record.reply_to)
    if not record.person and record.member_id is None:
        return BadLine(record.line, NO_PERSON, record.text[:60])
    return record


def short_id(value: str) -> str:
    """An id without zero bytes that fits its column; what is too long keeps its start and a hash."""
    if "\0" in value:
        value = value.replace("\0", "")
    if len(value) <= ID_CHARS:
        return value
    digest = blake2b(value.encode("utf-8", "replace"), digest_size=12).hexdigest()
    return f"{value[: ID_CHARS - 25]}~{digest}"


def one_line(value: str) -> str:
    """A name as one line that fits its column."""
    return " ".join(value.replace("\0", "").split())[:NAME_CHARS]
