"""Templates say what they need, and carry no script of their own."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, templates, told

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>")
HANDLER = re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*)=[\"']")
FOREIGN = re.compile(r"(?:src|href)=[\"'](?:https?:)?//")
SINGLE_LINE = re.compile(r"\{#(?:(?!#\}).)*$", re.MULTILINE)


def is_partial(path: Path) -> bool:
    return path.name.startswith("_") or "cotton" in path.parts


def problems(path: Path, text: str) -> list[str]:
    """What is wrong with one template, as sentences."""
    found = []
    if is_partial(path) and not text.lstrip().startswith(("{#", "{% comment %}")):
        found.append("its first line says what it needs and who swaps it")
    if INLINE_SCRIPT.search(text):
        found.append("scripts live in files; the policy of the page refuses inline ones")
    if HANDLER.search(text):
        found.append("handlers live in files; the policy of the page refuses them in attributes")
    if FOREIGN.search(text):
        found.append("everything a page loads or links by itself comes from our own server")
    if SINGLE_LINE.search(text):
        found.append("a {# comment #} ends on its own line, or Django prints it")
    return found


def test_templates_keep_the_rules() -> None:
    sentences = [
        f"{path.relative_to(ROOT)}: {problem}."
        for path in templates()
        for problem in problems(path, path.read_text(encoding="utf-8"))
    ]

    assert not sentences, told(sentences)


@pytest.mark.parametrize(
    "text",
    [
        "<p></p>",
        "{# x #}<script>go()</script>",
        '{# x #}<a onclick="go()">',
        '{# x #}<script src="https://example.org/a.js"></script>',
        "{# one\ntwo #}",
    ],
)
def test_planted_faults_are_found(text: str) -> None:
    assert len(problems(Path("_planted.html"), text)) == 1
