"""Building the demo house through the product's own actions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chaguan.channels.actions.accounts import add_account
from chaguan.channels.contract import Record
from chaguan.channels.ingest.storing import Channel, Place, store
from chaguan.communities.actions.adopting import adopt_community
from chaguan.communities.actions.communities import edit_community, prefilled
from chaguan.communities.actions.roles import give_role
from chaguan.communities.actions.rooms import add_room
from chaguan.communities.actions.staff import ensure_defaults, give_post
from chaguan.communities.models import Community
from chaguan.config.demo.built import DEMO, IMPORT, Built
from chaguan.config.demo.cast import cast
from chaguan.config.demo.history import Chronicle, RoomPlan
from chaguan.config.demo.living import live_through
from chaguan.config.demo.people import know_people
from chaguan.config.demo.plan import DAYS, LIVED_DAYS, SKETCHES, STAFF, STEWARDS, CommunitySketch
from chaguan.engagement.actions.sign_in import sign_in_many
from chaguan.engagement.types import Presence, SignInWay
from chaguan.eventlog.pump import pump_all
from chaguan.kernel import clock
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.playbooks.actions.library import load_library

BATCH = 4000
BUILDING = "building"  # in a community's settings until the house is complete


class DemoBrokeOff(ChaguanError):
    """An earlier build did not come to its end."""

    code = "demo_broke_off"
    message = _("A build of the demo broke off in this database. Start again with a new one.")


def build_house(now: datetime, *, seed: int) -> bool:
    """See `chaguan.config.demo.build`. Raises DemoBrokeOff.

    It commits piece by piece: readers of the log see only what is committed.
    """
    first = Community.objects.filter(name=SKETCHES[0].name).first()
    if first is not None:
        if first.settings.get("demo") == BUILDING:
            raise DemoBrokeOff
        return False
    began = now - timedelta(days=DAYS)
    with clock.moved_to(began):
        ensure_defaults(DEMO)
        load_library(DEMO, now=began)
    chance = Random(seed)  # noqa: S311 -- a made-up house, not a secret
    border = now - timedelta(days=LIVED_DAYS)
    with clock.moved_to(border):
        built = [_community(chance, sketch, now) for sketch in SKETCHES]
        staff = _staff(built)
        with transaction.atomic():
            know_people(chance, built, now=border)
        while pump_all(border):
            pass
    live_through(chance, built, staff, now=now)
    for community in Community.objects.filter(pk__in=[one.id for one in built]):
        done = {"settings": {**community.settings, "demo": True}}
        edit_community(DEMO, community.pk, done, now=now)
    return True


@transaction.atomic
def _community(chance: Random, sketch: CommunitySketch, now: datetime) -> Built:
    """The community with its rooms, its people, and all of its history but the last days."""
    opened_at = now - timedelta(days=sketch.days)
    community_id = adopt_community(DEMO, sketch.name, now=opened_at, timezone="Asia/Shanghai")
    edit_community(DEMO, community_id, _charter(sketch, now), now=opened_at)
    people = cast(chance, size=sketch.size, days=sketch.days, prefix=sketch.key)
    built = Built(sketch, community_id, people, Chronicle(chance, now=now, days=sketch.days))
    _rooms(built, opened_at)
    border = now - timedelta(days=LIVED_DAYS)
    for room in sketch.rooms:
        taking_part = people[: max(3, round(len(people) * room.share))]
        plan = RoomPlan(
            room.key,
            room.volume,
            taking_part,
            room.topics,
            room.steward_lines,
            room.small,
            room.has_mornings,
        )
        records = built.chronicle.records(plan)
        if room is sketch.rooms[0]:
            records += built.chronicle.comings_and_goings(people, room.key)
            records.sort(key=lambda record: record.at)
        past = [record for record in records if record.at <= border]
        _import(built, room.connector, built.rooms[room.key], past)
        built.lived += [(built.rooms[room.key], r) for r in records if r.at > border]
    built.learn_ids()
    _sign_in(built, border)
    _give_roles(built, opened_at)
    return built


def _charter(sketch: CommunitySketch, now: datetime) -> dict[str, Any]:
    return {
        "type": sketch.type,
        "purpose": sketch.purpose,
        "audience": sketch.audience,
        "expected_effect": sketch.effect,
        "target_stages": list(sketch.stages),
        "colour": sketch.colour,
        "host_name": sketch.host,
        "closes_at": now + timedelta(days=sketch.days_left) if sketch.days_left else None,
        "settings": {**prefilled(sketch.type)["settings"], "demo": BUILDING},
    }


def _rooms(built: Built, opened_at: datetime) -> None:
    for room in built.sketch.rooms:
        label = "成员页" if room.connector == "portal" else built.sketch.name
        account = add_account(DEMO, room.connector, label, now=opened_at)
        built.accounts[room.connector] = account.pk
        built.rooms[room.key] = add_room(
            DEMO,
            built.id,
            room.name,
            connector=room.connector,
            account_id=account.pk,
            external_id=f"demo-{built.sketch.key}-{room.key}",
            is_back_room=room.is_back_room,
        ).pk


def _import(built: Built, connector: str, room_id: int, records: Sequence[Record]) -> None:
    """As an import would: facts by this actor are history, nobody answers them."""
    place = Place(built.id, room_id)
    # All rooms know a person by one id, so that she is one member in the app and on our own pages.
    channel = Channel("portal", f"account:{built.accounts['portal']}", "import")
    for start in range(0, len(records), BATCH):
        batch = [(place, record) for record in records[start : start + BATCH]]
        store(IMPORT, channel, batch)


def _sign_in(built: Built, border: datetime) -> None:
    """The sign-ins of the past; those of the last days are lived through."""
    presences = [
        Presence(built.id, member_id, day, at, SignInWay.PORTAL, Actor.member(member_id).reference)
        for person, day, at in built.chronicle.sign_ins
        if at <= border and (member_id := built.member_ids.get(person.handle))
    ]
    sign_in_many(DEMO, presences)


def _give_roles(built: Built, since: datetime) -> None:
    for role, number in STEWARDS[built.sketch.key]:
        member_id = built.member_ids[built.people[number].handle]
        give_role(DEMO, built.id, member_id, role, now=since)


def _staff(built: Sequence[Built]) -> dict[str, int]:
    """Logins without a usable password: they are there to be seen, nobody can log in as one."""
    ids = {one.sketch.key: one.id for one in built}
    users = {}
    for login, name, role, key in STAFF:
        user = get_user_model().objects.create_user(username=login, first_name=name)
        give_post(DEMO, user.pk, role, community_id=ids[key] if key else None, hours_per_week=20)
        users[role] = user.pk
    return users
