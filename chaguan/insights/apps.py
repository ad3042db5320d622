from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "chaguan.insights"
    label = "insights"

    def ready(self) -> None:
        from chaguan.insights import events, jobs  # noqa: F401 -- they register themselves
        from chaguan.insights.contract import metrics

        metrics.load()
