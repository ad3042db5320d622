"""Where an uploaded history goes, as typed."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chaguan.channels.actions.imports import Plan
from chaguan.channels.selectors.imports import ImportRun, formats
from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.ui.forms import dress

COMMON_ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC",
    "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Sydney",
)  # fmt: skip


OPTIONS: dict[str, Any] = {  # settings of formats, as people read them; others show their own name
    "time": _("Column with the time"),
    "person": _("Column with the person's id"),
    "text": _("Column with the text"),
    "name": _("Column with the person's name"),
    "room": _("Column with the room"),
    "kind": _("Column that tells messages from joins"),
    "id": _("Column with the message's id"),
    "reply_to": _("Column with the message it answers"),
    "bot": _("Column that marks bots"),
    "start": _("Time of the first line, where the file has none"),
    "step": _("Seconds from line to line, where the file has no time"),
    "delimiter": _("Character between columns"),
}


def zone_choices() -> list[tuple[str, Any]]:
    """The zones people ask for first, then all."""
    rest = sorted(available_timezones() - set(COMMON_ZONES))
    return [
        ("", [(zone, zone.replace("_", " ")) for zone in COMMON_ZONES]),
        ("…", [(zone, zone.replace("_", " ")) for zone in rest if "/" in zone]),
    ]


class UploadForm(forms.Form):
    """One file of history."""

    file = forms.FileField(label=_("A file of chat history"), allow_empty_file=False)


class PlanForm(forms.Form):
    """What a person confirms before anything is stored."""

    format = forms.ChoiceField(label=_("Format"))
    timezone = forms.ChoiceField(
        label=_("Time zone of the file"), help_text=_("Times in the file are read in this zone.")
    )
    community = forms.ChoiceField(label=_("Into which community"), required=False)
    new_community = forms.CharField(label=_("Or a new one, named"), required=False, max_length=80)
    room = forms.CharField(
        label=_("Name of the room"),
        required=False,
        max_length=120,
        help_text=_("Only where the file names none."),
    )

    def __init__(self, *args: Any, actor: Actor, run: ImportRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = dict(formats())
        choices = [(code, str(importer.label)) for code, importer in known.items()]
        homes = communities_visible_to(actor, Right.IMPORT).order_by("name")
        chosen_format = self.data.get("format") or self.initial.get("format") or run.format
        _choice(self, "format").choices = choices
        _choice(self, "format").initial = run.format
        _choice(self, "timezone").choices = zone_choices()
        _choice(self, "timezone").initial = run.timezone or settings.TIME_ZONE
        listed = [(str(pk), name) for pk, name in homes.values_list("pk", "name")[:500]]
        _choice(self, "community").choices = [("", _("A new one")), *listed]
        self.option_names = known[chosen_format].options if chosen_format in known else ()
        for name in self.option_names:
            self.fields[f"option-{name}"] = forms.CharField(
                label=OPTIONS.get(name, name), required=False, max_length=200
            )
        dress(self)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        given = cleaned or {}
        if not given.get("community") and not given.get("new_community", "").strip():
            self.add_error("new_community", _("Choose a community or name a new one."))
        return cleaned

    def plan(self) -> Plan:
        """The decision, for the action. Call it on a valid form."""
        given = self.cleaned_data
        options = {n: given[f"option-{n}"] for n in self.option_names if given.get(f"option-{n}")}
        return Plan(
            community=int(given["community"]) if given["community"] else given["new_community"],
            format=given["format"],
            timezone=given["timezone"],
            room=given["room"],
            options=options,
        )


def _choice(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field
