"""Step: ask people to check in (打卡提醒)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import Fields, Targets, steps


class CheckInFields(Fields):
    """`only_missing`: on a personal message, only those who have not signed in today."""

    only_missing: bool = True


class AskCheckIn:
    """A message to the room or to single people with the way to sign in today."""

    label = gettext_lazy("Ask to check in")
    fields = CheckInFields
    speaks = "audience"

    def faults(self, step: Any, fields: CheckInFields) -> Iterator[tuple[str, str]]:
        if step.mode == "human":
            yield "mode", _("The reminder is a ready text; use kind: assign for a talk.")
        if not (step.script or step.text):
            yield "text", _("Write a script or a text.")

    def run(self, targets: Targets) -> int:
        raise NotImplementedError


steps.add("ask_check_in")(AskCheckIn())
