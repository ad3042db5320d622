"""Tags and filters of the house: icons, chips, times, numbers, links that keep the filters."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.template.context import Context
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaguan.kernel.clock import now
from chaguan.ui import preferences
from chaguan.ui.icons import ICONS, SPRITE
from chaguan.ui.states import Look, health_look, state_look

register = template.Library()


@register.simple_tag
def icon(noun: str, label: str = "") -> SafeString:
    """The drawing of a noun of `ui.icons`. Decorative unless it has a `label`."""
    source = f"{static(SPRITE)}#{ICONS[noun]}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, source
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', source)


def _chip(look: Look, word: str = "") -> SafeString:
    classes = "chip"
    classes += f" chip--{look.tone}" if look.tone else ""
    classes += " chip--struck" if look.is_struck else ""
    classes += " chip--moving" if look.is_moving else ""
    return format_html(
        '<span class="{}">{}<span>{}</span></span>', classes, icon(look.icon), word or look.word
    )


@register.simple_tag
def state_chip(code: str, word: str = "") -> SafeString:
    """The chip of a state of `ui.states`; `word` replaces the usual word."""
    return _chip(state_look(code), word)


@register.simple_tag
def tone_chip(word: str, tone: str = "", noun: str = "") -> SafeString:
    """A chip for any other short fact: a type, a phase, a role."""
    if noun:
        return _chip(Look(word, noun, tone))
    classes = f"chip chip--plain chip--{tone}" if tone else "chip chip--plain"
    return format_html('<span class="{}">{}</span>', classes, word)


@register.filter
def icon_of_state(code: str) -> str:
    """The noun of the icon that stands for a state."""
    return state_look(code).icon


@register.inclusion_tag("ui/_health.html")
def health_chip(code: str, reasons: Any = ()) -> dict[str, Any]:
    """A health chip that opens its reasons (sentences)."""
    look = health_look(code)
    return {"chip": _chip(look), "reasons": list(reasons or ()), "word": look.word}


def _time(at: datetime | None, show: str, text: str) -> SafeString:
    if at is None:
        return format_html('<span class="faint">{}</span>', "–")
    return format_html('<time datetime="{}" data-show="{}">{}</time>', at.isoformat(), show, text)


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """Day and hour, in the reader's zone."""
    return _time(at, "moment", date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else "")


@register.simple_tag
def hour(at: datetime | None) -> SafeString:
    """The hour alone, in the reader's zone."""
    return _time(at, "hour", f"{localtime(at):%H:%M}" if at else "")


@register.simple_tag
def ago(at: datetime | None) -> SafeString:
    """How long ago, or how long until."""
    text = ""
    if at is not None:
        present = now()
        if at <= present:
            text = _("%(duration)s ago") % {"duration": timesince(at, present, depth=1)}
        else:
            text = _("in %(duration)s") % {"duration": timeuntil(at, present, depth=1)}
    return _time(at, "ago", text)


@register.filter
def number(value: Any) -> str:
    """A whole number with separators: 12,345. Nothing for None."""
    return "" if value is None else f"{int(value):,}"


@register.filter
def percent(value: float | None) -> str:
    """A share of 1 as a percentage without a fraction; only all of it is 100%, only nothing is 0%."""
    if value is None:
        return "–"
    rounded = round(value * 100)
    if 0 < value < 1:
        rounded = min(99, max(1, rounded))
    return f"{rounded}%"


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time in one unit: 40 seconds, 12 minutes, 3 hours, 9 days."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 90:
        return ngettext("%(count)d second", "%(count)d seconds", whole) % {"count": whole}
    if whole < 90 * 60:
        count = round(whole / 60)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if whole < 36 * 3600:
        count = round(whole / 3600)
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count = round(whole / 86400)
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


@register.filter
def initial(name: str) -> str:
    """The first letter of a name, for the round mark beside it."""
    return name.strip()[:1].upper() or "?"


@register.filter
def undo_url(message: Message) -> str:
    """The way back that `ui.shortcuts.toast` put into a message."""
    tags = message.extra_tags or ""
    return tags.removeprefix("undo:") if tags.startswith("undo:") else ""


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The query string of this page with `changes`; an empty value takes a key out."""
    query = context["request"].GET.copy()
    for key in ("after", "before"):
        if key not in changes:
            query.pop(key, None)
    for key, value in changes.items():
        query.pop(key, None)
        if value not in ("", None):
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def theme_choice(context: Context) -> str:
    """auto, light or dark, as the person chose."""
    return preferences.chosen(context.get("request"), "theme")


@register.simple_tag(takes_context=True)
def shown_theme(context: Context) -> str:
    """The theme to paint before theme.js has looked at the system."""
    return "dark" if theme_choice(context) == "dark" else "light"


@register.simple_tag(takes_context=True)
def density_choice(context: Context) -> str:
    """comfortable or compact, as the person chose."""
    return preferences.chosen(context.get("request"), "density")
