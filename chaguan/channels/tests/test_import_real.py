"""Real communities through the whole import: every figure that their own archive gives."""

import csv
from datetime import UTC
from pathlib import Path

import pytest
from django.db.models import Max, Min, QuerySet

from chaguan.channels.models import Message
from chaguan.channels.tests.import_files import import_now
from chaguan.communities.models import Membership, Room
from chaguan.eventlog.models import LoggedEvent
from chaguan.people.models import Identity

pytestmark = pytest.mark.django_db


def expected_totals(folder: Path) -> list[dict[str, str]]:
    with (folder / "expected" / "totals.csv").open() as file:
        return list(csv.DictReader(file))


def facts_in(room: Room, name: str) -> str:
    return str(LoggedEvent.objects.filter(room_id=room.pk, name=name).count())


def totals_of(room: Room) -> dict[str, str]:
    everything = Message.objects.filter(room=room)
    human: QuerySet[Message] = everything.filter(is_bot=False)
    figures = everything.aggregate(first=Min("at"), last=Max("at"))
    return {
        "community": room.name,
        "messages_all": str(everything.count()),
        "messages_human": str(human.count()),
        "posters_human": str(human.values("member").distinct().count()),
        "joins": facts_in(room, "communities.member_joined"),
        "leaves": facts_in(room, "communities.member_left"),
        "kicks": facts_in(room, "communities.member_removed"),
        "renames": facts_in(room, "channels.member_renamed"),
        "first_msg": f"{figures['first']:%Y-%m-%d %H:%M:%S}",
        "last_msg": f"{figures['last']:%Y-%m-%d %H:%M:%S}",
        "active_days": str(human.datetimes("at", "day", tzinfo=UTC).count()),
    }


def test_raku_channels_give_the_archives_totals(real_files: Path) -> None:
    folder = real_files / "chat-irc-raku"
    for file in sorted(folder.glob("*.jsonl.gz")):
        assert import_now(file, "Raku", timezone="UTC").error == ""

    rooms = {room.name: room for room in Room.objects.all()}
    assert [totals_of(rooms[row["community"]]) for row in expected_totals(folder)] == (
        expected_totals(folder)
    )
    said = Message.objects.count()
    assert LoggedEvent.objects.filter(name="channels.message_posted").count() == said
    assert sum(Membership.objects.values_list("messages", flat=True)) == said


def test_slack_support_channel_gives_its_totals(real_files: Path) -> None:
    folder = real_files / "chat-slack-support"

    run = import_now(folder / "racket-general.jsonl.gz", timezone="UTC")

    row = expected_totals(folder)[0]
    assert totals_of(Room.objects.get()) == row
    assert run.counts == {"messages": 22172, "members": 326}
    assert Identity.objects.count() == 326


def test_threads_keep_their_reply_links_and_extra_fields_do_no_harm(real_files: Path) -> None:
    run = import_now(real_files / "chat-irc-ubuntu-threads" / "train_sample.jsonl.gz")

    assert run.state == "done"
    assert run.records_done == 55265
    assert {
        key: run.counts[key] for key in ("messages", "joins", "leaves", "renames", "skipped")
    } == {
        "messages": 48593,
        "joins": 4311,
        "leaves": 689,
        "renames": 1343,
        "skipped": 329,
    }
    assert "bad" not in run.counts
    assert Message.objects.exclude(reply_to="").count() == 11903
    replies = LoggedEvent.objects.filter(name="channels.message_posted", data__is_reply=True)
    assert replies.count() == 11903
