"""A room message for newcomers: it names those who came since the last one, and nobody twice."""

from datetime import timedelta

import pytest

from chaguan.channels.models import Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.playbooks.models import Occurrence
from chaguan.playbooks.testing import MONDAY, live_and_send, make_run, make_step, texts

pytestmark = pytest.mark.django_db


def test_each_newcomer_is_greeted_once_and_a_day_without_any_stays_silent() -> None:
    community = make_community()
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    for name, hours in (("阿青", -48), ("老周", -1), ("小满", 30), ("旧友", -24 * 30)):
        member = make_member(community, name=name)
        came = MONDAY + timedelta(hours=hours)
        Membership.objects.filter(member=member).update(joined_at=came)
    greet = make_step(offset="D1–D3 10:00", audience="newcomer", text="欢迎{{ newcomer_names }}")
    make_run(greet, community=community)

    live_and_send(MONDAY, MONDAY + timedelta(days=3), step=timedelta(hours=1))

    assert texts(list(Rehearsal.objects.order_by("pk"))) == ["欢迎阿青、老周", "欢迎小满"]
    states = Occurrence.objects.order_by("due_at").values_list("state", "reason")
    assert list(states) == [("done", ""), ("skipped", "condition"), ("done", "")]
