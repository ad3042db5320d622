"""The newcomer type comes with its ten-day programme; a closed community does nothing more."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.channels.testing import make_account
from chaguan.communities.actions.communities import create_community
from chaguan.communities.actions.phases import move_phase, tick_closing_item
from chaguan.communities.guards import STAFF_STEPS_A_DAY
from chaguan.communities.kinds import preset_of
from chaguan.communities.selectors.periods import recommended_playbooks
from chaguan.communities.testing import make_community, make_member, make_owner, make_room
from chaguan.eventlog.testing import drain
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.actions.library import LIBRARY, load_library
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.models import Assignment, Enrolment, Occurrence, Playbook, Run
from chaguan.playbooks.roles import Person, roles_needed
from chaguan.playbooks.selectors.library import document_in
from chaguan.playbooks.testing import (
    MONDAY,
    live_through,
    make_run,
    make_step,
    staff_person,
)
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


@pytest.mark.req("NEW-01")
def test_creating_the_newcomer_type_gives_its_programme_with_few_staff_steps_a_day(
    tmp_path: Path,
) -> None:
    forget()
    shutil.copytree(LIBRARY / "scripts", tmp_path / "scripts")
    (tmp_path / "playbooks").mkdir()
    shutil.copy(LIBRARY / "playbooks" / "newcomer_10d.yaml", tmp_path / "playbooks")
    load_library(SYSTEM, now=MONDAY, folder=tmp_path)
    owner = make_owner()
    community = create_community(owner, "新人群", kind="newcomer", now=MONDAY)
    preset = preset_of("newcomer")
    most = STAFF_STEPS_A_DAY[preset.intensity]

    # The preset of L8: light work, the first use as the gate, one conversion, hand-over at the end.
    assert (preset.intensity, preset.gate, preset.end) == (
        "light",
        "usage_grade_or_quiz",
        "hand_over",
    )
    assert preset.limits["conversion"].most == 1
    assert community.settings["playbooks"][0] == "newcomer_10d"
    assert "newcomer_10d" in recommended_playbooks(community)
    page = logged_in(owner).get(f"/communities/{community.slug}/period/").content.decode()
    assert f"/playbooks/newcomer_10d/start/?community={community.pk}" in page

    move_phase(owner, community.pk, "running", now=MONDAY)
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    make_member(community)
    plan = Playbook.objects.get(key="newcomer_10d")
    assert plan.current is not None
    document = document_in(plan.current)
    person = staff_person("community_manager", community)
    starts_on = MONDAY + timedelta(days=10)
    run = start_run(
        SYSTEM,
        plan.current.pk,
        community.pk,
        Start(
            starts_on.date(),
            values={n: v.default or v.example for n, v in document.variables.items()},
            people={role: Person(user_id=person.user_id) for role in roles_needed(document)},
        ),
        now=MONDAY,
    )
    live_through(MONDAY, MONDAY + timedelta(days=24), step=timedelta(hours=2))

    lines = Assignment.objects.filter(run=run)
    days = Counter((line.due_at + timedelta(hours=8)).date() for line in lines)
    assert len(days) >= 8
    assert max(days.values()) <= most == 3
    codes = {line.step.code for line in lines.select_related("step")}
    assert {f"NEW-S{n:02}" for n in (1, 2, 6, 17, 19)} <= codes


@pytest.mark.req("TYPE-06")
def test_what_was_still_to_come_is_cancelled_when_the_community_closes() -> None:
    owner = make_owner()
    community, other = make_community(), make_community()
    runs = {}
    for place in (community, other):
        make_room(place, connector="echo", account_id=1)
        make_member(place)
        runs[place.pk] = make_run(
            make_step(id="NOW", offset="D1 10:00"),
            make_step(id="LATER", offset="D5 10:00"),
            make_step(id="MINE", offset="P5 10:00", kind="touch", track="person", audience="person"),
            make_step(
                id="DO", offset="D1 10:00", kind="assign", mode="human", actor="operator",
                text=None, instruction="聊聊",
            ),
            community=place,
            key=f"plan_{place.pk}",
            people={"operator": staff_person("community_manager", place)},
        )  # fmt: skip
    live_through(MONDAY, MONDAY + timedelta(hours=2))
    closed_at = MONDAY + timedelta(hours=3)

    move_phase(owner, community.pk, "closing", now=closed_at)
    for item in ("export", "next_step", "feedback"):
        tick_closing_item(owner, community.pk, item, now=closed_at)
    move_phase(owner, community.pk, "closed", now=closed_at)
    drain()

    gone, alive = runs[community.pk], runs[other.pk]
    assert list(Run.objects.order_by("pk").values_list("state", flat=True)) == [
        "stopped",
        "running",
    ]
    steps = dict(Occurrence.objects.filter(run=gone).values_list("step__code", "state"))
    assert steps == {"NOW": "done", "DO": "done", "LATER": "cancelled"}
    assert set(Assignment.objects.filter(run=gone).values_list("state", flat=True)) == {"cancelled"}
    assert not Enrolment.objects.filter(run=gone, state=Enrolment.State.ACTIVE).exists()
    row = OutboxRow.objects.get(key__startswith=f"run:{gone.pk}/NOW")
    assert (row.state, row.reason) == ("cancelled", "community_closed")
    live_through(closed_at, MONDAY + timedelta(days=5), step=timedelta(hours=1))
    mine = OutboxRow.objects.filter(key__startswith=f"run:{gone.pk}/")
    assert [r.key for r in mine] == [row.key]  # nothing came after
    others = OutboxRow.objects.filter(key__startswith=f"run:{alive.pk}/")
    assert {r.key.split("/")[1] for r in others} == {"NOW", "LATER", "MINE"}
