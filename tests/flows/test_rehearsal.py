"""A whole camp on the sandbox, with the clock: what the preview promised is what the record holds."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest

from chaguan.channels import sender
from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record
from chaguan.channels.models import Message
from chaguan.channels.selectors.sending import rehearsed
from chaguan.channels.testing import make_account
from chaguan.communities.models import Room
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.console.testing import browser_of
from chaguan.engagement.models import SignIn
from chaguan.eventlog.pump import pump_all
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.people.models import Member
from chaguan.playbooks.actions.assignments import approve_assignment, complete_assignment
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.actions.preview import Planned, preview_run
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Playbook as Document
from chaguan.playbooks.engine.catalogue import document_of, forget
from chaguan.playbooks.engine.clock import finish_runs
from chaguan.playbooks.engine.clock import tick as playbook_tick
from chaguan.playbooks.models import Assignment, Occurrence, Playbook, Run
from chaguan.playbooks.roles import Person, roles_needed
from chaguan.playbooks.selectors.reports import daily_report
from chaguan.playbooks.testing import MONDAY
from chaguan.playbooks.types import AssignmentState, RunState, StepState

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
SHANGHAI = ZoneInfo("Asia/Shanghai")
HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
LEAD = 10 * DAY  # the first step of the camp is ten days before it opens
OPENING = MONDAY + LEAD
END = OPENING + 15 * DAY
WAKES, SLEEPS = clock_time(7), clock_time(23)
MINUTES = 2  # a rehearsal takes minutes; this one is allowed two

Sent = tuple[datetime, str, int | None, int | None, str]


class Camp:
    """A camp of five with its staff, and one room on the sandbox."""

    def __init__(self) -> None:
        forget()
        load_library(SYSTEM, now=MONDAY)
        self.community = make_community(type="camp", host_name="陈老师", name="七日泡茶营")
        self.account = make_account("echo")
        self.room: Room = make_room(
            self.community, connector="echo", account_id=self.account.pk, name="大堂"
        )
        before = MONDAY - DAY
        self.members: list[Member] = [
            make_member(self.community, name=name, first_seen_at=before)
            for name in ("阿青", "老周", "小满", "木木", "成都有间")
        ]
        self.lead = make_staff("planning_lead", self.community)
        self.edition_id = Playbook.objects.values_list("current_id", flat=True).get(key="camp_7d")
        self.document: Document = document_of(self.edition_id)
        self.people: dict[str, Person] = {
            role.value: Person(user_id=make_staff("community_manager", self.community).user_id)
            for role in roles_needed(self.document)
        }

    def start(self) -> Start:
        variables = self.document.variables.items()
        values = {name: known.default or known.example for name, known in variables}
        return Start(starts_on=OPENING.date(), values=values, people=self.people)

    @property
    def room_steps(self) -> set[str]:
        """The codes of the room track."""
        return {step.id for step in self.document.steps if step.track == "room"}


def speak(camp: Camp, now: datetime) -> int:
    """What members say now: they sign in each morning and talk each evening."""
    local = now.astimezone(SHANGHAI)
    day = (local.date() - OPENING.date()).days + 1
    said: Iterable[tuple[Member, str]] = ()
    if 1 <= day <= 7 and (local.hour, local.minute) == (9, 30):
        said = [(member, "签到") for member in camp.members[:4]]
    elif 1 <= day <= 7 and (local.hour, local.minute) == (20, 30):
        said = [(camp.members[day % 5], f"第 {day} 天的茶我泡了三遍，还是有点苦。")]
    records = [
        Record(
            external_id=f"{local:%m%d%H%M}-{member.pk}",
            at=now,
            kind="message",
            person=str(member.pk),
            name=member.name,
            text=text,
            member_id=member.pk,
        )
        for member, text in said
    ]
    if records:
        receive(SYSTEM, camp.room.pk, records, now)
    return len(records)


def work(now: datetime) -> None:
    """What the worker does until nothing is left."""
    while playbook_tick(now) + sender.tick(now) + pump_all(now):
        pass


def tick_off(now: datetime) -> int:
    """Each person does her own lines: agrees to what was prepared, else writes a word about it."""
    rows = list(Assignment.objects.filter(state=AssignmentState.OPEN, due_at__lte=now))
    for row in rows:
        assert row.user_id is not None
        actor = Actor.staff(row.user_id)
        if row.outbox_key:
            approve_assignment(actor, row.pk, now=now)
        else:
            complete_assignment(
                actor, row.pk, now=now, note="做了", proof="https://chaguan.example/notes"
            )
    return len(rows)


def instants(planned: Iterable[Planned]) -> list[datetime]:
    """Every half hour that people are awake, and whenever something is to happen."""
    stops = {line.at for line in planned}
    now = MONDAY
    while now <= END:
        if WAKES <= now.astimezone(SHANGHAI).time() <= SLEEPS:
            stops.add(now)
        now += HALF_HOUR
    return sorted(stops)


def live_through(camp: Camp, stops: Iterable[datetime]) -> int:
    """Let the whole camp happen; returns how much members said."""
    said = 0
    for now in stops:
        with clock.moved_to(now):
            said += speak(camp, now)
            work(now)
            while tick_off(now):
                work(now)
            finish_runs(now)  # the worker's hourly look
    return said


def promised(planned: Iterable[Planned], steps: set[str]) -> list[Sent]:
    """The messages of these steps as the preview dates and words them."""
    sent = [p for p in planned if p.step in steps and p.state in ("sent", "awaiting_person")]
    return sorted(((p.at, p.kind, p.room_id, p.member_id, p.text) for p in sent), key=str)


def kept(account_id: int, run: Run, steps: set[str]) -> list[Sent]:
    """What the sandbox was given for these steps."""
    rows = [
        row
        for row in rehearsed(account_id)
        if row.key.startswith(f"run:{run.pk}/") and row.key.split("/")[1] in steps
    ]
    return sorted(((r.at, r.kind, r.room_id, r.member_id, r.text) for r in rows), key=str)


def left_out(run: Run) -> set[str]:
    """The codes of room steps that did not happen."""
    rows = Occurrence.objects.filter(run=run).exclude(state=StepState.DONE)
    return set(rows.values_list("step__code", flat=True))


def assert_pages_tell_it(camp: Camp) -> None:
    """The sandbox's record opens in the console, and the opening day has its report."""
    owner = make_owner()
    page = browser_of(owner).get(f"/settings/channels/{camp.account.pk}/record/")
    assert page.context["entries"][0][0].text == rehearsed(camp.account.pk)[0].text
    day = daily_report(owner, camp.community.pk, OPENING.date(), now=END)
    assert day.unfinished == []
    assert "开营班会" in {line.step.title for line in day.done}
    assert day.amount("sent") == sum(
        row.at.astimezone(SHANGHAI).date() == OPENING.date() for row in rehearsed(camp.account.pk)
    )


@pytest.mark.req("INT-02")
def test_a_full_camp_is_rehearsed_in_minutes_as_the_preview_promised() -> None:
    camp = Camp()
    began = time.monotonic()
    preview = preview_run(
        camp.lead, camp.edition_id, camp.community.pk, camp.start(), now=MONDAY, days=20
    )
    with clock.moved_to(MONDAY):
        run = start_run(camp.lead, camp.edition_id, camp.community.pk, camp.start(), now=MONDAY)

    said = live_through(camp, instants(preview.planned))

    assert time.monotonic() - began < MINUTES * 60
    run.refresh_from_db()
    assert run.state == RunState.FINISHED
    record = kept(camp.account.pk, run, camp.room_steps)
    assert record == promised(preview.planned, camp.room_steps)
    assert Counter(kind for _at, kind, *_rest in record) == Counter(say=18, touch=10)
    assert {p.step for p in preview.planned if p.state == "left_out"} == left_out(run) == {"CMP-04"}
    everything = list(rehearsed(camp.account.pk))
    told = {(row.room_id, row.member_id, row.text) for row in everything}
    assert len(told) == len(everything) == OutboxRow.objects.count()
    assert set(OutboxRow.objects.values_list("state", flat=True)) == {"sent"}
    assert not Assignment.objects.exclude(state=AssignmentState.DONE).exists()
    assert said == Message.objects.filter(room=camp.room).count() == 7 * 5
    assert SignIn.objects.count() == 7 * 4
    assert_pages_tell_it(camp)
