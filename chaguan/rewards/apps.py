from django.apps import AppConfig


class RewardsConfig(AppConfig):
    name = "chaguan.rewards"
    label = "rewards"
