from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "chaguan.config"
    label = "config"
