from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "chaguan.playbooks"
    label = "playbooks"

    def ready(self) -> None:
        from chaguan.playbooks.contract import steps

        steps.load()
