"""Filters of the playbook editor."""

from collections.abc import Iterator

from django import template

from chaguan.console.lines.editor import head_words

register = template.Library()
register.filter("head_words", head_words)
KINDS = {"+": "new", "-": "old", "@": "place"}


@register.filter
def unified_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a unified diff with what each is: new, old, place or same."""
    for line in text.splitlines():
        yield line, KINDS.get(line[:1], "same")
