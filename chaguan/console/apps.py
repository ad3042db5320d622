from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "chaguan.console"
    label = "console"

    def ready(self) -> None:
        from chaguan.console import events  # noqa: F401 -- facts enter the catalogue
