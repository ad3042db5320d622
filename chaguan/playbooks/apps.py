from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "chaguan.playbooks"
    label = "playbooks"

    def ready(self) -> None:
        from chaguan.playbooks import (  # noqa: F401 -- facts, guards, the renderer and readers register
            broadcast_events,
            broadcasting,
            contacts,
            events,
            holds,
            jobs,
            limits,
            push_events,
            pushes,
            rendering,
            stage_events,
            subscribers,
            subscribers_stages,
            timeline,
        )
        from chaguan.playbooks.contract import steps
        from chaguan.playbooks.engine import clock  # noqa: F401 -- the tick registers

        steps.load()
