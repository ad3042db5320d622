import pytest
import yaml

from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.models import Playbook
from chaguan.playbooks.reading import content_hash, dump, load_playbook, load_scripts, plain
from chaguan.playbooks.testing import EXAMPLE, make_document, make_edition, make_step


def source(*steps: dict[str, object], **over: object) -> str:
    return yaml.safe_dump(make_document(*steps, **over), allow_unicode=True, sort_keys=False)


def problem_of(text: str) -> str:
    with pytest.raises(BadDocument) as refusal:
        load_playbook(text)
    return str(refusal.value)


def test_a_document_reads_back_as_it_was_written() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")

    document = load_playbook(text)

    assert load_playbook(dump(document)) == document
    assert plain(document) == yaml.load(text, Loader=yaml.BaseLoader) | plain(document)
    assert set(plain(document)) == set(yaml.safe_load(text))
    assert content_hash(document) == content_hash(load_playbook(dump(document)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"offset": "D1 8点"}, "steps › A-1 › offset: “D1 8点”"),
        ({"kind": "sing"}, "steps › A-1 › kind: "),
        ({"text": "{{ topick }}"}, "steps › A-1 › text: "),
        ({"text": "{{ member_name }}"}, "steps › A-1 › text: "),
        ({"text": "{% if %}"}, "steps › A-1 › text: "),
        ({"offset": "on:ad_detected"}, "steps › A-1 › offset: "),
        ({"audience": "segment:nobody"}, "steps › A-1 › audience: "),
        ({"mode": "human", "actor": "operator"}, "steps › A-1 › mode: "),
        ({"track": "nowhere"}, "steps › A-1 › track: "),
        ({"offset": "P1 09:00"}, "steps › A-1 › offset: "),
        ({"offset": "E-1h"}, "steps › A-1 › offset: "),
        ({"late_after": "soon"}, "steps › A-1 › late_after: "),
        ({"colour": "red"}, "steps › A-1 › colour: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, object], sentence: str) -> None:
    assert problem_of(source(make_step(**change))).startswith(sentence)


def test_a_key_that_is_an_address_of_the_console_is_refused() -> None:
    assert problem_of(source(key="runs")).startswith("key: “runs”")


@pytest.mark.req("PRIN-01")
def test_a_step_without_a_purpose_is_refused_with_a_clear_message() -> None:
    step = make_step()
    del step["purpose"]

    problem = problem_of(source(step))

    assert problem.startswith("steps › A-1 › purpose: ")
    assert problem.count("\n") == 0


def test_a_word_written_twice_is_refused() -> None:
    assert "title" in problem_of(source() + "title: 另一个\n")


def test_two_steps_with_one_id_are_refused() -> None:
    assert problem_of(source(make_step(), make_step())).startswith("steps › A-1: ")


def test_aliases_and_nonsense_are_refused() -> None:
    assert problem_of("a: &x 1\nb: *x\n")
    assert problem_of("- 1\n- 2\n")
    assert problem_of("a: [\n")


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "[" * 41 + "]" * 41, "a: \ud800", "a: \0"])
def test_text_that_would_break_the_reader_is_refused(text: str) -> None:
    assert problem_of(text)


def test_a_script_sheet_names_the_unknown_variable() -> None:
    sheet = "format: chaguan-scripts/1\nlanguage: zh-Hans\nlicence: X\nscripts:\n- {key: hi, title: 好, text: '{{ who }}'}\n"

    with pytest.raises(BadDocument) as refusal:
        load_scripts(sheet)

    assert str(refusal.value).startswith("scripts › hi › text: ")
    assert "who" in str(refusal.value)


@pytest.mark.django_db
def test_a_condition_that_says_nothing_sensible_is_named_when_it_is_published() -> None:
    with pytest.raises(BadDocument) as refusal:
        make_edition(
            make_step(when={"condition": "no_such_condition"}),
            segments={"odd": {"condition": "messages_at_most"}},
        )

    places = [problem.place for problem in refusal.value.problems]
    assert places == ["segments › odd", "steps › A-1 › when"]
    assert Playbook.objects.count() == 0


@pytest.mark.django_db
def test_an_edition_keeps_the_authors_order_on_every_database() -> None:
    names = ["what_we_drink", "price", "at"]
    variables = {name: {"label": name, "example": "x"} for name in names}
    edition = make_edition(variables=variables)

    assert list(document_of(edition.pk).variables) == names
