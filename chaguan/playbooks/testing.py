"""Builders for tests: small playbooks as YAML, wordings, runs, and a worker that lets time pass."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from chaguan.channels import sender
from chaguan.communities.testing import make_community, make_room, make_staff
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.playbooks.actions.library import publish_playbook, publish_script
from chaguan.playbooks.actions.runs import Start, start_run
from chaguan.playbooks.document import Script as ScriptDocument
from chaguan.playbooks.engine.catalogue import forget
from chaguan.playbooks.engine.clock import tick
from chaguan.playbooks.models import Edition, Run, ScriptVersion
from chaguan.playbooks.roles import Person

SYSTEM = Actor.system("tests")
MONDAY = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
EXAMPLE = Path(__file__).parent / "tests" / "example.yaml"


def make_step(**over: Any) -> dict[str, Any]:
    """A step that says good morning to the room on D1 at 10:00."""
    step = {
        "id": "A-1",
        "title": "早安",
        "offset": "D1 10:00",
        "kind": "say",
        "purpose": "让大家想起来看看",
        "text": "早安，{{ community_name }}",
        **over,
    }
    return {name: value for name, value in step.items() if value is not None}


def make_document(*steps: Mapping[str, Any], **over: Any) -> dict[str, Any]:
    """A playbook with a room track and a personal track that everybody walks from the start."""
    return {
        "format": "chaguan-playbook/1",
        "key": "small",
        "title": "小剧本",
        "version": "1.0.0",
        "licence": "Apache-2.0",
        "language": "zh-Hans",
        "purpose": "试一试",
        "tracks": [
            {"key": "room", "title": "群里", "kind": "room"},
            {"key": "person", "title": "一对一", "kind": "personal", "entry": {"at": "start"}},
        ],
        "steps": [dict(step) for step in steps] or [make_step()],
        **over,
    }


def make_edition(*steps: Mapping[str, Any], **over: Any) -> Edition:
    """Publish a small playbook."""
    forget()
    written = json.dumps(make_document(*steps, **over), ensure_ascii=False)  # JSON is YAML too
    source = yaml.safe_dump(json.loads(written), allow_unicode=True, sort_keys=False)
    return publish_playbook(SYSTEM, source, now=MONDAY)


def make_script(
    key: str = "hello", text: str = "您好，{{ member_name }}", **over: Any
) -> ScriptVersion:
    """Publish a wording."""
    script = ScriptDocument.model_validate({"key": key, "title": "问好", "text": text, **over})
    return publish_script(SYSTEM, script, now=MONDAY)


def make_run(
    *steps: Mapping[str, Any],
    edition: Edition | None = None,
    community: Any = None,
    now: datetime = MONDAY,
    starts_on: date | None = None,
    people: Mapping[str, Person] | None = None,
    event_at: datetime | None = None,
    **over: Any,
) -> Run:
    """Start a small playbook on a community with one room on the sandbox channel."""
    if community is None:
        community = make_community()
        make_room(community, connector="echo", account_id=1)
    edition = edition or make_edition(*steps, **over)
    zone = ZoneInfo(community.timezone)
    start = Start(starts_on or now.astimezone(zone).date(), people=people or {}, event_at=event_at)
    return start_run(SYSTEM, edition.pk, community.pk, start, now=now)


def staff_person(role: str, community: Any = None) -> Person:
    """A fresh login that holds a staff role."""
    return Person(user_id=make_staff(role, community).user_id)


def live_through(start: datetime, end: datetime, *, step: timedelta = timedelta(minutes=30)) -> int:
    """Tick the clock from `start` to `end`, until nothing is due at each stop; returns what was done."""
    done, now = 0, start
    while now <= end:
        while worked := tick(now):
            done += worked
        now += step
    return done


def live_and_send(
    start: datetime, end: datetime, *, step: timedelta = timedelta(minutes=1)
) -> None:
    """A whole worker on a compressed clock: what is due is planned, then sent, at each stop."""
    now = start
    while now <= end:
        with clock.moved_to(now):
            while tick(now) + sender.tick(now):
                pass
        now += step


def texts(rows: Sequence[Any]) -> list[str]:
    return [row.text for row in rows]
