"""Which rights come with which role: the six staff roles as shipped, and the in-group roles."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from chaguan.communities.types import InRoomRole, Right


@dataclass(frozen=True)
class ShippedRole:
    """A staff role as it comes: its English name (translated when shown), its work and its rights."""

    name: str
    work: str | Promise
    rights: frozenset[Right]


_READ = {Right.VIEW_COMMUNITY, Right.DO_ASSIGNMENTS}

STAFF_ROLES: dict[str, ShippedRole] = {
    "planning_lead": ShippedRole(
        gettext_noop("Planning lead"),
        _("Goals, gatherings, the content plan and coordination."),
        frozenset(
            {*_READ, Right.EDIT_COMMUNITY, Right.VIEW_MEMBERS, Right.RUN_PLAYBOOKS}
            | {Right.EDIT_PLAYBOOKS, Right.DECIDE_OUTBOX, Right.IMPORT, Right.VIEW_REPORTS}
        ),
    ),
    "content_editor": ShippedRole(
        gettext_noop("Content editor"),
        _("Posts, articles, announcements and their layout."),
        frozenset({*_READ, Right.EDIT_PLAYBOOKS}),
    ),
    "community_manager": ShippedRole(
        gettext_noop("Community lead"),
        _("Approves applications, keeps order, settles disputes, runs the daily playbooks."),
        frozenset(
            {*_READ, Right.EDIT_COMMUNITY, Right.VIEW_MEMBERS, Right.EDIT_MEMBERS}
            | {Right.ADMIT_MEMBERS, Right.RUN_PLAYBOOKS, Right.DECIDE_OUTBOX, Right.OPEN_SESSION}
            | {Right.VIEW_REPORTS}
        ),
    ),
    "data_analyst": ShippedRole(
        gettext_noop("Data analyst"),
        _("Figures of members, gatherings and content."),
        frozenset({Right.VIEW_COMMUNITY, Right.VIEW_MEMBERS, Right.VIEW_REPORTS}),
    ),
    "service_specialist": ShippedRole(
        gettext_noop("Customer service specialist"),
        _("Questions, feedback and complaints."),
        frozenset({*_READ, Right.VIEW_MEMBERS, Right.EDIT_MEMBERS}),
    ),
    "operations_assistant": ShippedRole(
        gettext_noop("Operations assistant"),
        _("Tidies records, collects feedback, helps with texts."),
        frozenset({*_READ, Right.VIEW_MEMBERS, Right.IMPORT}),
    ),
}

_KEEPS_ORDER = frozenset(
    {Right.VIEW_COMMUNITY, Right.VIEW_MEMBERS, Right.ADMIT_MEMBERS, Right.DO_ASSIGNMENTS}
)
_LEADS = _KEEPS_ORDER | {
    Right.EDIT_COMMUNITY,
    Right.EDIT_MEMBERS,
    Right.OPEN_SESSION,
    Right.VIEW_REPORTS,
}


@dataclass(frozen=True)
class RoleBadge:
    """An in-group role as people see it: badge, duties, rights in that one community."""

    badge: str | Promise
    duty: str | Promise
    rights: frozenset[Right] = frozenset()


IN_ROOM_ROLES: dict[InRoomRole, RoleBadge] = {
    InRoomRole.OWNER: RoleBadge(
        _("Owner"), _("Publishes rules and topics, opens rooms, adds and removes members."), _LEADS
    ),
    InRoomRole.DEPUTY: RoleBadge(_("Deputy owner"), _("Stands in for the owner."), _LEADS),
    InRoomRole.STEWARD: RoleBadge(
        _("Steward"), _("Helps the owner, solves problems, pushes gatherings."), _KEEPS_ORDER
    ),
    InRoomRole.DUTY_STEWARD: RoleBadge(
        _("Duty steward"), _("Keeps the community for one shift."), _KEEPS_ORDER
    ),
    InRoomRole.WARM_UP_HOST: RoleBadge(
        _("Warm-up host"),
        _("Opens talk when it is quiet and reminds of the rules."),
        frozenset({Right.VIEW_COMMUNITY, Right.DO_ASSIGNMENTS}),
    ),
    InRoomRole.SESSION_HOST: RoleBadge(
        _("Session host"), _("Raises topics and leads sessions."), frozenset({Right.OPEN_SESSION})
    ),
    InRoomRole.EXPERT: RoleBadge(_("Expert"), _("Answers with authority in one field.")),
    InRoomRole.DISCLOSED_HOST: RoleBadge(
        _("Our host"), _("Works for us and says so; helps talk along.")
    ),
    InRoomRole.VALUABLE_MEMBER: RoleBadge(_("Valued member"), _("Contributes much.")),
    InRoomRole.CLASS_TEACHER: RoleBadge(
        _("Class teacher"), _("In charge of a cohort."), _KEEPS_ORDER
    ),
    InRoomRole.CLASS_MONITOR: RoleBadge(
        _("Class monitor"),
        _("Elected learner who leads the cohort."),
        frozenset({Right.VIEW_COMMUNITY, Right.DO_ASSIGNMENTS}),
    ),
    InRoomRole.TEACHING_ASSISTANT: RoleBadge(
        _("Teaching assistant"),
        _("Serves learners one to one."),
        frozenset({Right.VIEW_COMMUNITY, Right.VIEW_MEMBERS, Right.DO_ASSIGNMENTS}),
    ),
    InRoomRole.STUDY_COMMITTEE_MEMBER: RoleBadge(
        _("Study committee member"),
        _("Organises learning."),
        frozenset({Right.VIEW_COMMUNITY, Right.DO_ASSIGNMENTS}),
    ),
}


def rights_of_role(role: str) -> frozenset[Right]:
    """Rights an in-group role gives in its community; none for a role we do not know."""
    known = IN_ROOM_ROLES.get(InRoomRole(role)) if role in set(InRoomRole) else None
    return known.rights if known else frozenset()
