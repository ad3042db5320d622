"""What the worker does by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.channels.events import MessagePosted
from chaguan.communities.testing import make_community
from chaguan.eventlog.actions import record_many
from chaguan.insights import jobs
from chaguan.insights.columns.store import Store
from chaguan.insights.models import CommunityHealth
from chaguan.insights.selectors.health import is_a_first_look_due
from chaguan.jobs.contract import handlers, schedules, tickers
from chaguan.jobs.models import Job
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db


def report(done: int, total: int | None = None, note: str = "") -> None:
    """A progress that nobody reads."""


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Private(Store):
        """The tests' database is seen by one connection, so copying it must be asked for."""

        def refresh(self, *, in_private: bool = True) -> int:
            return super().refresh(in_private=in_private)

    monkeypatch.setattr(jobs, "default_store", lambda: Private(tmp_path))
    monkeypatch.setattr(jobs, "_copied", {})


def test_a_new_community_is_looked_at_at_once_and_only_once() -> None:
    make_community()
    tick = tickers.get("insights.copy")

    tick(EPOCH)
    tick(EPOCH + timedelta(seconds=21))
    assert [job.kind for job in Job.objects.all()] == ["insights.health"]
    with clock.moved_to(EPOCH + timedelta(seconds=30)):
        handlers.get("insights.health")({}, report)

    assert CommunityHealth.objects.count() == 1
    assert not is_a_first_look_due()


def test_a_flood_of_facts_is_a_reason_to_look_again() -> None:
    community = make_community()
    with clock.moved_to(EPOCH):
        handlers.get("insights.health")({}, report)
    facts = [
        (MessagePosted(community.pk, 1, n, 1, chars=3), EPOCH - timedelta(minutes=n))
        for n in range(jobs.FLOOD)
    ]
    tick = tickers.get("insights.copy")
    assert tick(EPOCH) > 0
    assert not Job.objects.exists()
    record_many(facts, actor=Actor.system())

    assert tick(EPOCH + timedelta(seconds=5)) == 0  # too soon
    assert tick(EPOCH + timedelta(seconds=20)) == jobs.FLOOD
    assert Job.objects.get().kind == "insights.health"


def test_the_copy_is_clustered_at_night_and_health_computed_all_day(tmp_path: Path) -> None:
    record_many([(MessagePosted(1, 1, 2, 1, chars=3), EPOCH)], actor=Actor.system())
    tickers.get("insights.copy")(EPOCH)

    handlers.get("insights.compact")({}, report)

    assert [part.bucket for part in Store(tmp_path).manifest().parts] == [2]
    assert schedules.get("insights.health").every == timedelta(minutes=5)
    assert schedules.get("insights.compact").every == timedelta(days=1)
