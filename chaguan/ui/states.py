"""The vocabulary of states: one word, one colour, one icon, the same on every page."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Look:
    """How a state is shown: its word, its icon (a noun of `ui.icons`) and its tone (chip--<tone>)."""

    word: str | Promise
    icon: str
    tone: str = ""
    is_struck: bool = False
    is_moving: bool = False


# For steps, messages, assignments, imports and jobs alike. Apps map their own states to these codes.
STATES: dict[str, Look] = {
    "planned": Look(pgettext_lazy("state", "Planned"), "planned"),
    "waiting": Look(pgettext_lazy("state", "Waiting for you"), "waiting", "amber"),
    "running": Look(pgettext_lazy("state", "Running"), "running", "sky", is_moving=True),
    "done": Look(pgettext_lazy("state", "Done"), "done", "green"),
    "sent": Look(pgettext_lazy("state", "Sent"), "done", "green"),
    "held": Look(pgettext_lazy("state", "Held"), "held", "amber"),
    "late": Look(pgettext_lazy("state", "Late"), "late", "amber"),
    "failed": Look(pgettext_lazy("state", "Failed"), "failed", "red"),
    "unknown": Look(pgettext_lazy("state", "To be confirmed"), "unknown", "violet"),
    "cancelled": Look(pgettext_lazy("state", "Cancelled"), "cancelled", is_struck=True),
    "skipped": Look(pgettext_lazy("state", "Skipped"), "skipped", is_struck=True),
    "expired": Look(pgettext_lazy("state", "Expired"), "expired", is_struck=True),
}

HEALTH: dict[str, Look] = {
    "alive": Look(pgettext_lazy("health", "Alive"), "alive", "green"),
    "cooling": Look(pgettext_lazy("health", "Cooling"), "cooling", "amber"),
    "cold": Look(pgettext_lazy("health", "Cold"), "cold", "mist"),
    "noisy": Look(pgettext_lazy("health", "Noisy"), "noisy", "violet"),
    "ad_ridden": Look(pgettext_lazy("health", "Ad-ridden"), "ad_ridden", "red"),
    "dead": Look(pgettext_lazy("health", "Silent"), "dead", "dusk"),
}
HEALTH["lively"] = HEALTH["alive"]  # the glossary's word for the same state

UNCLEAR = Look(_("Not known yet"), "info")


def state_look(code: str) -> Look:
    """The look of a state, by its code."""
    return STATES[code]


def health_look(code: str) -> Look:
    """The look of a health state; a community that was never judged is `UNCLEAR`."""
    return HEALTH.get(code, UNCLEAR)
