"""What people read for the codes of this app."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chaguan.communities.types import (
    ClosingItem,
    CommunityType,
    ContentKind,
    Period,
    Phase,
    Right,
)

TYPE_LABELS: dict[CommunityType, str | Promise] = {
    CommunityType.TRAFFIC: _("Traffic community"),
    CommunityType.NEWCOMER: _("Newcomer community"),
    CommunityType.CAMP: _("Training camp"),
    CommunityType.DELIVERY: _("Delivery community"),
    CommunityType.LOYAL_FAN: _("Loyal-fan community"),
    CommunityType.REGIONAL: _("Regional community"),
}

CONTENT_LABELS: dict[ContentKind, str | Promise] = {
    ContentKind.LEARNING: _("Learning"),
    ContentKind.SERVING: _("Service"),
    ContentKind.CONTENT: _("Content"),
    ContentKind.EDUCATION: _("Education"),
    ContentKind.COMMERCE: _("Commerce"),
}

PHASE_LABELS: dict[Phase, str | Promise] = {
    Phase.DRAFT: _("Draft"),
    Phase.RECRUITING: _("Recruiting"),
    Phase.RUNNING: _("Running"),
    Phase.CLOSING: _("Closing"),
    Phase.CLOSED: _("Closed"),
}

PERIOD_LABELS: dict[Period, str | Promise] = {
    Period.EARLY: _("Early period"),
    Period.MIDDLE: _("Middle period"),
    Period.LATE: _("Late period"),
}

CLOSING_LABELS: dict[ClosingItem, str | Promise] = {
    ClosingItem.NOTICE: _("Members have been told"),
    ClosingItem.EXPORT: _("Content worth keeping is exported"),
    ClosingItem.NEXT_STEP: _("Members know where to go next"),
    ClosingItem.FEEDBACK: _("Feedback has been asked for"),
}

RIGHT_LABELS: dict[Right, str | Promise] = {
    Right.VIEW_COMMUNITY: _("See the community"),
    Right.EDIT_COMMUNITY: _("Change the community"),
    Right.VIEW_MEMBERS: _("See members"),
    Right.EDIT_MEMBERS: _("Change members"),
    Right.ADMIT_MEMBERS: _("Admit and remove members"),
    Right.RUN_PLAYBOOKS: _("Run playbooks"),
    Right.EDIT_PLAYBOOKS: _("Write playbooks"),
    Right.DECIDE_OUTBOX: _("Decide about messages"),
    Right.DO_ASSIGNMENTS: _("Do assignments"),
    Right.IMPORT: _("Import history"),
    Right.VIEW_REPORTS: _("Open reports"),
    Right.MANAGE_STAFF: _("Manage staff"),
    Right.MANAGE_SETTINGS: _("Change settings"),
    Right.OPEN_SESSION: _("Open a session"),
}
