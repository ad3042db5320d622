"""Files and functions stay small enough to hold in the head."""

import ast
from pathlib import Path

from tests.architecture.source import PRODUCT, ROOT, modules, told

LONGEST_FILE, LONGEST_FUNCTION = 400, 40
KINDS = {".py", ".html", ".css", ".js"}
OLD_NAMES = {"services", "utils", "helpers", "managers", "signals", "common", "core", "lib", "misc"}


def our_files() -> list[Path]:
    folders = [PRODUCT, ROOT / "tests", ROOT / "tools", ROOT / "benchmarks"]
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [p for p in found if p.suffix in KINDS and "migrations" not in p.parts]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    is_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if is_docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_no_file_is_longer_than_400_lines() -> None:
    sentences = []
    for path in our_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            sentences.append(f"{path.relative_to(ROOT)} has {lines} lines; split it by noun.")

    assert not sentences, told(sentences)


def test_no_function_is_longer_than_40_lines() -> None:
    sentences = [
        f"{module.where}:{function.lineno} {function.name} has {length(function)} lines; "
        "it hides a noun: name it."
        for module in modules()
        if not module.is_test and not module.is_migration
        for function in module.functions()
        if length(function) > LONGEST_FUNCTION
    ]

    assert not sentences, told(sentences)


def test_no_module_is_a_junk_drawer() -> None:
    sentences = [
        f"{module.where}: a module is named after what it holds, not {module.path.stem!r}."
        for module in modules()
        if OLD_NAMES & set(module.parts)
    ]

    assert not sentences, told(sentences)
