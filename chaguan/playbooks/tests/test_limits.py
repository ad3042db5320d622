from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.channels import sender
from chaguan.channels.models import Account, Rehearsal
from chaguan.communities.models import Room
from chaguan.kernel import clock
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row
from chaguan.people.testing import Member
from chaguan.playbooks.actions.runs import pause_run
from chaguan.playbooks.limits import Limits, limits_from
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    live_through,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=SHANGHAI)


def send(now: datetime) -> None:
    with clock.moved_to(now):
        while sender.tick(now):
            pass


def touch(place: Any, key: str, due_at: datetime, **over: Any) -> OutboxRow:
    values = {
        "kind": "touch",
        "room_id": None,
        "member_id": Member.objects.order_by("pk").first().pk,  # type: ignore[union-attr] # there is one
        "community_id": place.pk,
        "account_id": Account.objects.get().pk,
        **over,
    }
    return make_row(key=key, due_at=due_at, **values)


@pytest.mark.req("SOP-19")
def test_a_message_due_in_quiet_hours_moves_to_the_morning_with_its_reason() -> None:
    place = make_place(members=1)
    night = touch(place, "night", at(23, 30))
    urgent = touch(place, "urgent", at(23, 30), is_urgent=True)

    send(at(23, 30))

    night.refresh_from_db()
    urgent.refresh_from_db()
    assert (night.state, night.reason, night.due_at) == ("planned", "quiet_hours", at(7, 30, day=6))
    assert urgent.state == "sent"
    send(at(7, 29, day=6))
    assert Rehearsal.objects.count() == 1
    send(at(7, 30, day=6))
    night.refresh_from_db()
    assert (night.state, night.reason) == ("sent", "")


@pytest.mark.req("SOP-19")
def test_the_fourth_promotion_in_a_day_to_one_member_is_held() -> None:
    place = make_place(members=1, settings={"caps": {"person_per_day": 3, "contacts_per_day": 9}})
    rows = [touch(place, f"p{n}", at(10 + n), is_promotion=True) for n in range(4)]
    plain = touch(place, "service", at(14))

    for hour in range(10, 15):
        send(at(hour))

    states = [OutboxRow.objects.get(pk=row.pk).state for row in rows]
    held = OutboxRow.objects.get(pk=rows[3].pk)
    assert states == ["sent", "sent", "sent", "planned"]
    assert (held.reason, held.due_at) == ("daily_cap", at(7, 30, day=6))
    assert OutboxRow.objects.get(pk=plain.pk).state == "sent"


def test_by_default_a_person_gets_two_promotions_a_day_over_all_communities() -> None:
    one, two = make_place(members=1), make_place(members=0)
    for number, place in enumerate([one, two, one]):
        touch(place, f"p{number}", at(10), is_promotion=True)

    send(at(10))

    reasons = OutboxRow.objects.order_by("id").values_list("state", "reason")
    assert sorted(reasons) == [("planned", "daily_cap"), ("sent", ""), ("sent", "")]


def test_a_community_announces_three_promotions_a_day_however_many_rooms_it_has() -> None:
    place = make_place(members=0, type="")
    second = Room.objects.get()
    second.pk, second.external_id = None, "another"
    second.save()
    make_run(
        make_step(offset="D1 10:00, D1 11:00, D1 12:00, D1 13:00", promotion=True), community=place
    )

    live_and_send(MONDAY, MONDAY + 6 * HOUR, step=HOUR)

    assert Rehearsal.objects.count() == 6
    held = OutboxRow.objects.filter(state="planned")
    assert {(row.reason, row.due_at) for row in held} == {("daily_cap", at(7, 30, day=6))}


def test_who_opted_out_gets_no_private_message_and_the_row_says_so() -> None:
    place = make_place(members=1)
    Member.objects.update(touch_opt_out_at=MONDAY)
    row = touch(place, "t", at(10))

    send(at(10))

    row.refresh_from_db()
    assert (row.state, row.reason) == ("suppressed", "opted_out")
    assert Rehearsal.objects.count() == 0


def test_a_message_that_could_not_go_for_hours_is_not_sent_late() -> None:
    place = make_place()
    make_run(make_step(), community=place)
    live_through(MONDAY, MONDAY + HOUR)

    send(MONDAY + 8 * HOUR)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason) == ("expired", "too_late")


def test_a_message_of_a_paused_run_waits() -> None:
    run = make_run(make_step(), community=make_place())
    live_through(MONDAY, MONDAY + HOUR)
    pause_run(SYSTEM, run.pk, now=MONDAY + HOUR)

    send(MONDAY + HOUR)

    row = OutboxRow.objects.get()
    assert (row.state, row.reason) == ("planned", "run_paused")


@pytest.mark.parametrize(
    ("clock_time", "until"),
    [
        ((22, 29), None),
        ((22, 30), (7, 30, 6)),
        ((0, 0), (7, 30, 5)),
        ((7, 29), (7, 30, 5)),
        ((7, 30), None),
    ],
)
def test_quiet_hours_have_sharp_edges(
    clock_time: tuple[int, int], until: tuple[int, int, int] | None
) -> None:
    end = Limits(SHANGHAI).quiet_end(at(*clock_time))

    assert end == (at(until[0], until[1], day=until[2]).astimezone(UTC) if until else None)


def test_unreadable_settings_fall_back_to_the_defaults() -> None:
    assert limits_from({"quiet_hours": ["x", 3], "caps": []}) == Limits(SHANGHAI)
