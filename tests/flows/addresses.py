"""Every address of the product, taken from the URL table, so that a new page is in the matrix by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One line of the URL table."""

    name: str
    parameters: tuple[str, ...]

    @property
    def face(self) -> str:
        return self.name.partition(":")[0]

    @property
    def short(self) -> str:
        return self.name.partition(":")[2]


def addresses() -> list[Address]:
    """All named addresses, in order."""
    return sorted(_walk(get_resolver(), ()), key=lambda address: address.name)


def _walk(table: URLResolver, spaces: tuple[str, ...]) -> Iterator[Address]:
    for line in table.url_patterns:
        if isinstance(line, URLResolver):
            yield from _walk(line, (*spaces, line.namespace) if line.namespace else spaces)
        elif isinstance(line, URLPattern) and line.name:
            yield Address(":".join((*spaces, line.name)), tuple(line.pattern.converters))
