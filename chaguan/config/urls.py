"""Every URL of the product, by face."""

from django.urls import URLPattern, URLResolver, include, path

from chaguan.config import telemetry

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", telemetry.healthz, name="healthz"),
    path("metrics", telemetry.metrics, name="metrics"),
    path("", include("chaguan.ui.urls")),
    path("m/", include("chaguan.portal.urls")),
    path("", include("chaguan.console.urls")),
]

handler400 = "chaguan.ui.views.errors.bad_request"
handler403 = "chaguan.ui.views.errors.refused"
handler404 = "chaguan.ui.views.errors.not_found"
handler500 = "chaguan.ui.views.errors.broken"
