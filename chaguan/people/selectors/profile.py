"""The profile template (标准信息模板) and what members answered."""

from dataclasses import dataclass
from datetime import datetime

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing
from chaguan.people.models import ProfileField, ProfileValue
from chaguan.people.selectors.members import may_see_member


@dataclass(frozen=True)
class Question:
    """One field of the template, as a form needs it. `kind` is a FieldKind."""

    code: str
    label: str
    kind: str
    choices: tuple[str, ...] = ()
    is_personal: bool = True


@dataclass(frozen=True)
class Answer:
    """What one member said to one question, when, and through which door."""

    code: str
    label: str
    value: str
    at: datetime
    source: str


def questions() -> list[Question]:
    """The whole template, in the order it was made. One statement."""
    return [
        Question(f.code, f.label, f.kind, tuple(map(str, f.choices)), f.is_personal)
        for f in ProfileField.objects.order_by("pk")
    ]


def answers_of(actor: Actor, member_id: int) -> list[Answer]:
    """A member's answers, in the template's order. Raises Missing for those who may not see the member."""
    if actor.member_id != member_id and not may_see_member(actor, member_id):
        raise Missing
    values = ProfileValue.objects.filter(member_id=member_id).select_related("field")
    return [
        Answer(v.field.code, v.field.label, v.value, v.at, v.source)
        for v in values.order_by("field_id")
    ]
