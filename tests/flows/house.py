"""A house with two communities that know nothing of each other, and everybody who may come to its doors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from chaguan.channels.models import ImportRun
from chaguan.channels.testing import make_account
from chaguan.communities.models import Community
from chaguan.communities.roles import STAFF_ROLES
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_owner,
    make_room,
    make_staff,
    make_stranger,
)
from chaguan.engagement.testing import make_ask
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.outbox.testing import make_row
from chaguan.people.models import Segment
from chaguan.playbooks.actions.broadcasts import Wish, broadcast
from chaguan.playbooks.actions.drafts import open_draft
from chaguan.playbooks.actions.planned_items import Item, plan_item
from chaguan.playbooks.models import Assignment, Broadcast, PlannedItem, Playbook, Run
from chaguan.playbooks.testing import make_edition, make_run, make_step
from chaguan.portal.testing import phone_of

WITHOUT_LOGIN = ("anonymous", "member", "stranger_member")
STAFF = tuple(STAFF_ROLES)
PERSONAS = (*WITHOUT_LOGIN, "stranger", *STAFF, "owner")


@dataclass(frozen=True)
class Place:
    """One community with one of everything that an address can name."""

    community: Community
    named: dict[str, Any]  # the parameter of an address -> a value of this community


@dataclass(frozen=True)
class House:
    """Two places, a browser for each persona (roles are held in `own`), and what belongs to no place."""

    own: Place
    foreign: Place
    browsers: dict[str, Client]
    common: dict[str, Any]


def make_place() -> Place:
    """A community with a room, a member, an outbox row, a run, an assignment, an import, a prompt."""
    community = make_community()
    room = make_room(
        community, connector="portal", account_id=make_account("portal", label=community.name).pk
    )
    member = make_member(community)
    row = make_row(key=f"row:{community.pk}", community_id=community.pk, room_id=room.pk)
    run = make_run(make_step(), community=community)
    incoming = make_import(community)
    named = {
        "slug": community.slug,
        "public_id": community.public_id,
        "room_id": room.pk,
        "member_id": member.pk,
        "member_public_id": member.public_id,
        "row_id": row.pk,
        "import_id": incoming.pk,
        "run_id": run.pk,
        "assignment_id": make_assignment(run).pk,
        "broadcast_id": make_broadcast(community).pk,
        "item_id": make_item(community).pk,
        "ask_id": make_ask(community.pk, now=now() - timedelta(hours=1), key=f"x/{community.pk}"),
    }
    return Place(community, named)


def make_broadcast(community: Community) -> Broadcast:
    """Something said to this community and to no other."""
    wish = Wish("大家好", "打个招呼", now() + timedelta(hours=1), [community.pk])
    return broadcast(make_owner(), wish, now=now())


def make_item(community: Community) -> PlannedItem:
    """An offer of the day after tomorrow."""
    day = now().date() + timedelta(days=2)
    return plan_item(make_owner(), community.pk, Item(day, "offer", "茶漏"), now=now())


def make_import(community: Community) -> ImportRun:
    """A file that was dropped on the import page and waits for a yes."""
    line = b'{"ts": "2026-03-08T12:00:00Z", "channel": "tea", "user": "ann", "text": "hello"}\n'
    file = settings.HOME / f"tea-{community.pk}.jsonl"
    file.write_bytes(line)
    return ImportRun.objects.create(
        community=community,
        file_name="tea.jsonl",
        path=str(file),
        sha256=f"{community.pk:064x}",
        size_bytes=len(line),
        format="chaguan",
        created_at=now(),
    )


def make_house() -> House:
    own, foreign = make_place(), make_place()
    outsider = make_member(foreign.community)
    actors = {"stranger": make_stranger(), "owner": make_owner()}
    actors |= {role: make_staff(role, own.community) for role in STAFF}
    browsers = {name: logged_in(actor) for name, actor in actors.items()}
    browsers["anonymous"] = Client()
    browsers["member"] = phone_of(own.named["member_id"])
    browsers["stranger_member"] = phone_of(outsider.pk)
    away = make_edition(make_step(id="A-1"), key="put_aside").playbook
    Playbook.objects.filter(pk=away.pk).update(is_archived=True, current=None)
    common = {
        "playbook_id": away.pk,
        "token": "nonsense",
        "stage": "acquainted",
        "key": "small",
        "code": "messages",
        "figure": "rating",
        "step_code": "A-1",
        "draft_id": open_draft(actors["owner"], Playbook.objects.get(key="small").pk, now=now()).pk,
        "day": "2020-01-06",
        "login_id": actors["stranger"].user_id,
        "account_id": make_account("echo").pk,
        "segment_id": Segment.objects.create(
            name="tea", tree={"all": []}, owner_id=actors["owner"].user_id, created_at=now()
        ).pk,
    }
    return House(own, foreign, browsers, common)


def logged_in(actor: Actor) -> Client:
    browser = Client()
    login = User.objects.get(pk=actor.user_id or 0)
    browser.force_login(login, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def make_assignment(run: Run) -> Assignment:
    step = run.edition.steps.get()
    return Assignment.objects.create(
        key=f"assignment:{run.pk}",
        run=run,
        step=step,
        community_id=run.community_id,
        role="host",
        due_at=now(),
        created_at=now(),
    )
