"""Filters of the playbook editor."""

from collections.abc import Iterator

from django import template

register = template.Library()
KINDS = {"+": "new", "-": "old", "@": "place"}


@register.filter
def unified_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a unified diff with what each is: new, old, place or same."""
    for line in text.splitlines():
        yield line, KINDS.get(line[:1], "same")
