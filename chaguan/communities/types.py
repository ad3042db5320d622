"""Words for communities: type, phase, staff rights."""

from enum import StrEnum


class CommunityType(StrEnum):
    """The six types (六种社群)."""

    TRAFFIC = "traffic"
    NEWCOMER = "newcomer"
    CAMP = "camp"
    DELIVERY = "delivery"
    LOYAL_FAN = "loyal_fan"
    REGIONAL = "regional"


class ContentKind(StrEnum):
    """What a community delivers (按内容分). A dimension of its own beside the type: any type, any content."""

    LEARNING = "learning"
    SERVING = "service"
    CONTENT = "content"
    EDUCATION = "education"
    COMMERCE = "commerce"


class Phase(StrEnum):
    """Life cycle of a community (社群生命周期)."""

    DRAFT = "draft"
    RECRUITING = "recruiting"
    RUNNING = "running"
    CLOSING = "closing"
    CLOSED = "closed"


class Period(StrEnum):
    """How old a community is at work (初期/中期/后期). Not its life cycle: a running one passes all three."""

    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"


class ClosingItem(StrEnum):
    """What a community owes its people before it closes (关群清单)."""

    NOTICE = "notice"
    EXPORT = "export"
    NEXT_STEP = "next_step"
    FEEDBACK = "feedback"


class Right(StrEnum):
    """What a staff role may allow. Checked per community; the owner of the house has all."""

    VIEW_COMMUNITY = "view_community"
    EDIT_COMMUNITY = "edit_community"
    VIEW_MEMBERS = "view_members"
    EDIT_MEMBERS = "edit_members"
    ADMIT_MEMBERS = "admit_members"
    RUN_PLAYBOOKS = "run_playbooks"
    EDIT_PLAYBOOKS = "edit_playbooks"
    DECIDE_OUTBOX = "decide_outbox"
    DO_ASSIGNMENTS = "do_assignments"
    IMPORT = "import"
    VIEW_REPORTS = "view_reports"
    MANAGE_STAFF = "manage_staff"
    MANAGE_SETTINGS = "manage_settings"
    OPEN_SESSION = "open_session"  # start a formal session (正式讨论)


class InRoomRole(StrEnum):
    """Roles a member may hold inside a community (群内角色)."""

    OWNER = "owner"
    DEPUTY = "deputy"
    STEWARD = "steward"
    DUTY_STEWARD = "duty_steward"
    WARM_UP_HOST = "warm_up_host"
    SESSION_HOST = "session_host"
    EXPERT = "expert"
    DISCLOSED_HOST = "disclosed_host"
    VALUABLE_MEMBER = "valuable_member"
    CLASS_TEACHER = "class_teacher"
    CLASS_MONITOR = "class_monitor"
    TEACHING_ASSISTANT = "teaching_assistant"
    STUDY_COMMITTEE_MEMBER = "study_committee_member"


COHORT_ROLES = frozenset(  # held for the time of one cohort
    {
        InRoomRole.CLASS_TEACHER,
        InRoomRole.CLASS_MONITOR,
        InRoomRole.TEACHING_ASSISTANT,
        InRoomRole.STUDY_COMMITTEE_MEMBER,
    }
)
