from datetime import timedelta
from typing import Any

import pytest

from chaguan.communities.actions import join_community
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.actions import NewFact, append
from chaguan.eventlog.selectors import as_logged, facts_of_member
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.actions.orders import confirm_order, report_usage
from chaguan.people.actions.stages import (
    Evidence,
    follow_rules,
    override_stage,
    raise_stages,
    switch_stage_rule,
)
from chaguan.people.events import OrderConfirmed, StageChanged
from chaguan.people.models import Member, Order, StageChange
from chaguan.people.selectors.stages import funnel, stage_changes_of
from chaguan.people.testing import EPOCH
from chaguan.people.types import RelationStage

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()
NOW = EPOCH + timedelta(days=1)
LATER = NOW + timedelta(days=1)


def moves(member: Member) -> list[tuple[str, str, str, Any]]:
    rows = StageChange.objects.filter(member=member).order_by("pk")
    return list(rows.values_list("old", "new", "rule", "at"))


@pytest.mark.req("LAYER-01")
def test_every_member_has_one_stage_with_its_date_and_the_funnel_counts_them() -> None:
    community = make_community()
    fresh = make_member(community)
    known = make_member(community)
    make_member(community, is_bot=True)
    confirm_order(SYSTEM, known.pk, "o1", now=NOW)
    drain()

    assert [(s.stage.value, s.members) for s in funnel(make_owner())] == [
        ("unaware", 1),
        ("curious", 0),
        ("acquainted", 0),
        ("informed", 0),
        ("familiar", 0),
        ("bought", 1),
        ("bought_again", 0),
    ]
    stages = Member.objects.values_list("stage", "stage_since").order_by("pk")
    assert list(stages)[:2] == [("unaware", fresh.first_seen_at), ("bought", NOW)]
    assert Member.objects.filter(stage_since__isnull=True).count() == 0
    assert {m.stage for m in Member.objects.all()} <= set(RelationStage)


@pytest.mark.req("LAYER-02")
def test_first_order_means_bought_and_second_bought_again_with_rule_and_time() -> None:
    member = make_member(make_community(), stage="familiar")

    confirm_order(SYSTEM, member.pk, "o1", now=NOW)
    drain()
    assert Member.objects.get(pk=member.pk).stage == "bought"
    confirm_order(SYSTEM, member.pk, "o2", now=LATER)
    drain()

    assert Member.objects.get(pk=member.pk).stage == "bought_again"
    assert moves(member) == [
        ("familiar", "bought", "first_order", NOW),
        ("bought", "bought_again", "second_order", LATER),
    ]
    log = facts_of_member(member.pk).filter(name=StageChanged.name)
    assert [(row.data["rule"], row.at) for row in log] == [
        ("second_order", LATER),
        ("first_order", NOW),
    ]
    assert all(row.caused_by for row in log)
    shown = stage_changes_of(make_owner(), member.pk)
    assert [(change.rule, change.at) for change in shown] == [
        ("second_order", LATER),
        ("first_order", NOW),
    ]


def test_two_orders_in_one_batch_are_two_moves() -> None:
    member = make_member()
    confirm_order(SYSTEM, member.pk, "o1", now=NOW)
    confirm_order(SYSTEM, member.pk, "o2", now=LATER)

    drain()

    assert [(new, rule) for _old, new, rule, _at in moves(member)] == [
        ("bought", "first_order"),
        ("bought_again", "second_order"),
    ]


def test_order_told_twice_counts_once() -> None:
    member = make_member()

    assert confirm_order(SYSTEM, member.pk, "o1", now=NOW)
    assert not confirm_order(SYSTEM, member.pk, "o1", now=LATER)
    drain()

    assert Order.objects.count() == 1
    assert recorded(OrderConfirmed.name) == [OrderConfirmed(member.pk, "o1")]
    assert Member.objects.get(pk=member.pk).stage == "bought"


def test_joining_and_use_move_up_and_nothing_moves_down() -> None:
    community, member = make_community(), make_member()

    join_community(SYSTEM, community.pk, member.pk, now=NOW)
    drain()
    assert Member.objects.get(pk=member.pk).stage == "acquainted"
    report_usage(SYSTEM, member.pk, "课程", now=NOW, reference="u1")
    assert not report_usage(SYSTEM, member.pk, "课程", now=NOW, reference="u1")
    drain()
    join_community(SYSTEM, make_community().pk, member.pk, now=LATER)
    drain()

    assert Member.objects.get(pk=member.pk).stage == "informed"
    assert [rule for _old, _new, rule, _at in moves(member)] == ["joined", "product_used"]


def test_person_overrides_with_a_reason_and_old_evidence_does_not_undo_it() -> None:
    community = make_community()
    member = make_member(community)
    lead = make_staff("community_manager", community)
    confirm_order(SYSTEM, member.pk, "o1", now=NOW)
    drain()

    override_stage(lead, member.pk, "informed", reason="退款", now=LATER)
    order = facts_of_member(member.pk).filter(name=OrderConfirmed.name).get()

    assert follow_rules([as_logged(order)]) == 0

    assert Member.objects.get(pk=member.pk).stage == "informed"
    assert recorded(StageChanged.name)[-1] == StageChanged(
        member.pk, "bought", "informed", reason="退款"
    )


def test_override_wants_a_reason_and_the_right() -> None:
    member = make_member(make_community())
    stranger = make_staff("community_manager", make_community())

    with pytest.raises(Invalid):
        override_stage(make_owner(), member.pk, "bought", reason=" ", now=NOW)
    with pytest.raises(Refused):
        override_stage(stranger, member.pk, "bought", reason="好", now=NOW)
    with pytest.raises(Refused):
        raise_stages(stranger, [Evidence(member.pk, "bought", "x", NOW)])
    with pytest.raises(Refused):
        confirm_order(stranger, member.pk, "o1", now=NOW)
    with pytest.raises(Missing):
        stage_changes_of(stranger, member.pk)

    assert not StageChange.objects.exists()
    assert recorded() == []


def test_rule_can_be_turned_off() -> None:
    member = make_member()
    switch_stage_rule(make_owner(), "first_order", is_on=False, now=NOW)

    confirm_order(SYSTEM, member.pk, "o1", now=NOW)
    drain()
    assert Member.objects.get(pk=member.pk).stage == "unaware"
    with pytest.raises(Refused):
        switch_stage_rule(make_staff("community_manager"), "first_order", is_on=True, now=NOW)


def test_imported_history_moves_stages_under_the_imports_name() -> None:
    community, member = make_community(), make_member()
    joined = (
        "communities.member_joined",
        NOW,
        community.pk,
        None,
        member.pk,
        "system:import 1",
        None,
        0,
    )

    append([NewFact("room:1", "r1", *joined, {"origin": "", "is_bot": False})])
    drain()

    assert Member.objects.get(pk=member.pk).stage == "acquainted"
    assert facts_of_member(member.pk).get(name=StageChanged.name).actor == "system:import 1"


def test_batch_costs_the_same_at_any_size(django_assert_max_num_queries: Any) -> None:
    ids = [make_member().pk for _n in range(30)]

    with django_assert_max_num_queries(9):
        moved = raise_stages(
            SYSTEM, [Evidence(pk, "curious", "run:1", NOW, event_id=5) for pk in ids]
        )

    assert moved == 30
    assert raise_stages(SYSTEM, [Evidence(ids[0], "bought", "run:1", NOW, event_id=5)]) == 0
