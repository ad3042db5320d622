"""Texts with variables (话术): which variables exist, and rendering that refuses unknown ones."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError

STANDARD_VARIABLES = {
    "member_name": gettext_lazy("Name of the member who gets it"),
    "community_name": gettext_lazy("Name of the community"),
    "host_name": gettext_lazy("Name of the community's host"),
    "day": gettext_lazy("Day of the run, or of the person's own plan"),
    "date": gettext_lazy("Local date, for example 3月8日"),
    "weekday": gettext_lazy("Local weekday, for example 周日"),
    "time": gettext_lazy("Local time, for example 20:00"),
    "event_time": gettext_lazy("Local date and time of the event the run is about"),
    "stop_hint": gettext_lazy("One sentence on how to stop these messages"),
    "my_page": gettext_lazy("Address of the member's own page"),
    "planned_items": gettext_lazy("What is planned for the day, a line each (publish steps)"),
    "newcomer_names": gettext_lazy("Names of the newcomers a room message greets"),
}
PERSONAL_VARIABLES = frozenset({"member_name"})

_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)


class UnreadableText(ValueError):
    """The text's markup is broken; the message is one sentence."""


@lru_cache(maxsize=4096)
def _template(text: str) -> BoundTemplate:
    try:
        return _ENVIRONMENT.from_string(text)
    except LiquidError as error:
        raise UnreadableText(
            _("The text has broken markup: %(detail)s.") % {"detail": _first_line(error)}
        ) from error


def variables_in(text: str) -> frozenset[str]:
    """The names of all variables the text uses from outside. Raises UnreadableText."""
    return frozenset(_template(text).global_variables())


def unknown_variables(text: str, declared: frozenset[str]) -> list[str]:
    """Variables that neither the platform nor the author's declarations know, in order."""
    return sorted(variables_in(text) - set(STANDARD_VARIABLES) - declared)


def personal_in_room(name: str) -> str:
    """The sentence for a text to a room that names a single member."""
    text = _("A room is no single member; “%(name)s” has no value there.")
    return text % {"name": name}


def render(text: str, values: Mapping[str, Any]) -> str:
    """The finished text. Raises UnreadableText when a variable has no value."""
    try:
        return str(_template(text).render(**values))
    except LiquidError as error:
        raise UnreadableText(_first_line(error)) from error


def _first_line(error: LiquidError) -> str:
    return str(error).partition("\n")[0].rstrip(". ")
