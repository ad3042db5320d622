"""One registry class for every extension point: connectors, importers, step kinds, metrics, rules."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, TypeVar

from chaguan.kernel.errors import DuplicateCode, UnknownCode

T = TypeVar("T")


class Registry(Generic[T]):
    """Named things of one kind, each declared in a file of its own.

    Codes are stored in the database, so they are permanent: rename the label, never the code.
    """

    def __init__(self, kind: str, folder: str = "") -> None:
        self.kind = kind  # used in error messages: "step kind"
        self.folder = folder  # dotted package that load() imports; empty when others add to it
        self._items: dict[str, T] = {}

    def add(self, code: str) -> Callable[[T], T]:
        """Register the decorated object under `code`. Raises DuplicateCode at import time."""

        def keep(item: T) -> T:
            known = self._items.get(code)
            if known is not None and known is not item:
                raise DuplicateCode(f"two {self.kind}s claim the code {code!r}")
            self._items[code] = item
            return item

        return keep

    def load(self) -> None:
        """Import every module in the folder. Called once, from the app's ready()."""
        for module in iter_modules(import_module(self.folder).__path__):
            import_module(f"{self.folder}.{module.name}")

    def get(self, code: str) -> T:
        """Return the item, or raise UnknownCode naming the codes that do exist."""
        try:
            return self._items[code]
        except KeyError:
            have = ", ".join(sorted(self._items))
            raise UnknownCode(f"There is no {self.kind} {code!r}. There are: {have}.") from None

    def __contains__(self, code: object) -> bool:
        return code in self._items

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(sorted(self._items.items()))

    def __len__(self) -> int:
        return len(self._items)
