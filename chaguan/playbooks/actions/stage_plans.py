"""What a relation stage asks for: changing the matrix, and starting a stage's plan, once for a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.selectors.audiences import people_inside
from chaguan.communities.selectors.zones import zone_of
from chaguan.communities.types import CommunityType, Phase
from chaguan.eventlog.actions import record, record_many
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Invalid
from chaguan.kernel.policy import require
from chaguan.people.types import RelationStage
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.engine.enrolling import Arrival, enrol
from chaguan.playbooks.models import Enrolment, Playbook, Run, StagePlan, StageStart, Timer
from chaguan.playbooks.policies import may_edit_playbooks
from chaguan.playbooks.schedule import seconds
from chaguan.playbooks.selectors.stage_plans import WORDS, StageRow, plans
from chaguan.playbooks.stage_events import StagePlanChanged, StagePlanStarted
from chaguan.playbooks.types import RunState, TrackKind

NO_RUN = "no_run"  # reasons of a waiting row that are codes; others are the sentence of a refusal
NOWHERE = "nowhere"
PLANNER = Actor.system("stage plans")


@transaction.atomic
def set_stage_plan(
    actor: Actor,
    stage: str,
    *,
    words: Mapping[str, str],
    types: Sequence[str],
    playbook: str,
    starts_runs: bool,
    now: datetime,
) -> None:
    """Keep one row of the matrix. An empty word gives the shipped one back; no `playbook`: no plan.

    Moves that happened before start nothing. Emits: StagePlanChanged. Raises: Refused, Invalid.
    """
    require(may_edit_playbooks(actor))
    if stage not in set(RelationStage) or not set(types) <= set(CommunityType):
        raise Invalid(_("Choose the stage and the types from the list."))
    found = Playbook.objects.filter(key=playbook, is_archived=False).first() if playbook else None
    if playbook and found is None:
        raise Invalid(_("There is no playbook “%(key)s”.") % {"key": playbook[:40]})
    kept = {key: words.get(key, "").replace("\x00", "").strip()[:200] for key in WORDS}
    values = {"words": kept, "types": list(types), "playbook": found, "starts_runs": starts_runs}
    StagePlan.objects.update_or_create(
        stage=stage, defaults={**values, "by": actor.reference, "at": now}
    )
    record(StagePlanChanged(stage, playbook, starts_runs), actor=actor, at=now)


@dataclass(frozen=True)
class Move:
    """A member came to a stage: the fact's id, when, and where it was told."""

    member_id: int
    stage: str
    event_id: int
    at: datetime
    community_id: int | None = None


@transaction.atomic
def begin_plans(moves: Sequence[Move]) -> int:
    """Put people who moved onto the plans of their stages; returns how many came onto one.

    Once a member, stage and playbook, by constraint. Who cannot start keeps a waiting row with the reason.
    Emits: StagePlanStarted. Statements: about 8, and 3 for each run that somebody comes to.
    """
    rows = {row.stage.value: row for row in plans() if row.playbook and row.playbook.current_id}
    wanted = [move for move in moves if move.stage in rows]
    if not wanted:
        return 0
    StageStart.objects.bulk_create(
        [
            StageStart(
                member_id=move.member_id,
                stage=move.stage,
                playbook=rows[move.stage].playbook,
                state=StageStart.State.WAITING,
                event_id=move.event_id,
                at=move.at,
            )
            for move in wanted
        ],
        ignore_conflicts=True,
    )
    new = StageStart.objects.select_for_update().filter(
        event_id__in=[move.event_id for move in wanted], state=StageStart.State.WAITING
    )
    told = {(move.member_id, move.stage): move.community_id for move in wanted}
    return _begin(list(new.order_by("pk")), rows, told)


@transaction.atomic
def begin_waiting(actor: Actor, stage: str, *, now: datetime) -> int:
    """Try again for everybody who waits for the plan of a stage; returns how many came onto it.

    Emits: StagePlanStarted. Raises: Refused.
    """
    require(may_edit_playbooks(actor))
    rows = {row.stage.value: row for row in plans() if row.playbook and row.playbook.current_id}
    if stage not in rows:
        return 0
    waiting = StageStart.objects.select_for_update().filter(
        stage=stage, playbook=rows[stage].playbook, state=StageStart.State.WAITING
    )
    found = list(waiting.order_by("pk")[:5000])
    for one in found:
        one.at = now
    return _begin(found, rows, {})


def _begin(
    starts: list[StageStart],
    rows: Mapping[str, StageRow],
    told: Mapping[tuple[int, str], int | None],
) -> int:
    """Find each one's run, bring them onto its personal tracks, and keep how it went."""
    homes = _homes(starts)
    runs = _open_runs(starts)
    begun: dict[int, list[StageStart]] = defaultdict(list)
    by_id: dict[int, Run] = {}
    refused: dict[tuple[int, int], str] = {}
    for one in starts:
        here = homes.get(one.member_id, {})
        first = told.get((one.member_id, one.stage))
        places = sorted(here, key=lambda pk: (pk != first, -pk))
        run = next(
            (runs[one.playbook_id, pk] for pk in places if (one.playbook_id, pk) in runs), None
        )
        one.reason = "" if run else NO_RUN if places else NOWHERE
        row = rows[one.stage]
        if run is None and row.starts_runs:
            fitting = [pk for pk in places if _fits(row, *here[pk])]
            run = _start(one, row, fitting[0], runs, refused) if fitting else None
        if run is not None:
            by_id[run.pk] = run
            begun[run.pk].append(one)
    for run_id, people in begun.items():
        _bring(by_id[run_id], people)
    StageStart.objects.bulk_update(starts, ["state", "reason", "run", "at"], batch_size=500)
    _tell(begun, by_id)
    return sum(map(len, begun.values()))


def _homes(starts: Sequence[StageStart]) -> dict[int, dict[int, tuple[str, str]]]:
    """Each member's communities with type and phase. One statement."""
    found: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    inside = people_inside().filter(member_id__in={one.member_id for one in starts})
    fields = ("member_id", "community_id", "community__type", "community__phase")
    for member_id, community_id, kind, phase in inside.values_list(*fields):
        found[member_id][community_id] = (kind, phase)
    return found


def _open_runs(starts: Sequence[StageStart]) -> dict[tuple[int, int], Run]:
    """Running runs of the plans by playbook and community, the newest of each. One statement."""
    running = Run.objects.filter(
        state=RunState.RUNNING, edition__playbook_id__in={one.playbook_id for one in starts}
    ).select_related("edition")
    return {(run.edition.playbook_id, run.community_id): run for run in running.order_by("pk")}


def _fits(row: StageRow, kind: str, phase: str) -> bool:
    return phase in (Phase.RECRUITING, Phase.RUNNING) and (not row.types or kind in row.types)


def _start(
    one: StageStart,
    row: StageRow,
    community_id: int,
    runs: dict[tuple[int, int], Run],
    refused: dict[tuple[int, int], str],
) -> Run | None:
    """Start the plan in a community where the operator allowed it: once, whoever comes after finds it."""
    place = (one.playbook_id, community_id)
    assert row.playbook is not None
    assert row.playbook.current_id is not None
    if place not in refused:
        start = Start(starts_on=one.at.astimezone(zone_of(community_id)).date())
        try:
            with transaction.atomic():
                run = start_run(PLANNER, row.playbook.current_id, community_id, start, now=one.at)
                _empty(run)
            runs[place] = run
            return runs[place]
        except ChaguanError as error:
            refused[place] = str(error.message)[:200]
    one.reason = refused[place]
    return None


def _empty(run: Run) -> None:
    """Nobody is on it yet: the plan is for those who move, not for all who were at the stage before."""
    passes = Enrolment.objects.filter(run=run)
    Timer.objects.filter(enrolment_id__in=passes.values("pk")).delete()
    passes.delete()


def _bring(run: Run, people: Sequence[StageStart]) -> None:
    document = document_of(run.edition_id)
    arrivals = [Arrival(one.member_id, seconds(one.at)) for one in people]
    for track in document.tracks:
        if track.kind == TrackKind.PERSONAL:
            enrol(run, document, track, arrivals)
    for one in people:
        one.state, one.run, one.reason = StageStart.State.STARTED, run, ""


def _tell(begun: Mapping[int, Sequence[StageStart]], runs: Mapping[int, Run]) -> None:
    record_many(
        [
            (
                StagePlanStarted(
                    runs[run_id].community_id,
                    one.member_id,
                    one.stage,
                    runs[run_id].edition.playbook.key,
                    run_id,
                ),
                one.at,
            )
            for run_id, people in begun.items()
            for one in people
        ],
        actor=PLANNER,
    )
