"""Stage rules (阶段规则): which facts are evidence for which relation stage. One file each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from chaguan.eventlog.contract import Logged
from chaguan.kernel.registry import Registry
from chaguan.people.types import RelationStage


class StageRule(Protocol):
    """Evidence for one stage. Rules only move people up; the code is stored with every move."""

    @property
    def label(self) -> str | Promise:
        """What the log shows as the evidence: "Confirmed a first order"."""

    @property
    def fact(self) -> str:
        """Name of the fact it reads."""

    @property
    def stage(self) -> RelationStage:
        """Where it moves people."""

    def evidence(self, batch: Sequence[Logged]) -> Iterable[Logged]:
        """Those facts of the batch that are evidence. A few statements at most, whatever the size."""


@dataclass(frozen=True)
class EveryTime:
    """The plain rule: each such fact is evidence."""

    label: str | Promise
    fact: str
    stage: RelationStage

    def evidence(self, batch: Sequence[Logged]) -> Iterable[Logged]:
        return batch


stage_rules: Registry[StageRule] = Registry("stage rule", "chaguan.people.stage_rules")
