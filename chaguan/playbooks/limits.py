"""Guards of the outbox (免打扰): quiet hours and caps per community and person, opt-outs, runs that are over.

They look at every row, whoever planned it. Defaults are those of library L0; a community's settings may
say `quiet_hours: ["22:30", "07:30"]` and `caps: {"person_per_day": 2, "community_per_day": 3}`.
A recurrent promotion (see push_rows.py) is of its hour: what the limits stop ends, and is not made up for.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chaguan.communities.selectors.audiences import settings_of
from chaguan.kernel.remembering import remembered
from chaguan.kernel.rowset import ids_in
from chaguan.outbox.contract import Hold, OutboxRow, guards
from chaguan.outbox.selectors import all_rows
from chaguan.people.selectors.opted_out import opted_out
from chaguan.playbooks.engine.catalogue import known_step
from chaguan.playbooks.models import Enrolment, Run
from chaguan.playbooks.push_rows import is_hourly_push, is_push, says_tomorrow
from chaguan.playbooks.schedule import local_instant
from chaguan.playbooks.skipping import skipped_steps
from chaguan.playbooks.types import RunState

SPOKEN = ("say", "touch")
QUIET_HOURS = (time(22, 30), time(7, 30))
PERSON_PER_DAY = 2
COMMUNITY_PER_DAY = 3
_GONE_OUT = ("sent", "claimed", "unknown")


@dataclass(frozen=True)
class Limits:
    """What one community allows itself."""

    zone: ZoneInfo
    quiet_from: time = QUIET_HOURS[0]
    quiet_until: time = QUIET_HOURS[1]
    person_per_day: int = PERSON_PER_DAY
    community_per_day: int = COMMUNITY_PER_DAY

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours around `at` end; None outside them."""
        local = at.astimezone(self.zone)
        clock, day = local.time(), local.date()
        if self.quiet_from <= self.quiet_until:
            is_quiet = self.quiet_from <= clock < self.quiet_until
        else:
            is_quiet = clock >= self.quiet_from or clock < self.quiet_until
            day += timedelta(days=clock >= self.quiet_from)
        return local_instant(day, self.quiet_until, self.zone) if is_quiet else None

    def next_morning(self, at: datetime) -> datetime:
        """The end of the quiet hours of the next local day."""
        tomorrow = at.astimezone(self.zone).date() + timedelta(days=1)
        return local_instant(tomorrow, self.quiet_until, self.zone)

    def midnight(self, at: datetime) -> datetime:
        return local_instant(at.astimezone(self.zone).date(), time(), self.zone)


def limits_from(settings: Mapping[str, Any]) -> Limits:
    """Read a community's settings; what is missing or unreadable is the default."""
    quiet, caps = settings.get("quiet_hours"), settings.get("caps")
    hours = QUIET_HOURS
    if isinstance(quiet, list | tuple) and len(quiet) == 2:
        try:
            hours = (time.fromisoformat(str(quiet[0])), time.fromisoformat(str(quiet[1])))
        except ValueError:
            hours = QUIET_HOURS
    caps = caps if isinstance(caps, dict) else {}
    return Limits(
        ZoneInfo(str(settings.get("timezone") or "Asia/Shanghai")),
        *hours,
        person_per_day=int(caps.get("person_per_day", PERSON_PER_DAY)),
        community_per_day=int(caps.get("community_per_day", COMMUNITY_PER_DAY)),
    )


def _limits(rows: Sequence[OutboxRow]) -> dict[int, Limits]:
    return _limits_of({row.community_id for row in rows if row.community_id is not None})


@remembered
def _limits_of(ids: set[int]) -> dict[int, Limits]:
    return {pk: limits_from(given) for pk, given in settings_of(ids).items()} if ids else {}


def _spoken(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Messages the limits hold for: an author cannot make a recurrent promotion urgent, a person can."""
    spoken = [row for row in rows if row.kind in SPOKEN]
    return [row for row in spoken if not row.is_urgent or (is_push(row) and not row.decided_by)]


@guards.add("limits.quiet_hours")
def quiet_hours(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Messages wait for the morning in their community's quiet hours. One statement."""
    spoken = _spoken(rows)
    ends = {pk: limit.quiet_end(now) for pk, limit in _limits(spoken).items()}
    holds = []
    for row in spoken:
        until = ends.get(row.community_id or 0)
        if until is not None:
            missed = is_hourly_push(row)
            holds.append(
                Hold(row.pk, "push_quiet") if missed else Hold(row.pk, "quiet_hours", until)
            )
    return holds


@guards.add("limits.caps")
def caps(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Promotions beyond the day's cap wait for the next morning; recurrent ones end.

    A person gets so many private ones a day over all communities, a community says so many a day.
    Statements: one for the settings and two for each community that has a promotion due.
    """
    by_community: dict[int, list[OutboxRow]] = defaultdict(list)
    for row in _spoken(rows):
        if row.is_promotion and row.community_id is not None:
            by_community[row.community_id].append(row)
    limits = _limits([row for mine in by_community.values() for row in mine])
    holds: list[Hold] = []
    persons: Counter[int] = Counter()
    for community_id, mine in by_community.items():
        if community_id in limits:
            holds += _over_cap(mine, limits[community_id], persons, now)
    return holds


def _over_cap(
    rows: Sequence[OutboxRow], limits: Limits, persons: Counter[int], now: datetime
) -> list[Hold]:
    today = all_rows().filter(
        is_promotion=True, state__in=_GONE_OUT, claimed_at__gte=limits.midnight(now)
    )
    members = {row.member_id for row in rows if row.member_id is not None} - set(persons)
    reached = today.filter(member_id__in=ids_in(members)).values_list("member_id", flat=True)
    persons.update(pk for pk in reached if pk is not None)
    here = today.filter(community_id=rows[0].community_id, kind="say")
    went = here.values_list("key", "payload")
    said = {_occurrence_key(key) for key, payload in went if not says_tomorrow(payload)}
    holds = []
    for row in rows:
        if row.member_id is not None:
            persons[row.member_id] += 1
            is_over = persons[row.member_id] > limits.person_per_day
        elif says_tomorrow(row.payload):
            is_over = False
        else:
            once = _occurrence_key(row.key)
            is_over = once not in said and len(said) >= limits.community_per_day
            said |= set() if is_over else {once}
        if is_over and is_push(row):
            holds.append(Hold(row.pk, "push_cap"))
        elif is_over:
            holds.append(Hold(row.pk, "daily_cap", limits.next_morning(now)))
    return holds


def _occurrence_key(key: str) -> str:
    """One announcement to three rooms counts once: the key without the room."""
    return key.rpartition("/")[0] or key


@guards.add("people.opted_out")
def has_opted_out(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Nobody who asked not to be contacted gets a private message. One statement."""
    touches = [row for row in rows if row.kind == "touch" and row.member_id is not None]
    gone = opted_out({row.member_id for row in touches if row.member_id}) if touches else set()
    return [Hold(row.pk, "opted_out") for row in touches if row.member_id in gone]


def _of_runs(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    return [row for row in rows if row.renderer == "script" and "run" in row.payload]


@remembered
def _states(run_ids: set[int]) -> dict[int, str]:
    return dict(Run.objects.filter(pk__in=run_ids).values_list("pk", "state"))


@guards.add("playbooks.over")
def is_over(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Messages of a run that stands still wait; of one that ended, or of a person who left it, end."""
    mine = _of_runs(rows)
    if not mine:
        return []
    runs = _states({row.payload["run"] for row in mine})
    passes = {row.payload["enrolment"] for row in mine if row.payload.get("enrolment")}
    stopped = set(
        Enrolment.objects.filter(pk__in=passes, state=Enrolment.State.STOPPED).values_list(
            "pk", flat=True
        )
    )
    skipped = skipped_steps(set(runs))
    holds = []
    for row in mine:
        state = runs.get(row.payload["run"])
        if state == RunState.PAUSED:
            holds.append(Hold(row.pk, "run_paused", now + timedelta(minutes=5)))
        elif state not in (RunState.RUNNING, RunState.FINISHED):
            holds.append(Hold(row.pk, "run_stopped"))
        elif row.payload.get("enrolment") in stopped:
            holds.append(Hold(row.pk, "left_track"))
        elif (row.payload["run"], row.payload["step"]) in skipped:
            holds.append(Hold(row.pk, "step_skipped"))
    return holds


@guards.add("playbooks.late")
def is_too_late(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """A message without an end of its own that could not go out for longer than its step allows is not
    sent late. No statement.

    Messages are planned with their end, which `claim` looks at; this is for those a person decided about
    and those planned before there were ends. Time spent in quiet hours or under a cap does not count:
    holding a row moves its due time.
    """
    holds = []
    for row in _of_runs(rows):
        if row.expires_at is not None:
            continue
        step = known_step(row.payload["step"]).row
        if step.lateness == "skip" and row.due_at < now - timedelta(seconds=step.late_after_s):
            holds.append(Hold(row.pk, "too_late"))
    return holds
