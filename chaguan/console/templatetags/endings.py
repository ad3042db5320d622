"""Words of reviews in templates."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chaguan.console.lines.endings import FIELDS
from chaguan.ui.templatetags.ui import tone_chip

register = template.Library()


@register.filter
def change_field(code: str) -> str:
    """What of a step changes, in a word."""
    return str(FIELDS.get(code, code))


@register.simple_tag
def decision_chip(code: str) -> SafeString:
    """Accepted, declined, or waiting for a decision."""
    if code == "accepted":
        return tone_chip(_("Accepted"), "green", "check")
    if code == "declined":
        return tone_chip(_("Declined"), "", "cancelled")
    return tone_chip(_("Undecided"), "amber", "waiting")
