"""Step: put a tag on people or take it off (标签)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.playbooks.contract import Fields, StepKind, Targets, steps


class TagFields(Fields):
    """Names of tags to put on and to take off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Tag(StepKind):
    """Tags everybody of the audience."""

    label = gettext_lazy("Tag people")
    fields = TagFields
    speaks = ""

    def faults(self, step: Any, fields: TagFields) -> Iterator[tuple[str, str]]:
        if not (fields.add or fields.remove):
            yield "with", _("Name a tag to add or to remove.")

    def run(self, targets: Targets) -> int:
        raise NotImplementedError


steps.add("tag")(Tag())
