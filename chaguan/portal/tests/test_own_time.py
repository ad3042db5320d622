"""A steward says how many minutes a week she can give; the planning board warns by it."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.testing import make_community, make_member, make_owner, make_room
from chaguan.kernel import clock
from chaguan.playbooks.models import Capacity
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.capacity import planning_board
from chaguan.playbooks.testing import MONDAY, make_run, make_step
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_minutes_she_says_herself_feed_the_warning_on_the_board() -> None:
    community = make_community()
    make_room(community, connector="echo", account_id=1)
    steward = make_member(community, role="duty_steward", name="周岚")
    step = make_step(
        kind="assign", actor="duty_steward", mode="human", text=None, offset="D1–D5 10:00",
        instruction="看一眼", audience="staff", minutes=30,
    )  # fmt: skip
    make_run(step, community=community, people={"duty_steward": Person(member_id=steward.pk)})
    phone = phone_of(steward.pk)
    with clock.moved_to(MONDAY):
        page = phone.get("/m/duty/").content.decode()
        assert "这周大约要你花 150 分钟" in page
        assert phone.post("/m/duty/time/", {"minutes": "90"}).status_code == 302
        assert "你只能给 90 分钟" in phone.get("/m/duty/").content.decode()
        for wrong in ("-1", "20000", "一点", "1.5"):
            assert phone.post("/m/duty/time/", {"minutes": wrong}).status_code == 422

    (line,) = planning_board(make_owner(), date(2026, 1, 5), 1, SHANGHAI, now=MONDAY)
    assert (line.name, line.capacity, line.weeks[0].over_by) == ("周岚", 90, 60)
    assert Capacity.objects.get().by == f"member:{steward.pk}"
    assert phone.post("/m/duty/time/", {"minutes": ""}).status_code == 302
    assert not Capacity.objects.exists()


def test_who_only_has_a_duty_may_say_it_and_who_has_none_may_not() -> None:
    community = make_community()
    steward = make_member(community, role="duty_steward")
    guest = make_member(community)

    assert phone_of(steward.pk).post("/m/duty/time/", {"minutes": "60"}).status_code == 302
    assert phone_of(guest.pk).post("/m/duty/time/", {"minutes": "60"}).status_code == 404

    assert list(Capacity.objects.values_list("member", flat=True)) == [steward.pk]
