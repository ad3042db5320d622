"""Whether a playbook fits a type of community: what its steps are about, counted, against the guards."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from chaguan.communities.selectors.plans import PUSHES, STAFF_STEPS, check_plan, check_pushes
from chaguan.kernel.policy import Verdict
from chaguan.playbooks.document import Playbook, Step
from chaguan.playbooks.moments import Day, Delta, Moment, Recurring, Repeat, Rule, Span
from chaguan.playbooks.push_plan import promotes, pushes_a_day
from chaguan.playbooks.types import Mode, Role

WARNINGS = frozenset({"type_intensity"})  # said, but nothing is refused for them
TAPERING = frozenset({"headquarters"})  # the house opens a chapter, then steps back: said as well
HOSTS = frozenset({Role.SESSION_HOST, Role.WARM_UP_HOST, Role.EXPERT, Role.CONTENT_EDITOR})
IN_THE_ROOM = ("room", "newcomer")
STAFF = frozenset(
    {
        Role.PLANNER,
        Role.OPERATOR,
        Role.CLASS_TEACHER,
        Role.TEACHING_ASSISTANT,
        Role.CONTENT_EDITOR,
        Role.ANALYST,
        Role.SERVICE_AGENT,
        Role.SALESPERSON,
    }
)  # the house's own people; stewards, hosts and leads are members


@dataclass(frozen=True)
class Unfit:
    """One thing that does not fit a type. `step` is the first step that goes too far; "" for the whole."""

    kind: str
    verdict: Verdict
    step: str = ""
    intents: frozenset[str] = frozenset()

    @property
    def is_warning(self) -> bool:
        return self.verdict.code in WARNINGS or self.intents == TAPERING

    @property
    def sentence(self) -> str:
        if self.verdict.code == "type_guard" and "content" in self.intents:
            return _("Not worth operating: %(reason)s") % {"reason": self.verdict.sentence}
        return str(self.verdict.sentence)


def unfit_for(playbook: Playbook, kind: str) -> list[Unfit]:
    """What the type forbids, limits or finds too much, with the step that goes too far."""
    faults = []
    for verdict in check_plan(kind, counts_of(playbook)):
        step, intents = _culprit(playbook, kind, verdict)
        faults.append(Unfit(kind, verdict, step, intents))
    return faults


def unfit_pushes(playbook: Playbook, content_kind: str) -> list[Unfit]:
    """Promotions that come more than once a day where the community does not deliver commerce."""
    times = pushes_a_day(playbook.steps)
    verdict = check_pushes(content_kind, {PUSHES: times})
    if verdict:
        return []
    reaching = (n for n, _s in enumerate(playbook.steps, 1) if pushes_a_day(playbook.steps[:n]) > 1)
    return [Unfit("", verdict, playbook.steps[next(reaching) - 1].id, frozenset({"promotion"}))]


def unfit_to_publish(playbook: Playbook) -> list[Unfit]:
    """Everything that does not fit what the playbook says it is for."""
    faults = [fault for kind in playbook.for_ for fault in unfit_for(playbook, kind)]
    delivers = [kind.value for kind in playbook.content_kinds] or [""]
    unfit = next((found for kind in delivers if (found := unfit_pushes(playbook, kind))), [])
    text = _(
        "This plan promotes %(times)d times a day, which only commerce communities take: say that it is"
        " for them (content_kinds: [commerce]), or promote once a day at most."
    )
    times = {"times": pushes_a_day(playbook.steps)}
    return faults + [replace(one, verdict=Verdict(one.verdict.code, text % times)) for one in unfit]


def _culprit(playbook: Playbook, kind: str, verdict: Verdict) -> tuple[str, frozenset[str]]:
    """The step with which the plan begins to break this rule."""
    counts: Counter[str] = Counter()
    for step in playbook.steps:
        counts.update(_counted(step))
        if verdict in check_plan(kind, counts):
            return step.id, intents_of(step)
    return "", frozenset()


def counts_of(playbook: Playbook) -> Counter[str]:
    """How often each intent stands in the plan, and the most steps of staff on one day."""
    counts: Counter[str] = Counter()
    for step in playbook.steps:
        counts.update(_counted(step))
    counts[STAFF_STEPS] = busiest_day(playbook)
    return counts


def _counted(step: Step) -> dict[str, int]:
    return {intent: max(1, len(step.moment.moments)) for intent in intents_of(step)}


def intents_of(step: Step) -> frozenset[str]:
    """What a step is about, as the guards name it. Hosts and editors who speak in the room make content."""
    what = step.with_.get("what") if step.kind == "publish" else None
    found = set()
    if promotes(step):
        found |= {"promotion", "conversion"}
    speaks_as_host = step.actor in HOSTS and step.audience in IN_THE_ROOM
    if step.intent in ("content", "discussion") or what in ("topic", "post") or speaks_as_host:
        found.add("content")
    elif step.intent:
        found.add(step.intent)
    return frozenset(found)


def busiest_day(playbook: Playbook) -> int:
    """The most steps that staff do on one day after the start. What waits for an act is not counted."""
    days: Counter[int] = Counter()
    every_day = 0
    for step in playbook.steps:
        if step.actor not in STAFF or (step.mode == Mode.AUTO and step.kind != "assign"):
            continue
        fixed = {day for moment in step.moment.moments for day in _days(moment)}
        if any(isinstance(moment, Recurring | Rule) for moment in step.moment.moments):
            every_day += _is_daily(step.moment.moments)
        for day in fixed:
            days[day] += 1
    return every_day + max((n for day, n in days.items() if day >= 0), default=0)


def _is_daily(moments: tuple[Moment, ...]) -> bool:
    return any(isinstance(m, Recurring) and (m.freq == "DAILY" or m.workdays_only) for m in moments)


def _days(moment: Moment) -> Iterator[int]:
    """The days from the start on which it takes place; E and T are on days of their own."""
    if isinstance(moment, Day) and moment.base in ("D", "P", "J"):
        yield moment.n
    elif isinstance(moment, Span):
        yield moment.first
    elif isinstance(moment, Delta) and moment.base in ("H", "J"):
        yield moment.seconds // 86400
    elif isinstance(moment, Repeat) and moment.first.base == "H":
        last = moment.last.seconds if moment.last else moment.first.seconds
        yield from range(moment.first.seconds // 86400, last // 86400 + 1)
