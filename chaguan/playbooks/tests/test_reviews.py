from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chaguan.communities.testing import make_owner, make_staff, make_stranger
from chaguan.eventlog.models import LoggedEvent
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing, Refused
from chaguan.playbooks.actions.reviews import close_run, decide_change, propose_change, save_review
from chaguan.playbooks.actions.runs import stop_run
from chaguan.playbooks.engine.clock import finish_runs
from chaguan.playbooks.errors import AlreadyDecided, BadDocument
from chaguan.playbooks.models import Edition, Review, ReviewChange, Run
from chaguan.playbooks.selectors.reviews import (
    before,
    cause_of,
    changes_between,
    changes_of,
    editions_caused_by,
    next_edition,
    reviews_owed,
)
from chaguan.playbooks.testing import MONDAY, live_through, make_edition, make_run, make_step
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
END = MONDAY + timedelta(days=3)
ROOM_ONLY: dict[str, Any] = {"days": 1, "tracks": [{"key": "room", "title": "群里"}]}


def over(*steps: dict[str, Any], place: Any = None) -> Run:
    """A run of some steps that has come to its end."""
    given = steps or (make_step(), make_step(id="A-2", offset="D1 12:00"))
    run = make_run(*given, community=place or make_place(), **ROOM_ONLY)
    live_through(MONDAY, MONDAY + timedelta(days=1))
    finish_runs(END)
    run.refresh_from_db()
    assert run.state == "finished"
    return run


def review(me: Actor, run: Run, **over: Any) -> Review:
    values = {"facts": "四步都做了，回复的人少", "causes": "早上发得太早", **over}
    return save_review(me, run.pk, now=END, **values)


def propose(me: Actor, run: Run, field: str, value: str = "", **over: Any) -> ReviewChange:
    values = {"step": "A-1", "what": "晚一点更多人在", **over}
    return propose_change(me, run.pk, now=END, field=field, value=value, **values)


def test_a_run_cannot_be_closed_without_a_whole_review() -> None:
    me = make_owner()
    run = over()

    def refused() -> str:
        with pytest.raises(Invalid) as wrong:
            close_run(me, run.pk, now=END)
        return wrong.value.code

    assert refused() == "review_missing"
    review(me, run, causes=" ")
    assert refused() == "review_missing"
    review(me, run)
    assert refused() == "changes_missing"
    change = propose(me, run, "offset", "D1 11:00")
    assert refused() == "undecided"
    assert not LoggedEvent.objects.filter(name="playbooks.run_closed").exists()
    with pytest.raises(IntegrityError), transaction.atomic():  # not even by hand
        Review.objects.filter(run=run).update(facts="", closed_at=END)
    assert list(reviews_owed(me, until=END)) == [run]

    decide_change(me, run.pk, change.pk, now=END, is_accepted=False)
    assert close_run(me, run.pk, now=END) is None
    assert list(reviews_owed(me, until=END)) == []
    for act in (lambda: close_run(me, run.pk, now=END), lambda: review(me, run)):
        with pytest.raises(AlreadyDecided):
            act()


def test_accepted_changes_become_a_new_edition_with_a_diff_that_names_the_run() -> None:
    me = make_owner()
    run = over()
    old = run.edition
    review(me, run)
    for field, value, step in (
        ("offset", "D1 11:00", "A-1"),
        ("text", "大家早，今天喝什么", "A-1"),
        ("drop", "", "A-2"),
    ):
        change = propose(me, run, field, value, step=step)
        decide_change(me, run.pk, change.pk, now=END, is_accepted=True)
    declined = propose(me, run, "purpose", "别的", step="A-1")
    decide_change(me, run.pk, declined.pk, now=END, is_accepted=False)
    shown = next_edition(run)

    edition = close_run(me, run.pk, now=END)

    assert edition is not None
    assert shown is not None
    assert edition.playbook.current_id == Edition.objects.get(number=2).pk == edition.pk
    assert (
        shown.changes
        == changes_between(old, edition)
        == [
            "步骤 A-1“早安”从 D1 10:00 改到 D1 11:00。",
            "步骤 A-1“早安”的文字原来是：早安，{{ community_name }}；现在是：大家早，今天喝什么。",
            "删去步骤 A-2“早安”。",
        ]
    )
    assert [step.code for step in edition.steps.all()] == ["A-1"]
    assert (edition.document["version"], edition.by) == ("1.1.0", me.reference)
    assert (cause_of(edition), before(edition)) == (run, old)
    assert list(editions_caused_by(run)) == [edition]
    assert Review.objects.get(run=run).edition == edition
    run.refresh_from_db()
    assert run.edition == old  # what was is not rewritten


def test_changes_go_into_the_edition_that_is_current_when_the_run_closes() -> None:
    me = make_owner()
    run = over()
    make_edition(make_step(minutes=7), make_step(id="A-3", offset="D1 13:00"), **ROOM_ONLY)
    run.edition.playbook.refresh_from_db()
    review(me, run)
    kept = propose(me, run, "purpose", "请人说话")
    gone = propose(me, run, "drop", step="A-2")
    decide_change(me, run.pk, kept.pk, now=END, is_accepted=True)

    with pytest.raises(BadDocument) as wrong:
        decide_change(me, run.pk, gone.pk, now=END, is_accepted=True)
    assert [problem.place for problem in wrong.value.problems] == ["A-2"]
    assert ReviewChange.objects.get(pk=gone.pk).decision == "open"
    decide_change(me, run.pk, gone.pk, now=END, is_accepted=False)
    edition = close_run(me, run.pk, now=END)

    assert edition is not None
    assert [(step.code, step.minutes, step.purpose) for step in edition.steps.all()] == [
        ("A-1", 7, "请人说话"),
        ("A-3", 0, "让大家想起来看看"),
    ]


@pytest.mark.parametrize(
    ("field", "value"), [("offset", "D1 25:00"), ("minutes", "viele"), ("text", "{{ nothing }}")]
)
def test_a_change_that_does_not_fit_is_refused_in_words_and_stays(field: str, value: str) -> None:
    me = make_owner()
    run = over()
    change = propose(me, run, field, value)

    with pytest.raises(BadDocument):
        decide_change(me, run.pk, change.pk, now=END, is_accepted=True)

    assert changes_of(run).get().decision == "open"
    assert Edition.objects.count() == 1


def test_what_a_person_has_to_work_in_makes_no_edition() -> None:
    me = make_owner()
    run = over()
    review(me, run)
    change = propose(me, run, "other", step="", what="下次先问想聊什么")
    decide_change(me, run.pk, change.pk, now=END, is_accepted=True)

    assert close_run(me, run.pk, now=END) is None
    assert Edition.objects.count() == 1


def test_a_reason_stands_for_no_changes() -> None:
    me = make_owner()
    run = over()
    review(me, run, no_changes_because="一切照旧就好")

    close_run(me, run.pk, now=END)

    fact = LoggedEvent.objects.get(name="playbooks.run_closed")
    assert (fact.data["run_id"], fact.data["edition_id"]) == (run.pk, None)


def test_who_may_review_and_who_may_decide() -> None:
    place = make_place()
    lead = make_staff("community_manager", place)
    run = over(place=place)
    going = make_run(make_step(), community=place, **ROOM_ONLY)
    for actor in (make_stranger(), make_staff("community_manager", make_place())):
        with pytest.raises(Missing):
            review(actor, run)
        assert list(reviews_owed(actor, until=END)) == []
    with pytest.raises(Invalid):
        review(lead, going)
    review(lead, run)
    change = propose(lead, run, "offset", "D1 11:00")
    with pytest.raises(Refused):
        decide_change(lead, run.pk, change.pk, now=END, is_accepted=True)
    assert changes_of(run).get().decision == "open"
    assert list(reviews_owed(lead, until=END)) == [run]
    stop_run(lead, going.pk, "改天", now=END)
    assert set(reviews_owed(lead, until=END)) == {run, going}


def test_who_runs_it_closes_it_and_who_accepted_publishes() -> None:
    place = make_place()
    lead, planner = make_staff("community_manager", place), make_staff("planning_lead", place)
    run = over(place=place)
    review(lead, run)
    change = propose(lead, run, "offset", "D1 11:00")
    decide_change(planner, run.pk, change.pk, now=END, is_accepted=True)

    edition = close_run(lead, run.pk, now=END)

    assert edition is not None
    assert (edition.by, Review.objects.get().closed_by) == (planner.reference, lead.reference)


def test_changes_need_a_step_a_value_and_a_word() -> None:
    me = make_owner()
    run = over()
    for over_ in (
        {"step": "NO"},
        {"step": ""},
        {"what": " "},
        {"field": "nonsense"},
        {"value": " "},
    ):
        with pytest.raises(Invalid):
            propose(me, run, **({"field": "offset", "value": "D1 11:00"} | over_))
    assert changes_of(run).count() == 0
