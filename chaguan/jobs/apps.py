from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "chaguan.jobs"
    label = "jobs"
