"""The command line: examples in every --help, one sentence for every refusal."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from django.utils import translation

from chaguan.config.cli import REFUSED, main, root, terminal_language
from chaguan.engagement.events import SignedIn
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now


def run_main(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["chaguan", *words])
    with translation.override("en"), pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


def test_the_stable_commands_are_there() -> None:
    stable = {"serve", "work", "explain", "check"}

    assert stable <= set(root.list_commands(None))  # type: ignore[arg-type] # not looked at


@pytest.mark.parametrize("name", root.list_commands(None))  # type: ignore[arg-type] # not looked at
def test_every_help_has_an_example(name: str) -> None:
    shown = CliRunner().invoke(root, [name, "--help"], prog_name="chaguan")

    assert shown.exit_code == 0
    assert f"chaguan {name}" in shown.output.partition("Example")[2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["brew"], "There is no command 'brew'. There are: check,"),
        (["explain"], "Missing argument 'EVENT'."),
        (["explain", "tea"], "Invalid value for 'EVENT'"),
        (["serve", "--port", "0"], "Invalid value for '--port'"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    sentence: str,
) -> None:
    code = run_main(monkeypatch, *words)

    told = capsys.readouterr()
    assert code == REFUSED
    assert told.out == ""
    assert told.err.startswith(sentence)
    assert told.err.count("\n") == 1


@pytest.mark.django_db
def test_a_refusal_of_ours_is_one_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAGUAN_LANGUAGE", "en")

    code = run_main(monkeypatch, "explain", "4711")

    assert (code, capsys.readouterr().err) == (REFUSED, "We cannot find that.\n")


def test_a_broken_setting_is_a_sentence_not_a_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "chaguan.config.cli", "check"],
        env={"CHAGUAN_DEBUG": "perhaps", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == REFUSED
    assert ended.stderr == "CHAGUAN_DEBUG must be 1 or 0, not 'perhaps'.\n"


@pytest.mark.django_db
def test_explain_prints_the_causes_first() -> None:
    cause = record(SignedIn(1, 7, now().date(), 1), actor=Actor.member(7), at=now())
    assert cause is not None

    shown = CliRunner().invoke(root, ["explain", str(cause)])

    assert shown.exit_code == 0
    assert shown.output.startswith(f"{cause}  ")
    assert "engagement.signed_in  by member:7  community 1  member 7" in shown.output


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8", "CHAGUAN_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_terminal_chooses_the_language(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "CHAGUAN_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert terminal_language() == language
