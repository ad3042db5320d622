"""A daily routine of the library set to weekdays: its steps on each weekday, none on the weekend."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from chaguan.channels.models import Rehearsal
from chaguan.playbooks.actions.library import LIBRARY, publish_playbook
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.models import Assignment, Occurrence
from chaguan.playbooks.roles import Person, roles_needed
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_and_send, staff_person
from chaguan.playbooks.tests.places import make_place
from chaguan.playbooks.tests.shipped import document_in, published

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
FILE = LIBRARY / "playbooks" / "daily_routine.yaml"
# The step of the routine that is each part of a day.
PARTS = {
    "greeting": "DAY-02",
    "information": "DAY-03",
    "topic": "DAY-06",
    "offer": "DAY-10",
    "preview": "DAY-12",
    "wrap-up": "DAY-14",
}


def set_to_weekdays() -> str:
    """The routine as its operator adapts it: `daily` becomes `weekdays`."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for step in document["steps"]:
        step["offset"] = str(step["offset"]).replace("daily", "weekdays")
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def local_day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


@pytest.mark.req("SOP-08")
def test_a_routine_on_weekdays_runs_on_each_weekday_and_rests_on_the_weekend() -> None:
    published(FILE)  # with its wordings
    edition = publish_playbook(SYSTEM, set_to_weekdays(), now=MONDAY)
    place = make_place(type="newcomer")
    document = document_in(FILE)
    person = staff_person("community_manager", place)
    people: dict[str, Person] = {
        role: Person(user_id=person.user_id) for role in roles_needed(document)
    }
    start = Start(local_day(MONDAY), people=people)
    weekdays = [local_day(MONDAY) + timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]
    early = MONDAY - timedelta(hours=3)  # 06:00

    run = start_run(SYSTEM, edition.pk, place.pk, start, now=early)
    live_and_send(early, early + timedelta(days=14), step=timedelta(hours=2))

    dated = defaultdict(set)
    for code, due in Occurrence.objects.filter(run=run).values_list("step__code", "due_at"):
        if local_day(due) <= weekdays[-1] + timedelta(days=2):
            dated[code].add(local_day(due))
    every_day = {step.id for step in document.steps if step.offset.startswith("daily")}
    assert {code: sorted(days) for code, days in dated.items()} == dict.fromkeys(
        every_day, weekdays
    )
    assert set(PARTS.values()) <= every_day
    worked = {local_day(a.due_at) for a in Assignment.objects.filter(run=run)}
    said = {local_day(r.at) for r in Rehearsal.objects.all()}
    assert sorted(worked) == weekdays
    assert said
    assert said <= set(weekdays)
