"""The names a module defines, in single lower-case words."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Module

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def defined_names(module: Module) -> Iterator[tuple[str, int]]:
    """Functions, classes, parameters, variables and attributes that this module gives a name to."""
    yield module.path.stem, 1
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            name = node.id if isinstance(node, ast.Name) else node.attr
            yield name, node.lineno


def words_of(name: str) -> set[str]:
    """`MessagesOfRoom` and `messages_of_room` are the same three words; plurals lose their s."""
    return {word.lower() for word in WORD.findall(name)} | {
        word.lower().removesuffix("s") for word in WORD.findall(name)
    }
