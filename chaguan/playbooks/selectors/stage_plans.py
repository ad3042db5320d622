"""The matrix of relation stages (触达动作): what each asks for, its plan, and whom that plan reached."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language

from chaguan.communities.types import CommunityType
from chaguan.kernel.actor import Actor
from chaguan.people.selectors.members import members_visible_to
from chaguan.people.types import RelationStage
from chaguan.people.words import STAGE_LABELS
from chaguan.playbooks.models import Playbook, StagePlan, StageStart

MATRIX = Path(__file__).parent.parent / "presets" / "stage_matrix.yaml"
WORDS = ("evidence", "channel", "actions", "avoid", "goal")


@dataclass(frozen=True)
class StageRow:
    """One stage of the matrix: its words in the reader's language, its plan, and how far the plan came."""

    stage: RelationStage
    label: str | Promise
    words: dict[str, str]
    types: tuple[str, ...]
    playbook: Playbook | None
    starts_runs: bool
    is_changed: bool = False
    started: int = 0
    waiting: int = 0


@cache
def matrix_as_shipped() -> dict[str, Any]:
    """The data file. Raises ValueError for a faulty one: a bug of ours."""
    rows = yaml.safe_load(MATRIX.read_text(encoding="utf-8"))
    wanted = {*WORDS, "types", "playbook"}
    for stage, row in rows.items():
        RelationStage(stage)
        if set(row) != wanted or not set(row["types"]) <= set(CommunityType):
            raise ValueError(f"the matrix says too much or too little of {stage}")
    if list(rows) != [stage.value for stage in RelationStage]:
        raise ValueError("the matrix has the seven stages, in order")
    return dict(rows)


def stage_rows(actor: Actor) -> list[StageRow]:
    """All seven rows, with how many of the members this person sees are on each plan. Statements: 3."""
    counts: dict[tuple[str, str], int] = {}
    seen = StageStart.objects.filter(member__in=members_visible_to(actor))
    for stage, state, members in seen.values_list("stage", "state").annotate(n=Count("pk")):
        counts[stage, state] = members
    return [
        StageRow(
            row.stage,
            row.label,
            row.words,
            row.types,
            row.playbook,
            row.starts_runs,
            row.is_changed,
            counts.get((row.stage.value, StageStart.State.STARTED), 0),
            counts.get((row.stage.value, StageStart.State.WAITING), 0),
        )
        for row in plans()
    ]


def plans() -> list[StageRow]:
    """The matrix as it holds in this house, without counts. Statements: 2."""
    shipped = matrix_as_shipped()
    changed = {p.stage: p for p in StagePlan.objects.select_related("playbook__current")}
    keys = [row["playbook"] for row in shipped.values() if row["playbook"]]
    library = {
        p.key: p
        for p in Playbook.objects.filter(key__in=keys, is_archived=False).select_related("current")
    }
    tongue = "en" if (get_language() or "").startswith("en") else "zh"
    return [
        _row(stage, shipped[stage.value], changed.get(stage.value), library, tongue)
        for stage in RelationStage
    ]


def _row(
    stage: RelationStage,
    shipped: dict[str, Any],
    kept: StagePlan | None,
    library: dict[str, Playbook],
    tongue: str,
) -> StageRow:
    words = {key: shipped[key][tongue] for key in WORDS}
    if kept is None:
        plan = library.get(shipped["playbook"] or "")
        return StageRow(stage, STAGE_LABELS[stage], words, tuple(shipped["types"]), plan, False)
    words |= {key: kept.words[key] for key in WORDS if kept.words.get(key)}
    return StageRow(
        stage,
        STAGE_LABELS[stage],
        words,
        tuple(kept.types),
        kept.playbook,
        kept.starts_runs,
        is_changed=True,
    )


def starts_in(actor: Actor, stage: str, state: str) -> QuerySet[StageStart]:
    """Who is on the plan of a stage, or waits for it, newest first, as far as the actor sees members."""
    rows = StageStart.objects.filter(stage=stage, state=state, member__in=members_visible_to(actor))
    return rows.select_related("member", "playbook", "run__community").order_by("-at", "-pk")
