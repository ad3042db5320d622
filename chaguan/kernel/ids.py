"""Ids that leave the house: sortable by time, not guessable, no row count in them."""

from ulid import ULID


def new_public_id() -> str:
    """A ULID as 26 upper-case characters."""
    return str(ULID())
