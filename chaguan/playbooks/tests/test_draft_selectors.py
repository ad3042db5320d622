from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.communities.testing import make_staff
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions import drafts
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.models import Draft
from chaguan.playbooks.selectors.drafts import (
    draft_board,
    draft_difference,
    drafts_visible_to,
    faults_of,
    reading_of,
    ways_back,
)
from chaguan.playbooks.selectors.example_texts import Example, example_of
from chaguan.playbooks.testing import MONDAY, make_edition, make_script, make_step

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


def opened(*steps: Any, **over: Any) -> tuple[Actor, Draft]:
    actor = make_staff("planning_lead")
    return actor, drafts.open_draft(actor, make_edition(*steps, **over).playbook_id, now=MONDAY)


def rewritten(draft: Draft, actor: Actor, **fields: Any) -> Draft:
    version = Draft.objects.get().version
    return drafts.change_step(actor, draft.pk, version, "A-1", fields, now=LATER)


def told(draft: Draft) -> list[tuple[str, bool]]:
    return [(fault.place, fault.is_blocking) for fault in faults_of(draft, LATER)]


def test_only_those_who_write_playbooks_see_drafts() -> None:
    actor, draft = opened()

    assert list(drafts_visible_to(actor)) == [draft]
    for other in (make_staff("community_manager"), Actor.anonymous(), Actor.member(1)):
        assert not drafts_visible_to(other).exists()


def test_a_fault_names_its_step_its_field_and_its_line() -> None:
    actor, draft = opened(make_step(), make_step(id="A-2"))
    assert told(draft) == []

    draft = rewritten(draft, actor, offset="sometime", purpose=None)

    missing, offset = sorted(faults_of(draft, LATER), key=lambda fault: fault.line)
    lines = draft.text.splitlines()
    assert (offset.place, offset.step, offset.field) == ("steps › A-1 › offset", "A-1", "offset")
    assert lines[offset.line - 1].strip() == "offset: sometime"
    assert lines[missing.line - 1].strip() == "- id: A-1"


def test_text_that_is_no_yaml_names_the_line() -> None:
    actor, draft = opened()
    broken = draft.text.replace("purpose: 试一试", "purpose: [试一试")

    draft = drafts.write_draft(actor, draft.pk, 1, broken, now=LATER)

    (fault,) = faults_of(draft, LATER)
    assert fault.line >= broken.splitlines().index("purpose: [试一试") + 1
    assert reading_of(draft).values is None


def test_conditions_wordings_and_the_key_are_checked_too() -> None:
    actor, draft = opened()
    draft = rewritten(draft, actor, text=None, script="nowhere", when={"condition": "no_such"})
    assert told(draft) == [("steps › A-1 › when", True), ("steps › A-1 › script", True)]

    draft = rewritten(draft, actor, text="早", script=None, when=None)
    changed = draft.text.replace("key: small", "key: other")
    draft = drafts.write_draft(actor, draft.pk, 3, changed, now=LATER)
    assert told(draft) == [("key", True)]


@pytest.mark.req("NEW-02")
def test_a_second_conversion_step_among_newcomers_shows_a_blocking_warning() -> None:
    offer = make_step(id="A-2", offset="D9 20:00", promotion=True)
    actor, draft = opened(make_step(), offer, **{"for": ["newcomer"]})
    assert told(draft) == []

    draft = rewritten(draft, actor, promotion=True)

    (fault,) = faults_of(draft, LATER)
    assert (fault.step, fault.is_blocking) == ("A-2", True)
    assert fault.sentence == "新用户群最多安排一次转化，多了体验会很糟。"
    with pytest.raises(BadDocument):
        drafts.publish_draft(actor, draft.pk, 2, number="1.1.0", note="两次", now=LATER)


@pytest.mark.req("TYPE-04")
@pytest.mark.parametrize("intent", ["content", "discussion"])
def test_content_in_a_traffic_playbook_is_not_worth_operating(intent: str) -> None:
    actor, draft = opened(**{"for": ["traffic"]})

    draft = rewritten(draft, actor, intent=intent)

    (fault,) = faults_of(draft, LATER)
    assert (fault.step, fault.is_blocking) == ("A-1", True)
    assert fault.sentence == ("不值得运营：引流群只活一两天，做内容不值得；把精力留给新用户群。")


@pytest.mark.req("TYPE-04")
def test_more_work_of_staff_than_the_type_is_worth_is_shown_and_does_not_block() -> None:
    work = {"kind": "assign", "actor": "operator", "audience": "staff", "instruction": "看一看"}
    steps = [make_step(id=f"A-{n}", text=None, **work) for n in range(1, 4)]
    _actor, draft = opened(*steps, **{"for": ["traffic"]})

    (fault,) = faults_of(draft, LATER)
    assert (fault.place, fault.is_blocking) == ("for", False)
    assert fault.sentence == "一天里有 3 个同事要做的步骤；这种社群一天最多安排 2 个。"


def test_the_board_holds_half_finished_steps_and_empty_days() -> None:
    actor, draft = opened(make_step(), make_step(id="A-2", offset="D4 09:00"))
    draft = rewritten(draft, actor, offset=None, title=None)
    values = reading_of(draft).values
    assert values is not None

    board = draft_board({**values, "steps": [*values["steps"], {"track": "gone"}, "nonsense"]})

    assert [lane.key for lane in board.lanes] == ["room", "person", "gone"]
    cells = {column.key: [card.code for card in cards] for column, cards in board.lanes[0].cells}
    assert cells == {"day:4": ["A-2"], "day:5": [], "unclear": ["A-1"]}


def test_undo_and_redo_are_offered_where_there_is_something() -> None:
    actor, draft = opened()
    assert ways_back(draft) == (False, False)
    draft = rewritten(draft, actor, title="新")
    assert ways_back(draft) == (True, False)
    assert ways_back(drafts.undo_draft(actor, draft.pk, 2, now=LATER)) == (False, True)


def test_what_publishing_would_change_is_known_before() -> None:
    actor, draft = opened()
    document = reading_of(rewritten(draft, actor, offset="D2 10:00")).document
    assert document is not None

    found = draft_difference(draft, document)

    assert [(change.what, change.key, change.new) for change in found.changes] == [
        ("moved", "A-1", "D2 10:00")
    ]
    assert found.version == "1.1.0"


def test_a_text_is_shown_with_examples_and_a_fault_in_words() -> None:
    head = {"language": "zh-Hans", "variables": {"gift": {"label": "礼物", "example": "茶样"}}}
    step = {"text": "{{ member_name }}，{{ gift }}：{{ why }}", "values": {"why": "{{ day }} 天"}}

    assert example_of(head, step, None) == [Example("小林，茶样：3 天")]
    assert example_of(head, {"text": "{{ who }}"}, None)[0].fault
    assert example_of(head, {"text": "{% if %}"}, None)[0].fault


def test_a_wording_is_shown_with_its_variants() -> None:
    script = make_script(
        text="您好 {{ tea }}", variables={"tea": {"label": "茶"}}, variants=["{{ tea }}好"]
    ).script

    assert [e.text for e in example_of({}, {"script": "hello"}, script)] == [
        "您好 〔茶〕",
        "〔茶〕好",
    ]


def test_faults_ask_the_database_as_often_for_eighty_steps_as_for_one() -> None:
    make_script()
    say = {"text": None, "script": "hello", "kind": "touch", "audience": "person"}
    steps = [make_step(id=f"A-{n}", track="person", **say) for n in range(1, 81)]
    _actor, draft = opened(*steps)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert faults_of(draft, LATER) == []

    assert len(asked) == 1
