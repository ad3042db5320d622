"""Builds a big house: 1,000 communities, 1,000,000 members, 10,000,000 messages, 200,000 outbox rows.

    python benchmarks/big_house.py [--members 1000000] [--messages 10000000]

It works on the database that CHAGUAN_DATABASE_URL names, set-based, and does nothing where the house stands
already. Activity is skewed: few members say much. Use a database of its own; it is not a demo.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 -- after setup
from django.db import connection, models  # noqa: E402 -- after setup

from chaguan.channels.models import Account, Message  # noqa: E402 -- after setup
from chaguan.communities.models import Community, Membership, Room  # noqa: E402 -- after setup
from chaguan.eventlog.models import LoggedEvent  # noqa: E402 -- after setup
from chaguan.kernel import clock  # noqa: E402 -- after setup
from chaguan.outbox.models import OutboxRow  # noqa: E402 -- after setup
from chaguan.people.models import Identity, Member, MemberTag, Tag  # noqa: E402 -- after setup

COMMUNITIES = 1000
SPAN_S = 180 * 24 * 3600  # half a year of talk, up to now
STEP = 500_000  # rows in one statement
FIRST = int(time.time()) - SPAN_S

MIXED = "((n * 2654435761) % 4294967296)"  # Knuth's multiplicative hash: spreads n evenly
MIXED_TOO = "((n * 40503 + 977) % 1000003)"


def instant(seconds: str) -> str:
    """SQL for an instant `seconds` after the start of the talk."""
    if connection.vendor == "postgresql":
        return f"to_timestamp({FIRST} + {seconds})"
    return f"strftime('%Y-%m-%d %H:%M:%S', {FIRST} + {seconds}, 'unixepoch')"


def text_of(number: str) -> str:
    return f"CAST({number} AS text)"


def fill(model: type[models.Model], count: int, **expressions: str) -> None:
    """Insert `count` rows; a column is an SQL expression of n (1 … count) or the field's default."""
    columns: list[str] = []
    selected: list[str] = []
    params: list[Any] = []
    for field in model._meta.concrete_fields:
        if field.primary_key and field.attname not in expressions:
            continue
        columns.append(connection.ops.quote_name(str(field.column)))
        if field.attname in expressions:
            selected.append(expressions[field.attname].replace("%", "%%"))
        else:
            selected.append("%s")
            default = None if field.null else field.get_default()
            params.append(field.get_db_prep_save(default, connection))
    for low in range(0, count, STEP):
        high = min(low + STEP, count)
        if connection.vendor == "postgresql":
            numbers = f"generate_series({low + 1}::bigint, {high}) AS numbers(n)"
            head = ""
        else:
            numbers = "numbers"
            head = (
                f"WITH RECURSIVE numbers(n) AS (SELECT {low + 1} UNION ALL"
                f" SELECT n + 1 FROM numbers WHERE n < {high}) "
            )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
                f"{head}SELECT {', '.join(selected)} FROM {numbers}",
                params,
            )


@contextmanager
def without_indexes(model: type[models.Model]) -> Iterator[None]:
    """Load first, index afterwards: several times as fast."""
    indexes = list(model._meta.indexes)
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(model, index)


def build(members: int, messages: int) -> None:
    """Build the house where it does not stand yet."""
    call_command("migrate", verbosity=0)
    if LoggedEvent.objects.filter(source="big_house").exists():
        print("the house stands already")
        return
    account = Account.objects.create(connector="portal", label="大院", created_at=clock.now())
    build_people(members)
    build_places(members, account.pk)
    build_talk(members, messages)
    build_outbox(account.pk, members)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def build_people(members: int) -> None:
    fill(
        Member,
        members,
        id="n",
        public_id="'M' || substr('0000000000000000000000000' || n, -25)"
        if connection.vendor == "sqlite"
        else "'M' || lpad(n::text, 25, '0')",
        name=f"'茶友' || {MIXED} % 1000000",
        stage=(
            f"CASE {MIXED} % 10 WHEN 0 THEN 'bought' WHEN 1 THEN 'familiar' WHEN 2 THEN 'informed'"
            " WHEN 3 THEN 'curious' ELSE 'acquainted' END"
        ),
        stage_since=instant(f"{MIXED} % {SPAN_S}"),
        first_seen_at=instant(f"{MIXED} % {SPAN_S}"),
        last_seen_at=instant(f"({MIXED} % {SPAN_S} + {SPAN_S}) / 2"),
    )
    fill(
        Identity,
        members,
        member_id="n",
        connector="'portal'",
        external_id=text_of("n"),
        name="'茶友'",
    )
    tags = Tag.objects.bulk_create([Tag(name=name) for name in ("绿茶", "普洱", "白茶", "茶具")])
    fill(
        MemberTag,
        members // 2,
        member_id="n * 2",
        tag_id=f"{tags[0].pk} + n % 4",
        at=instant(f"{MIXED} % {SPAN_S}"),
        by="'system'",
    )


def build_places(members: int, account_id: int) -> None:
    kinds = "newcomer", "camp", "delivery", "loyal_fan", "regional"
    cases = " ".join(f"WHEN {n} THEN '{kind}'" for n, kind in enumerate(kinds))
    fill(
        Community,
        COMMUNITIES,
        id="n",
        public_id=f"'C' || {text_of('n')}",
        name=f"'茶社 ' || {text_of('n')}",
        slug=f"'tea-' || {text_of('n')}",
        type=f"CASE n % 5 {cases} END",
        phase="'running'",
        purpose="'一起喝茶'",
        audience="'茶友'",
        expected_effect="'常来'",
        opened_at=instant("0"),
        created_at=instant("0"),
    )
    fill(
        Room,
        COMMUNITIES,
        id="n",
        community_id="n",
        name="'大厅'",
        connector="'portal'",
        account_id=str(account_id),
        external_id=f"'room-' || {text_of('n')}",
    )
    with without_indexes(Membership):
        fill(
            Membership,
            members,
            community_id=f"1 + n % {COMMUNITIES}",
            member_id="n",
            joined_at=instant(f"{MIXED} % {SPAN_S}"),
            messages=f"{MIXED_TOO} % 40",
            first_message_at=instant(f"{MIXED} % {SPAN_S}"),
            last_message_at=instant(f"({MIXED} % {SPAN_S} + {SPAN_S}) / 2"),
        )


def build_talk(members: int, messages: int) -> None:
    """One message and one fact each; the speaker is skewed, and belongs to the room's community."""
    slots = members // COMMUNITIES
    place = f"1 + {MIXED} % {COMMUNITIES}"
    nth = f"(({MIXED_TOO} % 1000) * ({MIXED_TOO} / 1000)) % 1000000 * {slots} / 1000000"
    speaker = f"(CASE WHEN {MIXED} % {COMMUNITIES} = {COMMUNITIES - 1} THEN 0 ELSE {place} END)"
    member = f"{speaker} + {COMMUNITIES} * ({nth}) + CASE WHEN {speaker} = 0 THEN {COMMUNITIES} ELSE 0 END"
    at = instant(f"CAST(n * {SPAN_S / messages} AS bigint)")
    room = f"CASE WHEN {speaker} = 0 THEN 1 ELSE {speaker} + 1 END"
    payload = f"'{{\"message_id\": ' || n || ', \"chars\": ' || {MIXED} % 60 || '}}'"
    typed = f"({payload})::jsonb" if connection.vendor == "postgresql" else payload
    with without_indexes(Message):
        fill(
            Message,
            messages,
            id="n",
            room_id=room,
            member_id=f"1 + ({member} - 1) % {members}",
            external_id=text_of("n"),
            at=at,
            text=f"'今天这泡茶 ' || {MIXED} % 1000",
        )
    with without_indexes(LoggedEvent):
        fill(
            LoggedEvent,
            messages,
            source="'big_house'",
            source_id=text_of("n"),
            name="'channels.message_posted'",
            at=at,
            recorded_at=at,
            community_id=room,
            room_id=room,
            member_id=f"1 + ({member} - 1) % {members}",
            actor="'system:import'",
            data=typed,
        )


def build_outbox(account_id: int, members: int) -> None:
    states = "sent", "sent", "sent", "planned", "suppressed", "failed", "awaiting_person", "unknown"
    cases = " ".join(f"WHEN {n} THEN '{state}'" for n, state in enumerate(states))
    jsonb = "::jsonb" if connection.vendor == "postgresql" else ""
    fill(
        OutboxRow,
        200_000,
        key=f"'big:' || {text_of('n')}",
        kind="'say'",
        connector="'portal'",
        account_id=str(account_id),
        community_id=f"1 + {MIXED} % {COMMUNITIES}",
        room_id=f"1 + {MIXED} % {COMMUNITIES}",
        payload=f'\'{{"text": "水开了"}}\'{jsonb}',
        text="'水开了'",
        due_at=instant(f"{SPAN_S} + {MIXED} % 864000 - 777600"),
        state=f"CASE {MIXED_TOO} % 8 {cases} END",
        created_at=instant("0"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=10_000_000)
    options = parser.parse_args()
    began = time.perf_counter()
    build(options.members, options.messages)
    print(f"{connection.vendor}: ready after {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
