from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "chaguan.engagement"
    label = "engagement"

    def ready(self) -> None:
        from chaguan.engagement import (  # noqa: F401 -- facts, readers and words register
            conditions,
            events,
            subscribers,
            timeline,
        )

        for module in iter_modules(conditions.__path__):
            import_module(f"{conditions.__name__}.{module.name}")
