"""Recurrent promotions: in commerce communities only, to a maximum a day, by day, and not to the tired."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.channels.models import Message, Rehearsal
from chaguan.communities.models import Community, Membership
from chaguan.communities.testing import make_staff, make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.outbox.actions import release
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.planned_items import Item, plan_item
from chaguan.playbooks.actions.pushes import end_push_rest, watch_pushes
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.fitting import unfit_pushes
from chaguan.playbooks.models import Edition, PushRest, Run
from chaguan.playbooks.push_events import PushesResumed
from chaguan.playbooks.push_plan import pushes_a_day
from chaguan.playbooks.reading import as_yaml, load_playbook
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    make_document,
    make_edition,
    make_run,
    make_step,
    staff_person,
)
from chaguan.playbooks.tests.places import make_place

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
HOURLY = make_step(offset="every 1h H+0…H+30", promotion=True)
FOR_COMMERCE = {"content_kinds": ["commerce"]}


def at(hour: int, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=SHANGHAI)


def heard() -> list[str]:
    said = Rehearsal.objects.order_by("at").values_list("at", flat=True)
    return [f"{one.astimezone(SHANGHAI):%d %H:%M}" for one in said]


@pytest.mark.req("SOP-10")
@pytest.mark.django_db
def test_an_hourly_plan_is_refused_to_fans_and_stops_at_the_days_maximum_in_commerce() -> None:
    for over in ({"for": ["loyal_fan"], **FOR_COMMERCE}, {}, {"content_kinds": ["service"]}):
        with pytest.raises(BadDocument) as refusal:
            make_edition(HOURLY, **over)
        assert refusal.value.problems[0].place == "steps › A-1"
    assert "content_kinds: [commerce]" in refusal.value.problems[0].sentence
    assert Edition.objects.count() == 0

    edition = make_edition(HOURLY, **FOR_COMMERCE)
    fans = make_place(type="loyal_fan", content_kind="commerce")
    promises = make_place(type="delivery", content_kind="service")
    untold = make_place(type="newcomer")
    for place, code in ((fans, "type_guard"), (promises, "wrong_content"), (untold, "push_guard")):
        with pytest.raises(Invalid) as told:
            make_run(edition=edition, community=place)
        assert told.value.code == code
    assert "一天推广 24 次，只有电商型社群" in str(told.value)
    assert Run.objects.count() == OutboxRow.objects.count() == 0

    shop = make_place(type="", content_kind="commerce")
    make_run(edition=edition, community=shop)
    live_and_send(MONDAY, at(17, day=6), step=HOUR)

    # From 10:00 on: three a day; the fourth and later end, those of the night as well, none waits.
    assert heard() == ["05 10:00", "05 11:00", "05 12:00", "06 08:00", "06 09:00", "06 10:00"]
    ends = Counter(OutboxRow.objects.values_list("state", "reason"))
    assert ends == {
        ("sent", ""): 6,
        ("suppressed", "push_cap"): 17,
        ("suppressed", "push_quiet"): 8,
    }
    late = OutboxRow.objects.filter(reason="push_cap").order_by("pk").first()
    release(SYSTEM, late.pk, now=at(18, day=6))  # type: ignore[union-attr] # there are seventeen
    live_and_send(at(18, day=6), at(18, day=6))
    assert heard()[-1] == "06 18:00", "a person may send one more"


@pytest.mark.parametrize(
    ("offsets", "times"),
    [
        (["daily 10:00"], 1),
        (["daily 10:00", "daily 15:00"], 2),
        (["daily 10:00, daily 12:00, daily 14:00"], 3),
        (["weekly Mon 10:00", "weekly Tue 10:00"], 1),
        (["weekdays 10:00", "weekly Sat 10:00"], 1),
        (["rrule:FREQ=WEEKLY;BYDAY=MO 10:00", "daily 09:00"], 2),
        (["every 2h H+0…H+6"], 4),
        (["every 30m H+0…H+46"], 48),
        (["D1 10:00, D1 11:00, D1 12:00"], 0),
        (["on:new_member"], 0),
    ],
)
def test_the_most_promotions_of_one_day_are_counted(offsets: list[str], times: int) -> None:
    steps = [make_step(id=f"P-{n}", offset=o, promotion=True) for n, o in enumerate(offsets)]
    playbook = load_playbook(as_yaml(make_document(*steps, make_step(offset="daily 08:00"))))

    assert pushes_a_day(playbook.steps) == times
    assert bool(unfit_pushes(playbook, "learning")) == (times > 1)
    assert unfit_pushes(playbook, "commerce") == []


@pytest.mark.django_db
def test_pushes_end_when_the_community_delivers_something_else_meanwhile() -> None:
    shop = make_place(type="", content_kind="commerce")
    make_run(edition=make_edition(HOURLY, **FOR_COMMERCE), community=shop)
    live_and_send(MONDAY, at(10), step=HOUR)
    Community.objects.filter(pk=shop.pk).update(content_kind="service")

    live_and_send(at(11), at(12), step=HOUR)

    assert heard() == ["05 10:00"]
    held = OutboxRow.objects.exclude(state="sent").values_list("state", "reason")
    assert set(held) == {("suppressed", "push_guard")}


@pytest.mark.django_db
def test_the_evenings_preview_of_tomorrow_is_no_fourth_offer() -> None:
    offers = make_step(offset="daily 10:00, daily 14:00, daily 19:00", promotion=True)
    preview = make_step(
        id="A-2",
        offset="daily 20:30",
        kind="publish",
        text="明天有：{{ planned_items }}",
        promotion=True,
    )
    shop = make_place(type="", content_kind="commerce")
    people = {"operator": staff_person("community_manager", shop)}
    make_run(edition=make_edition(offers, preview, **FOR_COMMERCE), community=shop, people=people)
    plan_item(SYSTEM, shop.pk, Item(at(9, day=6).date(), "offer", "凤梨酥"), now=MONDAY)
    live_and_send(MONDAY, at(21), step=HOUR / 2)

    assert heard() == ["05 10:00", "05 14:00", "05 19:00", "05 20:30"]


def push(place: Any, *times: datetime) -> None:
    """Promotions that the rooms of a place have heard."""
    room = place.rooms.get()
    OutboxRow.objects.bulk_create(
        OutboxRow(
            key=f"said:{place.pk}/{when:%d%H}/r",
            kind="say",
            connector="echo",
            account_id=room.account_id,
            community_id=place.pk,
            room_id=room.pk,
            is_promotion=True,
            state="sent",
            payload={},
            due_at=when,
            claimed_at=when,
            finished_at=when,
            created_at=when,
        )
        for when in times
    )


@pytest.mark.django_db
def test_promotions_rest_when_people_leave_after_them_until_a_person_or_the_clock_ends_it() -> None:
    shop = make_place(members=8, type="", content_kind="commerce")
    calm = make_place(members=8, type="", content_kind="commerce")
    run = make_run(edition=make_edition(HOURLY, **FOR_COMMERCE), community=shop)
    live_and_send(MONDAY, at(11), step=HOUR)
    push(calm, at(10))
    for place, when in ((shop, at(11) + HOUR / 2), (calm, at(15))):
        gone = Membership.objects.filter(community=place).order_by("pk")[:3]
        Membership.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).update(
            state="left", left_at=when
        )

    assert watch_pushes(SYSTEM, now=at(16)) == 1, "who left hours later left for something else"
    assert watch_pushes(SYSTEM, now=at(16)) == 0

    rest = PushRest.objects.get()
    assert (rest.community_id, rest.why, rest.now_count) == (shop.pk, "leaves", 3)
    assert rest.until == datetime(2026, 1, 7, 7, 30, tzinfo=SHANGHAI)
    live_and_send(at(12), at(12))
    assert OutboxRow.objects.filter(community_id=shop.pk, reason="push_rest").count() == 1
    assert heard() == ["05 10:00", "05 11:00"]

    keeper = make_staff("community_manager", shop)
    for actor, reason, error in (
        (make_stranger(), "没事", Refused),
        (keeper, " ", Invalid),
    ):
        with pytest.raises(error):
            end_push_rest(actor, shop.pk, reason, now=at(16))
    end_push_rest(keeper, shop.pk, "是搬家走的，问过了", now=at(16))
    with pytest.raises(Missing):
        end_push_rest(keeper, shop.pk, "再来", now=at(16))
    assert watch_pushes(SYSTEM, now=at(16) + HOUR) == 0, "what was before the rest is done with"
    assert recorded("playbooks.pushes_resumed") == [PushesResumed(shop.pk, "是搬家走的，问过了")]
    assert Run.objects.get(pk=run.pk).state == "running"

    PushRest.objects.update(ended_at=None, reason="")
    watch_pushes(SYSTEM, now=rest.until)
    assert PushRest.objects.filter(ended_at=rest.until, ended_by="system:tests").exists()


@pytest.mark.django_db
def test_promotions_rest_when_half_as_many_people_answer() -> None:
    shop = make_place(members=8, type="", content_kind="commerce")
    room, people = shop.rooms.get(), Membership.objects.filter(community=shop)
    push(shop, at(10, day=1), at(10, day=2), at(10, day=5), at(12, day=5))
    Message.objects.bulk_create(
        Message(
            room_id=room.pk,
            external_id=f"{stay.pk}-{day}",
            member_id=stay.member_id,
            at=at(11, day=day),
            text="好",
        )
        for day, who in ((1, people), (5, people[:4]))
        for stay in who
    )

    assert watch_pushes(SYSTEM, now=at(18)) == 1

    rest = PushRest.objects.get()
    assert (rest.why, rest.now_count, rest.was_count) == ("replies", 4, 8)
