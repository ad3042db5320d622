"""Colleagues and channel accounts, as typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import connectors
from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.selectors.staff import role_sheets
from chaguan.communities.types import Right
from chaguan.console.actions.staff import Invitation
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.ui.forms import dress


def minutes_said(text: str) -> int | None:
    """Hours a week as typed, in minutes; None where the field is empty. Raises Invalid."""
    typed = text.strip().replace("，", ".").replace(",", ".")
    if not typed:
        return None
    try:
        return round(float(typed) * 60)
    except (ValueError, OverflowError):
        raise Invalid(gettext("Say the hours of a week as a number.")) from None


class PostForm(forms.Form):
    """A role and where it holds."""

    role = forms.ChoiceField(label=_("Role"))
    community = forms.ChoiceField(label=_("Where"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = communities_visible_to(actor, Right.MANAGE_STAFF).order_by("name")
        role, community = self.fields["role"], self.fields["community"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(community, forms.ChoiceField)
        role.choices = [(sheet.code, sheet.name) for sheet in role_sheets()]
        community.choices = [
            ("", _("In all communities")),
            *((str(pk), name) for pk, name in homes.values_list("pk", "name")[:500]),
        ]
        dress(self)

    @property
    def community_id(self) -> int | None:
        return int(self.cleaned_data["community"]) if self.cleaned_data["community"] else None


class InviteForm(PostForm):
    """A colleague who has no login yet."""

    login = forms.CharField(label=_("Name for logging in"), max_length=150)
    name = forms.CharField(label=_("What colleagues call them"), max_length=150, required=False)
    field_order = ("login", "name", "role", "community")

    def invitation(self) -> Invitation:
        """Call it on a valid form."""
        given = self.cleaned_data
        return Invitation(given["login"], given["name"], given["role"], self.community_id)


class AccountForm(forms.Form):
    """A new account at a channel."""

    connector = forms.ChoiceField(label=_("Channel"), widget=forms.RadioSelect)
    label = forms.CharField(
        label=_("Its name here"),
        max_length=80,
        help_text=_("As your colleagues would call it: “the boss's WeChat”, “tea room pages”."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connector = self.fields["connector"]
        assert isinstance(connector, forms.ChoiceField)
        connector.choices = [(code, one.label) for code, one in connectors]
        dress(self)
