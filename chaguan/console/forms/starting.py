"""Starting a playbook: on which community, from which day, with which values, by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.audiences import Holder, holders_in
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.selectors.library import lead_days
from chaguan.playbooks.selectors.notation import (
    ROLE_NAMES,
    Person,
    PlaybookDocument,
    local_instant,
    proposed,
    roles_needed,
)
from chaguan.ui.forms import dress

if TYPE_CHECKING:
    from chaguan.communities.models import Community


class StartForm(forms.Form):
    """The form of one edition; which fields it has depends on the document and the community."""

    community = forms.ChoiceField(label=_("Community"))
    starts_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(
        self,
        posted: QueryDict | None,
        *,
        document: PlaybookDocument,
        communities: Sequence[Community],
        community: Community,
        actor: Actor,
        today: date,
    ) -> None:
        first = today + timedelta(days=1 + lead_days(document))  # so that no step is over already
        usual = {"community": str(community.pk), "starts_on": first}
        self.given = _with_usual(posted, usual)
        super().__init__(self.given)
        self.document, self.place, self.actor = document, community, actor
        self.today = today
        _choices(self, "community").choices = [(str(c.pk), c.name) for c in communities]
        if document.anchor == "event":
            self.fields["event_at"] = forms.DateTimeField(
                label=_("When the event begins"),
                widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
                help_text=_("In the community's own time."),
            )
        for name, variable in document.variables.items():
            self.fields[f"value-{name}"] = forms.CharField(
                label=variable.label,
                required=variable.default is None,
                max_length=400,
                help_text=variable.example and _("For example: %s") % variable.example,
                widget=forms.TextInput(attrs={"placeholder": variable.default or ""}),
            )
        self.roles = _role_fields(self, holders_in(community.pk))
        dress(self)

    def start(self) -> Start:
        """What was filled in so far; usable for a preview also while something is missing."""
        given = getattr(self, "cleaned_data", {})
        zone = ZoneInfo(self.place.timezone)
        event_at: datetime | None = given.get("event_at")
        if event_at is not None:
            event_at = event_at.replace(tzinfo=None).replace(tzinfo=zone)
        elif self.document.anchor == "event":
            event_at = local_instant(self._first_day() + timedelta(days=14), time(20), zone)
        return Start(
            starts_on=self._first_day(),
            values={
                name: str(given[f"value-{name}"])
                for name in self.document.variables
                if given.get(f"value-{name}")
            },
            people=self._people(given),
            event_at=event_at,
        )

    def _first_day(self) -> date:
        given: date | None = getattr(self, "cleaned_data", {}).get("starts_on")
        return given or self.today + timedelta(days=1)

    def _people(self, given: Mapping[str, Any]) -> dict[str, Person]:
        people = {}
        for role in self.roles:
            kind, _sep, number = str(given.get(f"role-{role}") or "").partition("-")
            if kind == "u" and number.isdigit():
                people[role] = Person(user_id=int(number))
            elif kind == "m" and number.isdigit():
                people[role] = Person(member_id=int(number))
        return people

    @property
    def role_fields(self) -> list[forms.BoundField]:
        return [self[f"role-{role}"] for role in self.roles]

    @property
    def value_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("value-")]


@dataclass(frozen=True)
class Candidate:
    """Somebody who can take a role."""

    token: str
    name: str


def _role_fields(form: StartForm, holders: Sequence[Holder]) -> list[str]:
    """One choice per role the document needs, with the person who would take it by their post."""
    needed = roles_needed(form.document)
    usual = proposed(needed, holders, {})
    names = {_token(h.user_id, h.member_id): h.name for h in holders}
    choices = list(names.items())
    if form.actor.user_id is not None:
        me = _token(form.actor.user_id, None)
        choices = [(me, gettext("Me")), *[pair for pair in choices if pair[0] != me]]
    for role in needed:
        person = usual[role]
        token = _token(person.user_id, person.member_id) if person else ""
        form.fields[f"role-{role.value}"] = forms.ChoiceField(
            label=str(ROLE_NAMES[role]),
            choices=[("", gettext("Nobody yet")), *choices] if not token else choices,
            initial=token,
        )
        if token:
            form.given.setdefault(f"role-{role.value}", token)
    return [role.value for role in needed]


def _token(user_id: int | None, member_id: int | None) -> str:
    return f"u-{user_id}" if user_id is not None else f"m-{member_id}"


def _with_usual(posted: QueryDict | None, usual: Mapping[str, Any]) -> dict[str, Any]:
    """The given values over the usual ones, so that a preview needs no first submit."""
    given = {key: posted[key] for key in posted} if posted else {}
    return {**usual, **{key: value for key, value in given.items() if value != ""}}


def _choices(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field
