"""A fact finds who waits for it by the whole key, however many wait."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.eventlog.contract import Logged
from chaguan.playbooks.engine.waits import wake
from chaguan.playbooks.models import Wait

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, tzinfo=UTC)
FACT = "channels.message_posted"


def plan_of(sql: str) -> str:
    """How the database would carry the statement out, as one text."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN " + sql)
        else:
            cursor.execute("EXPLAIN QUERY PLAN " + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_waking_seeks_the_fact_and_the_member() -> None:
    Wait.objects.bulk_create(
        [Wait(fact=FACT, member_id=n, enrolment_id=n, place=0) for n in range(1, 50)]
    )
    with CaptureQueriesContext(connection) as asked:
        wake([Logged(1, FACT, AT, 1, None, 7, "member", None, 0, {})])

    assert set(Wait.objects.values_list("member_id", flat=True)) == set(range(1, 50)) - {7}
    plan = plan_of(asked[0]["sql"])
    if connection.vendor == "postgresql":
        assert "Index Scan using playbooks_wait_pkey" in plan
        assert "member_id = " in plan
    else:
        assert "PRIMARY KEY (fact=? AND member_id=?)" in plan
