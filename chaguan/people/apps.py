from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "chaguan.people"
    label = "people"

    def ready(self) -> None:
        from chaguan.people import (
            events,  # noqa: F401 -- facts enter the catalogue
            subscribers,  # noqa: F401 -- reads the evidence for stages
            ticks,  # noqa: F401 -- refreshes rule tags
            timeline_words,  # noqa: F401 -- words for this app's facts
        )
        from chaguan.people.contract.conditions import conditions
        from chaguan.people.contract.stage_rules import stage_rules

        conditions.load()
        stage_rules.load()
