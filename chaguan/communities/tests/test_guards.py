from datetime import timedelta

import pytest

from chaguan.communities.actions.overriding import override_guard
from chaguan.communities.events import GuardOverridden
from chaguan.communities.guards import check, check_plan
from chaguan.communities.models import Community
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.actions import claim, plan, release
from chaguan.outbox.contract import Intent
from chaguan.outbox.models import OutboxRow
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH


def promote(community: Community, key: str, *, is_promotion: bool = True) -> None:
    room = make_room(community)
    intent = Intent(
        key=key,
        kind="say",
        connector="portal",
        account_id=1,
        due_at=NOW,
        community_id=community.pk,
        room_id=room.pk,
        payload={"text": "新品九折"},
        is_promotion=is_promotion,
    )
    plan([intent], actor=Actor.system(), now=NOW)


def send() -> list[str]:
    rows = claim(NOW + timedelta(minutes=1), rates={}, reached={1: frozenset({"say"})})
    return [row.key for row in rows]


@pytest.mark.req("TYPE-05")
def test_promotion_to_loyal_fans_is_blocked_until_an_owner_overrides_and_that_is_logged() -> None:
    fans, newcomers = make_community(type="loyal_fan"), make_community(type="newcomer")
    operator = make_staff("community_manager", fans)
    promote(fans, "sale:fans")
    promote(fans, "hello:fans", is_promotion=False)
    promote(newcomers, "sale:newcomers")

    assert not check(fans.pk, {"promotion"})
    assert check(fans.pk, {"promotion"}).code == "type_guard"
    assert check(newcomers.pk, {"promotion"})
    assert send() == ["hello:fans", "sale:newcomers"]
    held = OutboxRow.objects.get(key="sale:fans")
    assert (held.state, held.reason) == ("suppressed", "type_guard")

    with pytest.raises(Refused) as refusal:
        override_guard(operator, fans.pk, "sale:fans", reason="老板同意", now=NOW)
    assert refusal.value.code == "owner_only"
    release(operator, held.pk, now=NOW)
    assert send() == []  # urgent or not, the type forbids it
    assert recorded(GuardOverridden.name) == []

    owner = make_owner()
    override_guard(owner, fans.pk, "sale:fans", reason="铁粉投票要的", now=NOW)
    release(owner, held.pk, now=NOW)
    assert send() == ["sale:fans"]
    assert recorded(GuardOverridden.name) == [
        GuardOverridden(fans.pk, "type_guard", "铁粉投票要的")
    ]
    assert LoggedEvent.objects.get(name=GuardOverridden.name).actor == owner.reference


def test_member_who_owns_the_community_may_override_and_needs_a_reason() -> None:
    fans = make_community(type="loyal_fan")
    owner = Actor.member(make_member(fans, role="owner").pk)
    deputy = Actor.member(make_member(fans, role="deputy").pk)

    with pytest.raises(Refused):
        override_guard(deputy, fans.pk, "k", reason="x", now=NOW)
    with pytest.raises(Invalid):
        override_guard(owner, fans.pk, "k", reason="  ", now=NOW)
    assert recorded() == []
    for _time in range(2):
        override_guard(owner, fans.pk, "k", reason="生日", now=NOW)
    assert len(recorded()) == 1


@pytest.mark.parametrize(
    ("kind", "counts", "codes"),
    [
        ("newcomer", {"conversion": 1}, []),
        ("newcomer", {"conversion": 2}, ["type_limit"]),
        ("delivery", {"sharing": 1}, ["type_guard"]),
        ("traffic", {"content": 3}, ["type_guard"]),
        ("regional", {"headquarters": 1, "promotion": 1}, ["type_guard", "type_guard"]),
        ("camp", {"promotion": 1, "content": 5}, []),
        ("", {"promotion": 9}, []),
        ("traffic", {"staff_steps": 2}, []),
        ("traffic", {"staff_steps": 3}, ["type_intensity"]),
        ("newcomer", {"staff_steps": 4}, ["type_intensity"]),
        ("loyal_fan", {"staff_steps": 4}, ["type_intensity"]),
        ("camp", {"staff_steps": 40}, []),
        ("delivery", {"staff_steps": 40}, []),
    ],
)
def test_plans_are_checked_against_the_type(
    kind: str, counts: dict[str, int], codes: list[str]
) -> None:
    faults = check_plan(kind, counts)

    assert [fault.code for fault in faults] == codes
    assert all(str(fault.sentence).endswith("。") for fault in faults)
