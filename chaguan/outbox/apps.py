from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "chaguan.outbox"
    label = "outbox"
