"""A community's days off, calendar and budget as a form; plans under way follow them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.actions.working_days import add_days, drop_days, set_calendar_and_budget
from chaguan.communities.testing import make_community, make_room, make_staff, make_stranger
from chaguan.console.testing import browser_of
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.errors import Invalid, Refused
from chaguan.playbooks.models import Occurrence
from chaguan.playbooks.selectors.working_days import coming_spans, unpublished_from
from chaguan.playbooks.testing import make_run, make_step

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 9, 28, 9, tzinfo=SHANGHAI)


def test_days_off_and_worked_days_are_entered_and_taken_out_and_plans_follow() -> None:
    community = make_community(settings={"quiet_hours": ["22:00", "08:00"]})
    make_room(community, connector="echo", account_id=1)
    operator = make_staff("community_manager", community)
    run = make_run(make_step(offset="workdays 08:00"), community=community, now=NOW)

    def worked(first: date, last: date) -> list[str]:
        rows = Occurrence.objects.filter(run=run, state="waiting").order_by("due_at")
        days = [row.due_at.astimezone(SHANGHAI).date() for row in rows]
        return [f"{day:%m-%d}" for day in days if first <= day <= last]

    week = (date(2026, 10, 8), date(2026, 10, 12))
    assert worked(*week) == ["10-08", "10-09", "10-10", "10-12"]
    url = f"/communities/{community.slug}/settings/days/"
    with clock.moved_to(NOW):
        browser = browser_of(operator)
        said = {"step": "add", "kind": "off", "first": "2026-10-08", "last": "2026-10-09"}
        assert browser.post(url, said).status_code == 302
        said = {"step": "add", "kind": "worked", "first": "2026-10-11"}
        assert browser.post(url, said).status_code == 302
        money = {"step": "calendar", "calendar": "china", "budget": "每月 600 元"}
        assert browser.post(url, money).status_code == 302
        page = browser.get(url).content.decode()
        plan = browser.get(f"/communities/{community.slug}/plan/").content.decode()
        settings_page = browser.get(f"/communities/{community.slug}/settings/").content.decode()
    assert "自己定的休息日" in page
    assert "国庆节" in page
    assert "每月 600 元" in page
    assert "每月 600 元" in plan
    assert url in settings_page
    drain()
    assert worked(*week) == ["10-10", "10-11", "10-12"]

    with clock.moved_to(NOW):
        said = {"step": "drop", "kind": "off", "first": "2026-10-08", "last": "2026-10-09"}
        assert browser.post(url, said).status_code == 302
        bad = {"step": "add", "kind": "off", "first": "2026-10-09", "last": "2026-10-08"}
        assert browser.post(url, bad).status_code == 422
        assert browser.post(url, {"step": "else"}).status_code == 422
    drain()
    assert worked(*week) == ["10-08", "10-09", "10-10", "10-11", "10-12"]
    community.refresh_from_db()
    assert community.settings == {
        "quiet_hours": ["22:00", "08:00"],
        "days_off": [],
        "workdays": ["2026-10-11"],
        "calendar": "china",
        "budget": "每月 600 元",
    }


def test_who_may_not_change_the_community_changes_no_day() -> None:
    community = make_community()
    for actor in (make_stranger(), make_staff("community_manager", make_community())):
        with pytest.raises(Refused):
            add_days(actor, community.pk, "off", date(2026, 10, 8), None, now=NOW)
        with pytest.raises(Refused):
            set_calendar_and_budget(actor, community.pk, "china", "", now=NOW)
    assert recorded("communities.community_changed") == []


def test_what_makes_no_sense_is_told_and_the_same_again_changes_nothing() -> None:
    community = make_community()
    operator = make_staff("community_manager", community)
    first = date(2026, 10, 8)
    for kind, last in (("off", first + timedelta(days=62)), ("maybe", None)):
        with pytest.raises(Invalid):
            add_days(operator, community.pk, kind, first, last, now=NOW)
    with pytest.raises(Invalid):
        set_calendar_and_budget(operator, community.pk, "moon", "", now=NOW)

    for _again in range(2):
        add_days(operator, community.pk, "off", first, None, now=NOW)
    drop_days(operator, community.pk, "off", first + timedelta(days=1), None, now=NOW)
    assert len(recorded("communities.community_changed")) == 1
    add_days(operator, community.pk, "worked", first, None, now=NOW)
    community.refresh_from_db()
    assert community.settings == {"days_off": [], "workdays": ["2026-10-08"]}


def test_the_coming_half_year_is_told_in_spans() -> None:
    settings = {"days_off": ["2026-10-09", "2027-08-01"], "workdays": ["2026-10-07"]}

    spans = coming_spans(settings, date(2026, 9, 28))

    told = [(f"{s.first:%m-%d}", f"{s.last:%m-%d}", s.kind, s.name) for s in spans]
    assert told == [
        ("10-01", "10-06", "public", "国庆节"),
        ("10-07", "10-07", "worked", ""),
        ("10-09", "10-09", "off", ""),
        ("10-10", "10-10", "public_worked", ""),
        ("08-01", "08-01", "off", ""),
    ]
    assert unpublished_from(settings, date(2026, 9, 28)) == 2027
    assert unpublished_from({"calendar": "weekdays"}, date(2026, 9, 28)) is None
