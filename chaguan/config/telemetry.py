"""What an outside watcher may ask: /healthz for people and probes, /metrics for Prometheus."""

import hmac
import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from chaguan.config.heartbeat import DEAD_AFTER, silence
from chaguan.eventlog.selectors import lag, parked
from chaguan.jobs.models import Job
from chaguan.kernel.clock import now
from chaguan.outbox.models import OutboxRow

OPEN_ROWS = ("planned", "claimed", "awaiting_person", "unknown")
OPEN_JOBS = ("ready", "running", "dead")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and a worker lives; 503 with what is wrong otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        silent = silence(datetime.now(UTC))
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    silent_s = None if silent is None else round(silent.total_seconds())
    is_well = silent is not None and silent < DEAD_AFTER
    status = "ok" if is_well else "no worker"
    answer = {"status": status, "database": "ok", "worker_silent_s": silent_s}
    return JsonResponse(answer, status=200 if is_well else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Numbers in Prometheus' text format, for this machine or the bearer of the token."""
    if not may_read_metrics(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    """The token opens from anywhere; without one only a direct call from this machine does."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if any(header in request.META for header in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class Collector:
    """Reads every number at the moment it is asked for. No statement looks at finished rows."""

    def collect(self) -> Iterable[Metric]:
        yield from outbox_numbers()
        yield from log_numbers()
        yield gauge_by_state("chaguan_jobs", "Open jobs by state.", Job, OPEN_JOBS)
        silent = silence(datetime.now(UTC))
        if silent is not None:
            yield GaugeMetricFamily(
                "chaguan_worker_silence_seconds",
                "Time since the last sign of life of any worker.",
                value=silent.total_seconds(),
            )


def gauge_by_state(
    name: str, text: str, model: type[Job] | type[OutboxRow], states: tuple[str, ...]
) -> Metric:
    """Rows of a table by state, zeros included."""
    counted = model.objects.filter(state__in=states).values("state").annotate(n=Count("pk"))
    by_state = {row["state"]: row["n"] for row in counted.order_by()}
    gauge = GaugeMetricFamily(name, text, labels=["state"])
    for state in states:
        gauge.add_metric([state], by_state.get(state, 0))
    return gauge


def outbox_numbers() -> Iterable[Metric]:
    due = OutboxRow.objects.filter(state=OutboxRow.State.PLANNED, due_at__lte=now())
    oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
    yield GaugeMetricFamily(
        "chaguan_outbox_oldest_due_seconds",
        "How long the oldest due row of the outbox has been waiting.",
        value=(now() - oldest).total_seconds() if oldest else 0,
    )
    yield gauge_by_state("chaguan_outbox_rows", "Open outbox rows by state.", OutboxRow, OPEN_ROWS)


def log_numbers() -> Iterable[Metric]:
    yield GaugeMetricFamily(
        "chaguan_eventlog_parked", "Facts that wait for a person.", value=parked().count()
    )
    facts = GaugeMetricFamily(
        "chaguan_subscriber_lag_facts", "Facts not read yet.", labels=["subscriber"]
    )
    seconds = GaugeMetricFamily(
        "chaguan_subscriber_lag_seconds",
        "Time since a subscriber that is behind last moved.",
        labels=["subscriber"],
    )
    for one in lag(now()):
        facts.add_metric([one.subscriber], one.facts)
        seconds.add_metric([one.subscriber], one.behind.total_seconds() if one.behind else 0)
    yield facts
    yield seconds
