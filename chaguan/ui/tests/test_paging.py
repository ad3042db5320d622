from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from chaguan.ui.paging import keyset_page

pytestmark = pytest.mark.django_db
ORDER = ("-date_joined", "-id")
NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


def make_rows(count: int) -> list[int]:
    """Ids in ORDER; every two rows have the same instant, to the microsecond."""
    rows = [
        User.objects.create(username=f"u{n}", date_joined=NOON + timedelta(microseconds=n // 2))
        for n in range(count)
    ]
    return [row.pk for row in sorted(rows, key=lambda r: (r.date_joined, r.pk), reverse=True)]


def ids(rows: list[User]) -> list[int]:
    return [row.pk for row in rows]


def test_walking_forward_meets_every_row_once() -> None:
    wanted = make_rows(7)
    seen: list[int] = []
    token = ""

    while True:
        page = keyset_page(User.objects.all(), ORDER, after=token, size=3)
        seen += ids(page.rows)
        token = page.next
        if not token:
            break

    assert seen == wanted


def test_walking_back_shows_the_page_before() -> None:
    wanted = make_rows(7)
    rows = User.objects.all()
    second = keyset_page(rows, ORDER, after=keyset_page(rows, ORDER, size=3).next, size=3)

    first = keyset_page(rows, ORDER, before=second.previous, size=3)

    assert ids(second.rows) == wanted[3:6]
    assert ids(first.rows) == wanted[:3]
    assert (first.previous, bool(first.next)) == ("", True)


def test_a_single_page_has_no_ends_to_walk_to() -> None:
    make_rows(3)

    page = keyset_page(User.objects.all(), ORDER, size=3)

    assert (len(page.rows), page.next, page.previous) == (3, "", "")


@pytest.mark.parametrize("token", ["x", "e30", "W10", "WzEsMl0", "W251bGwsMV0", "é"])
def test_a_token_nobody_gave_out_is_the_first_page(token: str) -> None:
    wanted = make_rows(2)

    assert ids(keyset_page(User.objects.all(), ("-id",), after=token).rows) == wanted


def test_one_query_a_page(django_assert_num_queries: object) -> None:
    make_rows(4)

    with django_assert_num_queries(1):  # type: ignore[operator] # pytest-django's fixture
        keyset_page(User.objects.all(), ORDER, size=2)
