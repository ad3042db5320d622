"""A saved question about people, answered anew at each step."""

from datetime import timedelta

import pytest

from chaguan.channels import sender
from chaguan.channels.models import Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.actions.sign_in import sign_in
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.actions.orders import confirm_order
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.testing import MONDAY, make_run, make_step

pytestmark = pytest.mark.django_db

STEADY = {
    "all": [
        {"condition": "signed_in_row", "days": 3, "community": "here"},
        {"not": {"condition": "orders", "times": 1}},
    ]
}
OFFER = make_step(
    kind="touch",
    offset="D1–D5 20:00",
    audience="segment:steady",
    text="{{ member_name }}，第 {{ day }} 天。",
)


@pytest.mark.req("AUD-12")
def test_three_days_in_a_row_and_not_yet_bought_is_an_audience_that_updates_by_itself() -> None:
    community = make_community()
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    steady, buyer, gap = (make_member(community, name=name) for name in ("阿青", "老周", "小满"))
    make_run(OFFER, community=community, segments={"steady": STEADY})
    days = {steady: (0, 1, 2, 3), buyer: (0, 1, 2, 3), gap: (0, 1, 3, 4)}

    got: list[set[tuple[int | None, str]]] = []
    for day in range(5):
        morning = MONDAY + timedelta(days=day)
        for member, signs in days.items():
            if day in signs:
                sign_in(Actor.member(member.pk), community.pk, now=morning)
        if day == 3:
            confirm_order(Actor.system("shop"), buyer.pk, "A-1", now=morning)
        evening = morning + timedelta(hours=11)
        known = Rehearsal.objects.count()
        with clock.moved_to(evening):
            while drain() + tick(evening) + sender.tick(evening):
                pass
        rows = Rehearsal.objects.order_by("pk").values_list("member_id", "text")[known:]
        got.append(set(rows))

    assert got == [
        set(),
        set(),
        {(steady.pk, "阿青，第 3 天。"), (buyer.pk, "老周，第 3 天。")},
        {(steady.pk, "阿青，第 4 天。")},  # bought that morning: out by itself
        {(steady.pk, "阿青，第 5 天。")},  # yesterday's run still stands; a gap begins anew
    ]
