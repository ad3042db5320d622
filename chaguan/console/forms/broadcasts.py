"""A broadcast and a planned item, as typed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.communities.types import CommunityType
from chaguan.communities.words import TYPE_LABELS
from chaguan.playbooks.actions.broadcasts import MAX_CHARS, Wish
from chaguan.ui.forms import dress

ITEM_KINDS = (("offer", _("Offer")), ("topic", _("Topic")), ("post", _("Post")))


class BroadcastForm(forms.Form):
    """What to say, why, when, and to whom."""

    text = forms.CharField(
        label=_("What they hear"),
        max_length=MAX_CHARS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "{{ community_name }}, {{ host_name }}, {{ date }} and {{ weekday }} become each community's own."
        ),
    )
    purpose = forms.CharField(
        label=_("Why they should hear it"),
        max_length=200,
        help_text=_("One sentence, for colleagues who see it in the outbox."),
    )
    due_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: as soon as it is planned. In quiet hours it waits for the morning."),
    )
    is_promotion = forms.BooleanField(
        label=_("It sells or advertises something"),
        required=False,
        help_text=_(
            "Then a colleague has to agree first, and caps and types decide who may hear it."
        ),
    )
    communities = forms.TypedMultipleChoiceField(
        label=_("Communities"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, places: Sequence[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["communities"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (pk, f"{name} · {TYPE_LABELS[CommunityType(kind)]}" if kind else name)
            for pk, name, kind in places
        ]
        dress(self)

    def wish(self, now: datetime) -> Wish:
        """What the form asks for. Call it on a valid form."""
        said = self.cleaned_data
        return Wish(
            said["text"],
            said["purpose"],
            said["due_at"] or now,
            said["communities"],
            said["is_promotion"],
        )


class ItemForm(forms.Form):
    """One offer, topic or post of one day."""

    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(label=_("What"), choices=ITEM_KINDS)
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("In a few words"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    price = forms.CharField(
        label=_("Price"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    usual = forms.CharField(
        label=_("What it usually costs"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("Both prices or neither: the gain that members read is the difference."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
