"""The planning board (时间和精力): what the runs ask of each person per week, beside what she can give."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from chaguan.communities.selectors.rights import has_right_somewhere
from chaguan.communities.selectors.staff import posts_by_login
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.people.selectors.names import names_of
from chaguan.playbooks.engine.catalogue import known_step, steps_of
from chaguan.playbooks.models import (
    Assignment,
    Capacity,
    Occurrence,
    Run,
    RunRole,
    SkippedStep,
    Step,
)
from chaguan.playbooks.roles import Person
from chaguan.playbooks.schedule import from_seconds, local_instant, seconds
from chaguan.playbooks.selectors.runs import runs_visible_to
from chaguan.playbooks.types import AssignmentState, RunState, StepState

OPEN = (RunState.RUNNING, RunState.PAUSED)
# Minutes of one day that are reasonable where nobody said what a person can give.
DAY_OF_STAFF, DAY_OF_MEMBER, SHORT_DAY = 8 * 60, 2 * 60, 60
PART = tuple[Person, date, int]  # who, on which local day, of which run

_PEOPLE_TO_COME = """
SELECT e.run_id, c.step_id, coalesce(c.at_s, e.entered_s + c.after_s) AS at_s, count(*)
FROM playbooks_enrolment AS e JOIN playbooks_cohortstep AS c ON c.cohort_id = e.cohort_id
WHERE e.state = 0 AND c.is_chained AND e.run_id IN ({runs}) AND c.step_id IN ({steps})
AND coalesce(c.at_s, e.entered_s + c.after_s) > %s
AND coalesce(c.at_s, e.entered_s + c.after_s) < %s
GROUP BY e.run_id, c.step_id, coalesce(c.at_s, e.entered_s + c.after_s)
"""


@dataclass(frozen=True)
class WeekLoad:
    """One week of one person, in minutes. `by_run` lists the runs the viewer may see; the rest is elsewhere."""

    monday: date
    minutes: int
    capacity: int | None
    by_run: Sequence[tuple[Run, int]]
    elsewhere: int

    @property
    def is_over(self) -> bool:
        return self.capacity is not None and self.minutes > self.capacity

    @property
    def over_by(self) -> int:
        return max(0, self.minutes - (self.capacity or 0)) if self.capacity is not None else 0


@dataclass(frozen=True)
class PersonLoad:
    """One person's line of the planning board."""

    person: Person
    name: str
    capacity: int | None  # minutes per week; None: nobody said
    weeks: Sequence[WeekLoad]

    @property
    def is_over(self) -> bool:
        return any(week.is_over for week in self.weeks)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def planning_board(
    actor: Actor, first: date, weeks: int, zone: ZoneInfo, *, now: datetime
) -> list[PersonLoad]:
    """Everybody who holds a role in an open run the actor sees, with `weeks` weeks from the one of `first`.

    Work of all runs counts, also of communities the actor does not see; those are not named.
    Those with too much to do come first. Queries: about 10, whatever the number of people.
    """
    if not has_right_somewhere(actor, Right.RUN_PLAYBOOKS):
        return []
    seen = {
        run.pk: run for run in runs_visible_to(actor, Right.RUN_PLAYBOOKS).filter(state__in=OPEN)
    }
    roles = RunRole.objects.filter(run__in=list(seen)).values_list("user_id", "member_id")
    people = {Person(user, member) for user, member in roles.distinct() if user or member}
    begin = monday_of(first)
    load = minutes_by_day(people, begin, begin + timedelta(weeks=weeks), zone, now=now)
    given, names = capacities(people), names_of_people(people)
    mondays = [begin + timedelta(weeks=number) for number in range(weeks)]
    by_week: dict[tuple[Person, date], Counter[int]] = defaultdict(Counter)
    for (person, day, run_id), minutes in load.items():
        by_week[person, monday_of(day)][run_id] += minutes
    board = [
        PersonLoad(
            person,
            names[person],
            given.get(person),
            [_week(by_week[person, monday], monday, given.get(person), seen) for monday in mondays],
        )
        for person in people
    ]
    return sorted(board, key=lambda one: (not one.is_over, one.name))


def _week(
    runs: Counter[int], monday: date, capacity: int | None, seen: Mapping[int, Run]
) -> WeekLoad:
    known = [(seen[pk], minutes) for pk, minutes in runs.most_common() if pk in seen and minutes]
    total = sum(runs.values())
    elsewhere = total - sum(minutes for _run, minutes in known)
    return WeekLoad(monday, total, capacity, known, elsewhere)


def capacities(people: Collection[Person]) -> dict[Person, int]:
    """Minutes per week: what was written down, else the hours of a login's posts. Queries: 2."""
    users = {person.user_id for person in people if person.user_id}
    members = {person.member_id for person in people if person.member_id}
    posts = posts_by_login() if users else {}
    found = {
        Person(user_id=pk): hours * 60
        for pk in users
        if (hours := sum(post.hours_per_week for post in posts.get(pk, [])))
    }
    rows = Capacity.objects.filter(Q(user__in=users) | Q(member__in=members))
    for user_id, member_id, minutes in rows.values_list("user_id", "member_id", "minutes_per_week"):
        found[Person(user_id, member_id)] = minutes
    return found


def day_limit(person: Person | None, minutes_per_week: int | None) -> int:
    """How many minutes one day may ask of a person: a fifth of her week; a short week may lie on one day.

    Where nobody said anything: a working day for a login, two hours for a member who helps.
    """
    if minutes_per_week is not None:
        return min(DAY_OF_STAFF, max(minutes_per_week // 5, min(minutes_per_week, SHORT_DAY)))
    return DAY_OF_MEMBER if person is not None and person.member_id else DAY_OF_STAFF


def minutes_by_day(
    people: Collection[Person], first: date, end: date, zone: ZoneInfo, *, now: datetime
) -> dict[PART, int]:
    """What all open runs ask of these people on each local day of `zone` before `end`, by run.

    Counts lines on their sheets, dated steps to come, and steps of people who are on personal tracks.
    """
    begin, until = local_instant(first, time(), zone), local_instant(end, time(), zone)
    load: Counter[PART] = Counter()
    _add_given(load, people, begin, until, zone)
    held = _roles_held(people)
    if held:
        runs = {run_id for run_id, _role in held}
        asked = _steps_for_people(runs)
        skipped = set(SkippedStep.objects.filter(run__in=runs).values_list("run_id", "step_id"))
        to_come = [
            *_dated(runs, asked, max(begin, now), until),
            *_personal(runs, asked, max(begin, now), until),
        ]
        for run_id, step_id, at, amount in to_come:
            person = held.get((run_id, role_of(asked[step_id])))
            if person is not None and (run_id, step_id) not in skipped:
                part = (person, at.astimezone(zone).date(), run_id)
                load[part] += asked[step_id].minutes * amount
    return dict(load)


def role_of(step: Step) -> str:
    """The role that does a step: steps of the system that need a yes are the operator's."""
    return "operator" if step.actor in ("system", "member") else step.actor


def _add_given(
    load: Counter[PART],
    people: Iterable[Person],
    begin: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> None:
    wanted = set(people)
    users = {person.user_id for person in wanted if person.user_id}
    members = {person.member_id for person in wanted if person.member_id}
    rows = Assignment.objects.filter(
        Q(user__in=users) | Q(member__in=members),
        due_at__gte=begin,
        due_at__lt=until,
        state__in=[AssignmentState.OPEN, AssignmentState.DONE],
    ).order_by()
    grouped = rows.annotate(day=TruncDate("due_at", tzinfo=zone)).values_list(
        "user_id", "member_id", "day", "run_id", "step_id"
    )
    for user_id, member_id, day, run_id, step_id, amount in grouped.annotate(n=Count("id")):
        minutes = known_step(step_id).row.minutes
        load[Person(user_id, None if user_id else member_id), day, run_id] += minutes * amount


def _roles_held(people: Iterable[Person]) -> dict[tuple[int, str], Person]:
    wanted = set(people)
    users = {person.user_id for person in wanted if person.user_id}
    members = {person.member_id for person in wanted if person.member_id}
    rows = RunRole.objects.filter(Q(user__in=users) | Q(member__in=members), run__state__in=OPEN)
    return {
        (run_id, role): Person(user_id, member_id)
        for run_id, role, user_id, member_id in rows.values_list(
            "run_id", "role", "user_id", "member_id"
        )
    }


def _steps_for_people(runs: Collection[int]) -> dict[int, Step]:
    """Steps that cost a person time, of the editions of these runs."""
    editions = set(Run.objects.filter(pk__in=runs).values_list("edition_id", flat=True))
    return {
        pk: known.row
        for edition_id in editions
        for pk, known in steps_of(edition_id).items()
        if known.row.minutes and not known.row.needs and is_for_person(known.row)
    }


def is_for_person(step: Step) -> bool:
    """Whether a step gives somebody a line on her sheet."""
    return step.mode != "auto" or step.kind == "assign" or step.needs_approval


Due = tuple[int, int, datetime, int]  # run, step, when, how many


def _dated(
    runs: Collection[int], asked: Collection[int], begin: datetime, until: datetime
) -> list[Due]:
    rows = Occurrence.objects.filter(
        run__in=runs,
        step__in=list(asked),
        state=StepState.WAITING,
        due_at__gte=begin,
        due_at__lt=until,
    )
    return [(run, step, at, 1) for run, step, at in rows.values_list("run_id", "step_id", "due_at")]


def _personal(
    runs: Collection[int], asked: Mapping[int, Step], begin: datetime, until: datetime
) -> list[Due]:
    mine = [pk for pk, step in asked.items() if step.is_personal]
    if not mine:
        return []
    sql = _PEOPLE_TO_COME.format(
        runs=", ".join(f"{pk:d}" for pk in runs), steps=", ".join(f"{pk:d}" for pk in mine)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [seconds(begin), seconds(until)])
        return [
            (int(run), int(step), from_seconds(int(at_s)), int(amount))
            for run, step, at_s, amount in cursor.fetchall()
        ]


def names_of_people(people: Iterable[Person]) -> dict[Person, str]:
    """Logins by their names, members by theirs. Queries: 2."""
    wanted = list(people)
    users = {person.user_id for person in wanted if person.user_id}
    found = get_user_model().objects.filter(pk__in=users) if users else []
    logins = {login.pk: login.get_full_name() or login.get_username() for login in found}
    members = names_of({person.member_id for person in wanted if person.member_id})
    return {
        person: logins.get(person.user_id or 0) or members.get(person.member_id or 0, "")
        for person in wanted
    }
