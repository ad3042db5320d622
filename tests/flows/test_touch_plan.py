"""The seven-day touch plan (七天触达): one person, one week, with stops and a number of contacts a day."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.channels.testing import make_account
from chaguan.communities.actions.memberships import join_community
from chaguan.communities.testing import make_community, make_member, make_room, make_staff
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.people.actions import opt_out_of_touches
from chaguan.people.actions.orders import confirm_order
from chaguan.playbooks.actions.assignments import approve_assignment
from chaguan.playbooks.actions.library import LIBRARY, publish_playbook, publish_script
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Assignment, Playbook
from chaguan.playbooks.reading import load_scripts
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Week:
    """A community with the plan of the library, and an operator who agrees to every prepared message."""

    def __init__(self, settings: dict[str, Any]) -> None:
        forget()
        for sheet in (LIBRARY / "scripts").glob("*.yaml"):
            wordings = load_scripts(sheet.read_text(encoding="utf-8"))
            for script in wordings.scripts:
                publish_script(SYSTEM, script, now=MONDAY)
        source = (LIBRARY / "playbooks" / "touch_plan_7d.yaml").read_text(encoding="utf-8")
        publish_playbook(SYSTEM, source, now=MONDAY)
        self.place = make_community(type="newcomer", host_name="陈老师", settings=settings)
        make_room(self.place, connector="echo", account_id=make_account("echo").pk)
        self.me = make_staff("community_manager", self.place)
        document = Playbook.objects.select_related("current").get(key="touch_plan_7d").current
        assert document is not None
        variables = document.document["variables"].items()
        start = Start(
            MONDAY.date(),
            values={name: one.get("default") or one["example"] for name, one in variables},
            people={"operator": Person(user_id=self.me.user_id)},
        )
        start_run(SYSTEM, document.pk, self.place.pk, start, now=MONDAY)
        self.now = MONDAY

    def joins(self, name: str) -> Any:
        member = make_member(name=name)
        join_community(SYSTEM, self.place.pk, member.pk, now=self.now + timedelta(minutes=1))
        drain()
        return member

    def live(self, until: datetime) -> None:
        while self.now < until:
            self.now += 3 * HOUR
            live_and_send(self.now, self.now)
            for line in Assignment.objects.filter(state="open").exclude(outbox_key=""):
                if OutboxRow.objects.filter(
                    key__startswith=line.outbox_key, state="awaiting_person"
                ).exists():
                    approve_assignment(self.me, line.pk, now=self.now)
            live_and_send(self.now, self.now)
            drain()

    def heard(self, member: Any, **over: Any) -> list[tuple[str, str]]:
        """(step, local time) of every message that reached the member, by time."""
        rows = OutboxRow.objects.filter(member_id=member.pk, state="sent", **over)
        found = [(row.key.split("/")[1], row.finished_at) for row in rows.order_by("finished_at")]
        return [(step, f"{at.astimezone(SHANGHAI):%d %H:%M}") for step, at in found if at]


@pytest.mark.req("SOP-04")
def test_who_opts_out_or_buys_on_day_three_gets_no_more_and_nobody_hears_too_often() -> None:
    week = Week({"caps": {"contacts_per_day": 1}})
    quiet, buyer, stays = (week.joins(name) for name in ("阿静", "阿买", "阿留"))
    week.live(MONDAY + 2 * DAY + 6 * HOUR)  # day 3, 15:00
    with clock.moved_to(week.now):
        opt_out_of_touches(SYSTEM, quiet.pk, now=week.now)
        confirm_order(SYSTEM, buyer.pk, "no-1", now=week.now)
    drain()
    before = {member.name: week.heard(member) for member in (quiet, buyer)}

    week.live(MONDAY + 9 * DAY)

    assert [step for step, _at in before["阿静"]] == ["TCH-01", "TCH-03", "TCH-04"]
    for member in (quiet, buyer):  # neither promotions nor anything else
        assert week.heard(member) == before[member.name]
        assert week.heard(member, is_promotion=True) == []
        later = OutboxRow.objects.filter(member_id=member.pk).exclude(state="sent")
        assert not later.filter(state__in=["planned", "claimed", "awaiting_person"]).exists()
    assert week.heard(stays) == [
        ("TCH-01", "05 12:00"),
        ("TCH-03", "06 12:00"),
        ("TCH-04", "07 12:00"),
        ("TCH-05", "08 09:00"),  # the second of day 3 waits for the next morning …
        ("TCH-06", "09 09:00"),  # … and so does the next
        ("TCH-07", "10 09:00"),
        ("TCH-09", "11 12:00"),
    ]
    assert week.heard(stays, is_promotion=True) == [("TCH-09", "11 12:00")]


def test_what_waits_for_the_next_day_is_a_row_with_its_reason() -> None:
    week = Week({"caps": {"contacts_per_day": 1}})
    stays = week.joins("阿留")

    week.live(MONDAY + 2 * DAY + 12 * HOUR)  # day 3, 21:00

    held = OutboxRow.objects.get(member_id=stays.pk, state="planned")
    at = datetime(2026, 1, 8, 7, 30, tzinfo=SHANGHAI)
    assert (held.key.split("/")[1], held.reason, held.due_at) == ("TCH-05", "contacts_cap", at)


def test_three_a_day_unless_the_community_says_otherwise() -> None:
    week = Week({})
    stays = week.joins("阿留")

    week.live(MONDAY + 3 * DAY)

    assert [step for step, at in week.heard(stays) if at.startswith("07")] == ["TCH-04", "TCH-05"]
