"""What every metric owes, whoever wrote it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from chaguan.insights.contract import Metric, metrics
from chaguan.insights.evaluate import evaluate
from chaguan.insights.testing import Told, columns_of
from chaguan.insights.types import Asked, Every

pytestmark = pytest.mark.django_db
ALL = pytest.mark.parametrize(("code", "metric"), list(metrics), ids=[code for code, _m in metrics])
ASKED = Asked((1,), date(2026, 1, 1), date(2026, 3, 31), Every.WEEK, "Asia/Shanghai")
NAMES = ("channels.message_posted", "communities.member_joined", "people.order_confirmed")
TOLD = [
    Told(NAMES[n % 3], datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=5 * n), n % 23)
    for n in range(400)
]


@ALL
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_its_words_are_complete(code: str, metric: Metric, language: str) -> None:
    with translation.override(language):
        sentence = str(metric.definition) % metric.windows

        assert sentence.endswith((".", "。"))
        assert str(metric.label)
        assert str(metric.unit)
        assert str(metric.denominator)
        assert str(metric.zone_rule)
        assert str(metric.bots_rule)


@ALL
def test_each_window_is_named_in_its_definition(code: str, metric: Metric) -> None:
    for window in metric.windows:
        assert f"%({window})s" in str(metric.definition)


@ALL
def test_its_rows_have_its_columns(code: str, metric: Metric) -> None:
    with columns_of(TOLD) as columns:
        rows = evaluate(code, ASKED, columns).rows

    assert rows
    assert {len(row) for row in rows} == {len(metric.columns)}


@ALL
def test_buckets_change_nothing(code: str, metric: Metric) -> None:
    with columns_of(TOLD) as columns:
        whole = evaluate(code, ASKED, columns, buckets=1).rows

        assert evaluate(code, ASKED, columns, buckets=3).rows == whole
        assert evaluate(code, ASKED, columns, buckets=16).rows == whole
