from datetime import timedelta

import pytest

from chaguan.communities.actions.communities import create_community, edit_community
from chaguan.communities.actions.phases import move_phase, tick_closing_item
from chaguan.communities.errors import NotReady, NotThatWay
from chaguan.communities.events import PhaseChanged
from chaguan.communities.models import ClosingCheck, Community, Membership
from chaguan.communities.selectors.composition import composition_of
from chaguan.communities.selectors.warnings import warnings_for
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.communities.ticks import close_what_is_over, compose_some
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.actions import claim, plan
from chaguan.outbox.contract import Intent
from chaguan.outbox.models import OutboxRow
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH


def say(community: Community, key: str, due_in_h: int = 24) -> None:
    room = community.rooms.first() or make_room(community)
    intent = Intent(
        key=key,
        kind="say",
        connector="portal",
        account_id=1,
        due_at=NOW + timedelta(hours=due_in_h),
        community_id=community.pk,
        room_id=room.pk,
        payload={"text": "早"},
    )
    plan([intent], actor=Actor.system(), now=NOW)


@pytest.mark.req("GOAL-01")
@pytest.mark.parametrize("field", ["purpose", "audience", "expected_effect"])
def test_draft_is_not_left_before_the_charter_is_filled_in(field: str) -> None:
    owner = make_owner()
    community = create_community(owner, "茶", kind="newcomer", now=NOW)
    edit_community(owner, community.pk, {field: "  "}, now=NOW)

    for phase in ("recruiting", "running"):
        with pytest.raises(NotReady) as refusal:
            move_phase(owner, community.pk, phase, now=NOW)
        assert refusal.value.code == f"no_{field}"
    assert Community.objects.get().phase == "draft"

    edit_community(owner, community.pk, {field: "一起喝茶"}, now=NOW)
    move_phase(owner, community.pk, "recruiting", now=NOW)
    assert Community.objects.get().phase == "recruiting"
    assert recorded(PhaseChanged.name) == [PhaseChanged(community.pk, "draft", "recruiting")]


@pytest.mark.req("PRIN-02")
def test_no_type_or_target_is_refused_and_mixed_company_raises_an_alert() -> None:
    owner = make_owner()
    community = create_community(owner, "茶", kind="delivery", now=NOW)
    for change, code in (({"type": ""}, "no_type"), ({"target_stages": []}, "no_target_stages")):
        before = {key: getattr(community, key) for key in change}
        edit_community(owner, community.pk, change, now=NOW)
        with pytest.raises(NotReady) as refusal:
            move_phase(owner, community.pk, "running", now=NOW)
        assert refusal.value.code == code
        edit_community(owner, community.pk, before, now=NOW)
    move_phase(owner, community.pk, "running", now=NOW)

    for _n in range(7):
        make_member(community, stage="bought")
    for _n in range(3):
        make_member(community, stage="curious")
    make_member(community, stage="curious", is_bot=True)
    compose_some(NOW + timedelta(hours=1))
    assert (
        warnings_for(owner, NOW + timedelta(hours=1)) == []
    )  # exactly the share of 30 % is still fine
    make_member(community, stage="unaware")
    compose_some(NOW + timedelta(hours=2))

    (alert,) = warnings_for(owner, NOW + timedelta(hours=2))
    assert (alert.code, alert.community_id) == ("mixed", community.pk)
    assert "36" in str(alert.sentence)
    shares = {one.stage.value: (one.members, one.is_target) for one in composition_of(community.pk)}
    assert shares["bought"] == (7, True)
    assert shares["curious"] == (3, False)
    assert warnings_for(make_stranger(), NOW) == []


@pytest.mark.req("TYPE-03")
def test_traffic_community_warns_and_is_closed_at_48_hours_and_unscreened_warns_after_30_days() -> (
    None
):
    owner = make_owner()
    community = create_community(owner, "引流", kind="traffic", now=NOW)
    room = make_room(community)
    move_phase(owner, community.pk, "running", now=NOW)
    edit_community(owner, community.pk, {"closes_at": NOW + timedelta(days=9)}, now=NOW)

    assert warnings_for(owner, NOW + timedelta(hours=41)) == []
    (warning,) = warnings_for(owner, NOW + timedelta(hours=43))
    assert (warning.code, warning.since) == ("closes_soon", NOW + timedelta(hours=48))
    assert close_what_is_over(NOW + timedelta(hours=47, minutes=59)) == 0
    assert close_what_is_over(NOW + timedelta(hours=48)) == 1
    assert close_what_is_over(NOW + timedelta(hours=49)) == 0

    kept = Community.objects.get()
    assert (kept.phase, kept.closed_at) == ("closed", NOW + timedelta(hours=48))
    assert recorded(PhaseChanged.name)[1:] == [
        PhaseChanged(community.pk, "running", "closing"),
        PhaseChanged(community.pk, "closing", "closed"),
    ]
    assert (
        OutboxRow.objects.filter(state="planned").values_list("room_id", flat=True).get() == room.pk
    )

    open_one = make_community(is_screened=False, type="regional", opened_at=NOW)
    make_community(is_screened=True, type="regional", opened_at=NOW)
    assert warnings_for(owner, NOW + timedelta(days=30)) == []
    (unscreened,) = warnings_for(owner, NOW + timedelta(days=30, minutes=1))
    assert (unscreened.code, unscreened.community_id) == ("unscreened", open_one.pk)


@pytest.mark.req("TYPE-06")
def test_closing_runs_the_list_tells_members_and_cancels_what_comes_later() -> None:
    lead = make_staff("community_manager")
    community, other = make_community(), make_community()
    make_room(community)
    make_member(community)
    say(community, "run:1/a")
    say(other, "run:2/a")

    move_phase(lead, community.pk, "closing", now=NOW)
    notice = OutboxRow.objects.get(key__startswith="community:")
    assert (notice.state, notice.due_at, notice.community_id) == ("planned", NOW, community.pk)
    assert community.name in notice.payload["text"]
    with pytest.raises(NotReady) as refusal:
        move_phase(lead, community.pk, "closed", now=NOW)
    assert refusal.value.code == "closing_list"
    assert set(ClosingCheck.objects.values_list("item", flat=True)) == {"notice"}
    for item in ("export", "next_step", "feedback"):
        assert tick_closing_item(lead, community.pk, item, now=NOW, note="好了")
        assert not tick_closing_item(lead, community.pk, item, now=NOW)
    move_phase(lead, community.pk, "closed", now=NOW + timedelta(hours=1))

    states = dict(OutboxRow.objects.values_list("key", "state"))
    assert (states["run:1/a"], states["run:2/a"]) == ("cancelled", "planned")
    assert OutboxRow.objects.get(key="run:1/a").reason == "community_closed"
    assert not community.rooms.filter(is_open=True).exists()
    assert Membership.objects.filter(community=community, state="in").count() == 1
    say(community, "run:1/b", due_in_h=0)
    claimed = claim(NOW + timedelta(hours=2), rates={}, reached={1: frozenset({"say"})})
    assert all(row.key.startswith("community:") for row in claimed)
    assert (
        len(claimed) == 1
    )  # that it is closed; the earlier notice had not gone out and is cancelled
    assert OutboxRow.objects.get(key="run:1/b").reason == "community_closed"


def test_life_goes_one_way_and_only_for_those_with_the_right() -> None:
    community = make_community(phase="closed")
    draft = make_community(phase="draft")

    with pytest.raises(NotThatWay):
        move_phase(make_owner(), community.pk, "running", now=NOW)
    with pytest.raises(NotThatWay):
        move_phase(make_owner(), draft.pk, "closed", now=NOW)
    with pytest.raises(Refused):
        move_phase(make_staff("data_analyst"), draft.pk, "running", now=NOW)
    with pytest.raises(Invalid):
        tick_closing_item(make_owner(), community.pk, "party", now=NOW)

    assert recorded() == []
    assert not OutboxRow.objects.exists()
