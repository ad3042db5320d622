"""Questions of the member pages about themselves: who holds which key."""

from dataclasses import dataclass

from chaguan.kernel.actor import Actor
from chaguan.portal.models import LinkKey


@dataclass(frozen=True)
class Visitor:
    """A member at the door, with the key she came with. `address` is her id in our own rooms."""

    member_id: int
    name: str
    nonce: str
    address: str
    stage: str
    has_opted_out: bool

    @property
    def actor(self) -> Actor:
        return Actor.member(self.member_id)


def visitor_by(member_id: int, nonce: str) -> Visitor | None:
    """The member whose current key this is; None for an ended key. Queries: 1."""
    key = LinkKey.objects.select_related("member").filter(member_id=member_id, nonce=nonce).first()
    return visitor_of_key(key) if key else None


def visitor_of_key(key: LinkKey) -> Visitor:
    """The member of a key that was read with its member."""
    return Visitor(
        member_id=key.member_id,
        name=key.member.name,
        nonce=key.nonce,
        address=key.member.public_id,
        stage=key.member.stage,
        has_opted_out=key.member.touch_opt_out_at is not None,
    )
