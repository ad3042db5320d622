"""What playbooks listen to: every fact may wake a run; a closing community stops its runs."""

from chaguan.channels.events import MessageSent, SendingDecided
from chaguan.communities.events import CommunityChanged, PhaseChanged
from chaguan.communities.types import Phase
from chaguan.eventlog.contract import Batch, subscribe
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.approvals import note_decisions
from chaguan.playbooks.actions.assignments import tick_sent
from chaguan.playbooks.actions.redating import follow_community
from chaguan.playbooks.actions.runs import end_run
from chaguan.playbooks.engine.acts import hear
from chaguan.playbooks.models import Run
from chaguan.playbooks.types import RunState

CLOCK = Actor.system("clock")
HISTORY = "system:import"


@subscribe("playbooks.acts", everything=True)
def on_any_fact(batch: Batch) -> None:
    """Wake what waits for these facts. Imported history wakes nobody: its people came long ago."""
    hear([fact for fact in batch if not fact.actor.startswith(HISTORY)])


@subscribe("playbooks.phases", PhaseChanged)
def on_phase_changed(batch: Batch) -> None:
    """Steps after the closing of a community are cancelled."""
    for fact in batch:
        if fact.data["new"] == Phase.CLOSED and fact.community_id is not None:
            open_runs = Run.objects.filter(community_id=fact.community_id).filter(
                state__in=[RunState.RUNNING, RunState.PAUSED]
            )
            for run in open_runs:
                end_run(CLOCK, run, "community_closed", now=fact.at, cause=fact)


@subscribe("playbooks.dating", CommunityChanged)
def on_community_changed(batch: Batch) -> None:
    """Runs follow the zone and the days off of their community."""
    for fact in batch:
        changed = set(str(fact.data["changes"]).split(", "))
        if fact.community_id is not None and changed & {"timezone", "settings"}:
            follow_community(CLOCK, fact.community_id, now=fact.at, cause=fact)


@subscribe("playbooks.sent", MessageSent)
def on_message_sent(batch: Batch) -> None:
    """A prepared message went out: its line on the sheet is done."""
    tick_sent([fact.data["outbox_id"] for fact in batch], at=max(fact.at for fact in batch))


@subscribe("playbooks.approved", SendingDecided)
def on_sending_decided(batch: Batch) -> None:
    """A message was approved on the outbox's own page: kept as the second person's yes."""
    note_decisions(batch)
