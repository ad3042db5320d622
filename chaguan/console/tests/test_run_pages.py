"""A run's pages: board, calendar, one step; talks taken over, the planning board, the plan on paper."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_member, make_owner, make_staff, make_stranger
from chaguan.console.testing import browser_of
from chaguan.console.waiting import today_waiting
from chaguan.kernel import clock
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.actions.runs import Start, shift_run, start_run
from chaguan.playbooks.models import Capacity, Occurrence, Run, SkippedStep, TakeOver
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, make_edition, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = MONDAY + 3 * HOUR
SHANGHAI = ZoneInfo("Asia/Shanghai")
WORK = {"kind": "assign", "mode": "human", "text": None, "instruction": "聊聊", "actor": "operator"}
HTMX = {"HX-Request": "true"}


def a_run(**over: Any) -> tuple[Run, Client]:
    """A run with a step done, one to come, one of people, seen at noon of its first day by the owner."""
    owner = make_owner()
    run = make_run(
        make_step(id="A", title="早安", offset="D1–D3 10:00"),
        make_step(id="B", title="聊一聊", offset="D2 15:00", minutes=90, **WORK),
        make_step(
            id="P", title="私聊", track="person", kind="touch", audience="person", offset="P2 10:00"
        ),
        community=make_place(**over),
        people={"operator": Person(user_id=owner.user_id)},
    )
    live_and_send(MONDAY, NOON, step=HOUR)
    return run, browser_of(owner)


def get(browser: Client, path: str) -> Any:
    with clock.moved_to(NOON):
        return browser.get(path)


def post(browser: Client, path: str, **form: Any) -> Any:
    with clock.moved_to(NOON):
        return browser.post(path, form, headers=HTMX)


def test_the_board_shows_every_step_and_opens_it() -> None:
    run, browser = a_run()

    page = get(browser, f"/playbooks/runs/{run.pk}/")

    board = {column.code: column.total for column, _w, _l in page.context["columns"]}
    assert board == {
        "unknown": 0, "failed": 0, "late": 0, "held": 0, "waiting": 4, "done": 1, "skipped": 0,
    }  # fmt: skip
    assert f'href="/playbooks/runs/{run.pk}/steps/P/"' in page.content.decode()
    first = Occurrence.objects.get(step__code="A", due_at=MONDAY + HOUR)
    step = get(browser, f"/playbooks/runs/{run.pk}/steps/A/?at={first.pk}")
    assert [line.text for line in step.context["messages_shown"]] == [f"早安，{run.community.name}"]
    for wrong in ("steps/NONE/", "steps/A/?at=999999", f"steps/B/?at={first.pk}"):
        assert get(browser, f"/playbooks/runs/{run.pk}/{wrong}").status_code == 404


def test_a_board_of_thousands_needs_few_queries(django_assert_max_num_queries: Any) -> None:
    run, browser = a_run()
    step = run.edition.steps.get(code="A")
    Occurrence.objects.bulk_create(
        Occurrence(run=run, step=step, slot=f"n{n}", due_at=NOON + n * HOUR) for n in range(2000)
    )
    get(browser, f"/playbooks/runs/{run.pk}/")

    with django_assert_max_num_queries(30):
        page = get(browser, f"/playbooks/runs/{run.pk}/?column=waiting&page=2")
    with django_assert_max_num_queries(30):
        get(browser, f"/playbooks/runs/{run.pk}/?view=calendar")

    ((column, _words, _look),) = page.context["columns"]
    assert (column.page, len(column.cards), column.total) == (2, 60, 2004)


def test_the_calendar_shows_the_days_of_the_run_and_survives_any_day() -> None:
    run, browser = a_run()

    grid = get(browser, f"/playbooks/runs/{run.pk}/?view=calendar").context["grid"]

    shown = {
        cell.day: [(entry.step.code, entry.people) for entry, _look in cell.entries]
        for week in grid.weeks
        for cell in week
        if cell.entries
    }
    assert shown == {
        date(2026, 1, 5): [("A", 0)],
        date(2026, 1, 6): [("A", 0), ("P", 3), ("B", 0)],
        date(2026, 1, 7): [("A", 0)],
    }
    for day in ("2026-02-30", "nonsense", "0001-01-01", "9999-12-31", ""):
        for span in ("week", "month"):
            page = get(browser, f"/playbooks/runs/{run.pk}/?view=calendar&span={span}&day={day}")
            assert page.status_code == 200


def test_a_change_offers_its_way_back() -> None:
    run, browser = a_run()
    path = f"/playbooks/runs/{run.pk}/change/"

    skipped = post(browser, path, act="skip", step="A", reason="放假")

    assert SkippedStep.objects.count() == 1
    back = f"{path}?act=restore&amp;step=A"
    assert f'hx-post="{back}"' in skipped.content.decode()
    undone = post(browser, back.replace("&amp;", "&"))
    assert (undone.status_code, undone["HX-Refresh"]) == (200, "true")
    assert SkippedStep.objects.count() == 0
    assert Occurrence.objects.filter(step__code="A", state="waiting").count() == 2


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"act": "reschedule", "at": "2026-01-08T10:00", "reason": "补"}, 422),
        ({"act": "reschedule", "occurrence": "1", "at": "soon", "reason": "补"}, 422),
        ({"act": "reschedule", "occurrence": "1", "at": "2020-01-01T10:00", "reason": "补"}, 422),
        ({"act": "shift-step", "step": "A", "days": "x", "reason": "y"}, 409),
        ({"act": "shift-step", "step": "NONE", "days": "1", "reason": "y"}, 404),
        ({"act": "pause-room", "room": "999999", "reason": "y"}, 404),
        ({"act": "nonsense"}, 409),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(form: dict[str, str], code: int) -> None:
    run, browser = a_run()
    before = list(Occurrence.objects.order_by("pk").values())

    answer = post(browser, f"/playbooks/runs/{run.pk}/change/", **form)

    assert (answer.status_code, bool(answer.context["refusal"])) == (code, True)
    assert list(Occurrence.objects.order_by("pk").values()) == before


def test_strangers_find_nothing_of_a_run() -> None:
    run, _browser = a_run()
    stranger = browser_of(make_stranger())
    home = f"/playbooks/runs/{run.pk}/"

    for path in (home, f"{home}steps/A/", "/playbooks/planning/"):
        assert get(stranger, path).status_code == 404
    assert get(stranger, f"/communities/{run.community.slug}/plan/").status_code == 404
    assert post(stranger, f"{home}change/", act="pause").status_code == 404
    run.refresh_from_db()
    assert run.state == "running"


def test_a_talk_is_taken_over_and_handed_back_on_the_profile() -> None:
    run, browser = a_run()
    member = Membership.objects.filter(community=run.community).first()
    assert member is not None
    path = f"/members/{member.member.public_id}/"
    community = str(run.community_id)

    post(browser, f"{path}change/", act="take_over", community=community, reason="他在问价格")

    page = get(browser, path)
    (talk,) = page.context["talks"]
    assert (talk.place, talk.open.reason) == (run.community.name, "他在问价格")
    live_and_send(MONDAY + DAY, MONDAY + DAY + 2 * HOUR, step=HOUR)
    held = OutboxRow.objects.get(member_id=member.member_id)
    assert (held.state, held.reason) == ("suppressed", "taken_over")
    page = get(browser, path)
    assert [row.pk for row in page.context["talks"][0].held] == [held.pk]
    bare = post(browser, f"{path}change/", act="hand_back_drop", community=community)
    assert bare.status_code == 422
    post(browser, f"{path}change/", act="hand_back_drop", community=community, reason="都聊过了")
    held.refresh_from_db()
    assert (held.state, held.reason) == ("cancelled", "talk_dropped")
    assert TakeOver.objects.get().until is not None
    assert get(browser, path).context["talks"][0].open is None


@pytest.mark.req("TEAM-08")
def test_hours_are_written_on_the_planning_board_which_shows_the_overload() -> None:
    run, browser = a_run()
    who = f"u-{run.roles.get().user_id}"

    quiet = get(browser, "/playbooks/planning/")
    assert (quiet.context["too_much"], "planning__week--over" in quiet.content.decode()) == (
        [],
        False,
    )
    wrong = post(browser, "/playbooks/planning/", who=who, hours="viel")
    assert (wrong.status_code, 'role="alert"' in wrong.content.decode()) == (422, True)
    assert "viel" in wrong.content.decode()
    assert post(browser, "/playbooks/planning/", who=who, hours="1").status_code == 302

    page = get(browser, "/playbooks/planning/")

    assert Capacity.objects.get().minutes_per_week == 60
    week = page.context["board"][0][1].weeks[0]
    assert (week.minutes, week.over_by) == (90, 30)
    assert "planning__week--over" in page.content.decode()


@pytest.mark.req("SOP-21")
def test_the_plan_has_goal_roles_and_risks_and_the_dates_of_its_runs() -> None:
    run, browser = a_run(purpose="一起喝茶", audience="茶友", expected_effect="天天有人泡茶")
    path = f"/communities/{run.community.slug}/plan/"

    def dates() -> list[tuple[date, str, datetime]]:
        (one,) = get(browser, path).context["runs"]
        return [
            (day, entry.step.code, entry.at)
            for day, entries in one["days"]
            for entry, _look in entries
            if not entry.people
        ]

    def occurrences() -> list[tuple[date, str, datetime]]:
        rows = Occurrence.objects.filter(run=run).order_by("due_at", "step__place")
        return [(r.due_at.astimezone(SHANGHAI).date(), r.step.code, r.due_at) for r in rows]

    assert dates() == occurrences() != []
    shift_run(make_owner(), run.pk, 3, now=NOON)
    assert dates() == occurrences()
    assert occurrences()[-1][0] == date(2026, 1, 10)
    text = get(browser, path).content.decode()
    for words in ("一起喝茶", "茶友", "天天有人泡茶", "聊一聊", 'data-day="2026-01-10"', "1.5"):
        assert words in text
    assert "data-print" in text


def test_a_colleagues_sensitive_message_waits_on_todays_page() -> None:
    place = make_place()
    starter, colleague = (make_staff("community_manager", place) for _ in range(2))

    edition = make_edition(make_step(needs_approval=True, lateness="send"))
    start = Start(MONDAY.date(), people={"operator": Person(user_id=starter.user_id)})
    start_run(starter, edition.pk, place.pk, start, now=MONDAY)
    live_and_send(MONDAY, NOON, step=HOUR)

    mine = get(browser_of(starter), "/").context["sheet"]
    (heap,) = get(browser_of(colleague), "/").context["sheet"].to_approve
    theirs = heap.duty
    with clock.moved_to(NOON):
        assert (today_waiting(colleague), today_waiting(starter)) == (1, 1)

    assert ([duty.way for duty in mine.duties], mine.to_approve) == (["second"], [])
    assert (theirs.way, theirs.line.text) == ("approve", f"早安，{place.name}")
    refused = post(browser_of(starter), f"/today/{theirs.pk}/", step="approve")
    assert (refused.status_code, 'role="alert"' in refused.content.decode()) == (422, True)
    assert post(browser_of(colleague), f"/today/{theirs.pk}/", step="approve").status_code == 200
    assert OutboxRow.objects.get().state == "planned"


def test_the_preview_warns_when_a_day_asks_more_than_a_member_who_helps_can_give() -> None:
    owner, place = make_owner(), make_place()
    steward = make_member(place, role="duty_steward", name="周岚")
    work = {**WORK, "actor": "duty_steward"}
    make_edition(
        make_step(id="W", offset="D1 10:00", minutes=130, **work),
        make_step(id="X", offset="D2 10:00", minutes=90, **work),
    )

    path = f"/playbooks/small/start/?community={place.pk}&starts_on=2026-02-02"
    page = get(browser_of(owner), f"{path}&role-duty_steward=m-{steward.pk}")

    (worker,) = page.context["workers"]
    assert [(one.asked, one.limit) for one in worker.full_days] == [(130, 120)]
    assert worker.is_over
    html = page.content.decode()
    assert html.index("notice--warn") < html.index('id="whose-hours"')


def preview_page(browser: Client, place: Any, day: str) -> Any:
    return get(browser, f"/playbooks/small/start/?community={place.pk}&starts_on={day}")


@pytest.mark.req("SOP-05")
def test_both_tracks_stand_side_by_side_per_day_and_move_with_the_first_day() -> None:
    owner, place = make_owner(), make_place()
    make_edition(
        make_step(id="R", offset="D1 10:00, D2 10:00"),
        make_step(id="T", track="person", offset="P2 11:00", audience="person", minutes=10, **WORK),
    )
    browser = browser_of(owner)

    def shown(day: str) -> dict[date, dict[str, list[tuple[str, str]]]]:
        page = preview_page(browser, place, day)
        return {
            one.day: {
                track.key: [(line.step, line.role or "system") for line, _look in track.lines]
                for track in one.tracks
            }
            for one in page.context["days"]
        }

    room = [("R", "system")]
    assistants = {"room": room, "person": [("T", "operator")]}
    first, second = date(2026, 2, 2), date(2026, 2, 3)
    assert shown("2026-02-02") == {first: {"room": room, "person": []}, second: assistants}
    html = preview_page(browser, place, "2026-02-02").content.decode()
    day = html[html.index('data-day="2026-02-03"') :]
    assert day.index('data-track="room"') < day.index('data-track="person"')
    week = timedelta(days=7)
    assert shown("2026-02-09") == {
        first + week: {"room": room, "person": []},
        second + week: assistants,
    }


def test_the_preview_says_what_is_held_back_and_whose_hours_it_costs() -> None:
    owner, place = make_owner(), make_place()
    me = Person(user_id=owner.user_id)
    busy = make_step(id="B", offset="D30 10:00", minutes=50, **WORK)
    other = make_run(busy, key="other", community=make_place(), people={"operator": me})
    gone = Membership.objects.filter(community=place).first()
    assert gone is not None
    gone.member.touch_opt_out_at = MONDAY
    gone.member.save(update_fields=["touch_opt_out_at"])
    set_capacity(owner, me, 60, now=MONDAY)
    make_edition(
        make_step(id="NIGHT", title="夜话", offset="D1 23:30"),
        make_step(
            id="T", title="私聊", track="person", kind="touch", audience="person", offset="P1 10:00"
        ),
        make_step(id="W", offset="D2 10:00", minutes=20, **WORK),
    )
    starts = other.starts_on + timedelta(days=28)

    path = f"/playbooks/small/start/?community={place.pk}&starts_on={starts}"
    page = get(browser_of(owner), f"{path}&role-operator=u-{owner.user_id}")

    held = {(one.reason, one.is_final): one.amount for one in page.context["held"]}
    assert held == {("opted_out", True): 1, ("quiet_hours", False): 1}
    (worker,) = page.context["workers"]
    assert [(one.day - starts, one.here, one.elsewhere) for one in worker.days] == [(DAY, 20, 50)]
    assert [one.asked for one in worker.full_days] == [70]
    (week,) = worker.weeks
    assert (week.here, week.elsewhere, week.capacity, week.is_over) == (20, 50, 60, True)
    assert Run.objects.count() == 1
