"""The menu of the console: one list. An entry stands here only when its page works."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors import has_right_somewhere
from chaguan.communities.types import Right
from chaguan.console.waiting import outbox_waiting, today_waiting
from chaguan.kernel.actor import Actor

Count = Callable[[Actor], int]


@dataclass(frozen=True)
class MenuEntry:
    """One place. `code` names its icon too; `key` is the letter after `g`.

    `count` says how many things wait there for a person. Without `right` everybody with a login sees
    it; with it, who holds the right anywhere.
    """

    code: str
    label: str | Promise
    url_name: str
    key: str
    right: Right | None = None
    count: Count | None = None
    is_apart: bool = False  # below the line: places one visits now and then
    in_bottom_bar: bool = False  # on the phone: at most three of these


MENU: list[MenuEntry] = [
    MenuEntry("today", _("Today"), "console:today", "t", count=today_waiting, in_bottom_bar=True),
    MenuEntry(
        "community",
        _("Communities"),
        "console:communities",
        "c",
        Right.VIEW_COMMUNITY,
        in_bottom_bar=True,
    ),
    MenuEntry(
        "outbox",
        _("Outbox"),
        "console:outbox",
        "o",
        Right.VIEW_COMMUNITY,
        count=outbox_waiting,
        in_bottom_bar=True,
    ),
    MenuEntry("playbook", _("Playbooks"), "console:playbooks", "p", Right.VIEW_COMMUNITY),
    MenuEntry("members", _("Members"), "console:members", "m", Right.VIEW_MEMBERS),
    MenuEntry("insights", _("Insights"), "console:insights", "n", Right.VIEW_REPORTS),
    MenuEntry("import", _("Imports"), "console:imports", "i", Right.IMPORT, is_apart=True),
    MenuEntry("settings", _("Settings"), "console:settings", "s", is_apart=True),
]


@dataclass(frozen=True)
class ShownEntry:
    """An entry as one person sees it."""

    entry: MenuEntry
    url: str
    waiting: int


def menu_for(actor: Actor) -> list[ShownEntry]:
    """The places this person may visit, with what waits there."""
    return [
        ShownEntry(entry, reverse(entry.url_name), entry.count(actor) if entry.count else 0)
        for entry in MENU
        if entry.right is None or has_right_somewhere(actor, entry.right)
    ]
