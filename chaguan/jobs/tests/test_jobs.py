from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from chaguan.jobs import contract
from chaguan.jobs.actions import (
    beat,
    cancel,
    claim,
    enqueue,
    fail,
    finish,
    report,
    take_occurrences,
)
from chaguan.jobs.contract import JobCancelled, Progress, Schedule
from chaguan.jobs.models import Job
from chaguan.jobs.worker import run_ready_jobs, tick_once
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
Handlers = dict[str, Callable[[dict[str, Any], Progress], None]]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    kinds: Handlers = {}
    monkeypatch.setattr(contract.handlers, "_items", kinds)
    return kinds


def test_a_rolled_back_job_does_not_exist() -> None:
    with transaction.atomic():
        enqueue("tests.brew", {}, now=NOW)
        transaction.set_rollback(True)

    assert Job.objects.count() == 0


def test_an_open_job_with_the_same_key_is_not_doubled() -> None:
    first = enqueue("tests.brew", {"pot": 1}, now=NOW, dedup_key="pot:1")
    second = enqueue("tests.brew", {"pot": 1}, now=NOW + timedelta(seconds=1), dedup_key="pot:1")

    assert first is not None
    assert second is None
    assert Job.objects.count() == 1


def test_a_job_runs_once_and_reports(handlers: Handlers) -> None:
    ran: list[dict[str, Any]] = []

    def brew(args: dict[str, Any], progress: Progress) -> None:
        progress(1, 2, "水开了")
        ran.append(args)

    handlers["tests.brew"] = brew
    enqueue("tests.brew", {"pot": 1}, now=clock.now())

    assert run_ready_jobs() == 1
    assert run_ready_jobs() == 0

    job = Job.objects.get()
    assert ran == [{"pot": 1}]
    assert (job.state, job.progress_done, job.progress_total, job.progress_note) == (
        "done",
        1,
        2,
        "水开了",
    )


def test_a_job_that_raises_waits_longer_each_time_and_dies(handlers: Handlers) -> None:
    enqueue("tests.brew", {}, now=NOW)
    now, pauses = NOW, []
    while claimed := claim("w", now):
        fail(claimed, "pot broken", now)
        job = Job.objects.get()
        pauses.append((job.run_after - now).total_seconds())
        now = max(now, job.run_after)

    assert pauses[:4] == [10, 20, 40, 80]
    assert (Job.objects.get().state, Job.objects.get().last_error) == ("dead", "pot broken")


def test_a_dead_workers_job_is_taken_over_and_its_late_finish_is_void() -> None:
    enqueue("tests.brew", {}, now=NOW)
    dead = claim("first", NOW)
    assert dead is not None
    assert claim("second", NOW) is None

    taken = claim("second", NOW + timedelta(seconds=31))

    assert taken is not None
    assert taken.attempt == 2
    assert finish(dead, NOW) is False
    assert finish(taken, NOW) is True


def test_a_heartbeat_keeps_the_lease() -> None:
    enqueue("tests.brew", {}, now=NOW)
    claimed = claim("first", NOW)
    assert claimed is not None

    assert beat(claimed, NOW + timedelta(seconds=20)) is True

    assert claim("second", NOW + timedelta(seconds=40)) is None


def test_a_cancelled_job_stops_at_its_next_report() -> None:
    job_id = enqueue("tests.brew", {}, now=NOW)
    claimed = claim("w", NOW)
    assert claimed is not None
    assert job_id is not None

    cancel(Actor.staff(2), job_id, now=NOW)

    with pytest.raises(JobCancelled):
        report(claimed, NOW, 1)
    assert Job.objects.get().state == "cancelled"


def test_an_occurrence_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hourly = Schedule("tests.brew", timedelta(hours=1), timedelta(minutes=10))
    monkeypatch.setattr(contract.schedules, "_items", {"tests.hourly": hourly})

    taken = [take_occurrences(NOW + timedelta(minutes=m)) for m in (0, 5, 10, 59)]

    assert taken == [1, 0, 1, 0]
    due = [job.args["due_at"] for job in Job.objects.order_by("id")]
    assert due == ["2026-03-08T11:10:00+00:00"]  # the second found the first still waiting


def test_a_broken_ticker_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(now: datetime) -> int:
        raise ValueError

    def fine(now: datetime) -> int:
        return 7

    monkeypatch.setattr(contract.tickers, "_items", {"a": broken, "b": fine})
    monkeypatch.setattr(contract.schedules, "_items", {})
    paused: dict[str, float] = {}

    assert tick_once(paused) == 7
    assert list(paused) == ["a"]
