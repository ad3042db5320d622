from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "chaguan.insights"
    label = "insights"
