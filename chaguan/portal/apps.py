from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "chaguan.portal"
    label = "portal"

    def ready(self) -> None:
        from chaguan.portal import events  # noqa: F401 -- facts enter the catalogue
