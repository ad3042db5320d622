"""Step: wait for an act of the person, or for time to run out (等待)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.eventlog.contract import catalogue
from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.document import SpanText
from chaguan.playbooks.engine.waits import open_waits


class WaitFields(Fields):
    """`fact` is a fact of the catalogue about the same member; `within` how long to wait for it."""

    fact: str
    within: SpanText


class WaitFor(StepKind):
    """Opens a wait. Steps with `after: ID.act` or `after: ID.timeout` follow; the timeline goes on."""

    label = gettext_lazy("Wait for an act, or a time-out")
    fields = WaitFields
    speaks = ""
    stays_in_run = True

    def faults(self, step: Any, fields: WaitFields) -> Iterator[tuple[str, str]]:
        if fields.fact not in {name for name, _fact in catalogue()} and not step.needs:
            yield "with › fact", _("There is no fact “%(name)s”.") % {"name": fields.fact}

    def run(self, targets: Targets) -> int:
        return open_waits(targets)


steps.add("wait_for")(WaitFor())
