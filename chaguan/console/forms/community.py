"""A community's charter, settings, rooms and rules, as typed."""

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaguan.channels.selectors.sending import accounts
from chaguan.communities.selectors import Community
from chaguan.communities.selectors.composition import MIXED_SHARE
from chaguan.communities.selectors.contents import CONTENTS
from chaguan.communities.words import TYPE_LABELS
from chaguan.console.forms.imports import zone_choices
from chaguan.people.words import STAGE_LABELS
from chaguan.ui.forms import dress

OWN = "portal"  # the connector of our own pages, which needs no account made beforehand
CLOCK = {"type": "time", "placeholder": "22:30"}
_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def _box(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def content_choices() -> list[tuple[str, str]]:
    """Each kind with what counts as content there and what as success."""
    text = gettext("%(label)s: %(content)s; good when %(success)s")
    return [
        ("", gettext("Not chosen")),
        *(
            (
                kind.value,
                text
                % {
                    "label": one.label,
                    "content": one.counts_as_content,
                    "success": one.success,
                },
            )
            for kind, one in CONTENTS.items()
        ),
    ]


class CharterForm(forms.Form):
    """Who it is for and why it exists: what a community needs before it opens."""

    name = forms.CharField(label=_("Name of the community"), max_length=80)
    purpose = forms.CharField(label=_("Why this community exists"), widget=_box(), required=False)
    audience = forms.CharField(label=_("For whom"), widget=_box(), required=False)
    expected_effect = forms.CharField(
        label=_("What should come of it"), widget=_box(), required=False
    )
    target_stages = forms.MultipleChoiceField(
        label=_("Relation stages it is for"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[(stage.value, words) for stage, words in STAGE_LABELS.items()],
    )
    content_kind = forms.ChoiceField(
        label=_("What it delivers"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_(
            "It says what counts as content and as success. Only commerce takes several promotions a day."
        ),
    )
    host_name = forms.CharField(label=_("Who hosts it"), max_length=80, required=False)
    timezone = forms.ChoiceField(label=_("Time zone"))
    is_screened = forms.BooleanField(
        label=_("People are looked at before they come in"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["timezone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = zone_choices()
        content = self.fields["content_kind"]
        assert isinstance(content, forms.ChoiceField)
        content.choices = content_choices()
        dress(self)

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone."))
        return zone


CAPS = {"contacts_per_day": 3, "person_per_day": 2, "community_per_day": 3}  # and what is usual


class SettingsForm(CharterForm):
    """Everything that can be changed later too: the type, the colour, when it is quiet, how much is sent."""

    type = forms.ChoiceField(label=_("Type"), required=False)
    colour = forms.RegexField(
        label=_("Its colour on member pages"),
        regex=r"^#[0-9a-fA-F]{6}$",
        required=False,
        widget=forms.TextInput(attrs={"type": "color"}),
    )
    quiet_from = forms.RegexField(
        label=_("Quiet from"), regex=_TIME, required=False, widget=forms.TextInput(attrs=CLOCK)
    )
    quiet_until = forms.RegexField(
        label=_("Quiet until"), regex=_TIME, required=False, widget=forms.TextInput(attrs=CLOCK)
    )
    contacts_per_day = forms.IntegerField(
        label=_("Private messages to one person a day, at most"), min_value=0, max_value=50
    )
    person_per_day = forms.IntegerField(
        label=_("Promotions to one person a day, at most"), min_value=0, max_value=50
    )
    community_per_day = forms.IntegerField(
        label=_("Promotions to the rooms a day, at most"), min_value=0, max_value=50
    )

    mixed_share = forms.IntegerField(
        label=_("Warn when so many per cent are people it is not for"),
        min_value=1,
        max_value=100,
        required=False,
    )

    field_order = (
        *(
            "name",
            "type",
            "content_kind",
            "purpose",
            "audience",
            "expected_effect",
            "target_stages",
        ),
        *("host_name", "timezone", "quiet_from", "quiet_until", "contacts_per_day"),
        *("person_per_day", "community_per_day", "mixed_share", "colour", "is_screened"),
    )

    def __init__(self, *args: Any, community: Community, **kwargs: Any) -> None:
        self.community = community
        kwargs.setdefault("initial", settings_initial(community))
        super().__init__(*args, **kwargs)
        kind = self.fields["type"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [
            ("", _("Not chosen")),
            *((code.value, words) for code, words in TYPE_LABELS.items()),
        ]
        dress(self)

    def changes(self) -> dict[str, Any]:
        """What `edit_community` takes. Call it on a valid form."""
        given = dict(self.cleaned_data)
        quiet = (given.pop("quiet_from"), given.pop("quiet_until"))
        caps = {name: given.pop(name) for name in CAPS}
        kept = {key: v for key, v in self.community.settings.items() if key != "quiet_hours"}
        if share := given.pop("mixed_share"):
            kept["mixed_share"] = share / 100
        if all(quiet):
            kept["quiet_hours"] = list(quiet)
        if given["type"] == self.community.type:
            given["settings"] = {**kept, "caps": caps}
        return given


def settings_initial(community: Community) -> dict[str, Any]:
    """The community as the form shows it."""
    names = (*CharterForm.base_fields, "type", "colour")
    quiet = community.settings.get("quiet_hours") or ["22:30", "07:30"]
    caps = community.settings.get("caps") or {}
    return {
        **{name: getattr(community, name) for name in names},
        "colour": community.colour or "#2f6b4f",
        "quiet_from": quiet[0],
        "quiet_until": quiet[1],
        **{name: caps.get(name, usual) for name, usual in CAPS.items()},
        "mixed_share": round(float(community.settings.get("mixed_share", MIXED_SHARE)) * 100),
    }


class RoomForm(forms.Form):
    """A room on our own member pages, or through another account where the house has some."""

    name = forms.CharField(label=_("Name of the room"), max_length=120)
    account = forms.ChoiceField(label=_("Reached through"))
    is_back_room = forms.BooleanField(label=_("Only for those who run it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account, others = self.fields["account"], accounts().filter(is_active=True)
        assert isinstance(account, forms.ChoiceField)
        choices = [
            (str(pk), label)
            for pk, label in others.exclude(connector=OWN).values_list("pk", "label")[:200]
        ]
        account.choices = [(OWN, _("Member pages")), *choices]
        account.initial = OWN
        if not choices:
            del self.fields["account"]
        dress(self)

    @property
    def account_id(self) -> int | None:
        """The chosen account; None for our own pages. Call it on a valid form."""
        chosen = self.cleaned_data.get("account", OWN)
        return None if chosen == OWN else int(chosen)


class RulesForm(forms.Form):
    """The rules, one a line."""

    rules = forms.CharField(
        label=_("One rule a line"), widget=_box(8), required=False, max_length=4000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)

    def lines(self) -> list[str]:
        """The rules without empty lines. Call it on a valid form."""
        return [line.strip() for line in self.cleaned_data["rules"].splitlines() if line.strip()]
