"""Events: announced three times, and once more when they are called off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_owner, make_room, make_staff, make_stranger
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.gatherings import announce_event, call_off_event
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.errors import RunIsOver
from chaguan.playbooks.models import Run
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_and_send
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
EVENT = datetime(2026, 1, 8, 12, 0, tzinfo=UTC)  # Thursday 20:00 in Shanghai
SAID = {"event": "新茶会", "link": "大堂", "gain": "认识三位茶友"}
QUARTER = timedelta(minutes=15)


@pytest.fixture
def place() -> Any:
    """A community with the library, one room, and somebody who runs playbooks."""
    load_library(SYSTEM, now=MONDAY)
    community = make_place()
    make_staff("community_manager", community)
    return community


@pytest.mark.req("SOP-06")
def test_three_announcements_and_when_it_is_called_off_one_notice(place: Any) -> None:
    owner = make_owner()
    make_room(place, connector="echo", account_id=place.rooms.get().account_id)
    run = announce_event(owner, place.pk, EVENT, SAID, now=MONDAY)
    due = sorted((EVENT - row.due_at) for row in run.occurrences.filter(step__kind="say"))
    assert due == [timedelta(hours=1), timedelta(hours=6), timedelta(hours=24)]

    live_and_send(MONDAY, EVENT - timedelta(hours=5), step=QUARTER)
    at = sorted(Rehearsal.objects.values_list("at", flat=True).distinct())
    assert at == [EVENT - timedelta(hours=24), EVENT - timedelta(hours=6)]
    off = EVENT - timedelta(hours=5)
    with translation.override("zh-hans"):
        call_off_event(owner, run.pk, "场地漏水", now=off)
    live_and_send(off, EVENT + timedelta(hours=2), step=QUARTER)

    after = Rehearsal.objects.filter(at__gte=off)
    assert {row.text for row in after} == {
        "新茶会（1月8日 20:00）取消了，原因：场地漏水。给大家添麻烦了，抱歉。"
    }
    assert after.count() == 2, "once in each of two rooms, and nothing else"
    assert not OutboxRow.objects.filter(state="planned").exists()
    with pytest.raises(RunIsOver):
        call_off_event(owner, run.pk, "场地漏水", now=off)


def test_only_who_runs_playbooks_there_calls_off_and_says_why(place: Any) -> None:
    owner = make_owner()
    run = announce_event(owner, place.pk, EVENT, SAID, now=MONDAY)
    with pytest.raises(Missing):
        call_off_event(make_stranger(), run.pk, "我说了算", now=MONDAY)
    with pytest.raises(Invalid):
        call_off_event(owner, run.pk, " ", now=MONDAY)
    with pytest.raises(Invalid):
        announce_event(owner, place.pk, MONDAY, SAID, now=MONDAY)
    assert Run.objects.get().state == "running"
    assert not OutboxRow.objects.exists()
