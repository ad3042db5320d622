"""Broadcasts: one message to many rooms, never too fast, with an answer for each of them."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import translation

from chaguan.channels import sender
from chaguan.channels.contract import connectors
from chaguan.channels.models import Rehearsal
from chaguan.channels.testing import NO_SUCH_ROOM, Scripted, make_account
from chaguan.communities.testing import (
    make_community,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.errors import Invalid, Missing
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.broadcast_approvals import approve_broadcast
from chaguan.playbooks.actions.broadcasts import Wish, broadcast, cancel_broadcast
from chaguan.playbooks.models import Broadcast, BroadcastTarget
from chaguan.playbooks.selectors.broadcasts import (
    broadcasts_visible_to,
    counts_of,
    target_lines,
)
from chaguan.playbooks.testing import MONDAY

pytestmark = pytest.mark.django_db
TEXT = "{{ community_name }}的各位，{{ weekday }}晚八点在大堂聊聊新茶。"


def wish(*places: int, **over: object) -> Wish:
    values = {"text": TEXT, "purpose": "让大家知道时间", "due_at": MONDAY, "community_ids": places}
    return Wish(**{**values, **over})  # type: ignore[arg-type] # the values of one form


@pytest.mark.req("SOP-15")
def test_fifty_rooms_within_the_limit_and_an_answer_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = make_account("echo", settings={"per_minute": 20})
    refusing = Scripted(NO_SUCH_ROOM)
    monkeypatch.setitem(connectors._items, "refusing", refusing)
    broken = make_account("refusing")
    places = [make_community(name=f"茶友会 {n:02}") for n in range(47)]
    for place in places:
        make_room(place, connector="echo", account_id=account.pk)
    fans = [make_community(name=f"铁粉 {n}", type="loyal_fan") for n in range(2)]
    for place in fans:
        make_room(place, connector="echo", account_id=account.pk)
    lost = make_community(name="断线")
    make_room(lost, connector="refusing", account_id=broken.pk)
    everywhere = [place.pk for place in (*places, *fans, lost)]

    owner = make_owner()
    made = broadcast(make_owner(), wish(*everywhere, is_promotion=True), now=MONDAY)
    approve_broadcast(owner, made.pk, now=MONDAY)
    now = MONDAY
    while OutboxRow.objects.filter(state="planned").exists():
        with clock.moved_to(now):
            sender.tick(now)
        now += timedelta(seconds=1)
        assert now < MONDAY + timedelta(minutes=10)

    at = sorted(Rehearsal.objects.values_list("at", flat=True))
    assert len(at) == 47
    for first in at:  # every window of a minute, wherever it begins
        assert sum(first <= one < first + timedelta(minutes=1) for one in at) <= 20
    lines = target_lines(owner, made)
    assert Counter(line.state for line in lines) == {"sent": 47, "failed": 1, "left_out": 2}
    assert {line.target.community_id for line in lines if line.state == "left_out"} == {
        place.pk for place in fans
    }
    assert all(line.target.sentence for line in lines if line.state == "left_out")
    assert counts_of(owner, [made])[made.pk] == {"sent": 47, "failed": 1, "left_out": 2}
    texts = set(Rehearsal.objects.values_list("text", flat=True))
    assert "茶友会 07的各位，周一晚八点在大堂聊聊新茶。" in texts
    assert len(texts) == 47, "each community reads its own name"


def test_what_has_not_gone_out_can_be_taken_back_once() -> None:
    account, owner = make_account("echo"), make_owner()
    place = make_community()
    make_room(place, connector="echo", account_id=account.pk)
    later = MONDAY + timedelta(hours=3)
    made = broadcast(owner, wish(place.pk, due_at=later), now=MONDAY)

    assert cancel_broadcast(owner, made.pk, now=MONDAY) == 1
    assert cancel_broadcast(owner, made.pk, now=MONDAY) == 0
    with clock.moved_to(later):
        sender.tick(later)
    assert Rehearsal.objects.count() == 0
    assert OutboxRow.objects.get().reason == "broadcast_cancelled"
    assert [fact.name for fact in recorded("playbooks.broadcast_planned")] != []


def test_only_who_runs_playbooks_there_may_speak_and_see() -> None:
    account = make_account("echo")
    mine, other = make_community(), make_community()
    for place in (mine, other):
        make_room(place, connector="echo", account_id=account.pk)
    planner, stranger = make_staff("community_manager", mine), make_stranger()

    for actor, ids in ((stranger, [mine.pk]), (planner, [mine.pk, other.pk])):
        with pytest.raises(Missing):
            broadcast(actor, wish(*ids), now=MONDAY)
    assert Broadcast.objects.count() == OutboxRow.objects.count() == 0
    made = broadcast(make_owner(), wish(mine.pk, other.pk), now=MONDAY)
    assert [line.target.community_id for line in target_lines(planner, made)] == [mine.pk]
    assert not broadcasts_visible_to(stranger).exists()
    with pytest.raises(Missing):
        cancel_broadcast(stranger, made.pk, now=MONDAY)
    assert cancel_broadcast(planner, made.pk, now=MONDAY) == 1, "only in her own community"


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"text": " "}, "Write what they should hear."),
        ({"purpose": ""}, "Say in one sentence why"),
        ({"text": "{{ member_name }}，早"}, "member_name"),
        ({"text": "{{ event_time }} 见"}, "event_time"),
        ({"text": "{{ nobody }}"}, "nobody"),
        ({"text": "茶" * 2001}, "2000"),
        ({"due_at": MONDAY - timedelta(hours=1)}, "passed already"),
        ({"community_ids": ()}, "at least one community"),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_sentence(over: dict[str, object], told: str) -> None:
    place = make_community()
    with translation.override("en"), pytest.raises(Invalid, match=told):
        broadcast(make_owner(), wish(**{"community_ids": [place.pk], **over}), now=MONDAY)
    assert BroadcastTarget.objects.count() == OutboxRow.objects.count() == 0
