"""Shared by all tests: the choice of database, real files, markers."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    # On a clean clone the same examples each time; at a desk, new ones.
    settings.register_profile("ci", derandomize=True, deadline=None)
    settings.register_profile("desk", deadline=None)
    settings.load_profile("ci" if os.environ.get("CHAGUAN_CI") else "desk")
    config.addinivalue_line(
        "markers", "req(id): the requirement whose Verify line this test proves"
    )


@pytest.fixture(scope="session")
def real_files() -> Path:
    """The folder of real chats. It is not part of the project; CI makes its absence a failure."""
    folder = Path(os.environ.get("CHAGUAN_TEST_DATA", ROOT.parent / "shared" / "data"))
    if folder.is_dir():
        return folder
    reason = f"real chats are not here: {folder} (set CHAGUAN_TEST_DATA to their folder)"
    if os.environ.get("CHAGUAN_CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _readers_see_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that lives in one transaction reads its own facts; on PostgreSQL readers would wait."""
    from chaguan.eventlog.reading import in_one_transaction

    marker = request.node.get_closest_marker("django_db")
    token = in_one_transaction.set(marker is not None and not marker.kwargs.get("transaction"))
    yield
    in_one_transaction.reset(token)


@pytest.fixture(autouse=True)
def _editions_are_read_anew() -> None:
    """A rolled-back test frees the ids of its editions; what was kept of them would be another one's."""
    from chaguan.playbooks.engine.catalogue import forget

    forget()


@pytest.fixture(autouse=True)
def _final_entries_do_not_stop_the_flush(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits is cleaned up by deleting every row; ledger entries refuse that."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if not commits and not {"transactional_db", "live_server"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")  # so that we are taken down before its flush
    yield
    from chaguan.rewards.testing import empty_ledger

    empty_ledger()
