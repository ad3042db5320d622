from datetime import timedelta

import pytest

from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.actions import opt_out_of_touches, rename_member
from chaguan.people.actions.profile import answer_profile, define_field
from chaguan.people.actions.tags import keep_tag_by_rule, refresh_tag, tag_members
from chaguan.people.events import MemberTagged, MemberUntagged, TouchOptedOut
from chaguan.people.models import Member, MemberTag, ProfileValue, Tag
from chaguan.people.selectors.profile import answers_of, questions
from chaguan.people.selectors.tagged import tags_of
from chaguan.people.testing import EPOCH
from chaguan.people.ticks import refresh_rule_tags

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


def test_member_answers_and_changes_the_answer() -> None:
    owner, member = make_owner(), make_member(make_community())
    define_field(owner, "city", "城市", kind="choice", choices=["杭州", "成都"])
    define_field(owner, "since", "喝茶多少年", kind="number")

    answer_profile(Actor.member(member.pk), member.pk, {"city": "杭州", "since": "3"}, now=EPOCH)
    answer_profile(owner, member.pk, {"city": "成都", "since": ""}, now=EPOCH, source="form")

    assert [q.code for q in questions()] == ["city", "since"]
    assert [(a.label, a.value, a.source) for a in answers_of(owner, member.pk)] == [
        ("城市", "成都", "form")
    ]
    with pytest.raises(Missing):
        answers_of(make_staff("community_manager", make_community()), member.pk)


@pytest.mark.parametrize(
    "answers", [{"city": "北京"}, {"age": "old"}, {"born": "1.1.90"}, {"hat": "9"}]
)
def test_answer_that_does_not_fit_keeps_nothing(answers: dict[str, str]) -> None:
    owner, member = make_owner(), make_member()
    define_field(owner, "city", "城市", kind="choice", choices=["杭州"])
    define_field(owner, "age", "年龄", kind="number")
    define_field(owner, "born", "生日", kind="date")

    with pytest.raises(Invalid):
        answer_profile(owner, member.pk, {"age": "30", **answers}, now=EPOCH)
    with pytest.raises(Refused):
        answer_profile(Actor.member(make_member().pk), member.pk, {"age": "30"}, now=EPOCH)
    with pytest.raises(Refused):
        define_field(make_staff("community_manager"), "x", "X")

    assert not ProfileValue.objects.exists()


def test_tags_go_on_and_off_once() -> None:
    community = make_community()
    ann, bo = make_member(community), make_member(community)
    lead = make_staff("community_manager", community)

    assert tag_members(lead, [ann.pk, bo.pk], add=["绿茶"], now=EPOCH) == 2
    assert tag_members(lead, [ann.pk], add=[" 绿茶 "], now=EPOCH) == 0
    assert tag_members(lead, [bo.pk], remove=["绿茶", "红茶"], now=EPOCH) == 1

    assert tags_of([ann.pk, bo.pk]) == {ann.pk: ["绿茶"]}
    assert recorded() == [
        MemberTagged(ann.pk, "绿茶"),
        MemberTagged(bo.pk, "绿茶"),
        MemberUntagged(bo.pk, "绿茶"),
    ]


def test_nobody_tags_members_out_of_reach() -> None:
    here = make_community()
    mine, foreign = make_member(here), make_member(make_community())

    with pytest.raises(Refused):
        tag_members(
            make_staff("community_manager", here), [mine.pk, foreign.pk], add=["x"], now=EPOCH
        )

    assert not Tag.objects.exists()
    assert recorded() == []


def test_rule_keeps_a_tag_by_itself_and_hands_leave_it_alone() -> None:
    buyer, other = make_member(stage="bought"), make_member()

    keep_tag_by_rule(make_owner(), "买家", {"condition": "stage", "stages": ["bought"]}, now=EPOCH)
    assert tags_of([buyer.pk, other.pk]) == {buyer.pk: ["买家"]}
    Member.objects.filter(pk=other.pk).update(stage="bought")
    Member.objects.filter(pk=buyer.pk).update(stage="curious")
    changed = refresh_rule_tags(EPOCH + timedelta(hours=1))

    assert changed == 2
    assert tags_of([buyer.pk, other.pk]) == {other.pk: ["买家"]}
    assert MemberTag.objects.get().by == "rule"
    with pytest.raises(Invalid):
        tag_members(SYSTEM, [buyer.pk], add=["买家"], now=EPOCH)
    assert refresh_tag(SYSTEM, Tag.objects.get().pk, now=EPOCH) == 0


def test_renaming_and_opting_out() -> None:
    member = make_member(make_community())
    mine = Actor.member(member.pk)

    rename_member(make_owner(), member.pk, " 新名字 ")
    opt_out_of_touches(mine, member.pk, now=EPOCH)
    opt_out_of_touches(mine, member.pk, now=EPOCH)
    with pytest.raises(Refused):
        rename_member(make_staff("content_editor"), member.pk, "x")

    assert Member.objects.get().name == "新名字"
    assert recorded() == [TouchOptedOut(member.pk)]
