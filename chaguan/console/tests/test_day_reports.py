from datetime import timedelta
from typing import Any

import pytest

from chaguan.communities.testing import make_staff
from chaguan.console.testing import browser_of
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.reports import draft_reports
from chaguan.playbooks.models import Assignment, DayReport, Trouble
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_through, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NIGHT = MONDAY + timedelta(hours=12, minutes=40)  # 21:40 in Shanghai
DAY = "2026-01-05"
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
}


def lived(me: Actor, place: Any) -> None:
    make_run(
        make_step(id="A", offset="D1 10:00", title="早上聊", **HUMAN),
        make_step(id="B", offset="D1 11:00", title="中午聊", **HUMAN),
        community=place,
        people={"operator": Person(user_id=me.user_id)},
    )
    live_through(MONDAY, MONDAY + 3 * HOUR)


def get(me: Actor, path: str, at: Any = NIGHT) -> Any:
    with clock.moved_to(at):
        return browser_of(me).get(path)


def post(me: Actor, path: str, at: Any = NIGHT, **form: Any) -> Any:
    with clock.moved_to(at):
        return browser_of(me).post(path, form)


def tick(me: Actor, code: str, at: Any) -> None:
    line = Assignment.objects.get(step__code=code)
    answer = post(me, f"/today/{line.pk}/", at, step="complete", note="谈妥了")
    assert answer.status_code == 302


def done(answer: Any) -> list[str]:
    return [step.first.line.step.title for step in answer.context["page"].done]


@pytest.mark.req("TEAM-09")
def test_the_evening_has_a_draft_and_an_exception_needs_a_proposal_and_lasts_until_closed() -> None:
    me = make_staff("community_manager")
    place = make_place()
    lived(me, place)
    tick(me, "A", MONDAY + 4 * HOUR)
    theirs, mine = f"/communities/{place.slug}/day/{DAY}/", f"/today/day/{DAY}/"
    assert "21:30" in get(me, theirs).content.decode()  # not drafted yet
    with clock.moved_to(NIGHT):
        draft_reports(SYSTEM, now=NIGHT)

    for path in (theirs, mine):
        page = get(me, path)
        assert page.context["kept"].report.submitted_at is None
        assert done(page) == ["早上聊"]
    assert {figure.label for figure in get(me, theirs).context["figures"]}
    tick(me, "B", NIGHT)
    assert done(get(me, theirs)) == done(get(me, mine)) == ["早上聊", "中午聊"]

    refused = post(me, f"{theirs}change/", act="file", what="讲师没到", proposal=" ")
    assert refused.status_code == 422
    assert "没有处理建议的异常不能提交" in refused.content.decode()
    assert "讲师没到" in refused.content.decode()  # what was typed stays
    assert not Trouble.objects.exists()
    post(me, f"{theirs}change/", act="file", what="讲师没到", proposal="改到周三")
    trouble = Trouble.objects.get()
    later = NIGHT + timedelta(days=9)
    assert [one.pk for one in get(me, "/", later).context["sheet"].troubles] == [trouble.pk]
    post(me, f"{theirs}change/", act="close", trouble=trouble.pk, outcome="周三补上了")
    assert get(me, "/", later).context["sheet"].troubles == []

    for path in (theirs, mine):
        assert post(me, f"{path}change/", act="hand_in", note="一切顺利").status_code == 302
        assert get(me, path).context["kept"].counts["done"] == 2
    assert DayReport.objects.filter(submitted_at__isnull=False).count() == 2


def test_who_may_read_it_may_not_hand_it_in() -> None:
    place = make_place()
    me, analyst = make_staff("community_manager", place), make_staff("data_analyst", place)
    lived(me, place)
    with clock.moved_to(NIGHT):
        draft_reports(SYSTEM, now=NIGHT)
    path = f"/communities/{place.slug}/day/{DAY}/"

    assert 'name="note"' not in get(analyst, path).content.decode()
    for act in ("hand_in", "file"):
        answer = post(analyst, f"{path}change/", act=act, what="x", proposal="y")
        assert answer.status_code == 403
    assert post(make_staff("community_manager", make_place()), f"{path}change/").status_code == 404
    assert not Trouble.objects.exists()
    assert not DayReport.objects.filter(submitted_at__isnull=False).exists()


def test_an_own_day_before_the_evening_cannot_be_handed_in() -> None:
    me = make_staff("community_manager")

    answer = post(me, f"/today/day/{DAY}/change/", MONDAY, note="早退")

    assert answer.status_code == 409
    assert "21:30" in answer.content.decode()
    assert get(me, "/today/day/2027-01-01/").status_code == 404
    assert get(me, "/today/day/x/").status_code == 404
