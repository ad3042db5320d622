"""Words of playbooks in templates: roles, audiences, modes, reasons, a step's text."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from chaguan.console.lines import playbooks as lines
from chaguan.console.lines.editor import tree_words
from chaguan.console.lines.offsets import offset_words
from chaguan.console.lines.outbox_words import REASONS
from chaguan.kernel import clock
from chaguan.people.contract import Asking
from chaguan.playbooks.selectors.library import Card

register = template.Library()

OWN_REASONS = {
    "late": _("Its time was over before the start, so it is left out."),
    "skipped": _("Skipped by a person."),
    "run_stopped": _("The run was stopped."),
    "asked": _("It was missed; somebody decides whether it still goes."),
    "behind": _("Its time has come, but nothing has taken it up yet."),
    "line_overdue": _("Nobody has done it yet."),
    "condition": _("Nobody matched its condition."),
    "paused": _("The run stood still at that time."),
    "feature_missing": _("It waits for a part that is not built yet."),
    "rescheduled": _("It got a new time."),
}

register.filter("offset_words", offset_words)
register.filter("role_words", lines.role_words)
register.filter("audience_words", lines.audience_words)


@register.filter
def audience_of(audience: str, document: Any) -> str:
    """Whom a step addresses; a segment of the playbook as its condition in words."""
    name = audience.removeprefix("segment:")
    tree = document.segments.get(name) if name != audience else None
    if tree is None:
        return lines.audience_words(audience)
    return tree_words(tree, Asking(clock.now(), community_ids=None, here=0))


@register.filter
def mode_words(mode: str) -> str:
    """Who does a step of this mode."""
    return str(lines.MODES.get(mode, mode))


@register.filter
def reason_words(code: str) -> str:
    """A reason of the outbox or of a step as a sentence; free text stays as it is."""
    return str(OWN_REASONS.get(code) or REASONS.get(code, code))


@register.filter
def beside(left: Iterable[Any], right: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """Two lists of one length side by side."""
    return zip(left, right, strict=True)


@register.filter
def step_text(card: Card) -> str:
    """The wording of a step as its author wrote it, variables in braces."""
    if card.row.text:
        return card.row.text
    script = card.row.script
    return script.current.text if script and script.current else ""


@register.filter
def as_hours(minutes: int) -> str:
    """Minutes as hours, to a tenth: 90 is 1.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")
