from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "chaguan.communities"
    label = "communities"

    def ready(self) -> None:
        from chaguan.communities import (
            events,  # noqa: F401 -- facts enter the catalogue
            reach,  # noqa: F401 -- whose members a right reaches
        )
