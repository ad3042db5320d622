"""Signed texts that leave the house: personal links, form marks, tickets for the live room.

Each purpose has its own salt, so a text signed for one is worth nothing for another. The time of expiry
is inside the signed text and is compared with the clock that tests can move.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.utils.http import base36_to_int, int_to_base36

LINK_LASTS = timedelta(days=90)
FORM_LASTS = timedelta(hours=12)
TICKET_LASTS = timedelta(hours=1)

_link = Signer(salt="chaguan.portal.link", sep=".")
_form = Signer(salt="chaguan.portal.form", sep=".")
_ticket = Signer(salt="chaguan.portal.ticket", sep=".")


@dataclass(frozen=True)
class LinkClaim:
    """What a personal link says: whose it is and which key it was cut for."""

    member_id: int
    nonce: str


def sign_link(member_id: int, nonce: str, now: datetime) -> str:
    """The token of a personal link; works for LINK_LASTS while the nonce stays."""
    return _signed(_link, int_to_base36(member_id), nonce, now + LINK_LASTS)


def read_link(token: str, now: datetime) -> LinkClaim | None:
    """Return the claim, or None when the token is damaged, foreign or too old."""
    parts = _read(_link, token, now)
    return LinkClaim(base36_to_int(parts[0]), parts[1]) if parts else None


def sign_form(purpose: str, mark: str, now: datetime) -> str:
    """A form's mark: `mark` makes a double tap one act, `purpose` says for which form."""
    return _signed(_form, purpose, mark, now + FORM_LASTS)


def read_form(purpose: str, token: str, now: datetime) -> str | None:
    """Return the mark when the token is for this purpose and in time."""
    parts = _read(_form, token, now)
    return parts[1] if parts and parts[0] == purpose else None


def sign_ticket(room_id: int, member_id: int, now: datetime) -> str:
    """Lets its holder ask whether a room has news. It never shows a message."""
    return _signed(_ticket, int_to_base36(room_id), int_to_base36(member_id), now + TICKET_LASTS)


def opens_room(ticket: str, room_id: int, now: datetime) -> bool:
    """Is this a ticket for this room, in time?"""
    parts = _read(_ticket, ticket, now)
    return parts is not None and parts[0] == int_to_base36(room_id)


def _signed(signer: Signer, subject: str, mark: str, until: datetime) -> str:
    return signer.sign(f"{subject}.{mark}.{int_to_base36(int(until.timestamp()))}")


def _read(signer: Signer, token: str, now: datetime) -> tuple[str, str] | None:
    try:
        subject, mark, until = signer.unsign(token).split(".")
    except (BadSignature, ValueError):
        return None
    return (subject, mark) if base36_to_int(until) > now.timestamp() else None
