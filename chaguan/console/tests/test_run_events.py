"""A run's event is moved and called off on its page; two ways compared are told honestly."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.testing import make_member, make_owner, make_room, make_stranger
from chaguan.console.testing import browser_of
from chaguan.kernel import clock
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.engine.arms import arm_of
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import Run
from chaguan.playbooks.testing import MONDAY, live_through, make_edition, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENT = MONDAY + 2 * DAY + 12 * HOUR  # MONDAY is 09:00 in Shanghai, so this is Wednesday 21:00
LOCAL = "%Y-%m-%dT%H:%M"


def a_run() -> Run:
    step = make_step(id="A", offset="E-1h")
    return make_run(step, community=make_place(), anchor="event", event_at=EVENT)


def act(browser: Any, run: Run, **form: str) -> Any:
    with clock.moved_to(MONDAY):
        return browser.post(
            f"/playbooks/runs/{run.pk}/change/", form, headers={"HX-Request": "true"}
        )


def due(run: Run) -> Any:
    return run.occurrences.get(step__code="A").due_at


def test_moving_the_event_moves_what_counts_from_it() -> None:
    run, browser = a_run(), browser_of(make_owner())
    before = due(run)

    later = (EVENT + DAY).astimezone(ZoneInfo(run.zone))

    refused = act(browser, run, act="move-event", at="2020-01-01T10:00")
    answer = act(browser, run, act="move-event", at=later.strftime(LOCAL))

    assert (refused.status_code, due(run)) == (422, before + DAY)
    assert "2020-01-01T10:00" in refused.content.decode(), "what she typed is lost"
    assert answer.status_code == 200
    run.refresh_from_db()
    assert run.event_at == EVENT + DAY


def test_calling_off_needs_a_reason_and_each_room_hears_it() -> None:
    run, browser = a_run(), browser_of(make_owner())
    make_room(run.community, connector="echo", account_id=run.account_id)
    viewer = make_stranger()

    page = browser.get(f"/playbooks/runs/{run.pk}/").content.decode()
    assert 'value="call-off"' in page
    assert act(browser, run, act="call-off", reason=" ").status_code == 422
    assert act(browser_of(viewer), run, act="call-off", reason="x").status_code in {403, 404}
    assert not OutboxRow.objects.filter(key__startswith="called_off").exists()
    assert act(browser, run, act="call-off", reason="场地漏水").status_code == 200

    heard = OutboxRow.objects.filter(key__startswith=f"called_off:{run.pk}/")
    assert heard.count() == 2
    assert all("场地漏水" in row.payload["text"] for row in heard)
    run.refresh_from_db()
    assert run.ended_at == MONDAY


def test_a_run_without_an_event_offers_neither() -> None:
    run, browser = make_run(make_step(id="A", offset="D2 10:00")), browser_of(make_owner())

    assert 'value="call-off"' not in browser.get(f"/playbooks/runs/{run.pk}/").content.decode()
    assert act(browser, run, act="call-off", reason="x").status_code == 422
    assert act(browser, run, act="move-event", at="2030-01-01T10:00").status_code == 422


def test_two_ways_compared_say_when_there_are_too_few() -> None:
    split = {
        "key": "tone",
        "arms": [
            {"key": "warm", "title": "先问候", "share": 50},
            {"key": "brief", "title": "直接说事", "share": 50},
        ],
        "goal": {"fact": "people.order_confirmed", "within": "3d"},
    }
    place = make_place()
    for _n in range(6):
        make_member(place)
    over = {"track": "person", "kind": "touch", "audience": "person"}
    steps = (
        make_step(id="T-1", offset="P1 10:00", arm="warm", **over),
        make_step(id="T-2", offset="P1 10:00", arm="brief", **over),
    )
    run = make_run(edition=make_edition(*steps, split=split), community=place)
    live_through(MONDAY, MONDAY + DAY)
    document = document_of(run.edition_id)
    members = place.memberships.values_list("member_id", flat=True)
    dealt = [arm_of(run, document, pk) for pk in members]

    with clock.moved_to(MONDAY + DAY):
        page = browser_of(make_owner()).get(f"/playbooks/runs/{run.pk}/end/")

    lines = page.context["split"]
    assert [line.title for line in lines.arms] == ["先问候", "直接说事"]
    assert [line.people for line in lines.arms] == [dealt.count("warm"), dealt.count("brief")]
    assert [line.rate for line in lines.arms] == ["–", "–"], "nobody had her three days yet"
    assert "直接说事" in page.content.decode()
    assert len(lines.sentences) == 1
