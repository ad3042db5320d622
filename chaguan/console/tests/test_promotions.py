"""Promotions on screens: a colleague's yes to a broadcast, and promotions that rest."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chaguan.channels.testing import make_account
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_room, make_staff, make_stranger
from chaguan.console.testing import browser_of
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.models import Broadcast, PushRest

pytestmark = pytest.mark.django_db
SAID = {"text": "新茶九折", "purpose": "春茶到了", "is_promotion": "on"}


def make_place() -> Community:
    place = make_community(content_kind="commerce")
    make_room(place, connector="echo", account_id=make_account("echo").pk)
    return place


def test_a_colleague_reads_a_promotion_on_her_today_page_and_lets_it_go() -> None:
    place, author, colleague = make_place(), make_staff(), make_staff()
    writing, reading = browser_of(author), browser_of(colleague)
    looked = writing.post(
        "/broadcasts/new/", {**SAID, "communities": [place.pk], "step": "look"}
    ).content.decode()
    assert "请同事过目" in looked
    writing.post("/broadcasts/new/", {**SAID, "communities": [place.pk], "step": "send"})
    made = Broadcast.objects.get()
    url = f"/broadcasts/{made.pk}/"

    page = writing.get(url).content.decode()
    assert "他们的“今日”页上已经有了" in page
    assert "同意，按时发" not in page
    assert url in reading.get("/").content.decode()
    assert url not in writing.get("/").content.decode()
    for step, reason, status in (("refuse", " ", 422), ("else", "", 422)):
        answer = reading.post(f"{url}decide/", {"step": step, "reason": reason})
        assert answer.status_code == status
    assert writing.post(f"{url}decide/", {"step": "approve"}).status_code == 422
    stranger = browser_of(make_stranger())
    assert stranger.post(f"{url}decide/", {"step": "approve"}).status_code == 404
    assert OutboxRow.objects.count() == 0

    assert reading.post(f"{url}decide/", {"step": "approve"}).status_code == 302

    assert OutboxRow.objects.count() == 1
    assert "点了头" in writing.get(url).content.decode()
    assert url not in reading.get("/").content.decode()


def test_who_is_alone_is_told_so_before_she_sends() -> None:
    place = make_place()
    alone = browser_of(make_staff(community=place))

    looked = alone.post("/broadcasts/new/", {**SAID, "communities": [place.pk], "step": "look"})
    sent = alone.post("/broadcasts/new/", {**SAID, "communities": [place.pk], "step": "send"})

    assert "没有第二个人能定" in looked.content.decode()
    assert 'value="send"' not in looked.content.decode()
    assert (sent.status_code, Broadcast.objects.count()) == (422, 0)


def test_a_rest_of_promotions_stands_on_today_and_ends_with_a_reason() -> None:
    place = make_place()
    now = timezone.now()
    rest = PushRest.objects.create(
        community=place, why="leaves", now_count=5, since=now, until=now + timedelta(days=1)
    )
    operator = browser_of(make_staff(community=place))
    url = f"/communities/{place.slug}/items/"

    assert "有 5 人在推送后两小时内退群" in operator.get("/").content.decode()
    assert "推送歇着" in operator.get(url).content.decode()
    assert operator.post(f"{url}pushes/", {"reason": ""}).status_code == 422
    rest.refresh_from_db()
    assert rest.ended_at is None
    assert operator.post(f"{url}pushes/", {"reason": "搬家走的"}).status_code == 302

    rest.refresh_from_db()
    assert rest.reason == "搬家走的"
    assert "推送歇着" not in operator.get(url).content.decode()
    assert operator.post(f"{url}pushes/", {"reason": "再来"}).status_code == 302
