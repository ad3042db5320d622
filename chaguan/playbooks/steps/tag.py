"""Step: put a tag on people or take it off (标签)."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.kernel.actor import Actor
from chaguan.people.actions.tags import tag_members
from chaguan.playbooks.contract import Fields, StepKind, Targets, steps
from chaguan.playbooks.engine.reached import causes_of, members_reached

CLOCK = Actor.system("clock")


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
        reached = members_reached(targets)
        changed = 0
        for due in targets.due:
            who = reached.get(due.step_id)
            if who:
                changed += tag_members(
                    CLOCK,
                    [one.member_id for one in who],
                    add=due.fields.add,
                    remove=due.fields.remove,
                    now=targets.now,
                    causes=causes_of(who, targets.now),
                )
        return changed


steps.add("tag")(Tag())
