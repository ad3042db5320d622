import pytest
from django.db import connection

from chaguan.kernel.actor import Actor
from chaguan.outbox.actions import PLAN_COLUMNS, plan, plan_query
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_intent, make_row

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def test_a_key_is_planned_once() -> None:
    first = plan([make_intent(), make_intent(key="test:2")], actor=SYSTEM, now=NOON)
    again = plan([make_intent(payload={"text": "另一句"})], actor=SYSTEM, now=NOON)

    assert (first, again) == (2, 0)
    texts = OutboxRow.objects.order_by("key").values_list("key", "payload", "state", "due_at")
    assert list(texts) == [
        ("test:1", {"text": "水开了"}, "planned", NOON),
        ("test:2", {"text": "水开了"}, "planned", NOON),
    ]


def test_planning_costs_one_statement_per_thousand(django_assert_num_queries: object) -> None:
    intents = [make_intent(key=f"test:{n}") for n in range(1500)]

    with django_assert_num_queries(2):  # type: ignore[operator] # pytest-django's fixture
        assert plan(intents, actor=SYSTEM, now=NOON) == 1500


def test_planning_from_a_query_is_one_statement_and_once(
    django_assert_num_queries: object,
) -> None:
    make_row()
    jsonb, instant = ("::jsonb", "::timestamptz") if connection.vendor == "postgresql" else ("", "")
    fixed = {
        "key": "'copy:' || id",
        "payload": f'\'{{"text": "抄送"}}\'{jsonb}',
        "created_at": f"'2026-03-08 12:00:00'{instant}",
    }
    columns = ", ".join(fixed.get(name, name) for name in PLAN_COLUMNS)
    select = f"SELECT {columns} FROM outbox_outboxrow WHERE key = %s"

    with django_assert_num_queries(1):  # type: ignore[operator] # pytest-django's fixture
        assert plan_query(select, ["test:1"]) == 1
    assert plan_query(select, ["test:1"]) == 0

    copy = OutboxRow.objects.get(key__startswith="copy:")
    assert (copy.state, copy.payload, copy.account_id) == ("planned", {"text": "抄送"}, 1)
