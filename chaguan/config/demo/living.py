"""The last days of the demo, lived through with the clock: playbooks run, members answer, staff act."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from chaguan.channels import sender
from chaguan.channels.actions.inbound import receive
from chaguan.config.demo.built import DEMO, Built
from chaguan.config.demo.plan import LIVED_DAYS, NOTES, VALUES
from chaguan.engagement.actions.sign_in import sign_in
from chaguan.engagement.errors import AlreadySignedIn
from chaguan.eventlog.pump import pump_all
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.outbox import actions as outbox
from chaguan.outbox.contract import Intent
from chaguan.people.actions import opt_out_of_touches
from chaguan.playbooks.actions.assignments import approve_assignment, complete_assignment
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.engine.clock import tick as playbook_tick
from chaguan.playbooks.engine.ends import end_what_waited
from chaguan.playbooks.models import Assignment, Playbook
from chaguan.playbooks.types import AssignmentState

ZONE = ZoneInfo("Asia/Shanghai")
STEP = timedelta(minutes=30)
WAKES, SLEEPS = time(7), time(23, 10)


def live_through(
    chance: Random, built: Sequence[Built], staff: dict[str, int], *, now: datetime
) -> None:
    """Let the last days pass, step by step, as the worker would have."""
    tea = built[0]
    lead = Actor.staff(staff["community_manager"])
    at = now - timedelta(days=LIVED_DAYS)
    with clock.moved_to(at):
        _start_runs(lead, tea, at)
    coming = {one.id: _Coming(one, at) for one in built}
    worked = _Worked(chance, lead, now)
    for instant in _instants(at, now):
        with clock.moved_to(instant):
            for one in coming.values():
                one.arrive(instant)
            worked.act(instant)
            _work(instant)
    with clock.moved_to(now):
        _loose_ends(tea, lead, now)


def _instants(since: datetime, now: datetime) -> Iterator[datetime]:
    """Every half hour while people are awake, and the present at last."""
    instant = since + STEP
    while instant < now:
        if WAKES <= instant.astimezone(ZONE).time() <= SLEEPS:
            yield instant
        instant += STEP
    yield now


def _work(now: datetime) -> None:
    """What the worker does until nothing is left: read the log, advance playbooks, send."""
    while playbook_tick(now) + end_what_waited(now) + sender.tick(now) + pump_all(now):
        pass


def _start_runs(lead: Actor, tea: Built, at: datetime) -> None:
    today = at.astimezone(ZONE).date()
    for key in ("daily_routine", "touch_plan_7d"):
        edition_id = Playbook.objects.values_list("current_id", flat=True).get(key=key)
        assert edition_id is not None
        start_run(lead, edition_id, tea.id, Start(today, values=VALUES.get(key, {})), now=at)


class _Coming:
    """What members of one community still do: say, join, leave, press the button."""

    def __init__(self, one: Built, since: datetime) -> None:
        self.one = one
        self._records = sorted(one.lived, key=lambda placed: placed[1].at)
        said = {(r.person, r.at) for _room, r in one.lived}
        self._presses = [
            (at, person.handle)
            for person, _day, at in sorted(one.chronicle.sign_ins, key=lambda mark: mark[2])
            if at > since and (person.handle, at) not in said
        ]

    def arrive(self, now: datetime) -> None:
        """Bring in everything up to `now`."""
        due = [placed for placed in self._records if placed[1].at <= now]
        self._records = self._records[len(due) :]
        for room_id in sorted({room_id for room_id, _record in due}):
            records = [record for room, record in due if room == room_id]
            for record in records:  # one person in all rooms, whatever app they live in
                record.member_id = self.one.member_ids.get(record.person)
            receive(DEMO, room_id, records, now)
        if due:
            self.one.learn_ids()
        pressed = [press for press in self._presses if press[0] <= now]
        self._presses = self._presses[len(pressed) :]
        for at, handle in pressed:
            member_id = self.one.member_ids.get(handle)
            if member_id is None:
                continue
            try:
                sign_in(Actor.member(member_id), self.one.id, now=at)
            except AlreadySignedIn:
                continue


class _Worked:
    """Staff and stewards work their sheets, most of it, and leave something of today."""

    def __init__(self, chance: Random, lead: Actor, now: datetime) -> None:
        self._chance, self._lead = chance, lead
        self._leaves = now - timedelta(hours=5)  # what is due later stays open
        self._looked: set[int] = set()

    def act(self, now: datetime) -> None:
        """Take up each open assignment once, some time after it fell due."""
        rows = Assignment.objects.filter(
            state=AssignmentState.OPEN, due_at__lte=min(now - timedelta(minutes=15), self._leaves)
        ).order_by("pk")
        for row in rows:
            if row.pk in self._looked:
                continue
            self._looked.add(row.pk)
            if self._chance.random() < 0.88:
                self._do(row, now)

    def _do(self, row: Assignment, now: datetime) -> None:
        actor = self._actor(row)
        note = self._chance.choice(NOTES)
        try:
            if row.outbox_key:
                approve_assignment(actor, row.pk, now=now)
            else:
                complete_assignment(
                    actor, row.pk, now=now, note=note, proof="https://chaguan.example/notice"
                )
        except ChaguanError:
            return  # it stays open, as it would in life

    def _actor(self, row: Assignment) -> Actor:
        if row.member_id is not None:
            return Actor.member(row.member_id)
        return Actor.staff(row.user_id) if row.user_id is not None else self._lead


def _loose_ends(tea: Built, lead: Actor, now: datetime) -> None:
    """One message in doubt, one held, one that waits for a person: so that every state is to be seen."""
    _get_lost(tea, lead, now)
    quiet = max(tea.member_ids.values())
    opt_out_of_touches(Actor.member(quiet), quiet, now=now - timedelta(days=1))
    held = Intent(
        key="demo/opted_out",
        kind="touch",
        connector="portal",
        account_id=tea.accounts["portal"],
        due_at=now - timedelta(minutes=40),
        community_id=tea.id,
        member_id=quiet,
        payload={"text": "茶样到了，方便时告诉我寄到哪里。"},
        purpose="寄出上周答应的茶样",
    )
    words = "今晚八点，陈老师在大堂答疑，问题可以先发在这里，我带过去。"
    due_at = now - timedelta(minutes=20)
    waiting = _to_weekend(tea, "demo/copy", words, "请微信群里的朋友一起来答疑", due_at)
    outbox.plan([held, waiting], actor=lead, now=now - timedelta(hours=1))
    _work(now)


def _get_lost(tea: Built, lead: Actor, now: datetime) -> None:
    """Yesterday evening a program ended in the middle of a call: nobody knows whether it went out."""
    yesterday = now.astimezone(ZONE).date() - timedelta(days=1)
    lost_at = datetime.combine(yesterday, time(20, 1), ZONE)
    words = "周六下午两点，老地方见。来不了的今晚说一声，位子让给候补的朋友。"
    due_at = lost_at - timedelta(minutes=1)
    ask = _to_weekend(tea, "demo/weekend", words, "确认周末茶局的人数", due_at)
    outbox.plan([ask], actor=lead, now=due_at)
    manual = tea.accounts["manual"]
    awake = [account for account in tea.accounts.values() if account != manual]
    claimed = outbox.claim(
        lost_at, rates={}, reached={manual: frozenset({"say"})}, asleep=awake, limit=1
    )
    for row in claimed:
        outbox.note_call(row, now=lost_at)


def _to_weekend(tea: Built, key: str, words: str, purpose: str, due_at: datetime) -> Intent:
    """Something to be said in the room that lives in an app we cannot reach."""
    return Intent(
        key=key,
        kind="say",
        connector="manual",
        account_id=tea.accounts["manual"],
        due_at=due_at,
        community_id=tea.id,
        room_id=tea.rooms["weekend"],
        payload={"text": words},
        purpose=purpose,
    )
