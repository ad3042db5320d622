"""Segment conditions (分群条件): one file each, in the folder of the app that knows the rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal, Protocol

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from chaguan.kernel.registry import Registry

HERE = "here"  # in place of a community: the one this is asked for, say of a playbook's run


@dataclass(frozen=True)
class Asking:
    """Who asks when: the instant, and the communities whose rows may be looked at (None: all).

    `here` is the community that the word "here" means. Days given as dates begin at midnight in `zone`.
    """

    now: datetime
    community_ids: frozenset[int] | None = None
    here: int | None = None
    zone: tzinfo | None = None

    @property
    def days_in(self) -> tzinfo:
        return self.zone or timezone.get_default_timezone()


Choices = Sequence[tuple[str, str | Promise]]
OperandKind = Literal["choice", "choices", "number", "text", "date", "community"]


@dataclass(frozen=True)
class Operand:
    """One blank of a condition's sentence. `choices` are asked anew for every reader and screen."""

    name: str
    kind: OperandKind
    label: str | Promise
    choices: Callable[[Asking], Choices] | None = None
    minimum: int = 0
    maximum: int = 1_000_000
    is_required: bool = True
    is_open: bool = (
        False  # a choice may be named before it exists: a playbook knows its tags beforehand
    )


Match = Q | QuerySet[Any]
"""Q: about people.Member itself. QuerySet: rows with a `member_id`; the members named there match."""


class Condition(Protocol):
    """One condition. Codes are stored in saved segments and playbooks, so they are permanent."""

    @property
    def label(self) -> str | Promise:
        """In the list of conditions: "Relation stage"."""

    @property
    def sentence(self) -> str | Promise:
        """With a {blank} per operand: "stage is {stages}"."""

    @property
    def operands(self) -> tuple[Operand, ...]:
        """The blanks, in order."""

    def compile(self, values: Mapping[str, Any], asking: Asking) -> Match:
        """Say in SQL which members match. `values` are checked: ints, texts, dates, lists of texts.

        A QuerySet must be narrow and indexed so that one member costs one index probe; it may only look
        at rows of `asking.community_ids`.
        """


conditions: Registry[Condition] = Registry("condition", "chaguan.people.conditions")


def condition(code: str) -> Callable[[type[Condition]], type[Condition]]:
    """Register a condition class under its permanent code."""

    def keep(cls: type[Condition]) -> type[Condition]:
        conditions.add(code)(cls())
        return cls

    return keep
