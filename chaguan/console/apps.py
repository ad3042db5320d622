from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "chaguan.console"
    label = "console"
