"""Many lines of one step decided with one press."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels.selectors.sending import rehearsed
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_member, make_room, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Invalid, Missing, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.assignments import complete_assignment
from chaguan.playbooks.actions.together import approve_together, complete_together, skip_together
from chaguan.playbooks.errors import NoteMissing, SecondPersonNeeded
from chaguan.playbooks.models import Approval, Assignment, Run
from chaguan.playbooks.roles import Person
from chaguan.playbooks.selectors.sheet_steps import together, ways_of
from chaguan.playbooks.selectors.sheets import lines_of
from chaguan.playbooks.testing import MONDAY, live_and_send, live_through, make_run, make_step

pytestmark = pytest.mark.django_db
ELEVEN = MONDAY + timedelta(hours=2)
TO_EACH = {"track": "person", "kind": "touch", "audience": "person", "mode": "assist"}
TALK: dict[str, Any] = {
    "track": "person",
    "kind": "assign",
    "audience": "person",
    "mode": "human",
    "text": None,
    "instruction": "聊聊",
}


def given(members: int, *, sends: bool = True, **over: Any) -> tuple[Actor, Run, list[int]]:
    """A colleague with one line per member of one step, by id; the run was started by the system."""
    community = make_community()
    echo = make_account("echo", label=community.name)
    make_room(community, connector="echo", account_id=echo.pk)
    for _number in range(members):
        make_member(community)
    me = make_staff("community_manager", community)
    step = make_step(actor="operator", **{**TO_EACH, **over})
    people = {"operator": Person(user_id=me.user_id)}
    run = make_run(step, community=community, people=people)
    live = live_and_send if sends else live_through
    live(MONDAY, ELEVEN, step=timedelta(minutes=30))
    return me, run, list(Assignment.objects.order_by("id").values_list("pk", flat=True))


def states(ids: list[int]) -> set[str]:
    return set(Assignment.objects.filter(pk__in=ids).values_list("state", flat=True))


def test_one_yes_lets_all_go_and_each_goes_once() -> None:
    me, _run, ids = given(3)
    lines = lines_of(list(Assignment.objects.select_related("community", "run")), now=ELEVEN)

    (pile,) = together(lines, ways_of(lines, me))
    amount = approve_together(me, pile.lead, now=ELEVEN)
    with pytest.raises(Invalid):
        approve_together(me, pile.lead, now=ELEVEN)
    live_and_send(ELEVEN, ELEVEN)

    assert (pile.amount, pile.way, pile.may_together) == (3, "approve", True)
    assert (amount, states(ids)) == (3, {"done"})
    assert len(recorded("playbooks.assignment_done")) == 3
    account = OutboxRow.objects.values_list("account_id", flat=True)[0]
    assert len(list(rehearsed(account or 0))) == 3


def test_what_came_after_the_page_was_shown_is_not_decided_with_it() -> None:
    me, _run, ids = given(3)

    amount = approve_together(me, ids[1], now=ELEVEN)

    assert amount == 2
    assert Assignment.objects.get(pk=ids[2]).state == "open"


def test_who_started_the_run_agrees_to_nothing_sensitive_and_a_colleague_to_all() -> None:
    me, run, ids = given(2, needs_approval=True)
    Run.objects.filter(pk=run.pk).update(by=me.reference)
    colleague = make_staff("community_manager", run.community)

    for decide in (approve_together, complete_together):
        with pytest.raises(ChaguanError) as no:
            decide(me, ids[-1], now=ELEVEN, note="好")
        assert isinstance(no.value, SecondPersonNeeded) == (decide is approve_together)
    assert states(ids) == {"open"}
    approve_together(colleague, ids[-1], now=ELEVEN)

    assert states(ids) == {"done"}
    assert set(Approval.objects.values_list("decided_by", "decision")) == {
        (colleague.reference, "approved")
    }
    assert len(recorded("playbooks.approval_decided")) == 2


def test_one_note_stands_in_all_and_human_work_wants_it() -> None:
    me, _run, ids = given(3, **TALK)

    with pytest.raises(NoteMissing):
        complete_together(me, ids[-1], now=ELEVEN)
    assert complete_together(me, ids[-1], now=ELEVEN, note="都聊过了") == 3

    assert set(Assignment.objects.values_list("state", "note")) == {("done", "都聊过了")}


def test_all_are_left_out_with_one_reason_and_nothing_goes() -> None:
    me, _run, ids = given(3)

    with pytest.raises(Invalid):
        skip_together(me, ids[-1], " ", now=ELEVEN)
    assert skip_together(me, ids[-1], "改到明天", now=ELEVEN) == 3

    assert states(ids) == {"skipped"}
    assert set(OutboxRow.objects.values_list("state", flat=True)) == {"cancelled"}
    assert len(recorded("playbooks.assignment_skipped")) == 3


def test_a_message_that_is_not_ready_can_neither_be_agreed_to_nor_ticked() -> None:
    """Ticked now, it would go out a second time as soon as somebody agrees."""
    me, _run, ids = given(2, sends=False)
    lines = lines_of(list(Assignment.objects.select_related("community", "run")), now=ELEVEN)

    assert set(ways_of(lines, me).values()) == {"preparing"}
    for act in (approve_together, complete_together):
        with pytest.raises(Invalid):
            act(me, ids[-1], now=ELEVEN, note="好")
    with pytest.raises(Invalid):
        complete_assignment(me, ids[0], now=ELEVEN)
    assert states(ids) == {"open"}


def test_strangers_decide_nothing() -> None:
    _me, _run, ids = given(2)
    stranger = make_staff("community_manager", make_community())

    for act in (approve_together, complete_together):
        with pytest.raises(Refused):
            act(stranger, ids[-1], now=ELEVEN)
    with pytest.raises(Missing):
        skip_together(stranger, 0, "x", now=ELEVEN)


@pytest.mark.parametrize("way", ["approve", "complete", "skip"])
def test_as_many_statements_for_eight_as_for_two(way: str) -> None:
    counts = []
    for members in (2, 8):
        me, run, ids = given(
            members, needs_approval=way == "approve", **(TALK if way == "complete" else {})
        )
        Run.objects.filter(pk=run.pk).update(by="staff:0")
        mine = list(Assignment.objects.filter(run=run).values_list("pk", flat=True))
        assert len(mine) == members
        with clock.moved_to(ELEVEN), CaptureQueriesContext(connection) as asked:
            if way == "approve":
                approve_together(me, max(mine), now=ELEVEN)
            elif way == "complete":
                complete_together(me, max(mine), now=ELEVEN, note="好")
            else:
                skip_together(me, max(mine), "不用了", now=ELEVEN)
        counts.append(len(asked))
        assert states(ids[-members:]) == {"done" if way != "skip" else "skipped"}

    assert counts[0] == counts[1]
    assert counts[0] <= 24
