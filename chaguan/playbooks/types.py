"""Words for playbooks: roles, audiences, modes, states."""

from enum import StrEnum


class Role(StrEnum):
    """Who acts, checks or is informed in a step (library L0)."""

    SYSTEM = "system"
    PLANNER = "planner"
    OPERATOR = "operator"
    OWNER = "owner"
    PRESIDENT = "president"
    DUTY_STEWARD = "duty_steward"
    SESSION_HOST = "session_host"
    WARM_UP_HOST = "warm_up_host"
    CLASS_TEACHER = "class_teacher"
    CLASS_MONITOR = "class_monitor"
    TEACHING_ASSISTANT = "teaching_assistant"
    EXPERT = "expert"
    CONTENT_EDITOR = "content_editor"
    ANALYST = "analyst"
    SERVICE_AGENT = "service_agent"
    SALESPERSON = "salesperson"
    CHAPTER_LEAD = "chapter_lead"
    MEMBER = "member"


NEEDS_NOBODY = frozenset({Role.SYSTEM, Role.MEMBER})  # no person has to be named for these


PICTURE_BYTES = 3 * 1024 * 1024  # the largest picture that is kept as a proof


class Mode(StrEnum):
    """Who does it: the system, the system prepares and a person approves, or a person alone."""

    AUTO = "auto"
    ASSIST = "assist"
    HUMAN = "human"


class TrackKind(StrEnum):
    """A track runs once for the room, or once for each person on it."""

    ROOM = "room"
    PERSONAL = "personal"


class RunState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


class StepState(StrEnum):
    """State of one dated step of a room track."""

    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    LATE = "late"  # missed for longer than its policy allows
    ASKED = "asked"  # late, and a person decides
    CANCELLED = "cancelled"


class AssignmentState(StrEnum):
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # what was prepared waited past its end; nobody decided


class Waited(StrEnum):
    """What becomes of the messages that were held while a person talked to somebody herself."""

    KEEP = "keep"  # they stay held, each to be decided about
    SEND = "send"
    DROP = "drop"


class EnrolmentState(StrEnum):
    ACTIVE = "active"
    DONE = "done"
    STOPPED = "stopped"
