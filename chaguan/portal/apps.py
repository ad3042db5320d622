from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "chaguan.portal"
    label = "portal"

    def ready(self) -> None:
        from chaguan.portal import events, jobs  # noqa: F401 -- facts and jobs enter their catalogues
