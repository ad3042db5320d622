"""Facts about playbooks: what was published, started, changed and done."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class EditionPublished(Event):
    """An edition of a playbook was published."""

    name: ClassVar[str] = "playbooks.edition_published"
    title: ClassVar = _("Edition published")

    playbook_id: int
    edition_id: int
    number: int


@dataclass(frozen=True)
class DraftOpened(Event):
    """Somebody began the next edition of a playbook, or a copy under a new key."""

    name: ClassVar[str] = "playbooks.draft_opened"
    title: ClassVar = _("Draft begun")

    playbook_id: int
    draft_id: int


@dataclass(frozen=True)
class DraftDiscarded(Event):
    """A draft was thrown away; an unpublished copy with it."""

    name: ClassVar[str] = "playbooks.draft_discarded"
    title: ClassVar = _("Draft discarded")

    playbook_id: int


@dataclass(frozen=True)
class ScriptChanged(Event):
    """A wording has a new version; what was planned before keeps the old one."""

    name: ClassVar[str] = "playbooks.script_changed"
    title: ClassVar = _("Wording changed")

    script_id: int
    version_id: int
    number: int


@dataclass(frozen=True)
class RunStarted(Event):
    """A playbook was started on a community."""

    name: ClassVar[str] = "playbooks.run_started"
    title: ClassVar = _("Playbook started")

    community_id: int
    run_id: int
    playbook: str
    edition_id: int


@dataclass(frozen=True)
class RunPaused(Event):
    """A run stands still."""

    name: ClassVar[str] = "playbooks.run_paused"
    title: ClassVar = _("Playbook paused")

    community_id: int
    run_id: int


@dataclass(frozen=True)
class RunResumed(Event):
    """A run goes on; what was still to come moved by `days`."""

    name: ClassVar[str] = "playbooks.run_resumed"
    title: ClassVar = _("Playbook resumed")

    community_id: int
    run_id: int
    days: int


@dataclass(frozen=True)
class RunShifted(Event):
    """What was still to come of a run moved by `days` (negative: earlier)."""

    name: ClassVar[str] = "playbooks.run_shifted"
    title: ClassVar = _("Playbook moved")

    community_id: int
    run_id: int
    days: int


@dataclass(frozen=True)
class RunRedated(Event):
    """What was still to come of a run was dated anew: its `what` changed (zone, event or days_off)."""

    name: ClassVar[str] = "playbooks.run_redated"
    title: ClassVar = _("Playbook dated anew")

    community_id: int
    run_id: int
    what: str


@dataclass(frozen=True)
class StepSkipped(Event):
    """A person took a step out of a run."""

    name: ClassVar[str] = "playbooks.step_skipped"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Step skipped")

    community_id: int
    run_id: int
    step: str
    reason: str


@dataclass(frozen=True)
class RunEnded(Event):
    """A run is over: stopped by a person or a closing community, or finished by itself."""

    name: ClassVar[str] = "playbooks.run_ended"
    title: ClassVar = _("Playbook ended")

    community_id: int
    run_id: int
    state: str
    reason: str = ""


@dataclass(frozen=True)
class StepDone(Event):
    """A dated step of a room track was carried out: `effects` messages and assignments."""

    name: ClassVar[str] = "playbooks.step_done"
    title: ClassVar = _("Step carried out")

    community_id: int
    run_id: int
    step: str
    slot: str
    effects: int


@dataclass(frozen=True)
class StepMissed(Event):
    """A dated step came too late and was left out, or a person is asked."""

    name: ClassVar[str] = "playbooks.step_missed"
    title: ClassVar = _("Step missed")

    community_id: int
    run_id: int
    step: str
    slot: str


@dataclass(frozen=True)
class AssignmentDone(Event):
    """A person ticked an assignment. The note stays out of the log."""

    name: ClassVar[str] = "playbooks.assignment_done"
    title: ClassVar = _("Assignment done")

    community_id: int
    assignment_id: int
    run_id: int
    step: str
    role: str
    mode: str
    minutes: int
    member_id: int | None = None  # the person it was about


@dataclass(frozen=True)
class AssignmentSkipped(Event):
    """A person left an assignment out, with a reason."""

    name: ClassVar[str] = "playbooks.assignment_skipped"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Assignment left out")

    community_id: int
    assignment_id: int
    run_id: int
    step: str
    reason: str


@dataclass(frozen=True)
class StepRestored(Event):
    """A person put a skipped step back into a run."""

    name: ClassVar[str] = "playbooks.step_restored"
    title: ClassVar = _("Step put back")

    community_id: int
    run_id: int
    step: str


@dataclass(frozen=True)
class StepsMoved(Event):
    """A person gave dated steps of a run another time; `amount` of them, of the steps named."""

    name: ClassVar[str] = "playbooks.steps_moved"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Steps moved")

    community_id: int
    run_id: int
    steps: str  # codes, separated by commas
    amount: int
    reason: str


@dataclass(frozen=True)
class RoomSetAside(Event):
    """One room of a run stands still; the other rooms go on."""

    name: ClassVar[str] = "playbooks.room_set_aside"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Room paused in a playbook")

    community_id: int
    run_id: int
    room_id: int
    reason: str


@dataclass(frozen=True)
class RoomWentOn(Event):
    """A room of a run goes on, `days` behind the others."""

    name: ClassVar[str] = "playbooks.room_went_on"
    title: ClassVar = _("Room goes on in a playbook")

    community_id: int
    run_id: int
    room_id: int
    days: int


@dataclass(frozen=True)
class ApprovalDecided(Event):
    """A second person said yes or no to what a sensitive step prepared."""

    name: ClassVar[str] = "playbooks.approval_decided"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("Second person decided")

    community_id: int
    run_id: int
    step: str
    decision: str
    reason: str = ""


@dataclass(frozen=True)
class TakenOver(Event):
    """A person talks to this member herself; automatic private messages of the community are held."""

    name: ClassVar[str] = "playbooks.taken_over"
    personal: ClassVar[tuple[str, ...]] = ("reason",)
    title: ClassVar = _("A person took over the talk")

    community_id: int
    member_id: int
    reason: str = ""


@dataclass(frozen=True)
class HandedBack(Event):
    """The automatic track of the community speaks to this member again."""

    name: ClassVar[str] = "playbooks.handed_back"
    title: ClassVar = _("The talk went back to the playbooks")

    community_id: int
    member_id: int
    waited: str = "keep"  # keep | send | drop: what became of the messages held meanwhile
    amount: int = 0  # of them
    reason: str = ""  # why they were dropped


@dataclass(frozen=True)
class PeopleHandedOver(Event):
    """The end of a run started a plan for some of its people; `target_id` is the run that took them in."""

    name: ClassVar[str] = "playbooks.people_handed_over"
    title: ClassVar = _("People handed over")

    community_id: int
    run_id: int
    playbook: str
    target_id: int
    people: int


@dataclass(frozen=True)
class RunRated(Event):
    """A member answered the one question after a run with one to five stars."""

    name: ClassVar[str] = "playbooks.run_rated"
    title: ClassVar = _("Run rated")

    community_id: int
    run_id: int
    member_id: int
    stars: int


@dataclass(frozen=True)
class RunClosed(Event):
    """A run that was over was closed with its review; `edition_id` is what came of the changes."""

    name: ClassVar[str] = "playbooks.run_closed"
    title: ClassVar = _("Playbook run closed")

    community_id: int
    run_id: int
    edition_id: int | None = None


@dataclass(frozen=True)
class DayReported(Event):
    """The report of a day was handed in: of a community, or of one's own work."""

    name: ClassVar[str] = "playbooks.day_reported"
    title: ClassVar = _("Daily report handed in")

    report_id: int
    day: str
    community_id: int | None = None


@dataclass(frozen=True)
class TroubleFiled(Event):
    """An exception was filed with what to do about it."""

    name: ClassVar[str] = "playbooks.trouble_filed"
    title: ClassVar = _("Exception filed")

    community_id: int
    trouble_id: int


@dataclass(frozen=True)
class TroubleClosed(Event):
    """An exception was closed with how it came out."""

    name: ClassVar[str] = "playbooks.trouble_closed"
    title: ClassVar = _("Exception closed")

    community_id: int
    trouble_id: int
