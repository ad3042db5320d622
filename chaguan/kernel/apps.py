from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "chaguan.kernel"
    label = "kernel"
