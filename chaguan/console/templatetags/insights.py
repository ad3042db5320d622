"""Which partial shows a block of a report that is a table."""

from django import template

from chaguan.console.lines.reports import Block

register = template.Library()

TABLES = {"newcomer_funnel", "cohorts", "concentration", "top_posters", "longest_silence"}


@register.filter
def block_template(block: Block) -> str:
    """The partial of a block by its metric; each has a file of its own."""
    if block.code not in TABLES:
        raise KeyError(block.code)
    return f"console/insights/_{block.code}.html"
