from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "chaguan.playbooks"
    label = "playbooks"
