from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "chaguan.rewards"
    label = "rewards"

    def ready(self) -> None:
        from chaguan.rewards import events  # noqa: F401 -- facts enter the catalogue
        from chaguan.rewards.contract import rules

        rules.load()
        from chaguan.rewards import subscribers  # noqa: F401 -- subscribes to the rules' facts
