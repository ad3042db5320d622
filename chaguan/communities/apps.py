from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "chaguan.communities"
    label = "communities"

    def ready(self) -> None:
        from importlib import import_module
        from pkgutil import iter_modules

        from chaguan.communities import (
            conditions,
            events,  # noqa: F401 -- facts enter the catalogue
            reach,  # noqa: F401 -- whose members a right reaches
        )

        for module in iter_modules(conditions.__path__):
            import_module(f"{conditions.__name__}.{module.name}")
