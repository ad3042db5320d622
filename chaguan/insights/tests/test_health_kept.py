"""Health is kept for all communities at once, with its history and facts, and shown by right."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels.events import MessagePosted
from chaguan.communities.models import Community
from chaguan.communities.testing import make_community, make_owner, make_staff, make_stranger
from chaguan.eventlog.actions import record_many
from chaguan.eventlog.testing import recorded
from chaguan.insights.actions.health import update_health
from chaguan.insights.events import HealthChanged
from chaguan.insights.models import CommunityHealth, HealthChange
from chaguan.insights.selectors.health import changes_of, health_at, health_of
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Refused
from chaguan.people.testing import EPOCH

pytestmark = pytest.mark.django_db
CLOCK = Actor.system("health")
NOW = EPOCH + timedelta(days=40)


def talk(community: Community, *, speakers: int, each: int, until: datetime = NOW) -> None:
    """On each of the last seven days so many speakers say so many things."""
    facts = [
        (
            MessagePosted(community.pk, 1, s, message_id=s, chars=20),
            until - timedelta(days=day, minutes=1 + s + 3 * n),
        )
        for day in range(7)
        for s in range(1, speakers + 1)
        for n in range(each)
    ]
    record_many(facts, actor=CLOCK)


def test_states_reasons_and_facts_are_written_once() -> None:
    lively, dead = make_community(), make_community()
    talk(lively, speakers=4, each=3)

    assert update_health(CLOCK, now=NOW) == 2
    assert update_health(CLOCK, now=NOW) == 0

    rows = {row.community_id: row for row in CommunityHealth.objects.all()}
    assert {pk: (row.state, row.since, row.edition) for pk, row in rows.items()} == {
        lively.pk: ("lively", NOW, "1.0"),
        dead.pk: ("dead", NOW, "1.0"),
    }
    assert rows[lively.pk].reasons == [
        {"code": "volume", "numbers": {"messages": 84, "speakers": 4, "days": 7}}
    ]
    assert rows[lively.pk].components["messages_long"] == 84
    assert recorded(HealthChanged.name) == [
        HealthChanged(lively.pk, "", "lively", "volume", "1.0"),
        HealthChanged(dead.pk, "", "dead", "never_spoken", "1.0"),
    ]


def test_a_change_keeps_history_and_the_day_it_began() -> None:
    community = make_community()
    talk(community, speakers=4, each=3)
    update_health(CLOCK, now=NOW)
    update_health(CLOCK, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(days=40)

    assert update_health(CLOCK, now=later) == 1

    row = CommunityHealth.objects.get()
    assert (row.state, row.since, row.computed_at) == ("dead", later, later)
    history = changes_of(make_owner(), community.pk)
    assert [(c.at, c.old, c.new) for c in history] == [
        (later, "lively", "dead"),
        (NOW, "", "lively"),
    ]


def test_an_older_look_never_overwrites_a_newer_one() -> None:
    make_community()
    update_health(CLOCK, now=NOW)

    assert update_health(CLOCK, now=NOW - timedelta(days=20)) == 0
    assert CommunityHealth.objects.get().computed_at == NOW


def test_closed_communities_are_left_alone() -> None:
    make_community(phase="closed")

    assert update_health(CLOCK, now=NOW) == 0
    assert not CommunityHealth.objects.exists()


def test_the_number_of_statements_does_not_grow_with_communities() -> None:
    def statements(extra: int, now: datetime) -> int:
        for _n in range(extra):
            make_community()
        with CaptureQueriesContext(connection) as caught:
            update_health(CLOCK, now=now)
        return len(caught)

    statements(1, NOW)  # from here on the log is not empty
    few = statements(3, NOW + timedelta(days=1))

    assert statements(30, NOW + timedelta(days=2)) == few


def test_people_see_the_health_of_their_own_communities() -> None:
    mine, foreign = make_community(), make_community()
    talk(mine, speakers=4, each=3)
    update_health(CLOCK, now=NOW)
    operator = make_staff("community_manager", mine)

    found = health_of(operator, [mine.pk, foreign.pk])

    assert set(found) == {mine.pk}
    health = found[mine.pk]
    assert (health.state, health.label, health.playbook) == ("lively", "Lively", "daily_routine")
    assert health.reasons == ("Messages in 7 days: 84, by 4 members.",)
    assert health_of(make_stranger(), [mine.pk]) == {}
    assert health_at(make_stranger(), [mine.pk], NOW) == {}
    assert health_at(operator, [mine.pk, foreign.pk], NOW)[mine.pk].reasons == health.reasons
    assert list(changes_of(make_stranger(), mine.pk)) == []


def test_a_stranger_cannot_make_us_look() -> None:
    make_community()

    with pytest.raises(Refused) as refusal:
        update_health(make_stranger(), now=NOW)

    assert refusal.value.code == "no_reports"
    assert not CommunityHealth.objects.exists()
    assert not HealthChange.objects.exists()
    assert recorded() == []
