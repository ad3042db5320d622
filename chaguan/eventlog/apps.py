from django.apps import AppConfig


class EventlogConfig(AppConfig):
    name = "chaguan.eventlog"
    label = "eventlog"
