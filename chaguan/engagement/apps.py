from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "chaguan.engagement"
    label = "engagement"

    def ready(self) -> None:
        from chaguan.engagement import events, subscribers  # noqa: F401 -- facts and readers register
