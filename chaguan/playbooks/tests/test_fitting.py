from typing import Any

import pytest
import yaml

from chaguan.communities.testing import make_community, make_room
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Invalid
from chaguan.playbooks.document import Playbook
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.fitting import busiest_day, counts_of, unfit_for
from chaguan.playbooks.models import Edition, Run
from chaguan.playbooks.reading import load_playbook
from chaguan.playbooks.testing import make_document, make_edition, make_run, make_step


def document(*steps: Any, **over: Any) -> Playbook:
    return load_playbook(yaml.safe_dump(make_document(*steps, **over), allow_unicode=True))


def work(n: int, **over: Any) -> dict[str, Any]:
    return make_step(
        id=f"W-{n}",
        kind="assign",
        actor="operator",
        audience="staff",
        text=None,
        instruction="看一看",
        **over,
    )


@pytest.mark.parametrize(
    ("over", "counts"),
    [
        ({}, {}),
        ({"promotion": True}, {"promotion": 1, "conversion": 1}),
        ({"promotion": True, "offset": "D3 20:00, D5 20:00"}, {"promotion": 2, "conversion": 2}),
        ({"intent": "discussion"}, {"content": 1}),
        ({"intent": "sharing"}, {"sharing": 1}),
        ({"actor": "session_host", "mode": "assist"}, {"content": 1}),
        ({"actor": "content_editor", "mode": "assist", "audience": "staff"}, {}),
    ],
)
def test_what_a_step_is_about_is_counted(over: dict[str, Any], counts: dict[str, int]) -> None:
    found = counts_of(document(make_step(**over)))

    assert {name: n for name, n in found.items() if name != "staff_steps"} == counts


def test_the_busiest_day_counts_steps_of_staff_once_a_day() -> None:
    busy = document(
        work(1, offset="D1 09:00"),
        work(2, offset="D1–D2 10:00"),
        work(3, offset="every 30m H+0…H+30"),
        work(4, offset="daily 08:00"),
        work(5, offset="D-3 10:00"),
        work(6, offset="on:new_member"),
        make_step(id="S-1"),
    )

    assert busiest_day(busy) == 4


def test_the_step_that_goes_too_far_is_named() -> None:
    offers = [make_step(id=f"O-{n}", promotion=True) for n in (1, 2, 3)]

    (fault,) = unfit_for(document(*offers), "newcomer")

    assert (fault.step, fault.verdict.code, fault.is_warning) == ("O-2", "type_limit", False)


def test_too_much_work_of_staff_is_only_a_warning() -> None:
    (fault,) = unfit_for(document(*[work(n) for n in range(4)]), "newcomer")

    assert fault.is_warning
    assert fault.sentence == "一天里有 4 个同事要做的步骤；这种社群一天最多安排 3 个。"


def test_the_house_may_open_a_chapter_but_is_told_to_step_back() -> None:
    (fault,) = unfit_for(document(make_step(id="A-1", intent="headquarters")), "regional")

    assert (fault.step, fault.is_warning) == ("A-1", True)


@pytest.mark.django_db
def test_what_its_type_forbids_is_not_published_and_nothing_is_written() -> None:
    with pytest.raises(BadDocument) as refusal:
        make_edition(make_step(intent="content"), **{"for": ["traffic"]})

    (problem,) = refusal.value.problems
    assert problem.place == "steps › A-1"
    assert problem.sentence.startswith("不值得运营：引流群只活一两天")
    assert Edition.objects.count() == 0
    assert recorded() == []


@pytest.mark.django_db
def test_what_the_communitys_type_forbids_does_not_start_there() -> None:
    edition = make_edition(make_step(promotion=True))
    fans, camp = make_community(type="loyal_fan"), make_community(type="camp")
    make_room(camp, connector="echo", account_id=1)

    with pytest.raises(Invalid) as refusal:
        make_run(edition=edition, community=fans)

    assert refusal.value.code == "type_guard"
    assert Run.objects.count() == 0
    assert make_run(edition=edition, community=camp).pk
