"""Step: say something to one person (触达)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import NoFields, StepKind, Targets, steps
from chaguan.playbooks.engine.messages import plan_messages


class Touch(StepKind):
    """One private message to each person of the audience."""

    label = gettext_lazy("Message one person")
    speaks = "member"
    stays_in_run = True

    def faults(self, step: Any, fields: NoFields) -> Iterator[tuple[str, str]]:
        if step.audience not in ("person", "newcomer") and ":" not in step.audience:
            yield "audience", _("A private message goes to person, newcomer or segment:<name>.")
        if step.mode != "human" and not (step.script or step.text):
            yield "text", _("Write a script or a text.")

    def run(self, targets: Targets) -> int:
        return plan_messages(targets)


steps.add("touch")(Touch())
