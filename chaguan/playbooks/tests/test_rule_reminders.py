"""Rule reminders follow what there was to put in order."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chaguan.communities.actions.order import note_ads_removed
from chaguan.communities.testing import make_member, make_owner, make_stranger
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Refused
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.actions.library import load_library
from chaguan.playbooks.engine.clock import extend_runs
from chaguan.playbooks.models import Playbook
from chaguan.playbooks.roles import Person
from chaguan.playbooks.testing import MONDAY, SYSTEM, live_through, make_run
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.mark.req("SOP-07")
def test_two_evenings_a_week_and_one_more_after_a_week_of_advertisements() -> None:
    load_library(SYSTEM, now=MONDAY)
    place, owner = make_place(), make_owner()
    steward = make_member(place, role="duty_steward")
    edition = Playbook.objects.select_related("current").get(key="rule_reminders").current
    assert edition is not None
    make_run(
        edition=edition,
        community=place,
        people={
            "duty_steward": Person(member_id=steward.pk),
            "owner": Person(user_id=owner.user_id),
        },
    )
    quiet = MONDAY + timedelta(days=1)  # from a Tuesday to the next Monday is one week
    live_through(MONDAY, quiet + WEEK)
    for day in (8, 9, 11):
        note_ads_removed(Actor.member(steward.pk), place.pk, 1, now=MONDAY + timedelta(days=day))
    extend_runs(quiet + WEEK)  # a job of the worker, once a day
    live_through(quiet + WEEK, quiet + 3 * WEEK)

    zone = ZoneInfo(place.timezone)
    reminders = OutboxRow.objects.filter(kind="say").order_by("due_at")
    evenings = [row.due_at.astimezone(zone) for row in reminders]
    assert all(at.hour == 20 for at in evenings)
    by_week = [
        [at for at in evenings if quiet + n * WEEK <= at < quiet + (n + 1) * WEEK] for n in range(3)
    ]
    assert [len(week) for week in by_week] == [2, 3, 2]
    assert [f"{at:%a}" for at in by_week[1]] == ["Tue", "Thu", "Mon"]


def test_only_who_keeps_order_there_counts_and_only_in_small_numbers() -> None:
    place = make_place()
    for actor in (make_stranger(), Actor.member(make_member(place).pk)):
        with pytest.raises(Refused):
            note_ads_removed(actor, place.pk, 1, now=MONDAY)
    for amount in (0, 51):
        with pytest.raises(Invalid):
            note_ads_removed(make_owner(), place.pk, amount, now=MONDAY)
