"""Why something exists: the chain of facts behind it, in words."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.console.lines.actors import actor_names
from chaguan.eventlog.contract import fact_class
from chaguan.eventlog.selectors import chain
from chaguan.kernel.errors import ChaguanError


@dataclass(frozen=True)
class Cause:
    """One fact of the chain: what happened, when, by whom."""

    event_id: int
    title: str | Promise
    at: datetime
    actor: str


def causes_of(event_id: int | None) -> list[Cause]:
    """The first cause first; empty where nothing is recorded as the cause."""
    if event_id is None:
        return []
    try:
        links = chain(event_id)
    except ChaguanError:
        return []
    names = actor_names({link.actor for link in links})
    return [Cause(link.id, title_of(link.name), link.at, names[link.actor]) for link in links]


def title_of(fact_name: str) -> str | Promise:
    """What operators call a fact; its plain name when its class is gone."""
    try:
        return fact_class(fact_name).title or _("Something happened")
    except ChaguanError:
        return fact_name
