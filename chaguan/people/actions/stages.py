"""Moving people on the relation ladder: by evidence upwards, by a person either way with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import NewFact, append, record
from chaguan.eventlog.contract import Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.kernel.rowset import rowset
from chaguan.people.contract.stage_rules import stage_rules
from chaguan.people.events import StageChanged
from chaguan.people.models import Member, StageChange, StageRuleSwitch
from chaguan.people.policies import may_edit_member, may_move_by_evidence, may_set_rules
from chaguan.people.types import RelationStage

PRESENCE = "joined"  # the rule of communities that presence stands in for
RANK = {stage.value: rank for rank, stage in enumerate(RelationStage)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to move one member up. `event_id` with `rule` is counted once, however often it comes.

    `cause` is the fact behind it, where there is one: its chain goes on in StageChanged.
    """

    member_id: int
    stage: str
    rule: str
    at: datetime
    event_id: int | None = None
    community_id: int | None = None
    cause: Logged | None = None
    by: str = ""


@transaction.atomic
def raise_stages(actor: Actor, evidence: Sequence[Evidence]) -> int:
    """Move members up where the evidence says more than what is known; returns how many moves.

    Members further on stay. Emits: StageChanged, once a move. Statements: 6, whatever the number.
    Races: member rows are locked; the unique (member, rule, event) is the last word.
    """
    require(may_move_by_evidence(actor))
    stages = _locked_stages({one.member_id for one in evidence})
    counted = _counted(evidence)
    moves: list[StageChange] = []
    causes: list[Evidence] = []
    for one in evidence:
        old = stages.get(one.member_id)
        is_known = (one.member_id, one.rule, one.event_id) in counted
        if old is None or is_known or RANK[one.stage] <= RANK[old]:
            continue
        stages[one.member_id] = one.stage
        causes.append(one)
        moves.append(
            StageChange(
                member_id=one.member_id,
                old=old,
                new=one.stage,
                at=one.at,
                rule=one.rule,
                event_id=one.event_id,
                by=one.by or actor.reference,
            )
        )
    if moves:
        _write(moves, causes, actor)
    return len(moves)


@transaction.atomic
def raise_from_presence(actor: Actor, seen: Mapping[int, datetime]) -> int:
    """Count people who spoke in our rooms as acquainted, as if they had joined; bots and switches as usual.

    `seen` maps members to when they first spoke. One statement when nobody is left to move.
    """
    early = [RelationStage.UNAWARE.value, RelationStage.CURIOUS.value]
    strangers = Member.objects.filter(pk__in=list(seen), stage__in=early, is_bot=False)
    ids = list(strangers.order_by("pk").values_list("pk", flat=True))
    if not ids or StageRuleSwitch.objects.filter(code=PRESENCE, is_on=False).exists():
        return 0
    stage = RelationStage.ACQUAINTED.value
    return raise_stages(actor, [Evidence(pk, stage, PRESENCE, seen[pk]) for pk in ids])


@transaction.atomic
def override_stage(actor: Actor, member_id: int, stage: str, *, reason: str, now: datetime) -> None:
    """Set a member's stage by hand, up or down, with a reason that stays in the log.

    Emits: StageChanged. Raises: Refused, Missing, Invalid without a reason or for an unknown stage.
    """
    require(may_edit_member(actor, member_id))
    reason = reason.strip()
    if stage not in RANK or not reason:
        raise Invalid(_("Name a stage and give a reason."))
    old = _locked_stages({member_id}).get(member_id)
    if old is None:
        raise Missing
    if old == stage:
        return
    StageChange.objects.create(
        member_id=member_id, old=old, new=stage, at=now, reason=reason[:200], by=actor.reference
    )
    Member.objects.filter(pk=member_id).update(stage=stage, stage_since=now)
    record(StageChanged(member_id, old, stage, reason=reason[:200]), actor=actor, at=now)


@transaction.atomic
def switch_stage_rule(actor: Actor, code: str, *, is_on: bool, now: datetime) -> None:
    """Turn a shipped rule off or on for this house. What it did before stays. Raises UnknownCode."""
    require(may_set_rules(actor))
    stage_rules.get(code)
    StageRuleSwitch.objects.update_or_create(
        code=code, defaults={"is_on": is_on, "by": actor.reference, "at": now}
    )


def follow_rules(batch: Sequence[Logged]) -> int:
    """What subscribers call: gather the evidence in a batch of facts and move people by it."""
    off = set(StageRuleSwitch.objects.filter(is_on=False).values_list("code", flat=True))
    found: list[Evidence] = []
    for code, rule in stage_rules:
        facts = [f for f in batch if f.name == rule.fact and f.member_id is not None]
        if facts and code not in off:
            found.extend(_evidence(code, rule.stage, rule.evidence(facts)))
    found.sort(key=lambda one: (one.event_id or 0, RANK[one.stage]))
    return raise_stages(Actor.system("stage rules"), found) if found else 0


def _evidence(code: str, stage: str, facts: Iterable[Logged]) -> Iterable[Evidence]:
    for fact in facts:
        if fact.member_id is not None and not fact.data.get("is_bot"):
            # History that was imported stays history: what follows from it carries the import's name too.
            by = fact.actor if fact.actor.startswith("system:import") else ""
            yield Evidence(
                fact.member_id, str(stage), code, fact.at, fact.id, fact.community_id, fact, by
            )


def _locked_stages(member_ids: set[int]) -> dict[int, str]:
    rows = Member.objects.filter(pk__in=member_ids).order_by("pk").select_for_update()
    return dict(rows.values_list("pk", "stage"))


def _counted(evidence: Sequence[Evidence]) -> set[tuple[int, str, int | None]]:
    ids = [one.event_id for one in evidence if one.event_id is not None]
    members = {one.member_id for one in evidence}
    rows = StageChange.objects.filter(member_id__in=members, event_id__in=ids)
    return set(rows.values_list("member_id", "rule", "event_id"))


def _write(moves: Sequence[StageChange], causes: Sequence[Evidence], actor: Actor) -> None:
    StageChange.objects.bulk_create(moves, batch_size=1000)
    last = {move.member_id: move for move in moves}
    given, params = rowset(
        {"id": "bigint", "stage": "text", "since": "timestamptz"},
        [(member_id, move.new, move.at) for member_id, move in sorted(last.items())],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_member AS m SET stage = v.stage, stage_since = v.since"
            f" FROM ({given}) AS v WHERE m.id = v.id",
            params,
        )
    append(
        NewFact(
            "chaguan",
            None,
            StageChanged.name,
            move.at,
            one.community_id,
            None,
            move.member_id,
            move.by,
            one.cause.id if one.cause else one.event_id,
            one.cause.depth + 1 if one.cause else 0,
            {"old": move.old, "new": move.new, "rule": move.rule, "reason": ""},
        )
        for move, one in zip(moves, causes, strict=True)
    )
