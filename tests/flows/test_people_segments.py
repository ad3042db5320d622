from datetime import datetime, timedelta
from typing import Any

import pytest

from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.people.contract import Asking
from chaguan.people.models import (
    Identity,
    Member,
    MemberTag,
    Order,
    ProfileField,
    ProfileValue,
    Tag,
)
from chaguan.people.segments import compile_tree
from chaguan.people.selectors.segments import members_matching, segment_page
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH + timedelta(days=100)


def names(tree: Any, **asking: Any) -> list[str]:
    found = members_matching(tree, Asking(NOW, **asking))
    return sorted(found.values_list("name", flat=True))


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def house() -> dict[str, Any]:
    """Three people in two communities; each knows, wears and does something else."""
    tea = make_community(name="茶", type="newcomer")
    fans = make_community(name="铁粉", type="loyal_fan")
    ann = make_member(tea, name="Ann", stage="bought", role="steward", first_seen_at=ago(90))
    bo = make_member(tea, name="bo", stage="curious", last_seen_at=ago(2), first_seen_at=ago(10))
    cy = make_member(fans, name="Cy", stage="bought", last_seen_at=ago(40), first_seen_at=ago(50))
    Membership.objects.filter(member=ann).update(messages=100, last_message_at=ago(1))
    Membership.objects.filter(member=cy).update(messages=3, last_message_at=ago(35))
    MemberTag.objects.create(member=ann, tag=Tag.objects.create(name="绿茶"), at=NOW, by="staff:1")
    field = ProfileField.objects.create(code="city", label="城市", kind="choice")
    ProfileValue.objects.create(member=bo, field=field, value="杭州", at=NOW)
    Identity.objects.create(member=cy, connector="irc", external_id="cy")
    for number in (1, 2):
        Order.objects.create(reference=f"o{number}", member=cy, at=NOW)
    Order.objects.create(reference="o3", member=ann, at=NOW)
    return {"tea": tea.pk, "fans": fans.pk}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"condition": "stage", "stages": ["bought", "familiar"]}, ["Ann", "Cy"]),
        ({"condition": "tag", "tag": "绿茶"}, ["Ann"]),
        ({"condition": "profile_field", "field": "city", "value": "杭州"}, ["bo"]),
        ({"condition": "identity", "connector": "irc"}, ["Cy"]),
        ({"condition": "name_contains", "text": "N"}, ["Ann"]),
        ({"condition": "first_seen_within", "days": 60}, ["Cy", "bo"]),
        ({"condition": "first_seen_before", "date": "2026-02-10"}, ["Ann"]),
        ({"condition": "first_seen_after", "date": "2026-04-01"}, ["bo"]),
        ({"condition": "last_seen_within", "days": 30}, ["bo"]),
        ({"condition": "not_seen_for", "days": 30}, ["Cy"]),
        ({"condition": "orders", "times": 1}, ["Ann", "Cy"]),
        ({"condition": "orders", "times": 2}, ["Cy"]),
        ({"condition": "bot"}, []),
        ({"condition": "opted_out"}, []),
        ({"condition": "in_community", "community": "tea"}, ["Ann", "bo"]),
        ({"condition": "joined_within", "days": 60, "community": "tea"}, ["bo"]),
        ({"condition": "joined_within", "days": 60}, ["Cy", "bo"]),
        ({"condition": "joined_before", "date": "2026-02-10"}, ["Ann"]),
        ({"condition": "joined_after", "date": "2026-04-01", "community": "tea"}, ["bo"]),
        ({"condition": "quiet_for", "days": 30}, ["Cy"]),
        ({"condition": "quiet_for", "days": 30, "community": "tea"}, []),
        ({"condition": "quiet_for", "days": 5, "community": "tea"}, ["bo"]),
        ({"condition": "messages_at_least", "messages": 3}, ["Ann", "Cy"]),
        ({"condition": "messages_at_most", "messages": 3, "community": "tea"}, ["bo"]),
        ({"condition": "role", "role": "steward"}, ["Ann"]),
        ({"condition": "role", "role": "steward", "community": "fans"}, []),
        ({"condition": "community_type", "type": "loyal_fan"}, ["Cy"]),
    ],
)
def test_each_condition(
    house: dict[str, Any], condition: dict[str, Any], expected: list[str]
) -> None:
    if condition.get("community") in house:
        condition = condition | {"community": house[condition["community"]]}

    assert names(condition) == expected
    assert names({"not": condition}) == sorted({"Ann", "Cy", "bo"} - set(expected))


def test_and_or_not(house: dict[str, Any]) -> None:
    bought = {"condition": "stage", "stages": ["bought"]}
    in_tea = {"condition": "in_community", "community": house["tea"]}

    assert names({}) == ["Ann", "Cy", "bo"]
    assert names({"all": [bought, in_tea]}) == ["Ann"]
    assert names({"any": [bought, in_tea]}) == ["Ann", "Cy", "bo"]
    assert names({"all": [in_tea, {"not": bought}]}) == ["bo"]
    assert names({"any": []}) == []


def test_here_is_the_community_asked_for(house: dict[str, Any]) -> None:
    here = {"condition": "in_community", "community": "here"}

    assert names(here, here=house["fans"]) == ["Cy"]
    with pytest.raises(Invalid):
        names(here)


@pytest.mark.parametrize(
    "tree",
    [
        {"condition": "shoe_size", "size": 42},
        {"condition": "stage", "stages": ["rich"]},
        {"condition": "stage", "stages": "bought"},
        {"condition": "stage"},
        {"condition": "stage", "stages": ["bought"], "mood": 1},
        {"condition": "tag", "tag": " "},
        {"condition": "not_seen_for", "days": -1},
        {"condition": "not_seen_for", "days": "many"},
        {"condition": "not_seen_for", "days": True},
        {"condition": "first_seen_before", "date": "tomorrow"},
        {"condition": "name_contains", "text": "a\x00"},
        {"condition": "in_community", "community": "x'; DROP TABLE"},
        {"either": []},
        {"all": {"condition": "bot"}},
        {"all": [], "any": []},
        ["bot"],
        {"not": {"not": {"not": {"not": {"not": {"not": {"condition": "bot"}}}}}}},
        {"all": [{"condition": "bot"}] * 31},
    ],
)
def test_nonsense_is_refused_in_one_sentence(tree: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        compile_tree(tree, Asking(NOW))

    assert str(refusal.value).endswith(("。", "."))


def test_a_tag_may_be_asked_for_before_anybody_carries_it(house: dict[str, Any]) -> None:
    asked = {"condition": "tag", "tag": "愿意聊聊"}

    assert names(asked) == []
    assert names({"not": asked}) == ["Ann", "Cy", "bo"]


def test_scope_hides_other_communities(house: dict[str, Any]) -> None:
    only_tea = frozenset({house["tea"]})

    assert names({"condition": "messages_at_least", "messages": 1}, community_ids=only_tea) == [
        "Ann"
    ]
    with pytest.raises(Invalid):
        names({"condition": "in_community", "community": house["fans"]}, community_ids=only_tea)


def test_page_follows_page_and_counts(house: dict[str, Any]) -> None:
    owner = make_owner()
    first = segment_page(owner, {}, None, 2, NOW)
    second = segment_page(owner, {}, first.next, 2, NOW)

    assert [m.name for m in first.members] == ["Cy", "bo"]
    assert [m.name for m in second.members] == ["Ann"]
    assert (first.count, first.is_capped, second.next) == (3, False, None)


def test_page_shows_only_who_the_actor_may_see(house: dict[str, Any]) -> None:
    tea = Membership.objects.filter(community_id=house["tea"]).first()
    assert tea is not None
    lead = make_staff("community_manager", tea.community)

    assert [m.name for m in segment_page(lead, {}, None, 50, NOW).members] == ["bo", "Ann"]
    assert segment_page(Actor.anonymous(), {}, None, 50, NOW).count == 0


def test_big_house_gives_the_same_answer_as_a_plain_question(house: dict[str, Any]) -> None:
    """With many members the plan is chosen by asking a sample; the answer must not change."""
    from chaguan.people.segment_plan import SMALL_HOUSE

    template = Member.objects.get(name="bo")
    Member.objects.bulk_create(
        Member(
            id=SMALL_HOUSE + n,
            public_id=f"P{n}",
            name=f"m{n}",
            stage="bought" if n % 7 else "curious",
            stage_since=NOW,
            first_seen_at=ago(n % 50),
            last_seen_at=ago(n % 20),
        )
        for n in range(2000)
    )
    tag = Tag.objects.get()
    MemberTag.objects.bulk_create(
        MemberTag(member_id=SMALL_HOUSE + n, tag=tag, at=NOW, by="rule")
        for n in range(0, 2000, 100)
    )
    rare = {"condition": "tag", "tag": "绿茶"}
    common = {"condition": "stage", "stages": ["bought"]}
    half = {"condition": "last_seen_within", "days": 10}
    assert template.pk < SMALL_HOUSE

    for tree in (
        {"all": [rare, common, half]},
        {"any": [rare, {"condition": "identity", "connector": "irc"}]},
        {"all": [common, {"not": half}]},
        {
            "all": [
                {"any": [rare, common]},
                {"not": rare},
                {"condition": "name_contains", "text": "9"},
            ]
        },
    ):
        plain = Member.objects.filter(compile_tree(tree, Asking(NOW))).order_by("-pk")
        page = segment_page(make_owner(), tree, None, 20, NOW)
        assert page.count == plain.count() > 0
        assert page.members == list(plain[:20])
        rest = segment_page(make_owner(), tree, page.next, 20, NOW) if page.next else None
        assert (rest.members if rest else []) == list(plain[20:40])
