from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "chaguan.communities"
    label = "communities"

    def ready(self) -> None:
        from chaguan.communities import (
            conditions,
            events,  # noqa: F401 -- facts enter the catalogue
            guards,  # noqa: F401 -- an outbox guard
            reach,  # noqa: F401 -- whose members a right reaches
            stage_rules,
            subscribers,  # noqa: F401 -- reads who joined
            ticks,  # noqa: F401 -- lifetimes and composition
            timeline_words,  # noqa: F401 -- words for facts
        )

        for folder in (conditions, stage_rules):
            for module in iter_modules(folder.__path__):
                import_module(f"{folder.__name__}.{module.name}")
