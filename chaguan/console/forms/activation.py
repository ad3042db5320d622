"""The acts that mean "has experienced the product", as typed: up to three, any of them is enough."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.activation import Act, act_choices
from chaguan.ui.forms import dress

ROWS = range(3)


class ActivationForm(forms.Form):
    """Three rows of act, words and times; rows without an act are left out."""

    def __init__(self, post: Any = None, *, acts: Sequence[Act] = ()) -> None:
        super().__init__(post)
        choices = [("", _("No act")), *act_choices()]
        for n in ROWS:
            act = acts[n] if n < len(acts) else None
            self.fields[f"fact-{n}"] = forms.ChoiceField(
                label=_("Act"), choices=choices, required=False, initial=act.fact if act else ""
            )
            self.fields[f"what-{n}"] = forms.CharField(
                label=_("With these words in it"),
                max_length=60,
                required=False,
                initial=act.what if act else "",
            )
            self.fields[f"times-{n}"] = forms.IntegerField(
                label=_("Times"), min_value=1, max_value=99, initial=act.times if act else 1
            )
        dress(self)

    def rows(self) -> list[tuple[forms.BoundField, ...]]:
        return [(self[f"fact-{n}"], self[f"what-{n}"], self[f"times-{n}"]) for n in ROWS]

    def acts(self) -> list[Act]:
        """Call it on a valid form."""
        given = self.cleaned_data
        return [
            Act(given[f"fact-{n}"], given[f"what-{n}"].strip(), given[f"times-{n}"])
            for n in ROWS
            if given[f"fact-{n}"]
        ]
