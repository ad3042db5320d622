"""The words of the shipped library: nothing that shouts, hurries people falsely, shames or binds one side."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaguan.playbooks.tests.shipped import FILES, document_in, wordings

SHOUTING = ("！", "!")
FALSE_HURRY = ("限时", "仅剩", "最后机会", "手慢无", "秒杀", "疯抢", "速来", "赶紧", "过时不候")
SHAMING = ("学渣", "大爷", "倒数第", "拖后腿", "差生")
ONE_SIDED = ("最终解释权", "概不负责", "不得退出")
# No shipped text may hold one of these.
PLACEHOLDERS = ("TODO", "XXX", "待补充", "lorem")


def texts_of(file: Path) -> Iterator[tuple[str, str]]:
    """Everything a person reads of a playbook: what is said, and what is asked of those who do it."""
    document = document_in(file)
    for name, variable in document.variables.items():
        yield f"variables › {name}", " ".join([variable.example, variable.default or ""])
    for step in document.steps:
        said = [step.title, step.purpose, step.text, step.instruction, *step.values.values()]
        yield step.id, " ".join(text for text in said if text)


def bad_words(text: str) -> list[str]:
    without_markup = text.replace("!=", "")
    banned = (*SHOUTING, *FALSE_HURRY, *SHAMING, *ONE_SIDED, *PLACEHOLDERS)
    return [word for word in banned if word in without_markup]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_speaks_calmly(file: Path) -> None:
    assert {place: bad_words(text) for place, text in texts_of(file) if bad_words(text)} == {}


def test_every_shipped_wording_speaks_calmly() -> None:
    found = {
        key: [word for text in (script.text, *script.variants) for word in bad_words(text)]
        for key, script in wordings().items()
    }

    assert len(found) > 60
    assert {key: words for key, words in found.items() if words} == {}


@pytest.mark.parametrize("key", ["welcome_private", "stage_one_page", "onboarding_welcome"])
def test_a_first_contact_says_who_writes_and_why(key: str) -> None:
    script = wordings()[key]

    for text in (script.text, *script.variants):
        assert "{{ sender_name }}" in text
        assert "{{ reason }}" in text
        assert "{{ stop_hint }}" in text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_sold_among_loyal_fans(file: Path) -> None:
    document = document_in(file)

    if "loyal_fan" in document.for_:
        assert [step.id for step in document.steps if step.promotion] == []
