"""Which people may stand for which role of a playbook, in order of preference.

A playbook's role is looked for among the in-group roles of the same name first, then among staff posts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors.audiences import Holder
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.types import NEEDS_NOBODY, Mode, Role

STANDING_FOR: dict[Role, tuple[str, ...]] = {
    Role.PLANNER: ("planning_lead",),
    Role.OPERATOR: ("community_manager", "operations_assistant", "planning_lead"),
    Role.OWNER: ("owner", "deputy", "community_manager"),
    Role.PRESIDENT: ("owner", "planning_lead"),
    Role.DUTY_STEWARD: ("duty_steward", "steward", "community_manager"),
    Role.SESSION_HOST: ("session_host", "community_manager"),
    Role.WARM_UP_HOST: ("warm_up_host", "duty_steward", "steward", "community_manager"),
    Role.CLASS_TEACHER: ("class_teacher", "community_manager"),
    Role.CLASS_MONITOR: ("class_monitor",),
    Role.TEACHING_ASSISTANT: ("teaching_assistant", "operations_assistant"),
    Role.EXPERT: ("expert",),
    Role.CONTENT_EDITOR: ("content_editor",),
    Role.ANALYST: ("data_analyst",),
    Role.SERVICE_AGENT: ("service_specialist", "operations_assistant"),
    Role.SALESPERSON: ("service_specialist",),
    Role.CHAPTER_LEAD: ("owner",),
}

ROLE_NAMES: dict[str, str | Promise] = {
    Role.SYSTEM: _("System"),
    Role.PLANNER: _("Planner"),
    Role.OPERATOR: _("Operator"),
    Role.OWNER: _("Owner"),
    Role.PRESIDENT: _("President"),
    Role.DUTY_STEWARD: _("Duty steward"),
    Role.SESSION_HOST: _("Session host"),
    Role.WARM_UP_HOST: _("Warm-up host"),
    Role.CLASS_TEACHER: _("Class teacher"),
    Role.CLASS_MONITOR: _("Class monitor"),
    Role.TEACHING_ASSISTANT: _("Teaching assistant"),
    Role.EXPERT: _("Expert"),
    Role.CONTENT_EDITOR: _("Content editor"),
    Role.ANALYST: _("Analyst"),
    Role.SERVICE_AGENT: _("Service agent"),
    Role.SALESPERSON: _("Salesperson"),
    Role.CHAPTER_LEAD: _("Chapter lead"),
    Role.MEMBER: _("Member"),
}


@dataclass(frozen=True)
class Person:
    """Who takes a role in a run: a login or a member."""

    user_id: int | None = None
    member_id: int | None = None


def roles_needed(document: Playbook) -> list[Role]:
    """Roles that some step needs a person for: who does, checks or is informed, in order of use.

    Messages of the system that wait for a yes need an operator.
    """
    needed: dict[Role, None] = {}
    for step in document.steps:
        for role in (step.actor, step.checker, *step.informed):
            if role is not None and role not in NEEDS_NOBODY:
                needed.setdefault(role)
        hands = step.kind in (
            "assign",
            "publish",
        )  # publish: somebody hears that nothing is planned
        waits_for_yes = step.mode != Mode.AUTO or step.needs_approval or hands
        if step.actor in NEEDS_NOBODY and waits_for_yes:
            needed.setdefault(Role.OPERATOR)
    return list(needed)


def proposed(
    needed: Iterable[Role], holders: Iterable[Holder], given: Mapping[str, Person]
) -> dict[Role, Person | None]:
    """Who takes each role: the person given, else the first holder of a role that stands for it."""
    by_role: dict[str, Holder] = {}
    for holder in holders:
        by_role.setdefault(holder.role, holder)
    found: dict[Role, Person | None] = {}
    for role in needed:
        if role in given:
            found[role] = given[role]
            continue
        names = (role.value, *STANDING_FOR.get(role, ()))
        first = next((by_role[name] for name in names if name in by_role), None)
        found[role] = Person(first.user_id, first.member_id) if first else None
    return found
