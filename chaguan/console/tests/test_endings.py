from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_owner, make_staff
from chaguan.console.testing import browser_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.actions.orders import confirm_order
from chaguan.people.testing import Member
from chaguan.playbooks.actions.assignments import complete_assignment
from chaguan.playbooks.actions.handovers import hand_over
from chaguan.playbooks.actions.ratings import rate_run
from chaguan.playbooks.engine.clock import finish_runs
from chaguan.playbooks.engine.handover import close_spent_passes
from chaguan.playbooks.models import Assignment, Edition, Handover, Review, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_through,
    make_edition,
    make_run,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
END = MONDAY + 4 * DAY
TOUCH = {"track": "person", "kind": "touch", "audience": "person"}
HUMAN = {"text": None, "kind": "assign", "mode": "human", "instruction": "聊聊"}
SEGMENTS = {
    "bought": {"condition": "orders", "times": 1},
    "active": {"condition": "messages_at_least", "messages": 3, "community": "here"},
}
THEN = [
    {"who": "bought", "start": "delivery", "why": "已下单"},
    {"who": "active", "start": "persona", "why": "活跃的进人设计划"},
    {"start": "light", "why": "其余的轻轻陪着"},
]


def people() -> list[Member]:
    return list(Member.objects.order_by("pk"))


def over(me: Actor, place: Any, **given: Any) -> Run:
    """A run whose every line was ticked, at its end."""
    run = make_run(
        make_step(id="TALK", offset="D1 12:00", actor="operator", **HUMAN),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
        **{"days": 2, **given},
    )
    live_through(MONDAY, MONDAY + 2 * DAY, step=timedelta(hours=3))
    for line in Assignment.objects.filter(run=run):
        complete_assignment(me, line.pk, now=MONDAY + DAY, note="聊过了")
    close_spent_passes(END)
    finish_runs(END)
    run.refresh_from_db()
    return run


def page(me: Actor, run: Run, end: str = "") -> Any:
    with clock.moved_to(END + DAY):
        return browser_of(me).get(f"/playbooks/runs/{run.pk}/end/{end}")


def act(me: Actor, run: Run, code: str, /, **form: Any) -> Any:
    with clock.moved_to(END + DAY):
        path = f"/playbooks/runs/{run.pk}/end/change/"
        return browser_of(me).post(path, {"act": code, **form})


@pytest.mark.req("SOP-17")
def test_everything_done_and_poor_ratings_is_shown_as_done_with_a_weak_result() -> None:
    me = make_owner()
    run = over(me, make_place(members=4))
    for member, stars in zip(people(), (2, 1, 3, 2), strict=True):
        rate_run(Actor.member(member.pk), run.pk, stars, now=END)

    shown = page(me, run)

    figures = {one.code: (one.value, one.of, one.is_weak) for one in shown.context["figures"]}
    assert figures == {
        "steps": ("100%", "到时间的 1 项里做了 1 项", False),
        "rating": ("2.0", "4 人里有 4 人评价，一到五颗星", True),
    }
    assert "做完了，效果弱" in shown.content.decode()
    behind = page(me, run, "rating/")
    assert [stars for _member, stars in behind.context["stars"]] == [2, 1, 3, 2]


@pytest.mark.req("NEW-04")
@pytest.mark.req("SOP-20")
def test_the_closing_page_shows_how_many_went_to_which_plan() -> None:
    me = make_owner()
    for key, title in (("delivery", "交付"), ("persona", "人设计划"), ("light", "轻陪伴")):
        make_edition(make_step(id="T-1", offset="P1 12:00", **TOUCH), key=key, title=title)
    place = make_place(members=6)
    members = people()
    confirm_order(SYSTEM, members[0].pk, "no-1", now=MONDAY)
    Membership.objects.filter(member__in=members[1:3]).update(messages=3)
    run = over(me, place, segments=SEGMENTS, then=THEN)
    hand_over(SYSTEM, now=END)

    shown = page(me, run)

    parts = [(part.title, part.people, part.why) for part, _state, _why in shown.context["parts"]]
    assert parts == [
        ("轻陪伴", 3, "其余的轻轻陪着"),
        ("人设计划", 2, "活跃的进人设计划"),
        ("交付", 1, "已下单"),
    ]
    active = page(me, run, "started-persona/")
    assert [line.member.pk for line in active.context["lines"]] == [m.pk for m in members[1:3]]
    running = Run.objects.filter(state="running").exclude(pk=run.pk)
    assert sorted(row.edition.playbook.key for row in running) == ["delivery", "light", "persona"]


def test_a_person_decides_about_those_nobody_has() -> None:
    me = make_owner()
    make_edition(make_step(id="T-1", offset="P1 12:00", **TOUCH), key="light", title="轻陪伴")
    run = over(me, make_place(members=3), segments=SEGMENTS, then=[{**THEN[0], "start": "light"}])
    hand_over(SYSTEM, now=END)
    first, second, third = (member.pk for member in people())
    assert [row.member_id for row, _why in page(me, run).context["undecided"]] == [
        first,
        second,
        third,
    ]

    assert act(me, run, "send_on", member=[first], plan="light").status_code == 302
    refused = act(me, run, "let_go", member=[second], reason=" ")
    assert act(me, run, "let_go", member=[second], reason="本人说不用").status_code == 302

    assert refused.status_code == 422
    states = dict(Handover.objects.values_list("member_id", "state"))
    assert states == {first: "started", second: "let_go", third: "nobody"}


@pytest.mark.req("SOP-18")
def test_a_run_is_closed_with_its_review_and_the_new_edition_shows_its_diff_and_the_run() -> None:
    me = make_owner()
    run = over(me, make_place(members=1))
    today = browser_of(me).get("/")
    assert [owed.pk for owed in today.context["sheet"].reviews] == [run.pk]
    shown = page(me, run)
    assert "结果" in shown.context["facts"]  # filled in from the report

    refused = act(me, run, "close", facts=shown.context["facts"], causes="")
    assert refused.status_code == 422
    assert "请先写事实和原因" in refused.content.decode()
    assert not Review.objects.filter(closed_at__isnull=False).exists()
    act(me, run, "propose", step="TALK", field="offset", value="D1 20:00", what="晚上人才在")
    change = Review.objects.get().changes.get()
    act(me, run, "accept", change=change.pk)
    before = page(me, run).context["diff"]
    assert Edition.objects.count() == 1
    closed = act(me, run, "close", facts="聊了一位", causes="中午大家在吃饭")

    assert closed.status_code == 302
    edition = Edition.objects.get(number=2)
    assert before == page(me, run).context["diff"] == ["步骤 TALK“早安”从 D1 12:00 改到 D1 20:00。"]
    told = browser_of(me).get(f"/playbooks/{edition.playbook.key}/").content.decode()
    assert f"/playbooks/runs/{run.pk}/end/" in told
    assert browser_of(me).get("/").context["sheet"].reviews == []


def test_who_sees_it_and_who_may_write() -> None:
    place = make_place(members=1)
    lead, analyst = make_staff("community_manager", place), make_staff("data_analyst", place)
    run = over(lead, place)
    stranger = make_staff("community_manager", make_place())

    assert page(stranger, run).status_code == page(stranger, run, "rating/").status_code == 404
    assert act(stranger, run, "save", facts="x", causes="y").status_code == 404
    assert page(analyst, run).status_code == 200
    assert not page(analyst, run).context["may_write"]
    assert act(analyst, run, "save", facts="x", causes="y").status_code == 404
    assert page(lead, run).context["may_write"]
    assert page(lead, run, "nonsense/").status_code == 404
    assert not Review.objects.exists()


def test_what_was_typed_stays_after_a_refusal() -> None:
    me = make_owner()
    run = over(me, make_place(members=1))

    answer = act(me, run, "close", facts="我写的事实", causes="")
    change = act(me, run, "propose", step="TALK", field="offset", value="", what="晚上人才在")

    assert "我写的事实" in answer.content.decode()
    assert "晚上人才在" in change.content.decode()


def test_the_page_asks_as_often_for_many_people_as_for_one() -> None:
    me = make_owner()

    def asked(members: int) -> int:
        run = over(me, make_place(members=members), segments=SEGMENTS, then=THEN[:1])
        hand_over(SYSTEM, now=END)
        page(me, run)
        with CaptureQueriesContext(connection) as queries:
            page(me, run)
        return len(queries)

    assert asked(1) == asked(6) <= 60
