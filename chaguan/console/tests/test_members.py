from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.models import Segment

pytestmark = pytest.mark.django_db


def as_staff(client: Client, actor: Actor) -> Client:
    from django.contrib.auth import get_user_model

    client.force_login(get_user_model().objects.get(pk=actor.user_id or 0))
    return client


def names(response: object) -> list[str]:
    return [line.member.name for line in response.context["lines"]]  # type: ignore[attr-defined] # test client


def test_everybody_is_listed_newest_first(client: Client) -> None:
    community = make_community()
    make_member(community, name="阿青")
    make_member(community, name="老周")

    response = as_staff(client, make_owner()).get("/members/")

    assert response.status_code == 200
    assert names(response) == ["老周", "阿青"]


def test_a_sentence_with_filled_blanks_filters(client: Client) -> None:
    community = make_community()
    make_member(community, name="阿青", stage="bought")
    make_member(community, name="老周", stage="acquainted")
    as_staff(client, make_owner())

    only = client.get("/members/", {"0-condition": "stage", "0-stages": "bought"})
    others = client.get("/members/", {"0-condition": "stage", "0-stages": "bought", "0-not": "1"})

    assert names(only) == ["阿青"]
    assert names(others) == ["老周"]


def test_an_open_blank_does_not_filter_and_says_so(client: Client) -> None:
    make_member(make_community(), name="阿青")

    response = as_staff(client, make_owner()).get("/members/", {"add": "stage"})

    assert names(response) == ["阿青"]
    assert [row.is_complete for row in response.context["builder"].rows] == [False]
    assert "segment__hint" in response.content.decode()


def test_a_dropped_row_no_longer_counts(client: Client) -> None:
    make_member(make_community(), name="老周", stage="acquainted")
    query = {"0-condition": "stage", "0-stages": "bought", "drop": "0"}

    response = as_staff(client, make_owner()).get("/members/", query)

    assert names(response) == ["老周"]
    assert response.context["builder"].rows == []


def test_nonsense_in_a_blank_is_one_sentence(client: Client) -> None:
    make_member(make_community())

    response = as_staff(client, make_owner()).get(
        "/members/", {"0-condition": "stage", "0-stages": "besotted"}
    )

    assert response.status_code == 422
    assert response.context["refusal"]
    assert names(response) == []


def test_staff_of_one_community_sees_its_members_only(client: Client) -> None:
    mine, other = make_community(), make_community()
    make_member(mine, name="阿青")
    make_member(other, name="老周")

    response = as_staff(client, make_staff("community_manager", mine)).get("/members/")

    assert names(response) == ["阿青"]
    assert "老周" not in response.content.decode()


def test_somebody_elses_segment_is_not_found(client: Client) -> None:
    segment = Segment.objects.create(name="s", tree={}, created_at=clock.now())
    staff = make_staff("community_manager", make_community())

    assert as_staff(client, staff).get("/members/", {"segment": segment.pk}).status_code == 404


def test_pages_follow_each_other_without_gaps(client: Client) -> None:
    community = make_community()
    made = [make_member(community, name=f"茶友{n}").name for n in range(55)]
    as_staff(client, make_owner())

    first = client.get("/members/")
    second = client.get("/members/", {"after": first.context["page"].next})

    assert names(first) + names(second) == made[::-1]
    assert second.context["page"].next is None


def test_the_queries_do_not_grow_with_the_rows(client: Client) -> None:
    community = make_community()
    as_staff(client, make_owner())
    asked = []
    for count in (1, 3):
        while Membership.objects.count() < count:
            make_member(community)
        with CaptureQueriesContext(connection) as queries:
            client.get("/members/")
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 30


def test_a_swap_brings_the_board_alone(client: Client) -> None:
    make_member(make_community(), last_seen_at=clock.now() - timedelta(days=3))

    response = as_staff(client, make_owner()).get("/members/", headers={"HX-Request": "true"})

    body = response.content.decode()
    assert "members-board" in body
    assert "<html" not in body
