from typing import Any

import pytest

from chaguan.channels.actions.sending import (
    SamePerson,
    approve,
    cancel,
    decide_unknown,
    release,
    sent_by_person,
)
from chaguan.channels.events import MessageSent, SendingDecided
from chaguan.channels.selectors.sending import outbox_visible_to
from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.outbox.actions.deciding import NotInThatState
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import NOON, make_row

pytestmark = pytest.mark.django_db


def row_in(state: str, **over: object) -> OutboxRow:
    row = make_row(community_id=make_community().pk)
    OutboxRow.objects.filter(pk=row.pk).update(state=state, **over)
    row.refresh_from_db()
    return row


def test_a_settled_doubt_is_in_the_log_with_the_name() -> None:
    row, owner = row_in("unknown"), make_owner()

    decide_unknown(owner, row.pk, arrived=True, now=NOON)

    row.refresh_from_db()
    ids: dict[str, Any] = {"outbox_id": row.pk, "community_id": row.community_id, "room_id": 1}
    assert (row.state, row.decided_by) == ("sent", owner.reference)
    assert recorded() == [
        SendingDecided(decision="seen", was="unknown", **ids),
        MessageSent(kind="say", **ids),
    ]


def test_a_stranger_decides_nothing_and_leaves_no_trace() -> None:
    row = row_in("unknown")

    with pytest.raises(Refused):
        decide_unknown(make_stranger(), row.pk, arrived=True, now=NOON)

    row.refresh_from_db()
    assert (row.state, row.decided_by, recorded()) == ("unknown", "", [])


def test_staff_of_another_community_sees_and_decides_nothing() -> None:
    row = row_in("planned")
    other = make_staff("community_manager", make_community())

    with pytest.raises(Refused):
        cancel(other, row.pk, now=NOON)

    assert list(outbox_visible_to(other)) == []
    assert list(outbox_visible_to(make_owner())) == [row]


def test_who_started_it_cannot_approve_it_where_two_are_needed() -> None:
    owner = make_owner()
    payload = {"text": "水开了", "second_person": True, "started_by": owner.reference}
    row = row_in("awaiting_person", reason="needs_approval", needs_approval=True, payload=payload)

    with pytest.raises(SamePerson):
        approve(owner, row.pk, now=NOON)
    approve(make_owner(), row.pk, now=NOON)

    row.refresh_from_db()
    assert row.state == "planned"


def test_an_opt_out_cannot_be_released() -> None:
    row = row_in("suppressed", reason="opted_out")

    with pytest.raises(Invalid) as refusal:
        release(make_owner(), row.pk, now=NOON)

    row.refresh_from_db()
    assert (refusal.value.code, row.state) == ("cannot_release", "suppressed")


def test_assisted_sending_is_ticked_off_once() -> None:
    row, owner = row_in("awaiting_person", reason="no_api"), make_owner()
    sent_by_person(owner, row.pk, now=NOON)

    with pytest.raises(NotInThatState):
        sent_by_person(owner, row.pk, now=NOON)

    assert [type(fact).__name__ for fact in recorded()] == ["SendingDecided", "MessageSent"]


def test_a_row_that_does_not_exist_is_missing() -> None:
    with pytest.raises(Missing):
        cancel(make_owner(), 999, now=NOON)
