"""For tests that commit: emptying the ledger, which the product itself cannot do."""

from django.db import connection

_SQLITE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"


def empty_ledger() -> None:
    """Take the guards off, delete all entries, put the guards back. Only before a test's own flush."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE rewards_entry DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM rewards_entry")
            cursor.execute("ALTER TABLE rewards_entry ENABLE TRIGGER USER")
            return
        cursor.execute(_SQLITE_TRIGGERS, ["rewards_entry"])
        guards = cursor.fetchall()
        for name, _sql in guards:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("DELETE FROM rewards_entry")
        for _name, sql in guards:
            cursor.execute(sql)
