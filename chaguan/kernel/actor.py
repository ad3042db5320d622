"""Who acts. Every action takes an Actor; there is no default and no way to skip it."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["system", "staff", "member", "anonymous"]


@dataclass(frozen=True)
class Actor:
    """One acting party.

    `kind` says which id is set: staff has `user_id` (a login), member has `member_id`, the others none.
    `label` is what logs show for a system actor ("clock", "import 3").
    """

    kind: ActorKind
    user_id: int | None = None
    member_id: int | None = None
    label: str = ""

    @classmethod
    def system(cls, label: str = "system") -> "Actor":
        """The product itself: clocks, pumps, imports. It passes every policy."""
        return cls("system", label=label)

    @classmethod
    def staff(cls, user_id: int) -> "Actor":
        """A person with a login."""
        return cls("staff", user_id=user_id)

    @classmethod
    def member(cls, member_id: int) -> "Actor":
        """A person known through a personal link or a channel."""
        return cls("member", member_id=member_id)

    @classmethod
    def anonymous(cls) -> "Actor":
        """Somebody we do not know. Refused by default."""
        return cls("anonymous")

    @property
    def is_system(self) -> bool:
        return self.kind == "system"

    @property
    def reference(self) -> str:
        """The short text kept beside a fact: `staff:7`, `member:12`, `system:clock`."""
        ref = {"staff": self.user_id, "member": self.member_id}.get(self.kind, self.label)
        return f"{self.kind}:{ref}" if ref not in (None, "") else self.kind
