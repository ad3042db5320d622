"""The house that open_rooms.py keeps open: one community, room, member and session per page."""

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 -- after setup
from django.core.management import call_command  # noqa: E402 -- after setup

from chaguan.channels.models import Message  # noqa: E402 -- after setup
from chaguan.communities.models import Community, Membership, Room  # noqa: E402 -- after setup
from chaguan.kernel import clock  # noqa: E402 -- after setup
from chaguan.kernel.ids import new_public_id  # noqa: E402 -- after setup
from chaguan.people.models import Member  # noqa: E402 -- after setup
from chaguan.portal.actions.rooms import new_say_mark  # noqa: E402 -- after setup
from chaguan.portal.models import LinkKey  # noqa: E402 -- after setup
from chaguan.portal.selectors import visitor_of_key  # noqa: E402 -- after setup

LINES = 30  # messages in each room before the start


@dataclass
class Page:
    """One open room of one member: what her browser knows."""

    room_id: int
    cookie: str
    csrf: str
    mark: str
    ticket: str = ""
    version: str = ""
    last: str = ""


def build(rooms: int) -> list[Page]:
    """A house with one member and one session per room."""

    call_command("migrate", verbosity=0)
    now = clock.now()
    stamp = {"first_seen_at": now, "stage_since": now}
    members = Member.objects.bulk_create(
        [Member(public_id=new_public_id(), name=f"茶友{n}", **stamp) for n in range(rooms)]
    )
    communities = Community.objects.bulk_create(
        [
            Community(
                public_id=new_public_id(),
                name=f"茶室 {n}-{now.timestamp()}",
                phase="running",
                slug=new_public_id().lower(),
                type="newcomer",
                created_at=now,
            )
            for n in range(rooms)
        ]
    )
    Membership.objects.bulk_create(
        [
            Membership(community=c, member=m, joined_at=now)
            for c, m in zip(communities, members, strict=True)
        ]
    )
    places = Room.objects.bulk_create(
        [
            Room(
                community=c, name="大堂", connector="portal", account_id=1, external_id=c.public_id
            )
            for c in communities
        ]
    )
    Message.objects.bulk_create(
        [
            Message(
                room=place,
                member=member,
                external_id=f"b{n}",
                text=f"第 {n} 句话，今天喝了一泡铁观音。",
                at=now - timedelta(minutes=LINES - n),
            )
            for place, member in zip(places, members, strict=True)
            for n in range(LINES)
        ],
        batch_size=2000,
    )
    pages = []
    for place, member in zip(places, members, strict=True):
        key = LinkKey.objects.create(member=member, nonce=secrets.token_urlsafe(12), issued_at=now)
        session = SessionStore()
        session["member_id"], session["member_nonce"] = member.pk, key.nonce
        session.save()
        csrf = secrets.token_hex(16)
        cookie = f"chaguan_session={session.session_key}; chaguan_csrf={csrf}"
        mark = new_say_mark(visitor_of_key(key), place.pk, now)
        pages.append(Page(place.pk, cookie, csrf, mark))
    return pages
