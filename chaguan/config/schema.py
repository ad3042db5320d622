"""Whether the database has the tables this version needs, and how it gets them."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def missing_migrations() -> list[str]:
    """Names of migrations that are not applied yet, `app.0002_purpose`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply_migrations() -> bool:
    """Apply what is missing; returns whether the database had no table of ours before."""
    if not missing_migrations():
        return False
    was_empty = "eventlog_event" not in connection.introspection.table_names()
    call_command("migrate", interactive=False, verbosity=0)
    return was_empty
