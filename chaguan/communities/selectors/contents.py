"""What a community may deliver (按内容分): what then counts as content, what as success, what fits it.

A small table in code: the kinds are stored in the database and checked by name, so they change with it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.types import ContentKind
from chaguan.communities.words import CONTENT_LABELS


@dataclass(frozen=True)
class Content:
    """One kind. `takes_pushes`: promotions may come again and again through a day (SOP-10)."""

    kind: ContentKind
    counts_as_content: str | Promise
    success: str | Promise
    takes_pushes: bool = False
    playbooks: tuple[str, ...] = ()

    @property
    def label(self) -> str | Promise:
        return CONTENT_LABELS[self.kind]


CONTENTS: dict[ContentKind, Content] = {
    one.kind: one
    for one in (
        Content(
            ContentKind.LEARNING,
            _("lessons, homework and comments on it"),
            _("people have learned it"),
        ),
        Content(
            ContentKind.SERVING,
            _("what was promised, step by step"),
            _("every promise is kept, and a little more"),
        ),
        Content(
            ContentKind.CONTENT,
            _("a few good pieces, not many"),
            _("people read them, and it is not too much"),
        ),
        Content(
            ContentKind.EDUCATION,
            _("know-how and discussions"),
            _("people ask, discuss and try it"),
        ),
        Content(
            ContentKind.COMMERCE,
            _("coupons, real discounts, buying together"),
            _("people save money, and nobody is tired of it"),
            takes_pushes=True,
            playbooks=("neighbourhood_day", "daily_commerce"),
        ),
    )
}


def content_of(kind: str) -> Content:
    """One kind by its code. Raises ValueError for an unknown one: a bug of ours."""
    return CONTENTS[ContentKind(kind)]
