"""Where the people of a run went: how many to which plan, and who has no place yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import Ending, Handover, Playbook, Run

State = Handover.State
UNDECIDED = (State.NOBODY, State.HELD, State.ALREADY, State.PLANNED)


@dataclass(frozen=True)
class Part:
    """People who went the same way: one plan in one state, or one reason. `target_id`: the run they are in."""

    state: str
    playbook: str
    title: str
    why: str
    reason: str
    people: int
    target_id: int | None

    @property
    def code(self) -> str:
        """Names the part in an address."""
        return f"{self.state}-{self.playbook}"


@dataclass(frozen=True)
class Handing:
    """How a run's people were handed over. `is_split` False: the clock has not come to it yet."""

    has_rules: bool
    is_split: bool
    people: int
    parts: Sequence[Part]

    @property
    def undecided(self) -> int:
        """People for whom nothing has begun and nobody decided that nothing should."""
        return sum(part.people for part in self.parts if part.state in UNDECIDED)


def handing_of(run: Run) -> Handing:
    """The parts, plans first, the biggest first. The caller got `run` from `runs_visible_to`. Queries: 3."""
    rows = Handover.objects.filter(run=run).order_by()
    fields = ("state", "playbook", "why", "reason", "target")
    found = list(rows.values(*fields).annotate(people=Count("id")))
    titles = _titles({entry["playbook"] for entry in found if entry["playbook"]})
    parts = [
        Part(
            state=entry["state"],
            playbook=entry["playbook"],
            title=titles.get(entry["playbook"], entry["playbook"]),
            why=entry["why"],
            reason=entry["reason"],
            people=entry["people"],
            target_id=entry["target"],
        )
        for entry in found
    ]
    order = [State.STARTED.value, State.PLANNED.value, State.ALREADY.value, State.NOBODY.value]
    parts.sort(key=lambda p: (order.index(p.state) if p.state in order else 9, -p.people, p.code))
    is_split = Ending.objects.filter(run=run, split_at__isnull=False).exists()
    rules = document_of(run.edition_id).then
    return Handing(bool(rules), is_split, sum(part.people for part in parts), parts)


def people_in(run: Run, code: str) -> QuerySet[Handover]:
    """The rows of one part, by name."""
    state, _dash, playbook = code.partition("-")
    rows = Handover.objects.filter(run=run, state=state, playbook=playbook)
    return rows.select_related("member").order_by("member__name", "pk")


def undecided_people(run: Run, limit: int = 200) -> list[Handover]:
    """Those without a place, by name, for a person to decide."""
    rows = Handover.objects.filter(run=run, state__in=UNDECIDED).select_related("member")
    return list(rows.order_by("state", "member__name", "pk")[:limit])


def _titles(keys: set[str]) -> Mapping[str, str]:
    return dict(Playbook.objects.filter(key__in=keys).values_list("key", "title"))
