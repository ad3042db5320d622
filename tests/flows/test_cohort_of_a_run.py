"""The roles of a cohort end with the run of the camp."""

from datetime import timedelta
from typing import Any

import pytest

from chaguan.communities.actions.roles import give_role
from chaguan.communities.models import MemberRole
from chaguan.communities.testing import make_community, make_member, make_owner, make_room
from chaguan.eventlog.testing import drain
from chaguan.playbooks.actions.runs import stop_run
from chaguan.playbooks.testing import MONDAY, make_run, make_step

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=3)


@pytest.mark.req("TEAM-05")
def test_cohort_roles_end_with_the_last_run_of_the_camp_and_not_before() -> None:
    owner, camp = make_owner(), make_community(type="camp")
    make_room(camp, connector="echo", account_id=1)
    member = make_member(camp)
    fits: dict[str, Any] = {"for": ["camp"]}
    first = make_run(make_step(), community=camp, key="camp_a", **fits)
    second = make_run(make_step(), community=camp, key="camp_b", **fits)
    routine = make_run(make_step(), community=camp, key="daily")
    for role in ("class_monitor", "study_committee_member", "steward"):
        give_role(owner, camp.pk, member.pk, role, now=MONDAY)

    def held() -> set[str]:
        drain()
        rows = MemberRole.objects.filter(until__isnull=True)
        return set(rows.values_list("role", flat=True))

    stop_run(owner, first.pk, "提前结束", now=LATER)
    assert held() == {"class_monitor", "study_committee_member", "steward"}
    stop_run(owner, routine.pk, "换一套", now=LATER)
    assert held() == {"class_monitor", "study_committee_member", "steward"}
    stop_run(owner, second.pk, "结营", now=LATER)
    assert held() == {"steward"}
    ended = MemberRole.objects.filter(role="class_monitor").get()
    assert (ended.since, ended.until) == (MONDAY, LATER)
