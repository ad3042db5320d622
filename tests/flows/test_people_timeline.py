from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any, get_type_hints

import pytest

from chaguan.communities.events import MemberJoined
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.eventlog.actions import record
from chaguan.eventlog.contract import Event, catalogue
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.people.actions.notes import write_note
from chaguan.people.actions.orders import confirm_order
from chaguan.people.actions.stages import override_stage
from chaguan.people.contract.timeline import routine
from chaguan.people.models import Note
from chaguan.people.selectors.notes import notes_visible_to
from chaguan.people.selectors.timeline import timeline
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system()


def sample(cls: type[Event], **ids: int) -> Event:
    """A fact of any class, with plausible plain values and the given ids."""
    hints, values = get_type_hints(cls), dict[str, Any]()
    for field in fields(cls):  # type: ignore[arg-type] # facts are dataclasses
        kind = hints[field.name]
        if field.name in ids:
            values[field.name] = ids[field.name]
        elif kind in (datetime, date):
            values[field.name] = EPOCH if kind is datetime else EPOCH.date()
        elif field.name in ("old", "new"):
            values[field.name] = "curious"
        elif kind in (int, str, bool, float):
            values[field.name] = kind(1)
    return cls(**values)


def is_ours(cls: type[Event]) -> bool:
    """Other tests define facts too; they are in the catalogue when the whole suite runs."""
    return ".tests." not in cls.__module__ and cls.__module__.startswith("chaguan.")


@pytest.mark.req("AUD-16")
def test_facts_of_every_app_stand_on_the_timeline_in_order_and_roles_see_their_part() -> None:
    here, there = make_community(), make_community()
    member = make_member(here)
    ids = {"member_id": member.pk, "community_id": here.pk}
    about_members = [
        (name, cls)
        for name, cls in catalogue()
        if "member_id" in get_type_hints(cls) and name not in routine and is_ours(cls)
    ]
    for hour, (_name, cls) in enumerate(about_members):
        record(sample(cls, **ids), actor=SYSTEM, at=EPOCH + timedelta(hours=hour))
    write_note(make_owner(), member.pk, "聊得很好", now=EPOCH + timedelta(days=30))

    seen = timeline(make_owner(), member.pk, limit=500)

    expected = ["people.note", *[name for name, _cls in reversed(about_members)]]
    told = {entry.kind for entry in seen}
    assert {name.split(".")[0] for name in expected} >= {
        "people",
        "communities",
        "engagement",
        "rewards",
    }
    assert [entry.kind for entry in seen if entry.kind in expected] == expected
    assert all(str(entry.title) for entry in seen)
    assert [entry.at for entry in seen] == sorted((entry.at for entry in seen), reverse=True)

    steward = Actor.member(make_member(here, role="steward").pk)
    shown = timeline(steward, member.pk, limit=500)
    assert {entry.kind for entry in shown} < told
    assert {entry.community_id for entry in shown} == {here.pk}
    assert "people.note" not in {entry.kind for entry in shown}
    for outsider in (
        Actor.member(make_member(there, role="steward").pk),
        make_staff("community_manager", there),
        make_staff("content_editor"),
        Actor.anonymous(),
    ):
        with pytest.raises(Missing):
            timeline(outsider, member.pk)


def test_facts_of_other_communities_are_for_those_who_may_see_them() -> None:

    here, there = make_community(), make_community()
    member = make_member(here)
    lead = make_staff("community_manager", here)
    record(MemberJoined(here.pk, member.pk), actor=SYSTEM, at=EPOCH)
    record(MemberJoined(there.pk, member.pk), actor=SYSTEM, at=EPOCH + timedelta(hours=1))
    confirm_order(SYSTEM, member.pk, "o1", now=EPOCH + timedelta(hours=2), amount_fen=1250)

    kinds = [(entry.kind, entry.community_id) for entry in timeline(lead, member.pk)]

    assert kinds == [("people.order_confirmed", None), ("communities.member_joined", here.pk)]
    assert "¥12.50" in str(timeline(lead, member.pk)[0].text)


def test_pages_of_the_timeline_follow_each_other() -> None:
    member, owner = make_member(make_community()), make_owner()
    for hour in range(5):
        confirm_order(SYSTEM, member.pk, f"o{hour}", now=EPOCH + timedelta(hours=hour))

    first = timeline(owner, member.pk, limit=3)
    second = timeline(owner, member.pk, limit=3, before=first[-1].at)

    assert [entry.at.hour for entry in first] == [5, 4, 3]
    assert [entry.at.hour for entry in second] == [2, 1]


def test_stage_is_told_with_its_reason() -> None:
    member, owner = make_member(make_community()), make_owner()
    override_stage(owner, member.pk, "bought", reason="线下付款", now=EPOCH)

    assert "线下付款" in str(timeline(owner, member.pk)[0].text)


def test_notes_for_staff_are_not_for_volunteers() -> None:
    community = make_community()
    member = make_member(community)
    steward = Actor.member(make_member(community, role="steward").pk)
    lead = make_staff("community_manager", community)
    write_note(lead, member.pk, "只给同事", now=EPOCH, visibility=Note.Visibility.STAFF)
    write_note(steward, member.pk, "新人，多照顾", now=EPOCH, visibility=Note.Visibility.STAFF)

    assert [n.text for n in notes_visible_to(steward, member.pk)] == ["新人，多照顾"]
    assert notes_visible_to(lead, member.pk).count() == 2
    assert not notes_visible_to(Actor.member(member.pk), member.pk).exists()


def test_note_wants_a_text_and_a_reader_of_the_member() -> None:
    member = make_member(make_community())

    with pytest.raises(Invalid):
        write_note(make_owner(), member.pk, "  ", now=EPOCH)
    with pytest.raises(Refused):
        write_note(make_staff("community_manager", make_community()), member.pk, "x", now=EPOCH)
    with pytest.raises(Refused):
        write_note(Actor.member(member.pk), member.pk, "x", now=EPOCH)

    assert not Note.objects.exists()
