"""Imported history is known but not lived again: it signs nobody in, pays nothing, wakes no playbook."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.channels import sender
from chaguan.channels.actions.imports import Plan, import_file
from chaguan.channels.models import Message, Rehearsal
from chaguan.channels.testing import make_account
from chaguan.communities.models import Membership
from chaguan.communities.testing import make_community, make_room
from chaguan.engagement.models import SignIn
from chaguan.eventlog.testing import drain
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.models import Enrolment
from chaguan.playbooks.testing import MONDAY, make_run, make_step
from chaguan.rewards.models import Entry

pytestmark = pytest.mark.django_db


def test_old_words_do_nothing_today(tmp_path: Path) -> None:
    community = make_community()
    make_room(community, connector="echo", account_id=make_account("echo").pk)
    hello = make_step(
        track="newcomers", kind="touch", audience="person", offset="J+5m", text="欢迎你来坐坐。"
    )
    entry = {"at": "new_member", "audience": "person", "again": "never"}
    track = {"key": "newcomers", "title": "新人", "kind": "personal", "entry": entry}
    make_run(hello, community=community, tracks=[track])
    said_at = MONDAY + timedelta(hours=1)
    lines = [
        {"id": "1", "ts": said_at.isoformat(), "user": "阿青", "kind": "join", "text": ""},
        {"id": "2", "ts": said_at.isoformat(), "user": "阿青", "kind": "message", "text": "签到"},
    ]
    file = tmp_path / "old.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    now = MONDAY + timedelta(hours=2)

    with clock.moved_to(now):
        run = import_file(
            Actor.system("tests"),
            file,
            Plan(community=community.pk),
            now=now,
            report=lambda _bytes, _records: None,
        )
        while drain() + tick(now) + sender.tick(now):
            pass

    assert (run.state, Message.objects.get().text) == ("done", "签到")
    assert Membership.objects.filter(community=community).count() == 1
    assert not SignIn.objects.exists()
    assert not Entry.objects.exists()
    assert not Enrolment.objects.exists()
    assert not Rehearsal.objects.exists()
