from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chaguan.communities.actions.staff import (
    edit_role_rights,
    end_post,
    ensure_defaults,
    give_post,
)
from chaguan.communities.models import StaffPost, StaffRole
from chaguan.communities.selectors import (
    communities_visible_to,
    community_ids_with,
    has_right,
)
from chaguan.communities.selectors.rights import remembering_rights
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_staff,
    make_stranger,
)
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.people.selectors import members_visible_to

pytestmark = pytest.mark.django_db


def test_owner_and_system_may_do_everything() -> None:
    community = make_community()

    for actor in (make_owner(), Actor.system()):
        assert all(
            has_right(actor, right, community.pk) and has_right(actor, right) for right in Right
        )
        assert communities_visible_to(actor).get() == community


def test_anonymous_stranger_and_plain_member_may_do_nothing() -> None:
    community = make_community()
    inside = Actor.member(make_member(community).pk)

    for actor in (Actor.anonymous(), make_stranger(), Actor.staff(9999), inside):
        assert not any(has_right(actor, right, community.pk) for right in Right)
        assert not communities_visible_to(actor).exists()
        assert not members_visible_to(actor).exists()


def test_inactive_login_loses_everything() -> None:
    owner = make_owner()
    assert owner.user_id is not None
    get_user_model().objects.filter(pk=owner.user_id).update(is_active=False)

    assert not has_right(owner, Right.VIEW_COMMUNITY)


@pytest.mark.req("TEAM-07")
def test_steward_of_one_community_gets_nothing_of_another() -> None:
    chapter_a, chapter_b = make_community(), make_community()
    keeper = make_member(chapter_a, role="steward")
    steward = Actor.member(keeper.pk)
    make_member(chapter_b, name="远方")

    assert has_right(steward, Right.VIEW_MEMBERS, chapter_a.pk)
    assert not any(has_right(steward, right, chapter_b.pk) for right in Right)
    assert not any(has_right(steward, right) for right in Right)
    assert list(communities_visible_to(steward, Right.VIEW_MEMBERS)) == [chapter_a]
    assert list(members_visible_to(steward)) == [keeper]


def test_post_in_one_community_stays_there() -> None:
    here, there = make_community(), make_community()
    lead = make_staff("community_manager", here)

    assert community_ids_with(lead, Right.ADMIT_MEMBERS) == frozenset({here.pk})
    assert list(communities_visible_to(lead)) == [here]
    assert not has_right(lead, Right.ADMIT_MEMBERS, there.pk)
    assert not has_right(lead, Right.ADMIT_MEMBERS)


def test_post_everywhere_covers_all_communities() -> None:
    lead = make_staff("community_manager")

    assert community_ids_with(lead, Right.ADMIT_MEMBERS) is None
    assert has_right(lead, Right.ADMIT_MEMBERS, make_community().pk)


def test_rights_of_a_role_can_be_edited_and_defaults_do_not_come_back() -> None:
    analyst = make_staff("data_analyst")

    edit_role_rights(make_owner(), "data_analyst", [Right.VIEW_REPORTS])
    ensure_defaults(Actor.system())

    assert not has_right(analyst, Right.VIEW_MEMBERS)
    assert StaffRole.objects.count() == 6
    with pytest.raises(Invalid, match="fly"):
        edit_role_rights(make_owner(), "data_analyst", ["fly"])


def test_staff_cannot_raise_themselves_and_nothing_is_written() -> None:
    lead = make_staff("community_manager")
    assert lead.user_id is not None

    with pytest.raises(Refused) as refusal:
        give_post(lead, lead.user_id, "planning_lead")

    assert refusal.value.code == "no_right"
    assert StaffPost.objects.count() == 1


def test_same_post_twice_is_one_and_ending_takes_the_right() -> None:
    community, owner = make_community(), make_owner()
    lead = make_staff("community_manager", community)
    assert lead.user_id is not None

    post = give_post(owner, lead.user_id, "community_manager", community_id=community.pk)
    assert StaffPost.objects.count() == 1
    end_post(owner, post.pk)

    assert not has_right(lead, Right.VIEW_COMMUNITY, community.pk)


def test_rights_are_read_once_a_request(django_assert_num_queries: Any) -> None:
    community = make_community()
    lead = make_staff("community_manager", community)

    with remembering_rights(), django_assert_num_queries(1):
        for _turn in range(5):
            assert has_right(lead, Right.VIEW_MEMBERS, community.pk)
        assert not has_right(lead, Right.VIEW_MEMBERS)
