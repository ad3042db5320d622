"""Around every request: a reference number, one line in the log, and the sign that we live."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from chaguan.kernel.ids import new_public_id

log = structlog.get_logger(__name__)
SLOW_MS = 1000


class RequestMiddleware:
    """Gives `request.reference`, which error pages show and every log line of the request carries.

    `/healthz/live` is answered here, before hosts and redirects: a supervisor on this machine asks it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz/live":
            return HttpResponse("alive\n", content_type="text/plain")
        reference = new_public_id()[-8:]
        request.reference = reference  # type: ignore[attr-defined] # ours; see ui.views.errors
        started_s = time.perf_counter()
        with structlog.contextvars.bound_contextvars(reference=reference):
            response = self.get_response(request)
            self._tell(request, response, round((time.perf_counter() - started_s) * 1000))
        return response

    def _tell(self, request: HttpRequest, response: HttpResponseBase, ms: int) -> None:
        """Slow and broken requests always, all of them where CHAGUAN_LOG_REQUESTS says so."""
        is_broken = response.status_code >= 500
        if not (settings.LOG_REQUESTS or is_broken or ms > SLOW_MS):
            return
        actor = getattr(getattr(request, "actor", None), "reference", "")
        tell = log.error if is_broken else log.warning if ms > SLOW_MS else log.info
        tell(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=ms,
            actor=actor,
        )
