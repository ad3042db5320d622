"""Step: give a person something to do (人工任务)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import NoFields, StepKind, Targets, steps


class Assign(StepKind):
    """A line on somebody's sheet. The engine writes it; a ready text may go with it."""

    label = gettext_lazy("Give a person something to do")
    speaks = ""
    stays_in_run = True

    def faults(self, step: Any, fields: NoFields) -> Iterator[tuple[str, str]]:
        if step.actor == "system":
            yield "actor", _("Say which role does it; the system cannot.")
        if not step.instruction:
            yield "instruction", _("Say in a sentence or two what is to be done.")

    def run(self, targets: Targets) -> int:
        """Nothing more: the engine gives assignments itself, for every kind a person acts in."""
        return 0


steps.add("assign")(Assign())
