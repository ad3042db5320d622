from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "chaguan.ui"
    label = "ui"
