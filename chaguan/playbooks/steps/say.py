"""Step: say something in a room (群里说)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import NoFields, StepKind, Targets, steps
from chaguan.playbooks.engine.messages import plan_messages


class Say(StepKind):
    """One message to each open room of the audience."""

    label = gettext_lazy("Say in the room")
    speaks = "room"
    stays_in_run = True

    def faults(self, step: Any, fields: NoFields) -> Iterator[tuple[str, str]]:
        if step.audience == "person" or step.audience.startswith("segment:"):
            yield "audience", _("A room hears what is said; for single people use kind: touch.")
        if step.mode != "human" and not (step.script or step.text):
            yield "text", _("Write a script or a text.")

    def run(self, targets: Targets) -> int:
        return plan_messages(targets)


steps.add("say")(Say())
