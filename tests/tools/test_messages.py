"""The translation tool finds every text, and every way in which a translation can be wrong."""

from pathlib import Path

import message_sources
import messages
import pytest
from message_sources import Found, Key

PYTHON = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
label = _("Tea is "
          "ready")
count = ngettext("%(n)d cup", "%(n)d cups", 3)
short = pgettext("of tea", "Green")
wrong = _(f"{label} again")
other = print("not a text for people")
"""
TEMPLATE = """{# Needs n. #}{% load i18n %}
<c-button :label="_('Pour')" title="{% translate "Green" context "of tea" %}">
{% blocktranslate count n=n trimmed %}
  One {{ n }} cup
{% plural %}
  {{ n }} cups
{% endblocktranslate %}
{# {% translate "commented out" %} #}{{ _("100% full")|upper }}
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny product with one module and one template."""
    (tmp_path / "chaguan/tea/templates/tea").mkdir(parents=True)
    (tmp_path / "locale/zh_Hans").mkdir(parents=True)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "FOLDER", tmp_path / "locale/zh_Hans")
    monkeypatch.setattr(messages, "COMPILED", tmp_path / "locale/zh_Hans/LC_MESSAGES/django.mo")
    return tmp_path


def translate(house: Path, *entries: str, name: str = "tea") -> None:
    (house / f"locale/zh_Hans/{name}.po").write_text("\n\n".join(entries), encoding="utf-8")


def say(house: Path, text: str) -> None:
    source = f"from django.utils.translation import gettext as _\nx = _({text!r})\n"
    (house / "chaguan/tea/words.py").write_text(source, encoding="utf-8")


def test_texts_of_python_are_found_under_any_name(house: Path) -> None:
    (house / "chaguan/tea/words.py").write_text(PYTHON, encoding="utf-8")

    found, refusals = message_sources.messages_in_code(house)

    assert found == [
        Found(Key("", "Tea is ready", ""), "chaguan/tea/words.py:3"),
        Found(Key("", "%(n)d cup", "%(n)d cups"), "chaguan/tea/words.py:5"),
        Found(Key("of tea", "Green", ""), "chaguan/tea/words.py:6"),
    ]
    assert [refusal.partition(":7: ")[0] for refusal in refusals] == ["chaguan/tea/words.py"]


def test_texts_of_templates_are_found_in_tags_variables_and_components(house: Path) -> None:
    (house / "chaguan/tea/templates/tea/cup.html").write_text(TEMPLATE, encoding="utf-8")

    found, _refusals = message_sources.messages_in_code(house)

    assert {text.key for text in found} == {
        Key("", "Pour", ""),
        Key("of tea", "Green", ""),
        Key("", "One %(n)s cup", "%(n)s cups"),
        Key("", "100%% full", ""),
    }


@pytest.mark.parametrize(
    ("text", "entry", "problem"),
    [
        ("Tea", "", "'Tea' is not translated."),
        ("Tea", 'msgid "Tea"\nmsgstr ""', "'Tea' has no Chinese text."),
        ("Tea", '#, fuzzy\nmsgid "Tea"\nmsgstr "茶"', "'Tea' is marked fuzzy."),
        (
            "%(n)d cups",
            'msgid "%(n)d cups"\nmsgstr "几杯"',
            "has the placeholders ['n'], its Chinese text has [].",
        ),
        ("茶", 'msgid "茶"\nmsgstr "茶"', "write the text in English and translate it."),
    ],
)
def test_each_fault_is_told(house: Path, text: str, entry: str, problem: str) -> None:
    say(house, text)
    translate(house, entry)

    assert [told for told in messages.problems() if told.endswith(problem)] != []


def test_two_translations_of_one_text_are_a_fault(house: Path) -> None:
    say(house, "Tea")
    translate(house, 'msgid "Tea"\nmsgstr "茶"')
    translate(house, 'msgid "Tea"\nmsgstr "茶水"', name="water")

    assert messages.problems() == [
        "'Tea' is translated in two ways (tea.po, water.po): agree, or use pgettext."
    ]


def test_complete_translations_compile_and_pass(house: Path) -> None:
    say(house, "%(n)d cups of %%tea {x}")
    translate(house, 'msgid "%(n)d cups of %%tea {x}"\nmsgstr "{x}：%(n)d 杯茶"')

    assert messages.is_stale()
    assert messages.compile_all() == 1
    assert not messages.is_stale()
    assert messages.problems() == []
