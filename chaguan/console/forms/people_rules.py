"""What a house says of people: its questions, its tiers, the tags that rules keep."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.kernel.actor import Actor
from chaguan.people.selectors.segments import segments_visible_to
from chaguan.people.selectors.tiers import tier_names, tier_of_stages
from chaguan.people.types import FieldKind, RelationStage, TrafficTier
from chaguan.people.words import FIELD_KIND_LABELS, STAGE_LABELS, TIER_LABELS
from chaguan.ui.forms import dress


class QuestionForm(forms.Form):
    """One question of the profile template."""

    label = forms.CharField(label=_("Question"), max_length=80)
    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_(
            "Latin letters, never changed: playbooks and segments name the question by it."
        ),
    )
    kind = forms.ChoiceField(
        label=_("Kind of answer"), choices=[(k.value, FIELD_KIND_LABELS[k]) for k in FieldKind]
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line; only for “one of a list”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def lines(self) -> list[str]:
        """Call it on a valid form."""
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]


class RuleTagForm(forms.Form):
    """A tag and the saved segment that says who carries it."""

    name = forms.CharField(label=_("Tag"), max_length=60)
    segment = forms.ChoiceField(label=_("Carried by everybody in"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.segments = {str(one.pk): one for one in segments_visible_to(actor)[:500]}
        segment = self.fields["segment"]
        assert isinstance(segment, forms.ChoiceField)
        saved = [(pk, one.name) for pk, one in self.segments.items()]
        segment.choices = [("", _("Choose a saved segment")), *saved]
        dress(self)

    def tree(self) -> Any:
        """Call it on a valid form."""
        return self.segments[self.cleaned_data["segment"]].tree


class TiersForm(forms.Form):
    """The four names, and a tier for each of the seven stages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names, of_stage = tier_names(), tier_of_stages()
        for tier in TrafficTier:
            self.fields[f"name-{tier.value}"] = forms.CharField(
                label=str(TIER_LABELS[tier]),
                max_length=40,
                required=False,
                initial=str(names[tier]),
            )
        for stage in RelationStage:
            self.fields[f"stage-{stage.value}"] = forms.ChoiceField(
                label=str(STAGE_LABELS[stage]),
                choices=[(tier.value, names[tier]) for tier in TrafficTier],
                initial=of_stage[stage].value,
            )
        dress(self)

    def name_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("name-")]

    def stage_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("stage-")]

    def names(self) -> dict[str, str]:
        """Call it on a valid form. A shipped name is no change: it goes on being translated."""
        given = {t: self.cleaned_data[f"name-{t.value}"].strip() for t in TrafficTier}
        return {t.value: "" if n == str(TIER_LABELS[t]) else n for t, n in given.items()}

    def stages(self) -> dict[str, str]:
        """Call it on a valid form."""
        return {s.value: self.cleaned_data[f"stage-{s.value}"] for s in RelationStage}
