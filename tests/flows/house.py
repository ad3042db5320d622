"""A house with two communities that know nothing of each other, and everybody who may come to its doors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from chaguan.channels.models import ImportRun
from chaguan.channels.testing import make_account
from chaguan.communities.models import Community
from chaguan.communities.roles import STAFF_ROLES
from chaguan.communities.testing import (
    make_community,
    make_member,
    make_room,
)
from chaguan.engagement.testing import make_ask
from chaguan.kernel.clock import now
from chaguan.outbox.testing import make_row
from chaguan.playbooks.models import Assignment, Run
from chaguan.playbooks.testing import make_run, make_step

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
    room = make_room(community, connector="portal", account_id=make_account("portal").pk)
    member = make_member(community)
    row = make_row(key=f"row:{community.pk}", community_id=community.pk, room_id=room.pk)
    run = make_run(make_step(), community=community)
    incoming = ImportRun.objects.create(
        community=community, file_name="tea.jsonl", sha256="0" * 64, size_bytes=1, created_at=now()
    )
    named = {
        "slug": community.slug,
        "public_id": community.public_id,
        "room_id": room.pk,
        "member_id": member.pk,
        "row_id": row.pk,
        "import-run": incoming.pk,
        "run": run.pk,
        "assignment_id": make_assignment(run).pk,
        "ask_id": make_ask(community.pk, now=now() - timedelta(hours=1), key=f"x/{community.pk}"),
    }
    return Place(community, named)


def make_assignment(run: Run) -> Assignment:
    step = run.edition.steps.first()
    return Assignment.objects.create(
        key=f"assignment:{run.pk}",
        run=run,
        step=step,
        community_id=run.community_id,
        role="host",
        due_at=now(),
    )
