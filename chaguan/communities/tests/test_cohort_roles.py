from datetime import timedelta
from typing import Any

import pytest

from chaguan.communities.actions.phases import move_phase
from chaguan.communities.actions.roles import end_cohort_roles, give_role
from chaguan.communities.events import RoleEnded, RoleGiven
from chaguan.communities.models import MemberRole
from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.memberships import memberships_visible_to, role_history
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.communities.ticks import end_roles_that_are_over
from chaguan.communities.types import Right
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.people.selectors.timeline import timeline
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH + timedelta(days=1)
END = NOW + timedelta(days=7)
COHORT = ["class_teacher", "class_monitor", "teaching_assistant", "study_committee_member"]


@pytest.mark.req("TEAM-05")
def test_cohort_roles_expire_with_the_cohort_and_stay_in_the_members_history() -> None:
    owner = make_owner()
    camp = make_community(type="camp", closes_at=END)
    member, other = make_member(camp), make_member(camp)
    for role in (*COHORT, "expert"):
        assert give_role(owner, camp.pk, member.pk, role, now=NOW)
    give_role(owner, camp.pk, other.pk, "session_host", now=NOW, ends_at=NOW + timedelta(days=2))
    assert has_right(Actor.member(member.pk), Right.ADMIT_MEMBERS, camp.pk)

    assert end_roles_that_are_over(NOW + timedelta(days=2) - timedelta(seconds=1)) == 0
    assert end_roles_that_are_over(NOW + timedelta(days=2)) == 1  # a time-limited role of its own
    assert end_roles_that_are_over(END - timedelta(seconds=1)) == 0
    assert end_roles_that_are_over(END) == 4
    assert end_roles_that_are_over(END + timedelta(days=1)) == 0

    people: dict[int, Any] = {m.member_id: m for m in memberships_visible_to(owner, camp.pk)}
    assert [r.role for r in people[member.pk].open_roles] == ["expert"]  # prefetched as badges
    assert not has_right(Actor.member(member.pk), Right.ADMIT_MEMBERS, camp.pk)
    history = {row.role: (row.since, row.until) for row in role_history(camp.pk, member.pk)}
    assert history == dict.fromkeys(COHORT, (NOW, END)) | {"expert": (NOW, None)}
    ended: list[Any] = [f for f in recorded(RoleEnded.name) if f.member_id == member.pk]  # type: ignore[attr-defined] # RoleEnded
    assert sorted(fact.role for fact in ended) == sorted(COHORT)
    told = [entry.kind for entry in timeline(owner, member.pk, before=None, limit=50)]
    assert told.count(RoleGiven.name) == 5
    assert told.count(RoleEnded.name) == 4


def test_closing_the_camp_ends_them_and_nobody_elses() -> None:
    owner = make_owner()
    camp, other = make_community(type="camp", phase="closing"), make_community(type="camp")
    for community in (camp, other):
        for role in ("class_monitor", "steward"):
            give_role(owner, community.pk, make_member(community).pk, role, now=NOW)
    move_phase(Actor.system("clock"), camp.pk, "closed", now=END)

    open_rows = MemberRole.objects.filter(until__isnull=True).order_by("pk")
    assert list(open_rows.values_list("membership__community_id", "role")) == [
        (camp.pk, "steward"),
        (other.pk, "class_monitor"),
        (other.pk, "steward"),
    ]


def test_an_end_lies_ahead_and_only_who_edits_the_community_gives_or_ends() -> None:
    camp = make_community(type="camp")
    member = make_member(camp)
    with pytest.raises(Invalid):
        give_role(make_owner(), camp.pk, member.pk, "class_monitor", now=NOW, ends_at=NOW)
    with pytest.raises(Refused):
        give_role(make_staff("data_analyst"), camp.pk, member.pk, "class_monitor", now=NOW)
    give_role(make_owner(), camp.pk, member.pk, "class_monitor", now=NOW)
    with pytest.raises(Refused):
        end_cohort_roles(make_staff("data_analyst"), [camp.pk], now=NOW)
    assert MemberRole.objects.get().until is None
