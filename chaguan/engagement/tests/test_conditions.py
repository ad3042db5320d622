"""Segment conditions about signing in."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chaguan.communities.testing import make_community, make_member
from chaguan.engagement.testing import SHANGHAI, local, sign_in_days
from chaguan.people.contract import Asking
from chaguan.people.models import Member
from chaguan.people.segments import compile_tree

pytestmark = pytest.mark.django_db
LAST = local(2026, 3, 8)


def matched(tree: dict[str, Any], now: datetime, **asking: Any) -> list[int]:
    rows = Member.objects.filter(compile_tree(tree, Asking(now, zone=SHANGHAI, **asking)))
    return sorted(rows.values_list("pk", flat=True))


def test_run_counts_until_a_day_is_missed() -> None:
    community = make_community()
    steady, short = make_member(community), make_member(community)
    make_member(community)
    sign_in_days(community.pk, steady.pk, until=LAST, days=3)
    sign_in_days(community.pk, short.pk, until=LAST, days=2)
    tree = {"condition": "signed_in_row", "days": 3, "community": community.pk}

    assert matched(tree, LAST) == [steady.pk]
    assert matched(tree, LAST + timedelta(days=1)) == [steady.pk]  # today is still open
    assert matched(tree, LAST + timedelta(days=2)) == []
    assert matched({**tree, "days": 2}, LAST) == [steady.pk, short.pk]


def test_other_communities_do_not_count() -> None:
    mine, other = make_community(), make_community()
    member = make_member(mine)
    sign_in_days(other.pk, member.pk, until=LAST, days=3)

    assert matched({"condition": "signed_in_row", "days": 1, "community": mine.pk}, LAST) == []
    anywhere = {"condition": "signed_in_row", "days": 3}
    assert matched(anywhere, LAST) == [member.pk]
    assert matched(anywhere, LAST, community_ids=frozenset({mine.pk})) == []


def test_within_counts_local_days() -> None:
    community = make_community()
    member = make_member(community)
    sign_in_days(community.pk, member.pk, until=LAST, days=1)
    tree = {"condition": "signed_in_within", "days": 2, "community": community.pk}

    assert matched(tree, local(2026, 3, 9, 23)) == [member.pk]
    assert matched(tree, local(2026, 3, 10, 0, 1)) == []
