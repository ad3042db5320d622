"""Where the interface's texts stand: every gettext call in Python and every translate tag."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

KINDS = {"gettext", "ngettext", "pgettext", "npgettext"}
LITERAL = r"""(?:u?'(?:[^'\\\n]|\\.)*'|u?"(?:[^"\\\n]|\\.)*")"""
IN_TEMPLATE = re.compile(
    rf"\b(?P<kind>_|n?p?gettext)\(\s*(?P<first>{LITERAL})"
    rf"(?:\s*,\s*(?P<second>{LITERAL}))?(?:\s*,\s*(?P<third>{LITERAL}))?"
)
SKIPPED = {"tests", "migrations", "node_modules"}


class Key(NamedTuple):
    """What gettext looks up."""

    context: str
    msgid: str
    plural: str


class Found(NamedTuple):
    """One text and the place where it stands, `chaguan/…/file.py:12`."""

    key: Key
    where: str


def make_key(kind: str, texts: list[str]) -> Key:
    """Order the arguments of one gettext function: context, singular, plural."""
    context = texts.pop(0) if "p" in kind.removesuffix("gettext") else ""
    plural = texts[1] if kind.startswith("n") and len(texts) > 1 else ""
    return Key(context, texts[0], plural)


def files(root: Path, *endings: str) -> Iterator[Path]:
    """The product's own files, without tests and migrations."""
    for ending in endings:
        for file in sorted((root / "chaguan").rglob(f"*{ending}")):
            if not SKIPPED.intersection(file.relative_to(root).parts):
                yield file


def gettext_names(tree: ast.Module) -> dict[str, str]:
    """Names in this module that mean a gettext function, and which one."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                kind = alias.name.removesuffix("_lazy").removesuffix("_noop")
                if kind in KINDS:
                    names[alias.asname or alias.name] = kind
    return names


def in_python(file: Path, where: str) -> Iterator[Found | str]:
    """Each text of one module; a sentence for each call that cannot be extracted."""
    source = file.read_text(encoding="utf-8")
    if "translation" not in source:
        return
    tree = ast.parse(source, str(file))
    names = gettext_names(tree)
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        kind = names.get(node.func.id)
        if kind is None or not node.args:
            continue
        wanted = node.args[: 1 + ("n" in kind[:1]) + ("p" in kind.removesuffix("gettext"))]
        place = f"{where}:{node.lineno}"
        if any(isinstance(arg, ast.JoinedStr | ast.BinOp) for arg in wanted):
            yield f"{place}: gettext needs one literal; put values in with % or format afterwards."
        texts = [
            a.value for a in wanted if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if len(texts) == len(wanted):
            yield Found(make_key(kind, texts), place)


def in_template(file: Path, where: str) -> Iterator[Found]:
    """Each text of one template, also `_("…")` in attributes of components."""
    source = file.read_text(encoding="utf-8")
    bare = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", source, flags=re.DOTALL)
    attributes = "\n".join(re.findall(rf"\b_\(\s*{LITERAL}\s*\)", bare))
    for text in (templatize(source), attributes):
        for match in IN_TEMPLATE.finditer(text):
            kind = "gettext" if match["kind"] == "_" else match["kind"]
            texts = [ast.literal_eval(match[n]) for n in ("first", "second", "third") if match[n]]
            if match["kind"] == "_":  # Django doubles the percent signs of these when it looks up
                texts = [text.replace("%", "%%") for text in texts]
            yield Found(make_key(kind, texts), where)


def messages_in_code(root: Path) -> tuple[list[Found], list[str]]:
    """All texts of the product, and sentences about calls that hide theirs."""
    found: list[Found] = []
    refusals: list[str] = []
    for file in files(root, ".py"):
        for text in in_python(file, file.relative_to(root).as_posix()):
            if isinstance(text, str):
                refusals.append(text)
            else:
                found.append(text)
    for file in files(root, ".html", ".txt"):
        if "templates" in file.parts:
            found += in_template(file, file.relative_to(root).as_posix())
    return found, refusals
