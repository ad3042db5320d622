"""`chaguan check`: says what is wrong, and refuses rehearsal settings in production."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pytest_django import Settings

from chaguan.config.cli import root
from chaguan.config.models import WorkerBeat
from chaguan.config.readiness import LOOKS, production, registries

pytestmark = pytest.mark.django_db


@pytest.fixture
def sound(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a house that may open to real people."""
    tmp_path.chmod(0o700)
    settings.HOME = tmp_path
    settings.BASE_URL, settings.HTTPS = "https://tea.example.org", True
    settings.ALLOWED_HOSTS = ["tea.example.org"]
    monkeypatch.setenv("CHAGUAN_HOSTS", "tea.example.org")
    monkeypatch.delenv("CHAGUAN_CLOCK_FILE", raising=False)
    monkeypatch.delenv("CHAGUAN_SECONDS", raising=False)


def check(*words: str) -> tuple[int, str]:
    shown = CliRunner().invoke(root, ["check", *words])
    return shown.exit_code, shown.output


def problems() -> list[str]:
    return [finding.sentence for look in LOOKS for finding in look() if finding.is_problem]


@pytest.mark.usefixtures("sound")
def test_a_sound_house_passes_even_for_real_people() -> None:
    code, output = check("--deploy")

    assert (code, "!!" in output) == (0, False)


@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("IS_DEMO", True, "CHAGUAN_DEMO"),
        ("DEBUG", True, "CHAGUAN_DEBUG"),
        ("HTTPS", False, "CHAGUAN_BASE_URL"),
        ("ALLOWED_HOSTS", ["*"], "every host"),
        ("SECRET_KEY", "short", "secret key"),
    ],
)
def test_a_rehearsal_setting_is_refused_in_production(
    settings: Settings, name: str, value: object, word: str
) -> None:
    setattr(settings, name, value)

    found = [finding.sentence for finding in production()]

    assert len(found) == 1
    assert word in found[0]
    assert check("--deploy")[0] != 0
    assert check()[0] == 0


@pytest.mark.usefixtures("sound")
@pytest.mark.parametrize("name", ["CHAGUAN_CLOCK_FILE", "CHAGUAN_SECONDS"])
def test_a_moved_clock_is_refused_in_production(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")

    assert [name in finding.sentence for finding in production()] == [True]


@pytest.mark.usefixtures("sound")
def test_sqlite_under_two_machines_is_refused(settings: Settings) -> None:
    settings.DATABASE_IS_SQLITE = True
    moment = datetime.now(UTC)
    for worker in ("east:1", "east:2", "west:1"):
        WorkerBeat.objects.create(worker=worker, started_at=moment, beat_at=moment)

    assert ["SQLite" in finding.sentence for finding in production()] == [True]


@pytest.mark.usefixtures("sound")
def test_a_dead_worker_is_a_problem() -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    WorkerBeat.objects.create(worker="east:1", started_at=long_ago, beat_at=long_ago)

    assert [sentence.startswith("Silent for 30") for sentence in problems()] == [True]


@pytest.mark.usefixtures("sound")
def test_a_folder_that_cannot_be_written_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    settings.HOME = tmp_path / "absent"

    assert [sentence.endswith("cannot be written.") for sentence in problems()] == [True]


def test_every_registry_has_something_in_it() -> None:
    assert [finding.sentence for finding in registries() if finding.is_problem] == []
