"""One step of a draft in a form. What the author left out stays out; what is odd stays choosable."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.console.lines.playbooks import AUDIENCES, MODES
from chaguan.kernel.errors import Invalid
from chaguan.playbooks.selectors.drafts import parts_of, read_lines, say_lines, step_kinds
from chaguan.playbooks.selectors.notation import ROLE_NAMES
from chaguan.ui.forms import dress

LATENESS = (
    ("skip", _("leave it out")),
    ("send", _("do it all the same")),
    ("ask", _("ask a person")),
)
PROOFS = (("none", _("none")), ("note", _("a note")), ("link", _("a link or picture")))
HOLIDAYS = (
    ("", _("as usual")),
    ("keep", _("do it all the same")),
    ("shift", _("on the next working day")),
    ("skip", _("leave it out")),
)
INTENTS = (
    ("", _("nothing special")),
    ("content", _("content: articles, lessons")),
    ("discussion", _("discussion")),
    ("sharing", _("asks members to share")),
    ("headquarters", _("the house acts in a chapter")),
)
DEFAULTS: dict[str, Any] = {
    "track": "room",
    "actor": "system",
    "audience": "room",
    "mode": "auto",
    "lateness": "skip",
    "late_after": "6h",
    "proof": "none",
    "promotion": False,
    "urgent": False,
    "needs_approval": False,
    "minutes": 0,
}
WORDS = ("text", "instruction")  # fields whose line breaks count
Choices = Iterable[tuple[str, Any]]


class StepForm(forms.Form):
    """The fields of one step."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    purpose = forms.CharField(
        label=_("Why this step exists"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    track = forms.ChoiceField(label=_("Track"), required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    actor = forms.ChoiceField(label=_("Who does it"), required=False)
    audience = forms.ChoiceField(label=_("Whom it is for"), required=False)
    mode = forms.ChoiceField(label=_("How"), required=False)
    script = forms.ChoiceField(label=_("Wording of the library"), required=False)
    text = forms.CharField(
        label=_("Text of its own"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    instruction = forms.CharField(
        label=_("Instruction"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    minutes = forms.IntegerField(
        label=_("Minutes of work"), required=False, min_value=0, max_value=480
    )
    proof = forms.ChoiceField(label=_("Proof"), choices=PROOFS, required=False)
    lateness = forms.ChoiceField(label=_("When it is late"), choices=LATENESS, required=False)
    late_after = forms.CharField(
        label=_("Late after"), required=False, max_length=8, help_text=_("For example 30m, 6h, 2d.")
    )
    holidays = forms.ChoiceField(label=_("On holidays"), choices=HOLIDAYS, required=False)
    intent = forms.ChoiceField(label=_("It is about"), choices=INTENTS, required=False)
    promotion = forms.BooleanField(label=_("It promotes something"), required=False)
    urgent = forms.BooleanField(label=_("Urgent: quiet hours do not hold it"), required=False)
    needs_approval = forms.BooleanField(label=_("A second person agrees first"), required=False)
    after = forms.ChoiceField(label=_("Only after a wait"), required=False)
    arm = forms.ChoiceField(label=_("Only for one group of the split"), required=False)
    needs = forms.CharField(label=_("Waits for a feature"), max_length=200, required=False)
    values = forms.CharField(
        label=_("Values for the wording"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: name: value"),
    )
    with_ = forms.CharField(
        label=_("Settings of the kind"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: name: value"),
    )
    id = forms.CharField(label=_("Number of the step"), max_length=32, required=False)

    def __init__(
        self,
        step: Mapping[str, Any],
        head: dict[str, Any],
        scripts: Sequence[tuple[str, str]],
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self.step = step
        initial = {
            **DEFAULTS,
            **step,
            "with_": say_lines(step.get("with")),
            "values": say_lines(step.get("values")),
        }
        super().__init__(given, initial=initial, auto_id="step-%s")
        for name, choices in _choices_of(head, scripts).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _with_odd(choices, initial.get(name))
        dress(self)

    def changes(self) -> dict[str, Any]:
        """The fields that could be read, as the document writes them; None takes one away."""
        self.is_valid()
        given = {name: self.cleaned_data[name] for name in self.fields if name in self.cleaned_data}
        found: dict[str, Any] = {}
        for name, value in given.items():
            key = name.rstrip("_")
            if name in ("with_", "values"):
                try:
                    value = read_lines(value)
                except Invalid as wrong:
                    self.add_error(name, str(wrong))
                    continue
            if name in WORDS and isinstance(value, str):
                value = value.replace("\r\n", "\n")
            if value == self.step.get(
                key, DEFAULTS.get(key, "" if isinstance(value, str) else None)
            ):
                continue
            is_plain = value in ("", None, {}, False) or value == DEFAULTS.get(key)
            if not is_plain or key in self.step:
                found[key] = None if is_plain else value
        return found


def _choices_of(head: dict[str, Any], scripts: Sequence[tuple[str, str]]) -> dict[str, Choices]:
    segments = head.get("segments") if isinstance(head.get("segments"), dict) else {}
    split = head.get("split") if isinstance(head.get("split"), dict) else {}
    waits = [s for s in parts_of(head, "steps") if s.get("kind") == "wait_for"]
    return {
        "track": _named(parts_of(head, "tracks")),
        "phase": [("", "–"), *_named(parts_of(head, "phases"))],
        "kind": step_kinds(),
        "actor": ROLE_NAMES.items(),
        "audience": [
            *AUDIENCES.items(),
            *(
                (f"segment:{name}", _("segment %(name)s") % {"name": name})
                for name in segments or {}
            ),
        ],
        "mode": MODES.items(),
        "script": [("", _("none")), *scripts],
        "after": [
            ("", "–"),
            *(
                (f"{wait.get('id')}.{end}", f"{wait.get('title') or wait.get('id')}: {word}")
                for wait in waits
                for end, word in (("act", _("it happened")), ("timeout", _("time ran out")))
            ),
        ],
        "arm": [("", "–"), *_named(parts_of(split or {}, "arms"))],
    }


def _named(parts: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(str(p.get("key")), str(p.get("title") or p.get("key"))) for p in parts]


def _with_odd(choices: Choices, value: Any) -> list[tuple[str, Any]]:
    """The choices, and what stands there now though nobody knows it: the problems say so, nothing is lost."""
    found = [(str(code), label) for code, label in choices]
    if value not in (None, "") and str(value) not in {code for code, _label in found}:
        found.append((str(value), str(value)))
    return found
