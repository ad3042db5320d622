from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "chaguan.people"
    label = "people"

    def ready(self) -> None:
        from chaguan.people import events  # noqa: F401 -- facts enter the catalogue
        from chaguan.people.contract.conditions import conditions

        conditions.load()
