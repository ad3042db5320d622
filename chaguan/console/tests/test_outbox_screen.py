from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from chaguan.channels.events import SendingDecided
from chaguan.communities.testing import (
    make_community,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.console.testing import HTMX, browser_of
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row

pytestmark = pytest.mark.django_db


def make_message(key: str, state: str = "unknown", reason: str = "", **over: object) -> OutboxRow:
    """A row of some community in a state."""
    over = {"due_at": clock.now() + timedelta(hours=1), **over}
    if "community_id" not in over:
        community = make_community()
        over |= {"community_id": community.pk, "room_id": make_room(community).pk}
    row = make_row(key=key, **over)
    OutboxRow.objects.filter(pk=row.pk).update(state=state, reason=reason)
    row.refresh_from_db()
    return row


def test_unknown_comes_first_and_planned_stays_in_its_own_view() -> None:
    failed = make_message("a", "failed")
    waiting = make_message("b", "awaiting_person", "needs_approval")
    unknown = make_message("c", "unknown")
    planned = make_message("d", "planned")
    browser = browser_of(make_owner())

    first = browser.get("/outbox/").context["lines"]
    later = browser.get("/outbox/", {"state": "planned"}).context["lines"]

    assert [line.row.pk for line in first] == [unknown.pk, failed.pk, waiting.pk]
    assert [line.row.pk for line in later] == [planned.pk]


def test_filters_by_community_and_reason() -> None:
    one = make_message("a", "suppressed", "opted_out")
    make_message("b", "suppressed", "quiet_hours")
    browser = browser_of(make_owner())

    by_reason = browser.get("/outbox/", {"state": "held", "reason": "opted_out"})
    by_place = browser.get("/outbox/", {"state": "held", "community": str(one.community_id)})

    assert [line.row.pk for line in by_reason.context["lines"]] == [one.pk]
    assert [line.row.pk for line in by_place.context["lines"]] == [one.pk]


def test_htmx_gets_the_queue_alone_and_no_cache_mixes_them_up() -> None:
    browser = browser_of(make_owner())

    page, piece = browser.get("/outbox/"), browser.get("/outbox/", headers=HTMX)

    assert "<html" in page.content.decode()
    assert piece.content.decode().strip().startswith('<section class="panel" id="queue">')
    assert "HX-Request" in piece["Vary"]


def test_a_row_of_another_community_is_not_there() -> None:
    row = make_message("a")
    mine = browser_of(make_staff("community_manager", make_community()))
    stranger = browser_of(make_stranger())

    assert mine.get(f"/outbox/{row.pk}/").status_code == 404
    assert mine.post(f"/outbox/{row.pk}/decide/", {"decision": "arrived"}).status_code == 404
    assert stranger.get(f"/outbox/{row.pk}/").status_code == 404
    assert mine.get("/outbox/").context["lines"] == []
    row.refresh_from_db()
    assert row.state == "unknown"


def test_it_arrived_settles_doubt_by_name() -> None:
    row = make_message("a", "unknown")
    actor = make_owner()

    answer = browser_of(actor).post(
        f"/outbox/{row.pk}/decide/", {"decision": "arrived"}, headers=HTMX
    )

    row.refresh_from_db()
    assert answer.status_code == 200
    assert (row.state, row.decided_by) == ("sent", actor.reference)
    assert next(type(fact) for fact in recorded()) is SendingDecided
    assert f'id="message-{row.pk}"' in answer.content.decode()
    assert 'hx-swap-oob="beforeend:#toasts"' in answer.content.decode()


def test_deciding_twice_is_refused_in_the_line_itself() -> None:
    row = make_message("a", "sent")

    answer = browser_of(make_owner()).post(
        f"/outbox/{row.pk}/decide/", {"decision": "arrived"}, headers=HTMX
    )

    assert answer.status_code == 409
    assert 'role="alert"' in answer.content.decode()
    assert recorded() == []


def test_who_may_only_look_gets_no_buttons_and_is_refused() -> None:
    row = make_message("a", "awaiting_person", "no_api")
    community = row.community_id
    assert community is not None
    analyst = browser_of(make_staff("data_analyst"))

    page = analyst.get(f"/outbox/{row.pk}/")
    answer = analyst.post(f"/outbox/{row.pk}/decide/", {"decision": "sent"})

    assert page.context["line"].acts == ()
    assert answer.status_code == 403
    row.refresh_from_db()
    assert (row.state, recorded()) == ("awaiting_person", [])


def test_assisted_sending_shows_the_whole_text_to_copy() -> None:
    text = "春茶到了，" * 80
    row = make_message("a", "awaiting_person", "no_api", payload={"text": text})

    page = browser_of(make_owner()).get("/outbox/").content.decode()

    assert f'<textarea id="full-{row.pk}"' in page
    assert text in page


def test_as_many_queries_for_three_rows_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = browser_of(make_owner())
    make_message("a", "sent")
    url = "/outbox/?state=sent"
    browser.get(url)
    with CaptureQueriesContext(connection) as one:
        browser.get(url)
    make_message("b", "sent")
    make_message("c", "sent")

    with django_assert_num_queries(len(one)):
        response = browser.get(url)

    assert len(response.context["lines"]) == 3
    assert len(one) <= 30
