"""The step that asks to check in opens a prompt which members answer on their page."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.engagement.models import CheckIn, CheckInAsk
from chaguan.kernel import clock
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.models import Run
from chaguan.playbooks.testing import MONDAY, live_through, make_edition, make_run, make_step
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db
TEN = MONDAY + timedelta(hours=1)  # 10:00 in Shanghai
ASK = make_step(
    id="ASK",
    offset="D1–D2 10:00",
    kind="ask_check_in",
    text="{{ community_name }}，第 {{ day }} 天打卡",
)
REMIND = make_step(
    id="REMIND",
    offset="D1–D2 20:00",
    kind="ask_check_in",
    text="还没打卡的朋友，今天还来得及",
    **{"with": {"only_missing": True}},
)


def place() -> Community:
    community = make_community(name="茶友会")
    make_room(community, connector="echo", account_id=1)
    return community


def said() -> list[str]:
    rows = OutboxRow.objects.order_by("due_at", "id")
    return [row.key.split("/")[1] for row in rows]


def test_the_prompt_opens_once_and_a_member_answers_it_on_her_page() -> None:
    community = place()
    member = make_member(community, name="阿青")
    run = make_run(ASK, community=community)
    live_through(MONDAY, TEN + timedelta(minutes=30))
    tick(TEN + timedelta(hours=1))

    ask = CheckInAsk.objects.get()
    assert (ask.prompt, ask.opens_at) == ("茶友会，第 1 天打卡", TEN)
    assert ask.key == f"run:{run.pk}/ask/ASK/2026-01-05"
    assert said() == ["ASK"]
    with clock.moved_to(TEN + timedelta(hours=1)):
        phone = phone_of(member.pk)
        assert "第 1 天打卡" in phone.get(reverse("portal:check-in")).content.decode()
        assert (
            phone.post(reverse("portal:answer", args=[ask.pk]), {"note": "喝了白茶"}).status_code
            == 302
        )
    assert CheckIn.objects.get().note == "喝了白茶"
    with clock.moved_to(TEN + timedelta(hours=25)):
        assert (
            "第 1 天打卡"
            not in phone_of(member.pk).get(reverse("portal:check-in")).content.decode()
        )
    live_through(TEN, TEN + timedelta(days=1))
    assert [a.prompt for a in CheckInAsk.objects.order_by("pk")][1:] == ["茶友会，第 2 天打卡"]


def answer(who: Any, ask: CheckInAsk) -> None:
    CheckIn.objects.create(ask=ask, member=who, at=TEN)


def test_a_reminder_goes_to_the_room_only_while_somebody_is_missing_and_opens_no_prompt() -> None:
    community = place()
    people = [make_member(community) for _ in range(2)]
    make_member(community, is_bot=True)
    make_run(ASK, REMIND, community=community)
    live_through(MONDAY, TEN)
    answer(people[0], CheckInAsk.objects.get())
    live_through(TEN, TEN + timedelta(hours=11))
    assert said() == ["ASK", "REMIND"]
    assert CheckInAsk.objects.count() == 1

    live_through(TEN + timedelta(hours=20), TEN + timedelta(days=1))
    newest = CheckInAsk.objects.latest("opens_at")
    for member in people:
        answer(member, newest)
    live_through(TEN + timedelta(days=1), TEN + timedelta(days=1, hours=11))
    assert said() == ["ASK", "REMIND", "ASK"]


def test_single_people_are_reminded_only_when_they_have_not_answered() -> None:
    community = place()
    there, missing = make_member(community), make_member(community)
    person = {"track": "person", "audience": "person"}
    make_run(ASK, REMIND | person | {"offset": "P1 20:00"}, community=community)
    live_through(MONDAY, TEN)
    answer(there, CheckInAsk.objects.get())
    live_through(TEN, TEN + timedelta(hours=11))
    touches = OutboxRow.objects.filter(kind="touch")
    assert list(touches.values_list("member_id", flat=True)) == [missing.pk]


def test_on_a_personal_track_one_prompt_stands_for_everybody_of_the_day() -> None:
    community = place()
    for _ in range(3):
        make_member(community)
    person = {"track": "person", "audience": "person", "text": "{{ member_name }}，打卡了吗"}
    make_run(ASK | person | {"offset": "P1 10:00"}, community=community)
    live_through(MONDAY, TEN)
    assert CheckInAsk.objects.get().prompt == "早安"  # the title: the text names one person
    assert OutboxRow.objects.filter(kind="touch").count() == 3


def test_an_unreadable_span_is_refused_with_its_place() -> None:
    with pytest.raises(BadDocument) as refusal:
        make_edition(ASK | {"with": {"open_for": "a while"}})
    assert "open_for" in str(refusal.value)
    assert not Run.objects.exists()
