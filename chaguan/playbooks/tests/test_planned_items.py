"""Planned items and the step that publishes them."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from chaguan.communities.testing import make_owner, make_staff, make_stranger
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.planned_items import Item, drop_item, plan_item
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.models import Assignment, Occurrence, PlannedItem
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, make_edition, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 1, 6)
PREVIEW = make_step(
    id="TOMORROW",
    offset="daily 20:30",
    kind="publish",
    text="明天：\n{{ planned_items }}",
    **{"with": {"what": "offer", "day": "tomorrow"}},
)


def evening(day: int) -> datetime:
    return MONDAY + timedelta(days=day, hours=12)  # 21:00 in Shanghai


@pytest.mark.req("SOP-09")
def test_the_preview_says_tomorrows_offers_and_without_any_the_operator_is_told() -> None:
    owner, place = make_owner(), make_place()
    operator = make_staff("community_manager", place)
    plan_item(
        owner,
        place.pk,
        Item(TUESDAY, "offer", "铁观音 250 克", "今年秋茶", "39.9", "58"),
        now=MONDAY,
    )
    plan_item(owner, place.pk, Item(TUESDAY, "offer", "茶漏", "", "12", "12.00"), now=MONDAY)
    plan_item(owner, place.pk, Item(TUESDAY, "topic", "不是商品"), now=MONDAY)
    people = {"operator": Person(user_id=operator.user_id)}
    run = make_run(PREVIEW, community=place, people=people)

    with translation.override("zh-hans"):
        live_and_send(MONDAY, evening(1), step=timedelta(minutes=15))

    [row] = OutboxRow.objects.all()
    assert row.state == "sent"
    assert row.text == (
        "明天：\n· 铁观音 250 克：39.9 元，平时 58 元，便宜 18.1 元。今年秋茶\n· 茶漏：12 元，和平时一样"
    )
    monday, tuesday = Occurrence.objects.filter(run=run, due_at__lte=evening(1)).order_by("due_at")
    assert (monday.state, tuesday.state) == ("done", "skipped")
    assert tuesday.reason == "nothing_planned"
    [line] = Assignment.objects.all()
    assert (line.user_id, line.occurrence_id) == (operator.user_id, tuesday.pk)
    assert line.note == "那一天没有排内容，所以没有发。"


def test_what_is_planned_until_the_hour_counts() -> None:
    owner, place = make_owner(), make_place()
    make_run(PREVIEW, community=place, people={"operator": Person(user_id=owner.user_id)})
    item = plan_item(owner, place.pk, Item(TUESDAY, "offer", "茶漏"), now=MONDAY)
    plan_item(owner, place.pk, Item(TUESDAY, "offer", "茶巾"), now=MONDAY)
    drop_item(owner, item.pk)

    live_and_send(MONDAY, evening(0), step=timedelta(minutes=15))

    assert [row.text for row in OutboxRow.objects.all()] == ["明天：\n· 茶巾"]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (Item(TUESDAY, "offer", " "), "1 to 120 characters"),
        (Item(TUESDAY, "present", "茶"), "an offer, a topic or a post"),
        (Item(date(2026, 1, 4), "offer", "茶"), "over already"),
        (Item(TUESDAY, "offer", "茶", price="12"), "what it usually costs"),
        (Item(TUESDAY, "offer", "茶", price="20", usual="12"), "higher than what it usually costs"),
        (Item(TUESDAY, "offer", "茶", price="1.234", usual="5"), "such as 19.90"),
        (Item(TUESDAY, "offer", "茶", price="-1", usual="5"), "such as 19.90"),
    ],
)
def test_what_cannot_be_planned_is_said_in_one_sentence(item: Item, told: str) -> None:
    place = make_place()
    with translation.override("en"), pytest.raises(Invalid, match=told):
        plan_item(make_owner(), place.pk, item, now=MONDAY)
    assert not PlannedItem.objects.exists()


def test_the_same_twice_is_one_and_strangers_plan_nothing() -> None:
    place, owner = make_place(), make_owner()
    made = plan_item(owner, place.pk, Item(TUESDAY, "topic", "水温"), now=MONDAY)
    with pytest.raises(Invalid):
        plan_item(owner, place.pk, Item(TUESDAY, "topic", "水温"), now=MONDAY)
    for act in (
        lambda: plan_item(make_stranger(), place.pk, Item(TUESDAY, "topic", "杯子"), now=MONDAY),
        lambda: drop_item(make_stranger(), made.pk),
    ):
        with pytest.raises(Refused):
            act()
    assert PlannedItem.objects.count() == 1


def test_a_publish_step_needs_its_lines_and_goes_by_itself() -> None:
    for wrong in ({"text": "明天见"}, {"mode": "assist", "actor": "operator"}):
        with pytest.raises(BadDocument):
            make_edition({**PREVIEW, **wrong})
