from datetime import date, datetime, timedelta, UTC
import pytest
from chaguan.communities.testing import make_community, make_room, make_member
from chaguan.outbox.models import OutboxRow
from chaguan.playbooks.testing import *
from chaguan.playbooks.models import *
pytestmark = pytest.mark.django_db


def test_room_and_person() -> None:
    community = make_community(); make_room(community, connector="echo")
    people=[make_member(community) for _ in range(3)]
    make_script()
    run = make_run(make_step(), make_step(id="B", track="person", offset="P1 11:00, P2 09:00", kind="touch", audience="person", text="嗨 {{ member_name }}"),
      make_step(id="C", track="person", offset="J+1h", kind="touch", audience="person", script="hello", text=None) | {},
      community=community)
    live_through(MONDAY, MONDAY + timedelta(days=2))
    for r in OutboxRow.objects.order_by("due_at","id"):
        print(r.key, r.kind, r.connector, r.due_at, r.payload, r.room_id, r.member_id)
    print(list(Timer.objects.values()), list(Enrolment.objects.values()), list(Tally.objects.values()))
    assert OutboxRow.objects.count()==1+6+3
    from chaguan.playbooks.rendering import render_steps
    print(render_steps(list(OutboxRow.objects.all())))
    assert set(Enrolment.objects.values_list("state",flat=True))=={1}
