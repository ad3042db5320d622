from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "chaguan.config"
    label = "config"

    def ready(self) -> None:
        from chaguan.eventlog.pump import pump_all
        from chaguan.jobs.contract import tickers

        tickers.add("eventlog.pump")(pump_all)
