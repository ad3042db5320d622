from datetime import timedelta

import pytest

from chaguan.communities.actions import join_community, leave_community, remove_member
from chaguan.communities.actions.communities import edit_community
from chaguan.communities.actions.roles import end_role, give_role, open_session
from chaguan.communities.errors import NotAMember
from chaguan.communities.events import MemberLeft, RoleEnded, RoleGiven, SessionOpened
from chaguan.communities.models import MemberRole
from chaguan.communities.roles import IN_ROOM_ROLES, STAFF_ROLES
from chaguan.communities.selectors import has_right, rights_of
from chaguan.communities.selectors.memberships import (
    memberships_of,
    memberships_visible_to,
    role_history,
)
from chaguan.communities.selectors.places import badges_in
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.communities.types import InRoomRole, Right
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH


@pytest.mark.req("TEAM-02")
def test_session_host_may_open_a_session_and_nothing_else_and_wears_the_badge() -> None:
    community, other = make_community(), make_community()
    make_room(community)
    member, bystander = make_member(community), make_member(community)
    host, owner = Actor.member(member.pk), make_owner()
    with pytest.raises(Refused):
        open_session(host, community.pk, "明前茶", now=NOW)

    give_role(owner, community.pk, member.pk, "session_host", now=NOW)

    assert {r for r in Right if has_right(host, r, community.pk)} == {Right.OPEN_SESSION}
    assert not any(has_right(host, r, other.pk) or has_right(host, r) for r in Right)
    assert open_session(host, community.pk, "明前茶", now=NOW) == 1
    assert recorded(SessionOpened.name) == [SessionOpened(community.pk, "明前茶", member.pk)]
    assert "明前茶" in OutboxRow.objects.get().payload["text"]
    for forbidden in (
        lambda: remove_member(host, community.pk, bystander.pk, reason="x", now=NOW),
        lambda: give_role(host, community.pk, bystander.pk, "steward", now=NOW),
        lambda: edit_community(host, community.pk, {"name": "x"}, now=NOW),
        lambda: join_community(host, community.pk, make_member().pk, now=NOW),
        lambda: open_session(host, other.pk, "x", now=NOW),
    ):
        with pytest.raises(Refused):
            forbidden()

    assert {
        k: [str(b) for b in v]
        for k, v in badges_in(community.pk, [member.pk, bystander.pk]).items()
    } == {member.pk: [str(IN_ROOM_ROLES[InRoomRole.SESSION_HOST].badge)]}
    people = {m.member_id: m for m in memberships_visible_to(owner, community.pk)}
    assert [r.role for r in people[member.pk].open_roles] == ["session_host"]  # type: ignore[attr-defined]
    assert people[bystander.pk].open_roles == []  # type: ignore[attr-defined]


@pytest.mark.req("TEAM-01")
def test_six_staff_roles_and_the_analyst_opens_reports_but_approves_nobody() -> None:
    community = make_community(is_screened=True)
    analyst = make_staff("data_analyst")
    applicant = make_member()

    assert len(STAFF_ROLES) == 6
    assert all(role.rights and role.work for role in STAFF_ROLES.values())
    assert has_right(analyst, Right.VIEW_REPORTS)
    assert has_right(analyst, Right.VIEW_REPORTS, community.pk)
    assert not has_right(analyst, Right.ADMIT_MEMBERS, community.pk)
    with pytest.raises(Refused):
        join_community(analyst, community.pk, applicant.pk, now=NOW)
    assert not rights_of(analyst).has_all


def test_every_in_room_role_has_a_badge_and_a_duty() -> None:
    assert set(IN_ROOM_ROLES) == set(InRoomRole)
    assert all(role.badge and role.duty for role in IN_ROOM_ROLES.values())
    manage = {Right.MANAGE_STAFF, Right.MANAGE_SETTINGS, Right.IMPORT, Right.DECIDE_OUTBOX}
    assert not any(role.rights & manage for role in IN_ROOM_ROLES.values())


def test_roles_begin_end_and_stay_as_history() -> None:
    community, owner = make_community(), make_owner()
    member = make_member(community)
    ids = (community.pk, member.pk)

    assert give_role(owner, *ids, "steward", now=NOW)
    assert not give_role(owner, *ids, "steward", now=NOW)
    assert end_role(owner, *ids, "steward", now=NOW + timedelta(days=7))
    assert not end_role(owner, *ids, "steward", now=NOW)
    assert give_role(owner, *ids, "steward", now=NOW + timedelta(days=9))
    assert leave_community(Actor.member(member.pk), *ids, now=NOW + timedelta(days=10))

    history = list(role_history(*ids).values_list("since", "until"))
    assert history == [
        (NOW + timedelta(days=9), NOW + timedelta(days=10)),
        (NOW, NOW + timedelta(days=7)),
    ]
    assert recorded() == [
        RoleGiven(*ids, "steward"),
        RoleEnded(*ids, "steward"),
        RoleGiven(*ids, "steward"),
        MemberLeft(*ids),
    ]
    assert not has_right(Actor.member(member.pk), Right.VIEW_MEMBERS, community.pk)


def test_roles_are_for_members_and_given_by_those_with_the_right() -> None:
    community = make_community()
    member = make_member(community)

    with pytest.raises(NotAMember):
        give_role(make_owner(), community.pk, make_member().pk, "steward", now=NOW)
    with pytest.raises(Invalid):
        give_role(make_owner(), community.pk, member.pk, "king", now=NOW)
    with pytest.raises(Refused):
        give_role(
            make_staff("community_manager", make_community()),
            community.pk,
            member.pk,
            "steward",
            now=NOW,
        )

    assert not MemberRole.objects.exists()
    assert recorded() == []


def test_memberships_are_shown_as_far_as_rights_reach() -> None:
    here, there = make_community(), make_community()
    member = make_member(here)
    join_community(Actor.system(), there.pk, member.pk, now=NOW + timedelta(days=1))
    lead = make_staff("community_manager", here)

    assert [m.community_id for m in memberships_of(lead, member.pk)] == [here.pk]
    assert [m.community_id for m in memberships_of(Actor.member(member.pk), member.pk)] == [
        there.pk,
        here.pk,
    ]
    assert not memberships_visible_to(lead, there.pk).exists()
