"""Step: publish what is planned for a day (发布排期): offers, topics or posts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.engine.messages import plan_messages
from chaguan.playbooks.planned import day_meant, items_of

VARIABLE = "planned_items"


class PublishFields(Fields):
    """`what`: offer, topic or post; `day`: today or tomorrow, seen from the step's own instant."""

    what: Literal["offer", "topic", "post"] = "offer"
    day: Literal["today", "tomorrow"] = "tomorrow"


class Publish(StepKind):
    """A message to each open room made from the day's planned items; with none planned, nothing is said."""

    label = gettext_lazy("Publish what is planned")
    fields = PublishFields
    speaks = "room"
    stays_in_run = True

    def faults(self, step: Any, fields: PublishFields) -> Iterator[tuple[str, str]]:
        if step.audience == "person" or step.audience.startswith("segment:"):
            yield "audience", _("A room hears what is said; for single people use kind: touch.")
        if step.mode != "auto":
            yield "mode", _("What is published was written by a person already; use mode: auto.")
        if not step.text or VARIABLE not in step.text:
            yield "text", _("Write a text with {{ planned_items }} in it.")

    def reason_to_skip(
        self, fields: PublishFields, community_id: int, zone: str, due_at: datetime
    ) -> str:
        """`nothing_planned` on a day without items: the step is skipped and a person is told."""
        slot = (community_id, day_meant(fields.day, due_at, zone), fields.what)
        return "" if items_of([slot]).get(slot) else "nothing_planned"

    def run(self, targets: Targets) -> int:
        return plan_messages(targets)


steps.add("publish")(Publish())
