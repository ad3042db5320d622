import csv
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from chaguan.channels.actions.inbound import receive
from chaguan.channels.contract import Record, RecordKind
from chaguan.communities.models import Room
from chaguan.communities.testing import make_owner, make_room, make_staff
from chaguan.console.testing import HTMX, browser_of
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.runs import run_board
from chaguan.playbooks.testing import MONDAY, live_through, make_edition, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AFTERNOON = MONDAY + 4 * HOUR  # 13:00 in Shanghai
HUMAN = {
    "text": None,
    "kind": "assign",
    "mode": "human",
    "actor": "operator",
    "instruction": "聊聊",
}
DAY = "2026-01-05"


def path_of(place: Any, day: str = DAY, end: str = "") -> str:
    return f"/communities/{place.slug}/day/{day}/{end}"


def lived(me: Actor, *steps: dict[str, Any], place: Any = None) -> Any:
    place = place or make_place()
    run = make_run(*steps, community=place, people={"operator": Person(user_id=me.user_id)})
    live_through(MONDAY, AFTERNOON)
    return run


def get(me: Actor, path: str) -> HttpResponse:
    with clock.moved_to(AFTERNOON):
        return browser_of(me).get(path)  # type: ignore[return-value] # the test client's response


@pytest.mark.req("SOP-11")
def test_the_sheet_has_todays_steps_of_all_runs_by_time_and_a_tick_is_in_run_and_report() -> None:
    me = make_staff("community_manager")
    first, second = make_place(), make_place()
    edition = make_edition(
        make_step(id="NOON", offset="D1 12:00", title="中午看一圈", **HUMAN | {"proof": "link"}),
        make_step(id="EARLY", offset="D1 10:00", title="早上看一圈", **HUMAN),
        make_step(id="LATER", offset="D2 10:00", title="明天看一圈", **HUMAN),
    )
    people = {"operator": Person(user_id=me.user_id)}
    runs = [make_run(edition=edition, community=place, people=people) for place in (first, second)]
    live_through(MONDAY, AFTERNOON)
    browser = browser_of(me)

    with clock.moved_to(AFTERNOON):
        sheet = browser.get("/").context["sheet"].duties
        before = [browser.get(path_of(place)).context["report"] for place in (first, second)]

        assert [(duty.line.step.id, duty.line.community) for duty in sheet] == [
            ("EARLY", first.name),
            ("EARLY", second.name),
            ("NOON", first.name),
            ("NOON", second.name),
        ]
        assert [(len(day.done), len(day.unfinished)) for day in before] == [(0, 2), (0, 2)]
        noon = next(d.pk for d in sheet if d.line.run_id == runs[0].pk and d.line.step.id == "NOON")
        proof = "https://chaguan.example/notice"
        typed = {"step": "complete", "note": "三位没回，明天再问", "proof": proof}
        ticked = browser.post(f"/today/{noon}/", typed, headers=HTMX)

        assert ticked.status_code == 200
        board = {line.step.code: line for line in run_board(runs[0]).lines}
        assert (board["NOON"].state, board["NOON"].done_lines) == ("done", 1)
        assert board["EARLY"].done_lines == 0
        page = browser.get(path_of(first))
        [done] = page.context["page"].done[0].lines
        assert (done.line.step.id, done.note, done.line.proof, done.line.at) == (
            "NOON",
            "三位没回，明天再问",
            proof,
            AFTERNOON,
        )
        assert done.line.who == me.reference
        assert [one.first.line.step.id for one in page.context["page"].unfinished] == ["EARLY"]
        assert "三位没回，明天再问" in page.content.decode()
        other = browser.get(path_of(second)).context["report"]
        assert (len(other.done), len(other.unfinished)) == (0, 2)
        rows = list(csv.reader(StringIO(browser.get("/today.csv").content.decode("utf-8-sig"))))
        assert [(row[2], row[7], row[8]) for row in rows[1:] if row[7]] == [
            ("NOON", "三位没回，明天再问", proof)
        ]


def test_today_and_the_community_lead_to_the_report_of_today() -> None:
    me = make_staff("community_manager")
    run = lived(me, make_step(**HUMAN))
    link = f"/communities/{run.community.slug}/day/"
    browser = browser_of(me)

    with clock.moved_to(AFTERNOON):
        assert f'href="{link}"' not in browser.get("/").content.decode()
        typed = {"step": "complete", "note": "聊过了"}
        browser.post(f"/today/{Assignment.objects.get().pk}/", typed)
        for start in ("/", f"/communities/{run.community.slug}/playbooks/"):
            assert f'href="{link}"' in browser.get(start).content.decode()
        answer = browser.get(link)

    assert (answer.status_code, answer["Location"]) == (302, path_of(run.community))


def test_the_hours_are_the_communitys() -> None:
    me = make_staff("community_manager")
    place = make_place(timezone="America/New_York")
    make_row(key="x", community_id=place.pk, due_at=MONDAY)  # 20:00 on the 4th there
    OutboxRow.objects.update(state="sent", finished_at=MONDAY)

    page = get(me, path_of(place, "2026-01-04"))

    assert '<span class="row-list__lead">20:00</span>' in page.content.decode()
    assert get(me, path_of(place)).status_code == 200  # there, too, the fifth has begun
    assert get(me, path_of(place, "2026-01-06")).status_code == 404


@pytest.mark.parametrize(
    "day", ["2026-01-06", "1999-12-31", "0001-01-01", "yesterday", "2026-02-30"]
)
def test_a_day_that_has_not_begun_or_is_none_has_no_report(day: str) -> None:
    place = make_place()

    for end in ("", "csv/"):
        assert get(make_owner(), path_of(place, day, end)).status_code == 404


def test_one_goes_from_day_to_day_but_not_into_the_future() -> None:
    place = make_place()
    owner = make_owner()

    today = get(owner, path_of(place)).content.decode()
    before = get(owner, path_of(place, "2026-01-04")).content.decode()

    assert (path_of(place, "2026-01-04") in today, 'rel="next"' in today) == (True, False)
    assert f'href="{path_of(place)}"' in before
    assert "empty-state" in before


def test_who_may_not_view_reports_finds_none() -> None:
    place = make_place()
    strangers = [make_staff("content_editor", place), make_staff("community_manager", make_place())]

    for actor in strangers:
        for path in (path_of(place), path_of(place, end="csv/"), path_of(place)[: -len(DAY) - 1]):
            assert get(actor, path).status_code == 404
    editor = get(strangers[0], f"/communities/{place.slug}/playbooks/")
    assert "/day/" not in editor.content.decode()


def test_the_table_holds_every_line_and_no_formula() -> None:
    me = make_staff("community_manager")
    run = lived(
        me,
        make_step(id="A", offset="D1 10:00", title="=一加一", **HUMAN),
        make_step(id="B", offset="D1 11:00", title="问候", **HUMAN),
    )
    make_row(key="m", community_id=run.community_id, due_at=MONDAY + HOUR, purpose="通知")
    OutboxRow.objects.filter(key="m").update(state="failed", reason="vendor_refused")
    note = {"step": "skip", "reason": "@今天不合适"}
    with clock.moved_to(AFTERNOON):
        browser_of(me).post(f"/today/{Assignment.objects.get(step__code='A').pk}/", note)

    answer = get(me, path_of(run.community, end="csv/"))

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    told = [(row[1], row[2], row[6], row[8]) for row in rows[5:]]
    assert told == [
        ("2026-01-05 13:00", "'=一加一", "'@今天不合适", "1"),
        ("2026-01-05 11:00", "问候", "", "1"),
        ("2026-01-05 10:00", "通知", "渠道拒绝了这条消息。", "1"),
    ]
    assert answer["Content-Disposition"].endswith(f'{DAY}.csv"')


def test_the_day_says_how_many_spoke_and_joined() -> None:
    place = make_place(members=0)
    room_id = Room.objects.values_list("pk", flat=True).get(community=place)
    said: dict[str, tuple[datetime, RecordKind, str]] = {
        "1": (MONDAY, "join", ""),
        "2": (MONDAY + HOUR, "message", "水开了"),
        "3": (MONDAY + 2 * HOUR, "message", "喝茶"),
        "4": (MONDAY - 24 * HOUR, "message", "昨天的茶"),
    }
    records = [
        Record(external_id=pk, at=at, kind=kind, person="qing", name="阿青", text=text)
        for pk, (at, kind, text) in said.items()
    ]
    with clock.moved_to(AFTERNOON):
        receive(Actor.system("tests"), room_id, records, AFTERNOON)
        drain()

    page = get(make_owner(), path_of(place))

    figures = page.context["figures"]  # type: ignore[attr-defined] # the test client's response
    assert [figure.value for figure in figures] == [2, 1, 1, 0]
    assert all(figure.hint for figure in figures)


def test_what_was_said_in_several_rooms_at_once_is_one_line() -> None:
    place = make_place()
    rooms = [
        make_room(place, connector="echo", account_id=1, name=name) for name in ("大堂", "后院")
    ]
    for room in rooms:
        make_row(
            key=f"x{room.pk}", community_id=place.pk, room_id=room.pk, due_at=MONDAY, purpose="早安"
        )
    OutboxRow.objects.update(state="sent", finished_at=MONDAY)

    page = get(make_owner(), path_of(place))

    [line] = page.context["page"].messages  # type: ignore[attr-defined] # the test client's response
    assert (line.title, line.where, line.amount, line.row_id) == ("早安", "大堂 · 后院", 2, None)


def test_one_line_per_step_tells_how_many_people_it_was_for() -> None:
    me = make_staff("community_manager")
    run = lived(
        me,
        make_step(id="EACH", title="聊一聊", track="person", audience="person", **HUMAN),
        make_step(id="ROOM", title="看一圈", offset="D1 11:00, D1 12:00", **HUMAN),
        place=make_place(members=4),
    )
    each = list(Assignment.objects.filter(step__code="EACH").order_by("pk"))
    with clock.moved_to(AFTERNOON):
        for row, note in zip(each, ("聊过了", "聊过了", "没回", ""), strict=True):
            if note:
                browser_of(me).post(f"/today/{row.pk}/", {"step": "complete", "note": note})

    page = get(me, path_of(run.community))
    html = page.content.decode()
    table = list(csv.reader(StringIO(get(me, path_of(run.community, end="csv/")).content.decode("utf-8-sig"))))  # fmt: skip

    (step,) = page.context["page"].done  # type: ignore[attr-defined] # the test client's response
    assert (step.amount, step.notes) == (3, [("聊过了", 2), ("没回", 1)])
    assert html.count("day-people__list") == 1
    waits = [one.amount for one in page.context["page"].unfinished]  # type: ignore[attr-defined] # same
    assert waits == [1, 1, 1]  # one person, and the room twice
    done = [(row[2], row[6], row[8]) for row in table if row[2] == "聊一聊" and row[6]]
    assert done == [("聊一聊", "聊过了", "2"), ("聊一聊", "没回", "1")]


def test_as_many_queries_for_many_lines_as_for_one() -> None:
    me = make_staff("community_manager")

    def asked(offset: str) -> tuple[int, int]:
        place = make_place()
        lived(me, make_step(id="A", offset=offset, **HUMAN), place=place)
        with clock.moved_to(AFTERNOON):
            browser = browser_of(me)
            browser.get(path_of(place))
            with CaptureQueriesContext(connection) as queries:
                page = browser.get(path_of(place))
        return len(page.context["page"].unfinished), len(queries)

    one, three = asked("D1 10:00"), asked("D1 10:00, D1 11:00, D1 12:00")

    assert (one[0], three[0]) == (1, 3)
    assert one[1] == three[1]
    assert one[1] <= 40
