"""/healthz and /metrics, the reference of a request, the worker's sign of life."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from chaguan.config.heartbeat import FORGOTTEN_AFTER, beat, beating, silence, worker_name
from chaguan.config.models import WorkerBeat
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.outbox.actions import plan
from chaguan.outbox.contract import Intent

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def alive(moment: datetime) -> None:
    beat("east:1", now=moment, started_at=moment)


@pytest.mark.django_db
def test_healthz_is_well_with_a_database_and_a_worker(client: Client) -> None:
    alive(datetime.now(UTC))

    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("minutes", [None, 2])
def test_healthz_says_that_no_worker_lives(client: Client, minutes: int | None) -> None:
    if minutes:
        alive(datetime.now(UTC) - timedelta(minutes=minutes))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (503, "no worker")


def test_liveness_needs_neither_database_nor_a_known_host(client: Client) -> None:
    answer = client.get("/healthz/live", headers={"host": "nobody.example.org"})

    assert (answer.status_code, answer.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_metrics_count_what_waits(client: Client) -> None:
    due = now() - timedelta(minutes=3)
    intents = [
        Intent(key=f"k{n}", kind="say", connector="echo", account_id=1, due_at=at)
        for n, at in enumerate((due, now() + timedelta(days=1)))
    ]
    plan(intents, actor=Actor.system("test"), now=due)

    text = client.get("/metrics").content.decode()

    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert 180 <= float(lines["chaguan_outbox_oldest_due_seconds"]) < 240
    assert float(lines['chaguan_outbox_rows{state="planned"}']) == 2
    assert float(lines['chaguan_outbox_rows{state="unknown"}']) == 0
    assert float(lines['chaguan_jobs{state="ready"}']) == 0
    assert float(lines["chaguan_eventlog_parked"]) == 0
    assert any(name.startswith("chaguan_subscriber_lag_facts{") for name in lines)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "192.0.2.7", 404),
        ("", {"x-forwarded-for": "192.0.2.7"}, "127.0.0.1", 404),
        ("secret", {}, "127.0.0.1", 404),
        ("secret", {"authorization": "Bearer wrong"}, "192.0.2.7", 404),
        ("secret", {"authorization": "Bearer secret"}, "192.0.2.7", 200),
    ],
)
def test_metrics_are_for_this_machine_or_the_bearer_of_the_token(
    client: Client,
    settings: Settings,
    token: str,
    headers: dict[str, str],
    address: str,
    status: int,
) -> None:
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.django_db
def test_the_last_sign_of_life_counts_and_old_rows_go() -> None:
    assert silence(NOON) is None
    beat("east:1", now=NOON - FORGOTTEN_AFTER - timedelta(hours=1), started_at=NOON)
    beat("west:2", now=NOON - timedelta(seconds=20), started_at=NOON)
    beat("west:2", now=NOON, started_at=NOON)

    assert silence(NOON + timedelta(seconds=5)) == timedelta(seconds=5)
    assert list(WorkerBeat.objects.values_list("worker", flat=True)) == ["west:2"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_shows_itself_while_it_works_and_goes_when_it_ends() -> None:
    with beating() as first_beat:
        assert first_beat.wait(10)
        assert WorkerBeat.objects.get().worker == worker_name()

    assert not WorkerBeat.objects.exists()
