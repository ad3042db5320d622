"""The profile template (标准信息模板) and members' answers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.people.models import ProfileField, ProfileValue
from chaguan.people.policies import may_answer_for, may_set_rules
from chaguan.people.types import FieldKind


@transaction.atomic
def define_field(
    actor: Actor, code: str, label: str, *, kind: str = FieldKind.TEXT, choices: Sequence[str] = ()
) -> ProfileField:
    """Add a question to the template, or change the label and choices of one that is there.

    Raises: Refused, Invalid for an unknown kind, a choice without choices, or an empty label.
    """
    require(may_set_rules(actor))
    if kind not in set(FieldKind) or not label.strip() or not code.strip():
        raise Invalid(_("A question needs a code, a label and a kind."))
    wanted = [choice.strip() for choice in choices if choice.strip()]
    if kind == FieldKind.CHOICE and not wanted:
        raise Invalid(_("A question with choices needs at least one choice."))
    field, _created = ProfileField.objects.update_or_create(
        code=code.strip()[:40],
        defaults={"label": label.strip()[:80], "kind": kind, "choices": wanted},
    )
    return field


@transaction.atomic
def answer_profile(
    actor: Actor, member_id: int, answers: Mapping[str, str], *, now: datetime, source: str = ""
) -> int:
    """Keep a member's answers by field code; an empty answer takes the old one away. Returns how many.

    Raises: Refused, Invalid for an unknown question or a value that does not fit; then nothing is kept.
    """
    require(may_answer_for(actor, member_id))
    fields = {f.code: f for f in ProfileField.objects.filter(code__in=list(answers))}
    if unknown := sorted(set(answers) - set(fields)):
        raise Invalid(_("There is no question %(code)s.") % {"code": unknown[0]})
    kept = {code: _fitting(fields[code], value.strip()) for code, value in answers.items()}
    emptied = [fields[code].pk for code, value in kept.items() if not value]
    ProfileValue.objects.filter(member_id=member_id, field_id__in=emptied).delete()
    rows = [
        ProfileValue(
            member_id=member_id, field=fields[code], value=value, at=now, source=source[:40]
        )
        for code, value in kept.items()
        if value
    ]
    ProfileValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["member", "field"],
        update_fields=["value", "at", "source"],
    )
    return len(rows)


def _fitting(field: ProfileField, value: str) -> str:
    """The value as kept. Raises Invalid with a sentence that names the question."""
    if not value:
        return ""
    fits = True
    try:
        if field.kind == FieldKind.DATE:
            date.fromisoformat(value)
        elif field.kind == FieldKind.NUMBER:
            fits = Decimal(value).is_finite()
        else:
            fits = field.kind != FieldKind.CHOICE or value in field.choices
        if not fits:
            raise ValueError(value)
    except (ValueError, InvalidOperation) as wrong:
        text = _("“%(question)s” cannot be %(value)s.")
        raise Invalid(text % {"question": field.label, "value": value[:60]}) from wrong
    return value.replace("\x00", "")[:400]
