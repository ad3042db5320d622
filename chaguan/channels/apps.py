from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "chaguan.channels"
    label = "channels"

    def ready(self) -> None:
        from chaguan.channels import events, jobs, timeline  # noqa: F401 -- they register themselves
        from chaguan.channels.contract import connectors, importers
        from chaguan.channels.sender import tick
        from chaguan.jobs.contract import tickers

        connectors.load()
        tickers.add("channels.sender")(tick)
        importers.load()
