"""Small drawings and texts of the member pages: marks of communities, faces, what people said."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from chaguan.channels.contract import connectors
from chaguan.communities.selectors.places import Place
from chaguan.portal.colours import mark_colours
from chaguan.portal.talk import day_words
from chaguan.portal.words import STAGE_WORDS

register = template.Library()


@register.simple_tag
def community_mark(place: Place, size: str = "small") -> SafeString:
    """The first letter of a community on its own colour."""
    ground, ink = mark_colours(place.colour)
    return format_html(
        '<span class="mark mark--{}" style="background:{};color:{}" aria-hidden="true">{}</span>',
        size, ground, ink, _initial(place.name),
    )  # fmt: skip


@register.simple_tag
def face(name: str, is_machine: bool = False) -> SafeString:
    """The first letter of a person; a small machine for automatic senders."""
    if is_machine:
        return mark_safe(
            '<span class="mark mark--face mark--machine" aria-hidden="true">'
            '<svg class="icon"><use href="#i-machine"/></svg></span>'
        )
    tone = sum(name.encode()) % 5
    return format_html(
        '<span class="mark mark--face mark--tone{}" aria-hidden="true">{}</span>',
        tone, _initial(name),
    )  # fmt: skip


@register.filter(needs_autoescape=True)
def said(text: str, autoescape: bool = True) -> SafeString:
    """What somebody said: escaped, its lines kept, its addresses made links that tell nothing."""
    return mark_safe(linebreaks(urlize(text, nofollow=True, autoescape=True), autoescape=False))  # noqa: S308 -- urlize escapes


@register.filter
def inside(places: list[Place]) -> list[Place]:
    """The communities a member is in, without those she waits for."""
    return [place for place in places if place.state == "in"]


@register.filter
def when(at: datetime, today: datetime) -> str:
    """The hour for today, else the day: as short as a list wants it."""
    local, here = localtime(at), localtime(today)
    if local.date() == here.date():
        return date_format(local, "H:i")
    return day_words(local.date(), here.date())


@register.filter
def app_name(connector: str) -> str:
    """What people call a channel."""
    return str(connectors.get(connector).label) if connector in connectors else connector


@register.filter
def stage_title(stage: str) -> str:
    """A relation stage in words for members."""
    return str(STAGE_WORDS[stage].title) if stage in STAGE_WORDS else stage


@register.filter
def joined(words: list[object]) -> str:
    """A short list in one breath."""
    return _(", ").join(str(word) for word in words)


def _initial(name: str) -> str:
    return next((letter.upper() for letter in name if letter.isalnum()), "·")
