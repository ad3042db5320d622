"""Every request has a reference: on the page that went wrong, and on each line of the log."""

import re

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings
from structlog.testing import LogCapture

from chaguan.config.middleware import RequestMiddleware


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    """What RequestMiddleware logs, with the values bound to the request."""
    capture = LogCapture()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(), processors=[structlog.contextvars.merge_contextvars, capture]
    )
    monkeypatch.setattr("chaguan.config.middleware.log", logger)
    return capture


def answer(status: int) -> RequestMiddleware:
    return RequestMiddleware(lambda _request: HttpResponse(status=status))


@pytest.mark.django_db
def test_the_page_shows_the_reference_that_the_log_carries(
    client: Client, lines: LogCapture, settings: Settings
) -> None:
    settings.LOG_REQUESTS = True

    page = client.get("/no-such-page/").content.decode()

    line = lines.entries[-1]
    assert (line["path"], line["status"]) == ("/no-such-page/", 404)
    assert re.fullmatch(r"[0-9A-Z]{8}", line["reference"])
    assert line["reference"] in page


@pytest.mark.parametrize(
    ("log_all", "status", "levels"),
    [(False, 200, []), (False, 404, []), (False, 500, ["error"]), (True, 200, ["info"])],
)
def test_broken_requests_are_always_told_the_others_when_asked(
    settings: Settings, lines: LogCapture, log_all: bool, status: int, levels: list[str]
) -> None:
    settings.LOG_REQUESTS = log_all

    answer(status)(RequestFactory().get("/tea"))

    assert [line["log_level"] for line in lines.entries] == levels


def test_the_reference_is_gone_when_the_request_is_over(lines: LogCapture) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(structlog.contextvars.get_contextvars()["reference"])
        return HttpResponse()

    middleware = RequestMiddleware(view)
    middleware(RequestFactory().get("/tea"))
    middleware(RequestFactory().get("/tea"))

    assert len(set(seen)) == 2
    assert "reference" not in structlog.contextvars.get_contextvars()
