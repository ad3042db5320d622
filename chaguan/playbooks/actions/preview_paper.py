"""Paper for a preview: tables of its own, so that playing a run neither meets nor hinders anybody.

On SQLite whoever writes shuts out all other writers, and a preview writes for a second. So it writes to
temporary tables that hide the house's: nobody waits for it. On PostgreSQL only the timers are its own.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from chaguan.kernel.rowset import ids_in, stored
from chaguan.playbooks.contract import steps
from chaguan.playbooks.document import Playbook

# What playing a run writes, when every kind of step stays in it. Nobody asks here for other runs' rows.
_TABLES = (
    *("playbooks_run", "playbooks_runrole", "playbooks_occurrence", "playbooks_watch"),
    *("playbooks_cohort", "playbooks_cohortstep", "playbooks_enrolment", "playbooks_timer"),
    *("playbooks_wait", "playbooks_outcome", "playbooks_tally", "playbooks_assignment"),
    "outbox_outboxrow",
)
_TIMERS = (
    "CREATE TEMPORARY TABLE playbooks_timer (wake_s bigint NOT NULL, enrolment_id bigint NOT NULL,"
    " place smallint NOT NULL, PRIMARY KEY (wake_s, enrolment_id, place))"
)
_REFERENCES = re.compile(r' REFERENCES "\w+" \("\w+"\) DEFERRABLE INITIALLY DEFERRED')
_LATELY = timedelta(hours=25)  # caps count from the local midnight


@contextmanager
def on_paper(
    document: Playbook, community_id: int, members: Collection[int], now: datetime
) -> Iterator[None]:
    """A transaction that is taken back, with the paper laid.

    It locks SQLite only when a step writes more than its run, because that is no paper.
    """
    database: Any = connection
    is_sqlite = connection.vendor == "sqlite"
    mode = database.transaction_mode if is_sqlite else None
    if is_sqlite and all(steps.get(step.kind).stays_in_run for step in document.steps):
        database.transaction_mode = "DEFERRED"
    try:
        with transaction.atomic():
            _lay_paper(community_id, members, now)
            yield
            transaction.set_rollback(True)
    finally:
        if is_sqlite:
            database.transaction_mode = mode


def _lay_paper(community_id: int, members: Collection[int], now: datetime) -> None:
    """Hide the tables that the play writes to behind empty ones, for this transaction.

    What went out lately to the community and these members is copied, because caps count it; numbers go on
    behind the house's, so that nothing that hangs on another run is taken for this one's.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{_TIMERS} ON COMMIT DROP")
            return
        names = ", ".join(f"'{name}'" for name in _TABLES)
        cursor.execute(
            f"SELECT sql FROM main.sqlite_master WHERE tbl_name IN ({names}) AND sql IS NOT NULL"
            " ORDER BY type DESC"  # tables before their indexes
        )
        for (sql,) in cursor.fetchall():
            cursor.execute(_in_temp(sql))
        cursor.execute(
            "INSERT INTO temp.sqlite_sequence (name, seq)"
            f" SELECT name, seq FROM main.sqlite_sequence WHERE name IN ({names})"
        )
        lately = ids_in(members)
        cursor.execute(
            "INSERT INTO temp.outbox_outboxrow SELECT * FROM main.outbox_outboxrow"
            " WHERE state IN ('sent', 'claimed', 'unknown') AND claimed_at >= %s"
            f" AND (community_id = %s OR member_id IN ({lately.sql}))",
            [stored(now - _LATELY), community_id, *lately.params],
        )


def _in_temp(sql: str) -> str:
    """The same table or index among the temporary ones, which cannot refer to the house's."""
    words = re.sub(r'^CREATE (TABLE|INDEX|UNIQUE INDEX) "?(\w+)"?', r'CREATE \1 temp."\2"', sql)
    return _REFERENCES.sub("", words)
