"""An import as a whole: once, twice, overlapping, broken off, and with nonsense in it."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chaguan.channels.models import Message
from chaguan.channels.selectors.imports import Problem, status_of
from chaguan.channels.tests.import_files import import_now, line, write_lines
from chaguan.communities.models import Community, Membership, Room
from chaguan.eventlog.models import LoggedEvent
from chaguan.eventlog.testing import drain
from chaguan.kernel.errors import Invalid
from chaguan.outbox.models import OutboxRow
from chaguan.people.models import Identity, Member

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[Any]]:
    """All that an import may change, without the ids of the moment."""
    return {
        "messages": list(
            Message.objects.order_by("room__name", "external_id").values_list(
                "room__name", "external_id", "at", "text", "kind", "reply_to", "is_bot", "member__name"
            )
        ),
        "facts": list(
            LoggedEvent.objects.exclude(source="chaguan")
            .order_by("room_id", "source_id")
            .values_list("source_id", "name", "at", "data__is_bot", "data__chars")
        ),
        "stays": list(
            Membership.objects.order_by("member__name").values_list(
                "member__name", "state", "joined_at", "left_at", "messages", "first_message_at", "last_message_at"
            )
        ),
        "people": list(
            Identity.objects.order_by("external_id").values_list(
                "external_id", "name", "member__is_bot", "member__first_seen_at", "member__last_seen_at"
            )
        ),
    }  # fmt: skip


TALK = [
    line(1, kind="join", text=""),
    line(2, text="看 https://example.com"),
    line(3, user="chen", name="陈二", reply_to="m2"),
    line(4, user="feed", bot=True),
    line(5, user="spam", kind="kick", text="广告"),
    line(6, kind="rename", text="", to="lin2"),
    line(7, user="chen", kind="leave", text=""),
    line(8, user="chen", community="后台"),
]


def test_what_a_file_tells_is_stored_and_recorded(tmp_path: Path) -> None:
    run = import_now(write_lines(tmp_path / "talk.jsonl", TALK))

    assert run.state == "done"
    assert run.counts == {
        "messages": 4, "joins": 1, "leaves": 1, "kicks": 1, "renames": 1, "members": 4,
    }  # fmt: skip
    assert sorted(Room.objects.values_list("name", "connector")) == [
        ("后台", "manual"),
        ("茶室", "manual"),
    ]
    assert Community.objects.get().name == "茶友会"
    said = Message.objects.get(external_id="m3")
    fact = LoggedEvent.objects.get(source_id="m3")
    assert (fact.actor, fact.source) == (f"system:import:{run.pk}", f"room:{said.room_id}")
    assert (fact.member_id, fact.room_id) == (said.member_id, said.room_id)
    assert fact.data == {
        "message_id": said.pk, "chars": len(said.text), "is_bot": False, "is_reply": True, "has_link": False,
    }  # fmt: skip
    assert LoggedEvent.objects.get(source_id="m2").data["has_link"] is True
    assert LoggedEvent.objects.get(source_id="m6").data == {
        "old": "lin",
        "new": "lin2",
        "is_bot": False,
    }
    assert Member.objects.get(name="feed").is_bot is True
    states = dict(Membership.objects.values_list("member__name", "state"))
    assert states == {"lin": "in", "陈二": "in", "feed": "in", "spam": "removed"}
    assert run.first_at == datetime(2026, 3, 1, 8, 1, tzinfo=UTC)
    assert run.last_at == datetime(2026, 3, 1, 8, 8, tzinfo=UTC)


def test_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "talk.jsonl", TALK)
    import_now(file)
    before = everything()

    again = import_now(file)

    assert everything() == before
    assert again.counts == {"duplicates": 8, "members": 4}


def test_overlapping_exports_meet(tmp_path: Path) -> None:
    talk = [f"2026-03-01 08:0{n}:00 林一(10001)\n{'同一句' if n % 2 else n}\n" for n in range(8)]
    for name, part in {"one.txt": talk[:5], "two.txt": talk[3:]}.items():
        (tmp_path / name).write_text("消息对象:茶友会\n\n" + "\n".join(part), encoding="gb18030")

    first, second = import_now(tmp_path / "one.txt"), import_now(tmp_path / "two.txt")

    assert first.counts == {"messages": 5, "members": 1}
    assert second.counts == {"messages": 3, "duplicates": 2, "members": 1}
    assert Membership.objects.get().messages == 8


def test_nonsense_is_told_with_its_line_and_the_rest_goes_in(tmp_path: Path) -> None:
    file = write_lines(
        tmp_path / "talk.jsonl",
        [
            line(1),
            line(2, ts="1970-01-01T00:00:00Z"),
            line(3, ts="2200-01-01T00:00:00Z"),
            "{broken",
            line(5, text="zero\0byte", user="li\0n"),
            line(6, id="x" * 500, reply_to="y" * 500),
            line(7, kind="other"),
            line(8, ts="0001-01-01T00:00:00+14:00"),
        ],
    )

    run = import_now(file)

    status = status_of(run)
    assert (status.state, status.problems_total) == ("done", 4)
    assert [(p.line, p.sample[:25]) for p in status.problems] == [
        (2, "1970-01-01T00:00:00+00:00"),
        (3, "2200-01-01T00:00:00+00:00"),
        (4, "{broken"),
        (8, "0001-01-01T00:00:00+14:00"),
    ]
    assert all(isinstance(problem, Problem) and problem.reason for problem in status.problems)
    assert status.counts["messages"] == 3
    assert [amount for _reason, amount in status.skipped] == [1]
    assert Message.objects.get(external_id="m5").text == "zerobyte"
    assert Identity.objects.get().external_id == "lin"
    long_id = Message.objects.get(external_id__startswith="xxx")
    assert (len(long_id.external_id), len(long_id.reply_to)) == (160, 160)


def test_only_the_first_two_hundred_problems_are_kept(tmp_path: Path) -> None:
    run = import_now(write_lines(tmp_path / "talk.jsonl", [line(1), *["{"] * 300]))

    assert (run.counts["bad"], len(run.problems)) == (300, 200)


def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    whole = write_lines(tmp_path / "talk.jsonl", [line(n) for n in range(500)])
    packed = gzip.compress(whole.read_bytes())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) - 200])

    run = import_now(tmp_path / "cut.jsonl.gz")

    assert run.state == "failed"
    assert run.error
    assert 0 < Message.objects.count() < 500
    assert Message.objects.count() == run.counts["messages"]


def test_a_batch_costs_few_statements_whatever_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost(name: str, people: int) -> int:
        lines = [line(n, id=f"{name}-{n}", user=f"u{n % people}") for n in range(people * 4)]
        lines += [line(n, id=f"{name}-j{n}", user=f"u{n}", kind="join") for n in range(people)]
        file = write_lines(tmp_path / f"{name}.jsonl", lines)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert import_now(file).state == "done"
        return len(captured)

    cost("first", 400)  # makes account, room and people

    assert cost("small", 50) == cost("large", 400)


def test_imported_history_wakes_nobody(tmp_path: Path) -> None:
    import_now(write_lines(tmp_path / "talk.jsonl", TALK))
    last = LoggedEvent.objects.latest("pk").pk

    drain()

    answers = LoggedEvent.objects.filter(pk__gt=last)
    assert [fact.actor for fact in answers if not fact.actor.startswith("system:import:")] == []
    assert {fact.name for fact in answers} <= {
        "people.stage_changed"
    }  # history may show a relation
    assert not OutboxRow.objects.exists()


def test_settings_of_another_format_and_unknown_zones_are_refused(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "talk.jsonl", TALK)

    for plan in ({"options": {"colour": "red"}}, {"timezone": "Mars/Olympus"}, {"format": "fax"}):
        with pytest.raises(Invalid if "format" not in plan else Exception):
            import_now(file, **plan)

    assert not Message.objects.exists()
    assert not Community.objects.exists()
