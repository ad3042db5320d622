"""What members type, turned into typed values."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.people.selectors.profile import Question

LONGEST_TEXT = 2000


def _input(**attrs: str) -> dict[str, str]:
    return {"class": "input", **attrs}


class SayForm(forms.Form):
    """One message for a room. `mark` makes a double tap one message; `answers` is the message answered."""

    text = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(
            attrs={
                "class": "input pen__text",
                "rows": "1",
                "maxlength": str(LONGEST_TEXT),
                "placeholder": _("Say something"),
            }
        ),
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "This is longer than %(limit_value)d characters. Please send it in parts."
            ),
        },
    )
    mark = forms.CharField(max_length=200, widget=forms.HiddenInput)
    answers = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """The answer to a check-in."""

    note = forms.CharField(
        max_length=280,
        required=False,
        widget=forms.Textarea(attrs=_input(rows="2", maxlength="280")),
        error_messages={"max_length": _("Please keep it under %(limit_value)d characters.")},
    )


class JoinForm(forms.Form):
    """Somebody who wants to come in: a name, the consent, and what the community likes to know."""

    name = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs=_input(autocomplete="nickname")),
        error_messages={"required": _("Tell us what to call you.")},
    )
    is_agreed = forms.BooleanField(
        error_messages={
            "required": _("Please tick this to join; we may not keep your name without it.")
        }
    )
    mark = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, questions: list[Question] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions or []
        for question in self.questions:
            self.fields[f"q_{question.code}"] = _field(question)

    def asked(self) -> list[forms.BoundField]:
        """The community's own questions, for the template."""
        return [self[f"q_{question.code}"] for question in self.questions]

    def answers(self) -> dict[str, str]:
        """Answers by field code; questions left empty are left out."""
        found = {q.code: str(self.cleaned_data.get(f"q_{q.code}") or "") for q in self.questions}
        return {code: value for code, value in found.items() if value}


def _field(question: Question) -> forms.Field:
    if question.kind == "choice":
        return forms.ChoiceField(
            label=question.label,
            required=False,
            choices=[("", _("Rather not say")), *((c, c) for c in question.choices)],
            widget=forms.Select(attrs=_input()),
        )
    if question.kind == "number":
        return forms.DecimalField(
            label=question.label, required=False, widget=forms.NumberInput(attrs=_input())
        )
    if question.kind == "date":
        return forms.DateField(
            label=question.label, required=False, widget=forms.DateInput(attrs=_input(type="date"))
        )
    return forms.CharField(
        label=question.label,
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs=_input()),
    )


class DutyForm(forms.Form):
    """What a steward writes when she ticks a line off or leaves it out."""

    note = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": _("Please keep it under %(limit_value)d characters.")},
    )
    proof = forms.CharField(max_length=500, required=False)


class OwnTimeForm(forms.Form):
    """How many minutes a week a steward can give; empty: not said."""

    minutes = forms.IntegerField(
        min_value=0,
        max_value=7 * 24 * 60,
        required=False,
        widget=forms.NumberInput(attrs=_input(id="own-minutes", inputmode="numeric", min="0")),
        error_messages={
            "invalid": _("Say the minutes of a week as a whole number."),
            "min_value": _("Say the minutes of a week as a whole number."),
            "max_value": _("A week has at most 168 hours."),
        },
    )
