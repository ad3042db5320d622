"""What a run came to (走过场): the steps that were done beside what people did, said and thought of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from chaguan.channels.selectors.answers import spoke_after
from chaguan.engagement.selectors.check_in import answers_by_member
from chaguan.engagement.selectors.sign_in import sign_ins_on
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.engine.catalogue import document_of, steps_of
from chaguan.playbooks.engine.handover import everybody
from chaguan.playbooks.models import Assignment, Enrolment, Occurrence, Outcome, Run, RunRating
from chaguan.playbooks.models import Tally as Counted
from chaguan.playbooks.types import AssignmentState, RunState, StepState

Code = Literal["steps", "replies", "check_ins", "acts", "rating"]
Verdict = Literal["under_way", "not_done", "done_weak", "done_unknown", "done_well"]

DONE_FROM = 0.9  # of the steps: less is not "done"
REPLY_WITHIN = timedelta(hours=3)
FEW = 3  # ratings: fewer say nothing
USUAL_BARS: Mapping[str, float] = {"replies": 0.1, "check_ins": 0.3, "rating": 3.5}
BAR_FIELDS = {"replies": "reply_rate", "check_ins": "check_in_rate", "rating": "rating"}


@dataclass(frozen=True)
class Figure:
    """One number: `amount` of `of`. `value` is the share, for the rating the mean of the stars.

    `bar` is what the edition, or the house, calls too little; None where nothing is asked. A rating of
    fewer than FEW people is no basis.
    """

    code: Code
    amount: int
    of: int
    value: float | None
    bar: float | None = None

    @property
    def has_basis(self) -> bool:
        return self.value is not None and not (self.code == "rating" and self.amount < FEW)

    @property
    def is_weak(self) -> bool:
        return self.has_basis and self.bar is not None and (self.value or 0) < self.bar


@dataclass(frozen=True)
class RunOutcome:
    """Completion beside results. `people` is how many the run was for."""

    run: Run
    people: int
    figures: Sequence[Figure]

    @property
    def completion(self) -> Figure:
        return self.figures[0]

    @property
    def verdict(self) -> Verdict:
        """In one word. "Done, weak result" when the steps are done and one figure is below its bar."""
        if self.run.state in (RunState.RUNNING, RunState.PAUSED):
            return "under_way"
        if (self.completion.value or 0) < DONE_FROM:
            return "not_done"
        judged = [figure for figure in self.figures[1:] if figure.has_basis and figure.bar]
        if any(figure.is_weak for figure in judged):
            return "done_weak"
        return "done_well" if judged else "done_unknown"


def run_outcome(run: Run, *, now: datetime) -> RunOutcome:
    """All figures of a run. The caller got `run` from `runs_visible_to`. Queries: 12, whatever the size.

    A figure stands only where the run has something of the kind: replies where it spoke to rooms, sign-ins
    where it asked for them, acts where it waited for one.
    """
    document = document_of(run.edition_id)
    people = len(people_of(run))
    figures = [
        _steps_done(run, now),
        *_replies(run, people),
        *_check_ins(run, people),
        *_acts(run),
        _rating(run, people),
    ]
    return RunOutcome(run, people, [_with_bar(figure, document) for figure in figures])


def behind(run: Run, code: str) -> dict[int, int]:
    """The members behind a figure, each with a count: answers, days, acts, stars."""
    if code == "replies":
        return dict.fromkeys(_who_replied(run) & people_of(run), 1)
    if code == "check_ins":
        mine = people_of(run)
        return {pk: n for pk, n in _signed_in(run).items() if pk in mine}
    if code == "acts":
        who = Enrolment.objects.filter(pk=OuterRef("enrolment_id")).values("member_id")
        acted = _waits(run).filter(result=Outcome.Result.ACT).annotate(who=Subquery(who[:1]))
        return dict(Counter(acted.values_list("who", flat=True)))
    if code == "rating":
        rated = RunRating.objects.filter(run=run, stars__isnull=False)
        return {pk: stars or 0 for pk, stars in rated.values_list("member_id", "stars")}
    return {}


def people_of(run: Run) -> set[int]:
    """Everybody the run was for: on its tracks and, where it spoke to the room, inside now. One statement."""
    who = everybody(run, document_of(run.edition_id))
    with connection.cursor() as cursor:
        cursor.execute(who.sql, list(who.params))
        return {int(row[0]) for row in cursor.fetchall()}


def _with_bar(figure: Figure, document: Playbook) -> Figure:
    field = BAR_FIELDS.get(figure.code)
    if field is None:
        return figure
    said = getattr(document.outcome, field) if document.outcome is not None else None
    bar = said if said is not None else USUAL_BARS[figure.code]
    return Figure(figure.code, figure.amount, figure.of, figure.value, bar)


def _share(code: Code, amount: int, of: int) -> Figure:
    return Figure(code, amount, of, amount / of if of else None)


def _steps_done(run: Run, now: datetime) -> Figure:
    """Everything that came due: lines of people's sheets, else the dated steps, else people of a step.

    What a condition or a paused run left out was not due; what people left out was, and is not done.
    """
    lines = Assignment.objects.filter(run=run, due_at__lte=now)
    lines = lines.exclude(state=AssignmentState.CANCELLED)
    by_state = lines.aggregate(all=Count("id"), done=Count("id", filter=Q(state="done")))
    given = Assignment.objects.filter(occurrence=OuterRef("pk"))
    dated = Occurrence.objects.filter(~Exists(given), run=run, due_at__lte=now)
    dated = dated.exclude(state=StepState.CANCELLED)
    dated = dated.exclude(state=StepState.SKIPPED, reason__in=["condition", "paused", "holiday"])
    rooms = dated.aggregate(all=Count("id"), done=Count("id", filter=Q(state="done")))
    with_lines = Assignment.objects.filter(run=run, enrolment__isnull=False).values("step")
    alone = Counted.objects.filter(run=run).exclude(step__in=with_lines)
    people = alone.aggregate(all=Sum("due", default=0), late=Sum("late", default=0))
    of = by_state["all"] + rooms["all"] + people["all"]
    done = by_state["done"] + rooms["done"] + people["all"] - people["late"]
    return _share("steps", done, of)


def _replies(run: Run, people: int) -> list[Figure]:
    if not any(known.row.kind == "say" for known in steps_of(run.edition_id).values()):
        return []
    return [_share("replies", len(_who_replied(run) & people_of(run)), people)]


def _who_replied(run: Run) -> set[int]:
    """Members who wrote in a room within REPLY_WITHIN of a message of this run there."""
    head, end = f"run:{run.pk}/", f"run:{run.pk}0"
    said = all_rows().filter(key__gte=head, key__lt=end, state=OutboxRow.State.SENT)
    rooms = said.filter(room_id__isnull=False, finished_at__isnull=False)
    found = rooms.order_by("pk").values_list("room_id", "finished_at")[:2000]
    return spoke_after([(room, at) for room, at in found if room and at], REPLY_WITHIN)


def _asked_days(run: Run) -> set[date]:
    """The local days on which the run asked for a sign-in."""
    zone = ZoneInfo(run.zone)
    asked = Occurrence.objects.filter(run=run, step__kind="ask_check_in", state=StepState.DONE)
    return {at.astimezone(zone).date() for at in asked.values_list("due_at", flat=True)}


def _signed_in(run: Run) -> dict[int, int]:
    """Asked days on which each member signed in, or prompts of the run she answered: the better of both."""
    days = _asked_days(run)
    found = sign_ins_on(run.community_id, days)
    for member_id, answers in answers_by_member(f"run:{run.pk}/ask/").items():
        found[member_id] = min(len(days), max(answers, found.get(member_id, 0)))
    return found


def _check_ins(run: Run, people: int) -> list[Figure]:
    """Sign-ins and answers on the days they were asked for, of all people and days."""
    days = _asked_days(run)
    if not days:
        return []
    mine = people_of(run)
    signed = sum(n for pk, n in _signed_in(run).items() if pk in mine)
    return [_share("check_ins", signed, people * len(days))]


def _waits(run: Run) -> QuerySet[Outcome]:
    mine = Enrolment.objects.filter(run=run).values("pk")
    return Outcome.objects.filter(enrolment_id__in=mine)


def _acts(run: Run) -> list[Figure]:
    """Waits that ended by the act waited for, of all that ended."""
    if not any(known.row.kind == "wait_for" for known in steps_of(run.edition_id).values()):
        return []
    by_result = dict(_waits(run).order_by().values_list("result").annotate(n=Count("place")))
    return [_share("acts", by_result.get(Outcome.Result.ACT.value, 0), sum(by_result.values()))]


def _rating(run: Run, people: int) -> Figure:
    stars = RunRating.objects.filter(run=run, stars__isnull=False)
    found = stars.aggregate(n=Count("id"), total=Sum("stars", default=0))
    value = found["total"] / found["n"] if found["n"] else None
    return Figure("rating", found["n"], people, value)
