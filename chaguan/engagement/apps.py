from django.apps import AppConfig


class EngagementConfig(AppConfig):
    name = "chaguan.engagement"
    label = "engagement"
