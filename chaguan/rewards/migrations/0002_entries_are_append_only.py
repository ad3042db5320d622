"""Entries of the ledger are written once: the database refuses to change or delete them."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = [
    """CREATE TRIGGER rewards_entry_no_update BEFORE UPDATE ON rewards_entry
       BEGIN SELECT RAISE(ABORT, 'entries of the points ledger are never changed'); END""",
    """CREATE TRIGGER rewards_entry_no_delete BEFORE DELETE ON rewards_entry
       BEGIN SELECT RAISE(ABORT, 'entries of the points ledger are never deleted'); END""",
]
SQLITE_BACK = [
    "DROP TRIGGER rewards_entry_no_update",
    "DROP TRIGGER rewards_entry_no_delete",
]
POSTGRES = [
    """CREATE FUNCTION rewards_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'entries of the points ledger are never changed or deleted'; END $$""",
    """CREATE TRIGGER rewards_entry_no_change BEFORE UPDATE OR DELETE ON rewards_entry
       FOR EACH ROW EXECUTE FUNCTION rewards_entry_is_final()""",
    """CREATE FUNCTION rewards_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF EXISTS (SELECT 1 FROM rewards_entry) THEN
           RAISE EXCEPTION 'entries of the points ledger are never deleted';
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER rewards_entry_no_truncate BEFORE TRUNCATE ON rewards_entry
       FOR EACH STATEMENT EXECUTE FUNCTION rewards_entry_stays()""",
]
POSTGRES_BACK = [
    "DROP TRIGGER rewards_entry_no_truncate ON rewards_entry",
    "DROP TRIGGER rewards_entry_no_change ON rewards_entry",
    "DROP FUNCTION rewards_entry_is_final()",
    "DROP FUNCTION rewards_entry_stays()",
]


def forbid(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if is_postgres else SQLITE:
        schema_editor.execute(statement, params=None)


def allow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES_BACK if is_postgres else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
