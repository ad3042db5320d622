from datetime import timedelta
from typing import Any

import pytest

from chaguan.communities.testing import make_staff
from chaguan.eventlog.testing import recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.playbooks import editing
from chaguan.playbooks.actions import drafts
from chaguan.playbooks.errors import BadDocument, DraftMoved
from chaguan.playbooks.events import DraftDiscarded, DraftOpened, EditionPublished
from chaguan.playbooks.models import Draft, DraftState, Edition, Playbook
from chaguan.playbooks.reading import load_playbook, written
from chaguan.playbooks.testing import (
    MONDAY,
    live_and_send,
    make_edition,
    make_run,
    make_step,
    texts,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


def planner() -> Actor:
    return make_staff("planning_lead")


def opened(actor: Actor, *steps: Any, **over: Any) -> Draft:
    edition = make_edition(*steps, **over)
    return drafts.open_draft(actor, edition.playbook_id, now=MONDAY)


def title_of(draft: Draft) -> str:
    return load_playbook(draft.text).steps[0].title


def test_a_copy_is_a_draft_under_its_own_key_and_not_in_the_library_yet() -> None:
    actor, edition = planner(), make_edition()

    draft = drafts.copy_playbook(actor, edition.pk, key="mine", title="我的剧本", now=MONDAY)

    document = load_playbook(draft.text)
    assert (document.key, document.title, document.version) == ("mine", "我的剧本", "1.0.0")
    assert draft.base == edition
    assert Playbook.objects.get(key="mine").current is None
    assert recorded(DraftOpened.name) == [DraftOpened(draft.playbook_id, draft.pk)]


@pytest.mark.parametrize("key", ["small", "Mine", "m", "1a", "a b", "x" * 41])
def test_a_key_that_is_taken_or_no_key_is_refused_and_nothing_is_written(key: str) -> None:
    actor, edition = planner(), make_edition()

    with pytest.raises(Invalid):
        drafts.copy_playbook(actor, edition.pk, key=key, title="我的", now=MONDAY)

    assert Playbook.objects.count() == 1
    assert not Draft.objects.exists()


def test_a_playbook_has_one_draft_however_often_it_is_opened() -> None:
    actor = planner()
    draft = opened(actor)

    assert drafts.open_draft(planner(), draft.playbook_id, now=LATER) == draft
    assert len(recorded(DraftOpened.name)) == 1


def test_whoever_comes_second_is_refused_and_the_first_one_s_words_stay() -> None:
    one, two = planner(), planner()
    draft = opened(one)
    drafts.change_step(one, draft.pk, 1, "A-1", {"title": "第一个人的"}, now=LATER)

    with pytest.raises(DraftMoved) as refusal:
        drafts.change_step(two, draft.pk, 1, "A-1", {"title": "第二个人的"}, now=LATER)

    assert (refusal.value.by, refusal.value.version) == (one.reference, 2)
    assert title_of(Draft.objects.get()) == "第一个人的"
    drafts.change_step(two, draft.pk, 2, "A-1", {"title": "第二个人的"}, now=LATER)
    assert title_of(Draft.objects.get()) == "第二个人的"


def test_undo_and_redo_walk_through_the_states_and_an_edit_ends_the_redo() -> None:
    actor = planner()
    draft = opened(actor)
    for version, title in enumerate(("一", "二", "三"), 1):
        at = LATER + timedelta(minutes=version)
        drafts.change_step(actor, draft.pk, version, "A-1", {"title": title}, now=at)

    assert title_of(drafts.undo_draft(actor, draft.pk, 4, now=LATER)) == "二"
    assert title_of(drafts.undo_draft(actor, draft.pk, 5, now=LATER)) == "一"
    assert title_of(drafts.redo_draft(actor, draft.pk, 6, now=LATER)) == "二"
    changed = drafts.change_step(actor, draft.pk, 7, "A-1", {"title": "四"}, now=LATER)
    assert title_of(drafts.redo_draft(actor, draft.pk, 8, now=LATER)) == "四"
    assert title_of(changed) == "四"
    for version in range(9, 13):
        last = drafts.undo_draft(actor, draft.pk, version, now=LATER)
    assert title_of(last) == "早安"


def test_quick_edits_of_one_field_are_one_state_and_the_history_has_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(drafts, "HISTORY", 3)
    actor = planner()
    draft = opened(actor)
    for version in range(1, 5):
        at = LATER + timedelta(seconds=version)
        drafts.change_step(actor, draft.pk, version, "A-1", {"title": "字" * version}, now=at)
    assert DraftState.objects.count() == 2

    for version in range(5, 11):
        at = LATER + timedelta(minutes=version)
        drafts.change_step(actor, draft.pk, version, "A-1", {"title": str(version)}, now=at)
    assert DraftState.objects.count() == 3


def test_text_that_cannot_be_read_is_kept_and_can_be_mended() -> None:
    actor = planner()
    draft = opened(actor)
    good = draft.text

    drafts.write_draft(actor, draft.pk, 1, "steps: [", now=LATER)

    assert Draft.objects.get().text == "steps: ["
    with pytest.raises(BadDocument):
        drafts.change_step(actor, draft.pk, 2, "A-1", {"title": "x"}, now=LATER)
    with pytest.raises(BadDocument):
        drafts.publish_draft(actor, draft.pk, 2, number="1.1.0", note="坏", now=LATER)
    assert drafts.undo_draft(actor, draft.pk, 2, now=LATER).text == good


def test_steps_are_added_copied_moved_and_taken_out() -> None:
    actor = planner()
    draft = opened(actor)

    def add(values: dict[str, Any]) -> None:
        assert editing.add_step(values, track="person", offset="P2 09:00") == "A-2"
        assert editing.duplicate_step(values, "A-1") == "A-3"
        editing.move_step(values, "A-3", days=2)
        editing.move_step(values, "A-2", days=1, track="room")
        editing.delete_step(values, "A-1")

    draft = drafts.edit_draft(actor, draft.pk, 1, add, now=LATER)

    values = written(draft.text)
    assert [(s["id"], s.get("track"), s["offset"]) for s in values["steps"]] == [
        ("A-3", None, "D3 10:00"),
        ("A-2", "room", "D3 09:00"),
    ]


def test_a_step_s_new_id_is_followed_by_what_names_it() -> None:
    wait = make_step(id="W-1", track="person", audience="person", kind="wait_for", text=None)
    wait["with"] = {"fact": "people.order_confirmed", "within": "2d"}
    after = make_step(id="A-2", track="person", audience="person", kind="touch", after="W-1.act")
    after["offset"] = "T+1h"
    actor = planner()
    draft = opened(actor, wait, after)

    draft = drafts.change_step(actor, draft.pk, 1, "W-1", {"id": "W-9"}, now=LATER)

    assert load_playbook(draft.text).step("A-2").after == "W-9.act"
    with pytest.raises(Invalid):
        drafts.change_step(actor, draft.pk, 2, "W-9", {"id": "A-2"}, now=LATER)


def test_publishing_needs_a_note_a_new_version_and_a_change() -> None:
    actor = planner()
    draft = opened(actor)
    for number, note in (("1.0.0", "改了"), ("1.1.0", "  "), ("1.1", "改了"), ("1.0.0", "")):
        with pytest.raises(Invalid):
            drafts.publish_draft(actor, draft.pk, 1, number=number, note=note, now=LATER)
    assert Edition.objects.count() == 1

    drafts.change_step(actor, draft.pk, 1, "A-1", {"text": "早"}, now=LATER)
    edition = drafts.publish_draft(actor, draft.pk, 2, number="1.0.1", note="改短了", now=LATER)

    assert (edition.number, edition.version, edition.note) == (2, "1.0.1", "改短了")
    assert load_playbook(edition.source).version == "1.0.1"
    assert Playbook.objects.get().current == edition
    assert not Draft.objects.exists()
    assert recorded(EditionPublished.name)[-1] == EditionPublished(
        edition.playbook_id, edition.pk, 2
    )


@pytest.mark.req("PRIN-01")
def test_a_draft_with_a_step_without_a_purpose_is_not_published_with_a_clear_message() -> None:
    actor = planner()
    draft = opened(actor)
    drafts.change_step(actor, draft.pk, 1, "A-1", {"purpose": None}, now=LATER)

    with pytest.raises(BadDocument) as refusal:
        drafts.publish_draft(actor, draft.pk, 2, number="1.1.0", note="试试", now=LATER)

    (problem,) = refusal.value.problems
    assert problem.place == "steps › A-1 › purpose"
    assert problem.sentence == "缺少目的，请用一句话写明为什么要做。"
    assert Edition.objects.count() == 1
    assert Draft.objects.count() == 1


def test_a_run_stays_on_its_edition_when_the_next_one_is_published() -> None:
    actor = planner()
    first = make_edition(make_step(text="第一版", offset="D2 10:00"))
    run = make_run(edition=first, community=make_place())
    draft = drafts.open_draft(actor, first.playbook_id, now=MONDAY)
    drafts.change_step(actor, draft.pk, 1, "A-1", {"text": "第二版"}, now=LATER)
    second = drafts.publish_draft(actor, draft.pk, 2, number="1.0.1", note="换词", now=LATER)

    live_and_send(MONDAY, MONDAY + timedelta(days=2), step=timedelta(minutes=30))

    from chaguan.outbox.models import OutboxRow

    sent = OutboxRow.objects.filter(key__startswith=f"run:{run.pk}/", state="sent")
    assert texts(list(sent)) == ["第一版"]
    assert second.pk != run.edition_id


def test_discarding_an_unpublished_copy_leaves_no_trace_but_the_fact() -> None:
    actor, edition = planner(), make_edition()
    draft = drafts.copy_playbook(actor, edition.pk, key="mine", title="我的", now=MONDAY)

    drafts.discard_draft(actor, draft.pk, 1, now=LATER)

    assert [book.key for book in Playbook.objects.all()] == ["small"]
    assert recorded(DraftDiscarded.name) == [DraftDiscarded(draft.playbook_id)]
    kept = drafts.open_draft(actor, edition.playbook_id, now=MONDAY)
    drafts.discard_draft(actor, kept.pk, 1, now=LATER)
    assert Playbook.objects.get().current == edition


def test_strangers_and_those_who_only_run_playbooks_change_nothing() -> None:
    draft = opened(planner())
    for actor in (Actor.anonymous(), make_staff("community_manager"), Actor.member(1)):
        for act in (
            lambda a: drafts.open_draft(a, draft.playbook_id, now=LATER),
            lambda a: drafts.write_draft(a, draft.pk, 1, "x", now=LATER),
            lambda a: drafts.undo_draft(a, draft.pk, 1, now=LATER),
            lambda a: drafts.discard_draft(a, draft.pk, 1, now=LATER),
            lambda a: drafts.publish_draft(a, draft.pk, 1, number="2.0.0", note="x", now=LATER),
            lambda a: drafts.copy_playbook(a, draft.base_id or 0, key="xx", title="x", now=LATER),
        ):
            with pytest.raises((Refused, Missing)):
                act(actor)
    assert (Draft.objects.get().version, Edition.objects.count()) == (1, 1)
    assert len(recorded(DraftOpened.name)) == 1
