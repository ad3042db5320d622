"""A move to a relation stage starts the plan of that stage, once for each person."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chaguan.channels.testing import make_account
from chaguan.communities.actions import join_community
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
)
from chaguan.eventlog.actions import NewFact, append
from chaguan.eventlog.testing import drain, recorded
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.people.actions.stages import override_stage
from chaguan.people.events import StageChanged
from chaguan.people.types import RelationStage
from chaguan.playbooks.actions.library import LIBRARY, load_library
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.actions.stage_plans import begin_waiting, set_stage_plan
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Enrolment, Playbook, Run, StagePlan, StageStart, Timer
from chaguan.playbooks.roles import Person, roles_needed
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.selectors.stage_plans import matrix_as_shipped, stage_rows
from chaguan.playbooks.stage_events import StagePlanStarted
from chaguan.playbooks.testing import MONDAY, make_edition, make_run, make_step, staff_person
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
NOW = MONDAY
LATER = MONDAY + timedelta(hours=2)
STEP = make_step(kind="touch", track="person", audience="person", text="您好")


def choose(playbook: str, *, stage: str = "acquainted", starts_runs: bool = False) -> None:
    set_stage_plan(
        make_owner(),
        stage,
        words={},
        types=["newcomer"],
        playbook=playbook,
        starts_runs=starts_runs,
        now=NOW,
    )


def passes(member: Any) -> int:
    return Enrolment.objects.filter(member=member).count()


@pytest.mark.req("LAYER-03")
def test_moving_to_acquainted_starts_the_new_user_plan_once_not_twice(tmp_path: Path) -> None:
    # As shipped: seven stages with their touch actions and types, and a plan for the acquainted.
    assert list(matrix_as_shipped()) == [stage.value for stage in RelationStage]
    assert {k: v["types"] for k, v in matrix_as_shipped().items()} == {
        "unaware": [],
        "curious": ["traffic"],
        "acquainted": ["newcomer"],
        "informed": ["newcomer", "camp"],
        "familiar": ["camp"],
        "bought": ["delivery"],
        "bought_again": ["loyal_fan", "regional"],
    }
    forget()
    shutil.copytree(LIBRARY / "scripts", tmp_path / "scripts")
    (tmp_path / "playbooks").mkdir()
    shutil.copy(LIBRARY / "playbooks" / "touch_plan_7d.yaml", tmp_path / "playbooks")
    load_library(SYSTEM, now=NOW, folder=tmp_path)
    community = make_community(type="newcomer", host_name="陈老师")
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    plan = Playbook.objects.get(key="touch_plan_7d")
    assert plan.current is not None
    assert [r.playbook for r in stage_rows(make_owner())][2] == plan
    document = document_in(plan.current)
    person = staff_person("community_manager", community)
    run = start_run(
        SYSTEM,
        plan.current.pk,
        community.pk,
        Start(
            NOW.date(),
            values={n: v.default or v.example for n, v in document.variables.items()},
            people={role: Person(user_id=person.user_id) for role in roles_needed(document)},
        ),
        now=NOW,
    )
    other = make_member(community, stage="curious")
    member = make_member(community, stage="curious", name="阿青")
    owner = make_owner()

    override_stage(owner, member.pk, "acquainted", reason="加了好友", now=LATER)
    drain()
    assert passes(member) == len([t for t in document.tracks if t.kind == "personal"]) == 1
    override_stage(owner, member.pk, "curious", reason="认错人了", now=LATER)
    override_stage(owner, member.pk, "acquainted", reason="没认错", now=LATER + timedelta(days=9))
    drain()

    assert passes(member) == 1
    assert passes(other) == 0
    start = StageStart.objects.get()
    assert (start.member_id, start.stage, start.state, start.run_id) == (
        member.pk,
        "acquainted",
        "started",
        run.pk,
    )
    assert recorded(StagePlanStarted.name) == [
        StagePlanStarted(community.pk, member.pk, "acquainted", "touch_plan_7d", run.pk)
    ]
    page = logged_in(owner).get("/members/stages/plans/").content.decode()
    assert page.count('class="panel"') == 7
    assert plan.title in page


def test_without_a_run_people_wait_with_the_reason_until_somebody_tries_again() -> None:
    edition = make_edition(STEP, key="hello_plan")
    choose("hello_plan")
    community = make_community()
    make_room(community, connector="echo", account_id=1)
    here, nowhere = make_member(stage="curious"), make_member(stage="curious")
    join_community(SYSTEM, community.pk, here.pk, now=NOW)
    override_stage(make_owner(), nowhere.pk, "acquainted", reason="展会上聊过", now=NOW)
    drain()

    rows = dict(StageStart.objects.values_list("member_id", "reason"))
    assert rows == {here.pk: "no_run", nowhere.pk: "nowhere"}
    assert not Run.objects.exists()

    run = make_run(edition=edition, community=community, now=NOW + timedelta(hours=30))
    Enrolment.objects.all().delete()  # those of the start itself
    page = logged_in(make_owner()).post("/members/stages/plans/acquainted/", {"step": "retry"})
    assert page.status_code == 302
    assert passes(here) == 1
    assert begin_waiting(make_owner(), "acquainted", now=LATER) == 0
    states = dict(StageStart.objects.values_list("member_id", "state"))
    assert states == {here.pk: "started", nowhere.pk: "waiting"}
    assert StageStart.objects.get(member=here).run_id == run.pk


def test_where_allowed_the_run_is_started_once_for_all_who_come() -> None:
    make_edition(STEP, key="hello_plan")
    choose("hello_plan", starts_runs=True)
    community, camp = make_community(), make_community(type="camp")
    make_room(community, connector="echo", account_id=1)
    before = make_member(community, stage="acquainted")  # was there before the plan was chosen
    people = [make_member(stage="curious") for _ in range(3)]
    elsewhere = make_member(stage="curious")
    for member in people:
        join_community(SYSTEM, community.pk, member.pk, now=NOW)
    join_community(SYSTEM, camp.pk, elsewhere.pk, now=NOW)
    drain()

    run = Run.objects.get()
    assert (run.community_id, run.by) == (community.pk, "system:stage plans")
    assert [passes(member) for member in (*people, elsewhere, before)] == [1, 1, 1, 0, 0]
    assert Timer.objects.count() == 3
    assert StageStart.objects.get(member=elsewhere).reason == "no_run"


def test_a_run_that_cannot_start_leaves_the_sentence_with_everybody() -> None:
    make_edition(
        make_step(kind="assign", mode="human", actor="expert", text=None, instruction="聊聊"),
        STEP | {"id": "A-2"},
        key="hello_plan",
    )
    choose("hello_plan", starts_runs=True)
    community = make_community()
    for _ in range(2):
        join_community(SYSTEM, community.pk, make_member(stage="curious").pk, now=NOW)
    drain()

    reasons = set(StageStart.objects.values_list("reason", flat=True))
    assert len(reasons) == 1
    assert not reasons & {"", "no_run", "nowhere"}
    assert not Run.objects.exists()


def test_history_starts_nothing_and_a_stage_without_a_plan_neither() -> None:
    make_edition(STEP, key="hello_plan")
    choose("hello_plan")
    member = make_member(make_community(), stage="informed")
    append(
        NewFact(
            "import", None, StageChanged.name, NOW, None, None, member.pk, actor, None, 0,
            {"old": "curious", "new": stage, "rule": "", "reason": ""},
        )
        for actor, stage in (("system:import:demo", "acquainted"), ("system", "informed"))
    )  # fmt: skip
    drain()
    assert not StageStart.objects.exists()


def test_the_matrix_is_changed_by_those_who_write_playbooks_and_refused_whole() -> None:
    lead, editor = make_staff("community_manager"), make_staff("planning_lead")
    words = {"goal": "第一次下单"}
    with pytest.raises(Refused):
        set_stage_plan(
            lead, "familiar", words=words, types=[], playbook="", starts_runs=False, now=NOW
        )
    for stage, types, key in (
        ("married", [], ""),
        ("familiar", ["club"], ""),
        ("familiar", [], "nothing_like_it"),
    ):
        with pytest.raises(Invalid):
            set_stage_plan(
                editor, stage, words={}, types=types, playbook=key, starts_runs=False, now=NOW
            )
    assert not StagePlan.objects.exists()

    browser = logged_in(editor)
    sent = {"goal": "第一次下单", "types": ["camp", "delivery"], "playbook": ""}
    assert browser.post("/members/stages/plans/familiar/", sent).status_code == 302
    row = stage_rows(editor)[4]
    assert (row.words["goal"], row.types) == ("第一次下单", ("camp", "delivery"))
    assert row.words["channel"] == matrix_as_shipped()["familiar"]["channel"]["zh"]
    assert "第一次下单" in browser.get("/members/stages/plans/").content.decode()
