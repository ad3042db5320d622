from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "chaguan.rewards"
    label = "rewards"

    def ready(self) -> None:
        from chaguan.rewards import conditions, events  # noqa: F401 -- facts enter the catalogue
        from chaguan.rewards.contract import rules

        rules.load()
        from chaguan.rewards import subscribers, timeline  # noqa: F401 -- readers of the rules' facts

        for module in iter_modules(conditions.__path__):
            import_module(f"{conditions.__name__}.{module.name}")
