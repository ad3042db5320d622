from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from chaguan.channels.testing import make_account
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.eventlog.testing import recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.people.actions.tags import tag_members
from chaguan.people.models import Identity, MemberTag, Note, Segment
from chaguan.playbooks.actions.assignments import complete_assignment
from chaguan.playbooks.models import Assignment
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, live_and_send, make_run, make_step

pytestmark = pytest.mark.django_db


def log_in(client: Client, actor: Actor) -> Client:
    client.force_login(get_user_model().objects.get(pk=actor.user_id or 0))
    return client


def tagged(name: str) -> set[int]:
    return set(MemberTag.objects.filter(tag__name=name).values_list("member_id", flat=True))


def test_the_profile_shows_who_it_is(client: Client) -> None:
    community = make_community(name="茶友会")
    member = make_member(community, name="阿青")

    body = log_in(client, make_owner()).get(f"/members/{member.public_id}/").content.decode()

    assert "阿青" in body
    assert "茶友会" in body


def test_a_member_of_another_community_is_not_found(client: Client) -> None:
    member = make_member(make_community())
    log_in(client, make_staff("community_manager", make_community()))

    assert client.get(f"/members/{member.public_id}/").status_code == 404
    refused = client.post(f"/members/{member.public_id}/change/", {"act": "note", "text": "x"})

    assert (refused.status_code, Note.objects.count(), recorded()) == (404, 0, [])


def test_a_stage_set_by_hand_keeps_its_reason(client: Client) -> None:
    member = make_member(make_community(), stage="acquainted")
    log_in(client, make_owner())

    client.post(
        f"/members/{member.public_id}/change/",
        {"act": "stage", "stage": "bought", "reason": "线下买过茶"},
    )

    member.refresh_from_db()
    body = client.get(f"/members/{member.public_id}/").content.decode()
    assert member.stage == "bought"
    assert "线下买过茶" in body


def test_a_stage_without_a_reason_is_refused_and_changes_nothing(client: Client) -> None:
    member = make_member(make_community(), stage="acquainted")

    response = log_in(client, make_owner()).post(
        f"/members/{member.public_id}/change/", {"act": "stage", "stage": "bought", "reason": " "}
    )

    member.refresh_from_db()
    assert (response.status_code, member.stage) == (422, "acquainted")


def test_a_note_that_is_refused_keeps_what_was_typed(client: Client) -> None:
    member = make_member(make_community())

    response = log_in(client, make_owner()).post(
        f"/members/{member.public_id}/change/", {"act": "note", "text": "   "}
    )

    assert response.status_code == 422
    assert Note.objects.count() == 0


def test_a_segment_is_kept_and_opened_again(client: Client) -> None:
    community = make_community()
    make_member(community, name="阿青", stage="bought")
    make_member(community, name="老周")
    log_in(client, make_owner())

    client.post(
        "/members/segments/", {"name": "买过的", "query": "0-condition=stage&0-stages=bought"}
    )
    segment = Segment.objects.get()
    response = client.get("/members/", {"segment": segment.pk})

    assert [line.member.name for line in response.context["lines"]] == ["阿青"]


def test_looking_before_tagging_changes_nothing(client: Client) -> None:
    make_member(make_community(), stage="bought")

    response = log_in(client, make_owner()).get(
        "/members/segments/tag/", {"0-condition": "stage", "0-stages": "bought"}
    )

    assert response.context["page"].count == 1
    assert MemberTag.objects.count() == 0


def test_tagging_all_and_undoing_it_spares_who_had_the_tag_before(client: Client) -> None:
    community, owner = make_community(), make_owner()
    before, fresh = make_member(community, stage="bought"), make_member(community, stage="bought")
    make_member(community, stage="acquainted")
    tag_members(owner, [before.pk], add=["老客"], now=clock.now())
    log_in(client, owner)
    form = {"query": "0-condition=stage&0-stages=bought", "tag": "老客"}

    response = client.post("/members/segments/tag/", form, follow=True)
    assert tagged("老客") == {before.pk, fresh.pk}
    undo = next(str(m.extra_tags).removeprefix("undo:") for m in response.context["messages"])
    client.post(undo)

    assert tagged("老客") == {before.pk}


def test_staff_tags_only_members_within_reach(client: Client) -> None:
    mine, other = make_community(), make_community()
    near, far = make_member(mine, stage="bought"), make_member(other, stage="bought")
    log_in(client, make_staff("community_manager", mine))
    form = {"query": "0-condition=stage&0-stages=bought", "tag": "老客"}

    client.post("/members/segments/tag/", form)

    assert near.pk in tagged("老客")
    assert far.pk not in tagged("老客")


def test_the_story_names_the_step_and_what_we_wrote_and_addresses_are_in_words() -> None:
    owner, community = make_owner(), make_community()
    echo = make_account("echo")
    make_room(community, connector="echo", account_id=echo.pk)
    member = make_member(community)
    Identity.objects.create(member=member, connector="portal", external_id="join:x1")
    make_run(
        make_step(
            kind="assign", actor="operator", mode="human", text=None, instruction="聊", title="聊一聊",
            track="person", audience="person",
        ),
        make_step(id="B-1", track="person", kind="touch", audience="person", text="今晚八点见"),
        community=community,
        people={"operator": Person(user_id=owner.user_id)},
    )  # fmt: skip
    live_and_send(MONDAY, MONDAY + timedelta(hours=2), step=timedelta(hours=1))
    complete_assignment(owner, Assignment.objects.get().pk, now=MONDAY, note="聊了")

    page = log_in(Client(), owner).get(f"/members/{member.public_id}/")

    told = {entry.kind: entry.text for entry, _by, _place in page.context["entries"]}
    assert told["playbooks.assignment_done"] == "聊一聊"
    assert told["channels.message_sent"] == "今晚八点见"
    assert "join:x1" not in page.content.decode()
