from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "chaguan.channels"
    label = "channels"

    def ready(self) -> None:
        from chaguan.channels import events  # noqa: F401 -- facts enter the catalogue
        from chaguan.channels.contract import connectors, importers

        connectors.load()
        importers.load()
