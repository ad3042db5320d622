"""Every playbook of the library, lived through on a small community: no step is dead, no text is missing."""

from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.channels.testing import make_account
from chaguan.communities.actions.memberships import join_community
from chaguan.communities.models import Room
from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Playbook as Document
from chaguan.playbooks.models import Assignment, Occurrence, Step
from chaguan.playbooks.offsets import Day, Delta
from chaguan.playbooks.roles import Person, roles_needed
from chaguan.playbooks.testing import MONDAY, live_and_send, staff_person
from chaguan.playbooks.tests.shipped import FILES, document_in, published, suit

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
HALF_DAY = timedelta(hours=12)


def lead_days(document: Document) -> int:
    """How long before its first day, or its event, the playbook begins."""
    moments = [moment for step in document.steps for moment in step.moment.moments]
    early = [m.n for m in moments if isinstance(m, Day) and m.base in ("D", "E")]
    early += [m.seconds // 86400 for m in moments if isinstance(m, Delta) and m.base in ("H", "E")]
    return max(0, -min(early, default=0)) + (document.anchor == "event")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_runs_from_its_first_to_its_last_step(file: Path) -> None:
    document = document_in(file)
    edition_id = published(file).pk
    kind = document.for_[0].value if document.for_ else ""
    delivers = document.content_kinds[0].value if document.content_kinds else ""
    community = make_community(type=kind, content_kind=delivers, host_name="陈老师")
    account = make_account("echo").pk
    make_room(community, connector="echo", account_id=account)
    make_room(community, connector="echo", account_id=account, purpose=Room.Purpose.BACK_ROOM)
    suit(document, make_member(community, name="阿青", first_seen_at=MONDAY - timedelta(hours=1)))
    suit(document, make_member(community, name="老周", first_seen_at=MONDAY - timedelta(days=60)))
    newcomer = make_member(name="小满")
    person = staff_person("community_manager", community)
    lead = timedelta(days=lead_days(document))
    event_at = MONDAY + lead if document.anchor == "event" else None
    start = Start(
        starts_on=(MONDAY + lead).date(),
        values={
            name: known.default if known.default is not None else known.example
            for name, known in document.variables.items()
        },
        people={role: Person(user_id=person.user_id) for role in roles_needed(document)},
        event_at=event_at,
    )
    with clock.moved_to(MONDAY):
        run = start_run(SYSTEM, edition_id, community.pk, start, now=MONDAY)
        join_community(SYSTEM, community.pk, newcomer.pk, now=MONDAY + timedelta(minutes=1))
        drain()

    pace = timedelta(hours=3 if (document.days or 1) + lead.days < 100 else 6)
    end = MONDAY + lead + timedelta(days=(document.days or 1) + 3)
    reached = event_at or MONDAY
    if event_at is not None:  # around the event minutes count
        live_and_send(MONDAY, event_at - timedelta(hours=7), step=pace)
        live_and_send(
            event_at - timedelta(hours=7), event_at + timedelta(hours=1), step=timedelta(minutes=5)
        )
    else:  # and on a first day with messages that belong to their hour
        hasty = Step.objects.filter(edition_id=edition_id, late_after_s__lt=pace.total_seconds())
        if hasty.filter(is_personal=False).exists():
            live_and_send(MONDAY, MONDAY + lead, step=pace)
            live_and_send(MONDAY + lead, MONDAY + lead + HALF_DAY, step=timedelta(minutes=30))
            reached = MONDAY + lead + HALF_DAY
    live_and_send(reached, end, step=pace)

    states = Occurrence.objects.filter(run=run, due_at__lt=end)
    waiting = {step.id for step in document.steps if step.needs}
    happened = states.exclude(step__code__in=waiting).values_list("state", "reason")
    expected = {("done", ""), ("skipped", "condition"), ("skipped", "nothing_planned")}
    assert set(happened) <= expected
    assert not OutboxRow.objects.filter(state="failed").exists()
    spoken = states.filter(step__kind__in=["say", "touch"], state="done", effects__gt=0)
    said = OutboxRow.objects.filter(state__in=["sent", "awaiting_person"])
    assert said.exists() or not spoken.exists()
    assert Assignment.objects.filter(run=run).exists()
