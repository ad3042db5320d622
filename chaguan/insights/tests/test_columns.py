"""The columnar copy: grows with the log, survives kills, follows another log, loses nothing."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection, transaction

from chaguan.channels.events import MessagePosted
from chaguan.communities.events import MemberJoined, PhaseChanged
from chaguan.eventlog.actions import record, record_many
from chaguan.eventlog.selectors import readable_end, slice_statement
from chaguan.insights.columns import log
from chaguan.insights.columns import store as stores
from chaguan.insights.columns.manifest import Manifest, save
from chaguan.insights.columns.opened import Columns, opened
from chaguan.insights.columns.store import Store
from chaguan.kernel.actor import Actor

ME = Actor.system("tests")
NOON = datetime(2026, 3, 8, 12, 0, 0, 250, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def post(member: int, minutes: int = 0, **over: bool) -> None:
    fact = MessagePosted(1, 2, member, message_id=member, chars=5, **over)
    record(fact, actor=ME, at=NOON + timedelta(minutes=minutes))


def members_in(store: Store) -> list[int | None]:
    columns = Columns(store.folder, store.manifest())
    rows = columns.con.execute(f"SELECT member_id FROM {columns.source()} ORDER BY id").fetchall()
    columns.close()
    return [row[0] for row in rows]


def test_a_fact_arrives_with_its_columns(tmp_path: Path) -> None:
    record(MemberJoined(1, 7, room_id=2, origin="link"), actor=ME, at=NOON)
    post(8, is_bot=True, is_reply=True, has_link=True)
    record(PhaseChanged(1, "draft", "running"), actor=ME, at=NOON)
    store = Store(tmp_path)

    assert store.refresh(in_private=True) == 3

    rows = pq.read_table(tmp_path / store.manifest().parts[0].file).drop_columns("id").to_pylist()
    empty = {
        "at": NOON,
        "community_id": 1,
        "room_id": 2,
        "is_bot": False,
        "is_reply": False,
        "has_link": False,
        "chars": 0,
        "origin": "",
        "amount_fen": 0,
    }
    flags = {"is_bot": True, "is_reply": True, "has_link": True, "chars": 5}
    assert rows == [
        {**empty, "name": "communities.member_joined", "member_id": 7, "origin": "link"},
        {**empty, "name": "channels.message_posted", "member_id": 8, **flags},
        {**empty, "name": "communities.phase_changed", "room_id": None, "member_id": None},
    ]


def test_only_what_is_new_is_appended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.refresh(in_private=True) == 0
    post(1)
    assert (store.refresh(in_private=True), store.refresh(in_private=True)) == (1, 0)
    post(2)
    post(3)

    assert store.refresh(in_private=True) == 2
    assert members_in(store) == [1, 2, 3]
    assert [part.rows for part in store.manifest().parts] == [1, 2]


def test_many_small_files_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "FOLD_FILES", 4)
    store = Store(tmp_path)
    for member in range(1, 6):
        post(member)
        store.refresh(in_private=True)

    assert [part.rows for part in store.manifest().parts] == [4, 1]
    assert members_in(store) == [1, 2, 3, 4, 5]


def test_compaction_sorts_by_member_and_keeps_every_fact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for minutes, member in enumerate([18, 2, 18, 2, 3]):
        post(member, minutes=-minutes)
    store.refresh(in_private=True)
    assert store.compact() == 5
    post(34)
    store.refresh(in_private=True)
    assert store.compact() == 6
    assert store.compact() == 0  # nothing has arrived since

    manifest = store.manifest()
    assert {part.bucket: part.rows for part in manifest.parts} == {2: 5, 3: 1}
    bucket = next(part for part in manifest.parts if part.bucket == 2)
    rows = pq.read_table(tmp_path / bucket.file, columns=["member_id", "at"]).to_pylist()
    assert [row["member_id"] for row in rows] == [2, 2, 18, 18, 34]
    assert rows == sorted(rows, key=lambda row: (row["member_id"], row["at"]))
    assert sorted(members_in(store), key=str) == [18, 18, 2, 2, 3, 34]


def test_a_death_while_writing_leaves_the_copy_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    post(2)

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    for function in ("_closed", "_with_part"):
        with monkeypatch.context() as patched:
            patched.setattr(Store, function, die)
            with pytest.raises(KeyboardInterrupt):
                store.refresh(in_private=True)
        assert members_in(Store(tmp_path)) == [1]
    assert Store(tmp_path).refresh(in_private=True) == 1
    assert members_in(store) == [1, 2]


def test_a_death_while_compacting_leaves_the_copy_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    post(2)
    store.refresh(in_private=True)

    def die(*_args: object) -> Manifest:
        raise KeyboardInterrupt

    monkeypatch.setattr(Manifest, "without", die)
    with pytest.raises(KeyboardInterrupt):
        store.compact()

    assert members_in(Store(tmp_path)) == [1, 2]


def test_files_out_of_use_are_deleted_when_no_reader_can_hold_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    held = Columns(store.folder, store.manifest())
    store.compact()
    assert held.con.execute(f"SELECT count(*) FROM {held.source()}").fetchall() == [(1,)]

    monkeypatch.setattr("chaguan.insights.columns.manifest.GRACE_S", -1)
    post(2)
    store.refresh(in_private=True)
    store.compact()

    named = {part.file for part in store.manifest().parts}
    assert {file.name for file in tmp_path.glob("*.parquet*")} == named
    assert members_in(store) == [1, 2]


def test_a_copy_of_another_log_is_begun_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    post(1)
    post(2)
    store.refresh(in_private=True)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventlog_event")
    post(5)

    assert store.refresh(in_private=True) == 1
    assert members_in(store) == [5]


def test_rebuilding_gives_the_same_facts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for member in (1, 2, 3):
        post(member)
    store.refresh(in_private=True)
    save(tmp_path, Manifest())  # somebody deleted the list

    assert store.rebuild(in_private=True) == 3
    assert members_in(store) == [1, 2, 3]


def test_what_a_transaction_has_written_is_seen_by_itself_and_never_reaches_the_files(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    post(1)
    store.refresh(in_private=True)
    with transaction.atomic():
        post(2)
        with opened(store) as columns:
            assert columns.rows == 2
        transaction.set_rollback(True)

    assert store.refresh() == 0
    assert members_in(store) == [1]


def test_a_look_at_one_community_holds_only_its_facts(tmp_path: Path) -> None:
    facts = [MessagePosted(c, 2, m, message_id=m, chars=5) for c, m in ((1, 1), (1, 2), (2, 3))]
    record_many([(fact, NOON) for fact in facts], actor=ME)

    with opened(Store(tmp_path)) as columns:
        assert (columns.rows, columns.only([1]).rows, columns.only([9]).rows) == (3, 2, 0)


@pytest.mark.skipif(
    "config.getoption('--database') == 'postgres'", reason="PostgreSQL has a test of its own"
)
def test_the_fast_driver_reads_what_a_cursor_reads(tmp_path: Path) -> None:
    record(MemberJoined(1, 7, origin="link"), actor=ME, at=NOON.replace(microsecond=0))
    post(8, is_bot=True, has_link=True)
    record(PhaseChanged(1, "draft", "running"), actor=ME, at=NOON)
    file = tmp_path / "with space & sign.sqlite3"
    with contextlib.closing(sqlite3.connect(file)) as copy, copy:
        fields = "id, name, at, community_id, room_id, member_id, data"
        copy.execute(f"CREATE TABLE eventlog_event ({fields})")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {fields} FROM eventlog_event")
            copy.executemany("INSERT INTO eventlog_event VALUES (?,?,?,?,?,?,?)", cursor.fetchall())
    end = readable_end()

    address = ("adbc_driver_sqlite", f"file:{quote(str(file))}?mode=ro")
    statement = slice_statement(log._fields(), (0, 0), end)
    fast = pa.concat_tables(log._through_adbc(address, statement))

    assert fast.num_rows == 3
    assert fast.equals(pa.concat_tables(log.batches((0, 0), end)))
