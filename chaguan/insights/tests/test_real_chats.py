"""Every published figure of the real chats, after importing the real files through the product."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from chaguan.channels.actions.imports import Plan, import_file
from chaguan.communities.selectors import communities_visible_to
from chaguan.eventlog.reading import in_one_transaction
from chaguan.insights.columns.opened import Columns
from chaguan.insights.columns.store import Store
from chaguan.insights.evaluate import evaluate
from chaguan.insights.health.assessing import assess
from chaguan.insights.tests.real import CHECKS, Imported
from chaguan.insights.types import Asked, Every
from chaguan.kernel.actor import Actor

IMPORTED_AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ME = Actor.system("tests")
pytestmark = pytest.mark.django_db
CHATS = {
    "chat-irc-raku": (date(2022, 1, 1), date(2022, 12, 31)),
    "chat-slack-support": (date(2017, 5, 11), date(2019, 6, 6)),
}
STATES = {
    "chat-irc-raku": {
        "2022-02-07": {"#raku": "lively", "#raku-conf": "cold"},
        "2022-04-24": {"#raku": "lively", "#raku-gamedev": "cold"},
        "2022-07-04": {"#raku": "lively", "#raku-conf": "dead", "#raku-gamedev": "dead"},
        "2022-12-31": {
            "#raku": "lively",
            "#raku-beginner": "lively",
            "#raku-dev": "lively",
            "#cro": "cold",
            "#mugs": "dead",
            "#red": "dead",
            "#raku-conf": "dead",
            "#raku-gamedev": "dead",
        },
    },
    "chat-slack-support": {
        "2017-07-01": {"slack-racket-general": "lively"},
        "2019-06-06": {"slack-racket-general": "lively"},
        "2019-08-06": {"slack-racket-general": "dead"},  # the archive has ended
    },
}


def channel_of(file: Path, folder: Path) -> str:
    """Raku's files are named after their channels; the other chat has one."""
    return f"#{file.name.split('.')[0]}" if "raku" in folder.name else "slack-racket-general"


@pytest.fixture(scope="module", params=sorted(CHATS))
def chat(
    request: pytest.FixtureRequest,
    real_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Imported]:
    """One chat, imported once for this file and rolled back after it; its copy lies in Parquet files."""
    folder = real_files / request.param
    token = in_one_transaction.set(True)
    with django_db_blocker.unblock(), transaction.atomic():
        for file in sorted(folder.glob("*.jsonl.gz")):
            plan = Plan(channel_of(file, folder), timezone="UTC")
            import_file(ME, file, plan, now=IMPORTED_AT, report=lambda _bytes, _records: None)
        store = Store(tmp_path_factory.mktemp("columns"))
        store.refresh(in_private=True)
        columns = Columns(store.folder, store.manifest())
        names = dict(communities_visible_to(ME).values_list("name", "pk"))
        yield Imported(folder, columns, names, *CHATS[request.param])
        columns.close()
        transaction.set_rollback(True)
    in_one_transaction.reset(token)


@pytest.mark.req("ANA-01", "ANA-05")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_published_figures_are_reproduced(
    check: Callable[[Imported], None], chat: Imported
) -> None:
    check(chat)


@pytest.mark.req("ANA-04")
def test_the_channels_are_in_the_states_their_history_shows(chat: Imported) -> None:
    days = STATES[chat.folder.name]

    found = {}
    for day, expected in days.items():
        now = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        judged, _edition = assess(chat.columns, now)
        found[day] = {name: judged[chat.communities[name]].judged.state.value for name in expected}

    assert found == days


def test_all_buckets_together_give_the_same_rows(chat: Imported) -> None:
    channel = "#raku" if "raku" in chat.folder.name else "slack-racket-general"
    asked = Asked(
        (chat.communities[channel],), chat.since, chat.until, Every.MONTH, "Asia/Shanghai"
    )

    for code in ("mau", "retention", "cohorts", "newcomer_funnel", "concentration", "totals"):
        whole = evaluate(code, asked, chat.columns, buckets=1).rows
        assert evaluate(code, asked, chat.columns, buckets=16).rows == whole
