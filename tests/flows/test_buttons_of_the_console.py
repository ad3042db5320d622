"""Acts that people take on pages: roles, orders, use, questions, rules for tags and stages, exceptions."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.events import GuardOverridden
from chaguan.communities.models import GuardOverride, MemberRole
from chaguan.communities.selectors import has_right
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.communities.ticks import end_roles_that_are_over
from chaguan.communities.types import Right
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.outbox.testing import make_row
from chaguan.people.events import OrderConfirmed, ProductUsed
from chaguan.people.models import (
    Member,
    MemberTag,
    Order,
    ProfileField,
    Segment,
    StageRuleSwitch,
    Tag,
)
from chaguan.people.testing import EPOCH
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db


@pytest.mark.req("TEAM-02")
def test_a_session_host_is_named_on_the_profile_and_wears_the_badge_in_the_member_list() -> None:
    community = make_community()
    member, plain = make_member(community, name="阿青"), make_member(community, name="小满")
    lead = logged_in(make_staff("community_manager", community))
    step = f"/members/{member.public_id}/change/"
    given = {"act": "role", "role": "session_host", "community": str(community.pk)}

    assert lead.post(step, given).status_code == 302

    host = Actor.member(member.pk)
    assert {r for r in Right if has_right(host, r, community.pk)} == {Right.OPEN_SESSION}
    page = lead.get("/members/").content.decode()
    assert page.count("role-badge") == 1
    row = next(part for part in page.split("<tr") if "阿青" in part)
    assert "主持人" in row.split("role-badge")[1]
    assert lead.post(step, given).status_code == 422  # held already
    assert lead.post(step, given | {"act": "role_end"}).status_code == 302
    assert "role-badge" not in lead.get("/members/").content.decode()
    assert "主持人" in lead.get(f"/members/{member.public_id}/").content.decode()
    analyst = logged_in(make_staff("data_analyst", community))
    assert analyst.post(f"/members/{plain.public_id}/change/", given).status_code == 403
    assert MemberRole.objects.count() == 1


@pytest.mark.req("TEAM-05")
def test_a_role_of_a_cohort_is_given_until_a_day_and_stays_on_the_profile() -> None:
    camp = make_community(type="camp", timezone="Asia/Shanghai")
    member = make_member(camp)
    lead = logged_in(make_staff("community_manager", camp))
    step = f"/members/{member.public_id}/change/"
    given = {"act": "role", "role": "class_monitor", "community": str(camp.pk)}
    with clock.moved_to(EPOCH):
        assert lead.post(step, given | {"until": "tomorrow"}).status_code == 422
        assert lead.post(step, given | {"until": "2026-01-04"}).status_code == 422
        assert lead.post(step, given | {"until": "2026-01-11"}).status_code == 302
    end = datetime(2026, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert MemberRole.objects.get().ends_at == end
    assert end_roles_that_are_over(end - timedelta(seconds=1)) == 0
    assert end_roles_that_are_over(end) == 1
    assert "班长" in lead.get(f"/members/{member.public_id}/").content.decode()


def test_orders_and_use_are_noted_on_the_profile_once() -> None:
    community = make_community()
    member = make_member(community, stage="familiar")
    lead = logged_in(make_staff("community_manager", community))
    step = f"/members/{member.public_id}/change/"
    order = {"act": "order", "reference": "A-17", "amount": "99.50"}

    assert lead.post(step, order).status_code == 302
    assert lead.post(step, order).status_code == 422
    for amount in ("99.505", "-1", "九十九", "NaN", "1e99", "Infinity"):
        assert lead.post(step, order | {"reference": "B", "amount": amount}).status_code == 422
    assert lead.post(step, {"act": "usage", "what": " "}).status_code == 422
    assert lead.post(step, {"act": "usage", "what": "记一泡茶"}).status_code == 302
    drain()

    assert Order.objects.get().amount_fen == 9950
    assert recorded(OrderConfirmed.name) == [OrderConfirmed(member.pk, "A-17", 9950)]
    assert recorded(ProductUsed.name) == [ProductUsed(member.pk, "记一泡茶")]
    assert Member.objects.get(pk=member.pk).stage == "bought"
    analyst = logged_in(make_staff("data_analyst", community))
    refused = analyst.post(step, order | {"reference": "C"})
    assert refused.status_code == 403
    assert Order.objects.count() == 1


def test_questions_are_added_and_changed_by_who_may_change_the_house() -> None:
    owner, lead = logged_in(make_owner()), logged_in(make_staff("community_manager"))
    asked = {"label": "最爱的茶", "code": "tea", "kind": "choice", "choices": "绿茶\n\n红茶 "}
    assert lead.post("/settings/questions/", asked).status_code == 403
    assert owner.post("/settings/questions/", asked | {"choices": ""}).status_code == 422
    assert owner.post("/settings/questions/", asked | {"code": "最爱"}).status_code == 422
    assert not ProfileField.objects.exists()

    assert owner.post("/settings/questions/", asked).status_code == 302
    assert owner.post("/settings/questions/", asked | {"label": "最常喝的茶"}).status_code == 302

    field = ProfileField.objects.get()
    assert (field.label, field.choices) == ("最常喝的茶", ["绿茶", "红茶"])
    assert "最常喝的茶" in owner.get("/settings/questions/?edit=tea").content.decode()
    assert "最常喝的茶" in lead.get("/settings/questions/").content.decode()


def test_a_segment_keeps_a_tag_and_stage_rules_are_switched_on_the_page() -> None:
    actor, community = make_owner(), make_community()
    owner, lead = logged_in(actor), logged_in(make_staff("community_manager"))
    bought = make_member(community, stage="bought")
    make_member(community)
    segment = Segment.objects.create(
        name="买过的",
        tree={"all": [{"condition": "stage", "stages": ["bought"]}]},
        owner_id=actor.user_id,
        created_at=EPOCH,
    )
    step = "/settings/rules/change/"
    keep = {"step": "keep", "name": "老客户", "segment": str(segment.pk)}
    assert lead.post(step, keep).status_code in (403, 422)
    assert owner.post(step, keep | {"segment": "999"}).status_code == 422
    assert owner.post(step, keep | {"name": ""}).status_code == 422
    assert not Tag.objects.exists()

    assert owner.post(step, keep).status_code == 302
    assert list(MemberTag.objects.values_list("member_id", "by")) == [(bought.pk, "rule")]
    assert "老客户" in owner.get("/settings/rules/").content.decode()
    assert owner.post(step, {"step": "free", "tag": "老客户"}).status_code == 302
    assert Tag.objects.get().rule is None

    assert lead.post(step, {"step": "off", "rule": "first_order"}).status_code == 403
    assert owner.post(step, {"step": "off", "rule": "first_love"}).status_code >= 400
    assert not StageRuleSwitch.objects.exists()
    assert owner.post(step, {"step": "off", "rule": "first_order"}).status_code == 302
    assert StageRuleSwitch.objects.get().is_on is False
    assert owner.post(step, {"step": "on", "rule": "first_order"}).status_code == 302
    assert StageRuleSwitch.objects.get().is_on is True


def test_an_owner_makes_an_exception_from_the_type_with_a_reason_and_nobody_else() -> None:
    community = make_community(type="loyal_fan")
    room = make_room(community)
    row = make_row(
        key="run:1/a",
        community_id=community.pk,
        room_id=room.pk,
        is_promotion=True,
    )
    OutboxRow.objects.update(state=OutboxRow.State.SUPPRESSED, reason="type_guard")
    owner, lead = logged_in(make_owner()), logged_in(make_staff("community_manager", community))
    path, sent = f"/outbox/{row.pk}/decide/", {"decision": "override", "reason": "老成员自己要的"}
    assert 'value="override"' not in lead.get(f"/outbox/{row.pk}/").content.decode()
    assert lead.post(path, sent).status_code == 403
    assert owner.post(path, sent | {"reason": " "}).status_code == 422
    row.refresh_from_db()
    assert (row.state, GuardOverride.objects.count()) == ("suppressed", 0)

    assert 'value="override"' in owner.get(f"/outbox/{row.pk}/").content.decode()
    assert owner.post(path, sent).status_code == 302

    row.refresh_from_db()
    assert row.state == "planned"
    assert GuardOverride.objects.get().reason == "老成员自己要的"
    assert recorded(GuardOverridden.name) == [
        GuardOverridden(community.pk, "type_guard", "老成员自己要的")
    ]
