"""A community's days off, calendar and budget, as typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.ui.forms import dress

DAY = {"type": "date"}


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs=dict(DAY), format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class DaysForm(forms.Form):
    """Days in a row that are off, or worked all the same."""

    kind = forms.ChoiceField(
        label=_("These days are"),
        choices=[
            ("off", _("off")),
            ("worked", _("worked, although they are a weekend or holiday")),
        ],
        widget=forms.RadioSelect,
        initial="off",
    )
    first = _day(_("From day"))
    last = _day(_("To (empty: one day)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class CalendarForm(forms.Form):
    """Whose holidays hold, and the money."""

    calendar = forms.ChoiceField(
        label=_("Working days"),
        choices=[
            ("china", _("China's public holidays and worked weekends")),
            ("weekdays", _("Monday to Friday, whatever the holidays")),
        ],
        widget=forms.RadioSelect,
    )
    budget = forms.CharField(
        label=_("Budget"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In your own words, for example: 600 yuan a month, small gifts included."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
