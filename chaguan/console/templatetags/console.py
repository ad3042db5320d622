"""Tags of the console's shell."""

from typing import Any

from django import template
from django.template.context import Context

from chaguan.console.menu import ShownEntry, menu_for

register = template.Library()


@register.simple_tag(takes_context=True)
def console_menu(context: Context) -> list[ShownEntry]:
    """The menu as this person sees it."""
    return menu_for(context["request"].actor)


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """One value of a dictionary by a key that the template holds in a variable."""
    return mapping.get(key)
