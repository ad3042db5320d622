"""What rights and roles are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.types import Right

RIGHTS: dict[Right, str | Promise] = {
    Right.VIEW_COMMUNITY: _("See the community"),
    Right.EDIT_COMMUNITY: _("Change its charter, rules and phase"),
    Right.VIEW_MEMBERS: _("See the members"),
    Right.EDIT_MEMBERS: _("Tag members, write notes, set stages"),
    Right.ADMIT_MEMBERS: _("Admit and remove members"),
    Right.RUN_PLAYBOOKS: _("Start, pause and stop playbooks"),
    Right.EDIT_PLAYBOOKS: _("Write playbooks and scripts"),
    Right.DECIDE_OUTBOX: _("Decide what is sent"),
    Right.DO_ASSIGNMENTS: _("Do assignments"),
    Right.IMPORT: _("Import history"),
    Right.VIEW_REPORTS: _("See numbers and reports"),
    Right.OPEN_SESSION: _("Open a session"),
    Right.MANAGE_STAFF: _("Invite colleagues, give roles"),
    Right.MANAGE_SETTINGS: _("Set up channels and the house"),
}
