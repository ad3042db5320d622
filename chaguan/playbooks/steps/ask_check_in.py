"""Step: ask people to check in (打卡提醒)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.engine.messages import plan_messages


class CheckInFields(Fields):
    """Nothing so far: who is asked is said by `audience` and `when`."""


class AskCheckIn(StepKind):
    """A message to the room or to single people that asks for today's sign-in."""

    label = gettext_lazy("Ask to check in")
    fields = CheckInFields
    speaks = "audience"

    def faults(self, step: Any, fields: CheckInFields) -> Iterator[tuple[str, str]]:
        if step.mode == "human":
            yield "mode", _("The reminder is a ready text; use kind: assign for a talk.")
        elif not (step.script or step.text):
            yield "text", _("Write a script or a text.")

    def run(self, targets: Targets) -> int:
        return plan_messages(targets)


steps.add("ask_check_in")(AskCheckIn())
