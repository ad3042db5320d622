"""What a step of a draft will read like, with example values: through the code that renders real messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chaguan.playbooks.editing import Values
from chaguan.playbooks.models import Script
from chaguan.playbooks.rendering import STOP_HINT, WEEKDAYS
from chaguan.playbooks.wording import UnreadableText, render


@dataclass(frozen=True)
class Example:
    """One rendered text, or the sentence that says why there is none."""

    text: str = ""
    fault: str = ""


def example_of(head: Values, step: Mapping[str, Any], script: Script | None) -> list[Example]:
    """The text of a step and the variants of its wording, as somebody will read them. No queries."""
    values = _standard(str(head.get("language") or "zh")[:2]) | _own(head)
    version = script.current if script else None
    try:
        given = {
            str(name): render(str(text), values)
            for name, text in _mapping(step.get("values")).items()
        }
    except UnreadableText as error:
        return [Example(fault=str(error))]
    wordings = [str(step.get("text") or "")]
    if version is not None:
        wordings = [version.text, *version.variants]
        values = _examples(version.variables) | values
    return [_rendered(wording, {**values, **given}) for wording in wordings if wording.strip()]


def _rendered(wording: str, values: Mapping[str, Any]) -> Example:
    try:
        return Example(render(wording, values).strip())
    except UnreadableText as error:
        return Example(fault=str(error))


def _standard(language: str) -> dict[str, str]:
    weekdays = WEEKDAYS.get(language, WEEKDAYS["en"])
    return {
        "member_name": _("Lin"),
        "community_name": _("Tea friends"),
        "host_name": _("Man"),
        "day": "3",
        "date": _("March 8"),
        "weekday": weekdays[6],
        "time": "20:00",
        "event_time": _("March 8, 20:00"),
        "stop_hint": STOP_HINT.get(language, STOP_HINT["en"]),
        "my_page": "https://…/me/",
        "newcomer_names": _("Lin, Chen"),
    }


def _own(head: Values) -> dict[str, str]:
    """The playbook's variables: what an author wrote as an example, else the default, else the label."""
    return _examples(_mapping(head.get("variables")))


def _examples(variables: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, known in variables.items():
        known = _mapping(known)
        value = known.get("example") or known.get("default") or f"〔{known.get('label') or name}〕"
        found[str(name)] = str(value)
    return found


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
