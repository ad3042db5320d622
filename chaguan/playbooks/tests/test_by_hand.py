"""A message goes out by the program or by a hand, never by both: who ticks it off is told when it is not hers."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from chaguan.channels import sender
from chaguan.channels.actions import sending
from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_staff
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.errors import Invalid
from chaguan.outbox.actions import NotInThatState
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import complete_assignment
from chaguan.playbooks.actions.together import complete_together
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
TEN = MONDAY + timedelta(hours=1)
PRIVATE = {"track": "person", "kind": "touch", "audience": "person", "offset": "P1 10:00"}


def prepared(members: int = 1) -> Any:
    """An operator with a line for each of her members; the messages are planned, not looked at yet."""
    place = make_place(members=members)
    me = make_staff("community_manager", place)
    step = make_step(mode="assist", actor="operator", **PRIVATE)
    make_run(step, community=place, people={"operator": Person(user_id=me.user_id)})
    while tick(TEN):
        pass
    return me


def states() -> list[tuple[str, str]]:
    return list(OutboxRow.objects.order_by("id").values_list("state", "reason"))


def test_what_the_program_has_in_hand_cannot_be_ticked_as_sent() -> None:
    me = prepared()
    line, row = Assignment.objects.get(), OutboxRow.objects.get()

    for act, number in ((sending.sent_by_person, row.pk), (complete_assignment, line.pk)):
        with pytest.raises((NotInThatState, Invalid)):  # it is not ready yet
            act(me, number, now=TEN)
    sender.tick(TEN)
    sending.approve(me, row.pk, now=TEN)  # on the outbox's page: the line is still open
    for state in ("planned", "claimed"):
        OutboxRow.objects.update(state=state)
        with pytest.raises(Invalid) as refusal:
            complete_assignment(me, line.pk, now=TEN)
        assert refusal.value.code == "going_out"
        with pytest.raises(Invalid):
            complete_together(me, line.pk, now=TEN)
        with pytest.raises(NotInThatState):
            sending.sent_by_person(me, row.pk, now=TEN)
    OutboxRow.objects.update(state="planned")
    with clock.moved_to(TEN):
        sender.tick(TEN)
    drain()

    line.refresh_from_db()
    assert states() == [("sent", "")]
    assert (line.state, line.done_by) == ("done", "system:sender")
    assert Rehearsal.objects.count() == 1


def test_many_at_once_are_ticked_without_those_that_go_out_by_themselves() -> None:
    me = prepared(members=3)
    sender.tick(TEN)
    OutboxRow.objects.update(reason="no_api", needs_approval=False)  # copied and sent by hand
    first = OutboxRow.objects.order_by("id").first()
    assert first is not None
    OutboxRow.objects.filter(pk=first.pk).update(state="planned", reason="")

    lead = Assignment.objects.order_by("-id").first()
    assert lead is not None
    assert complete_together(me, lead.pk, now=TEN) == 2

    assert states() == [("planned", ""), ("sent", "by_person"), ("sent", "by_person")]
    assert Assignment.objects.get(state="open").outbox_key == first.key


@pytest.mark.django_db(transaction=True)
def test_a_tick_and_a_yes_at_one_moment_are_one_message() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: the race cannot happen")  # PostgreSQL runs it
    me = prepared()
    sender.tick(TEN)
    line, row = Assignment.objects.get(), OutboxRow.objects.get()
    answers: list[str] = []

    def colleague() -> None:
        try:
            sending.approve(me, row.pk, now=TEN)
            answers.append("agreed")
        except NotInThatState:
            answers.append("moved on")
        connection.close()

    thread = threading.Thread(target=colleague)
    with transaction.atomic():
        complete_assignment(me, line.pk, now=TEN)
        thread.start()
        thread.join(0.3)  # it waits for our row
        assert answers == []
    thread.join(10)

    assert answers == ["moved on"]
    assert states() == [("sent", "by_person")]
