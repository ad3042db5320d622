"""On PostgreSQL rows get `xact`, the writing transaction, so that readers can follow commit order.

`eventlog_epoch` holds what is added to the server's transaction ids; after a restore onto another server
the product raises it once, so that new rows still sort behind old ones (docs/adr/0003).
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FORWARD = """
CREATE TABLE eventlog_epoch (id smallint PRIMARY KEY CHECK (id = 1), added bigint NOT NULL);
INSERT INTO eventlog_epoch VALUES (1, 0);
ALTER TABLE eventlog_event
  ADD COLUMN xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX eventlog_by_commit ON eventlog_event (xact, id);
"""
BACKWARD = """
DROP INDEX eventlog_by_commit;
ALTER TABLE eventlog_event DROP COLUMN xact;
DROP TABLE eventlog_epoch;
"""


def forward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(FORWARD)


def backward(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(BACKWARD)


class Migration(migrations.Migration):
    dependencies = [("eventlog", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
