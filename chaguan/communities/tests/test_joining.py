from datetime import timedelta

import pytest

from chaguan.communities.actions import (
    apply_to_join,
    join_community,
    leave_community,
    remove_member,
)
from chaguan.communities.errors import CommunityClosed
from chaguan.communities.events import MemberJoined, MemberLeft, MemberRemoved
from chaguan.communities.models import MemberRole, Membership
from chaguan.communities.testing import make_community, make_member, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing, Refused
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH + timedelta(days=1)


def test_member_joins_once_leaves_and_comes_back() -> None:
    community, member = make_community(), make_member()
    actor = Actor.member(member.pk)

    assert join_community(actor, community.pk, member.pk, now=NOW, origin="link")
    assert not join_community(actor, community.pk, member.pk, now=NOW)
    assert leave_community(actor, community.pk, member.pk, now=NOW + timedelta(hours=1))
    assert not leave_community(actor, community.pk, member.pk, now=NOW)
    assert join_community(actor, community.pk, member.pk, now=NOW + timedelta(hours=2))

    assert recorded() == [
        MemberJoined(community.pk, member.pk, origin="link"),
        MemberLeft(community.pk, member.pk),
        MemberJoined(community.pk, member.pk),
    ]
    membership = Membership.objects.get()
    assert (membership.state, membership.left_at) == ("in", None)
    assert membership.joined_at == NOW + timedelta(hours=2)


def test_removing_ends_roles_and_keeps_them_as_history() -> None:
    community = make_community()
    member = make_member(community, role="steward")

    remove_member(make_staff(), community.pk, member.pk, reason="广告", now=NOW)

    assert recorded() == [MemberRemoved(community.pk, member.pk, reason="广告")]
    assert MemberRole.objects.get().until == NOW
    assert Membership.objects.get().state == "removed"


def test_stranger_brings_nobody_in_and_nothing_is_written() -> None:
    community, member = make_community(), make_member()

    with pytest.raises(Refused):
        join_community(Actor.member(make_member().pk), community.pk, member.pk, now=NOW)
    with pytest.raises(Refused):
        remove_member(Actor.member(member.pk), community.pk, member.pk, reason="", now=NOW)

    assert not Membership.objects.exists()
    assert recorded() == []


def test_screened_community_wants_an_application_first() -> None:
    community, member = make_community(is_screened=True), make_member()
    actor = Actor.member(member.pk)

    with pytest.raises(Refused) as refusal:
        join_community(actor, community.pk, member.pk, now=NOW)
    apply_to_join(actor, community.pk, member.pk, now=NOW)
    asked = Membership.objects.get().state
    join_community(make_staff(), community.pk, member.pk, now=NOW)

    assert refusal.value.code == "screened"
    assert asked == "applied"
    assert Membership.objects.get().state == "in"
    assert recorded() == [MemberJoined(community.pk, member.pk)]


def test_closed_or_unknown_community_takes_nobody() -> None:
    community, member = make_community(phase="closed"), make_member()

    with pytest.raises(CommunityClosed):
        join_community(Actor.system(), community.pk, member.pk, now=NOW)
    with pytest.raises(Missing):
        join_community(Actor.system(), 999, member.pk, now=NOW)

    assert not Membership.objects.exists()
