"""The product's source as the architecture tests see it: modules, their imports, their names."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "chaguan"


@dataclass(frozen=True)
class Import:
    """One import statement: the dotted name, its line, and whether it stands inside a function."""

    name: str
    line: int
    is_late: bool


@dataclass(frozen=True)
class Module:
    """One Python file of the product."""

    path: Path

    @property
    def where(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def parts(self) -> tuple[str, ...]:
        """Its dotted name in pieces, without `chaguan`: ("people", "models")."""
        inner = self.path.relative_to(PRODUCT).with_suffix("").parts
        return inner[:-1] if inner[-1] == "__init__" else inner

    @property
    def app(self) -> str:
        return self.parts[0] if self.parts else ""

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts or self.path.stem in ("testing", "conftest")

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    def imports(self) -> Iterator[Import]:
        """Every import of our own code that runs; `from chaguan.people import selectors` is a module."""
        late = {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(node)
        }
        only_named = self._only_named()
        for node in ast.walk(self.tree):
            if id(node) in only_named:
                continue
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [_deepest(node.module, alias.name) for alias in node.names]
            else:
                continue
            for name in sorted(set(names)):
                if name == "chaguan" or name.startswith("chaguan."):
                    yield Import(name, node.lineno, id(node) in late)

    def _only_named(self) -> set[int]:
        """Imports under `if TYPE_CHECKING:`, which annotations name and nothing runs."""
        return {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def _deepest(module: str, name: str) -> str:
    """The imported module where `name` is one, else the module it is taken from."""
    folder = ROOT.joinpath(*module.split("."))
    is_module = (folder / f"{name}.py").is_file() or (folder / name).is_dir()
    return f"{module}.{name}" if is_module else module


@cache
def modules() -> list[Module]:
    """Every Python file under chaguan/, in order."""
    return [Module(path) for path in sorted(PRODUCT.rglob("*.py"))]


def templates() -> list[Path]:
    return [p for p in sorted(PRODUCT.rglob("*.html")) if "templates" in p.parts]


def told(sentences: list[str]) -> str:
    """What a failing test prints: one sentence a line."""
    return "\n".join(["", *sentences])
