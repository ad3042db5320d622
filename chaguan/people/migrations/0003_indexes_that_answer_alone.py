"""Indexes from which PostgreSQL answers without the table; and two that only repeated others."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PLAIN = "CREATE INDEX people_by_stage ON people_member (stage, id)"
COVERING = f"{PLAIN} INCLUDE (name, merged_into_id)"


def _instead(statement: str, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX people_by_stage")
        schema_editor.execute(statement)


def cover(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the index of stages hold the names, too: a search by name reads no table row."""
    _instead(COVERING, schema_editor)


def uncover(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Back to the plain index."""
    _instead(PLAIN, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_tiers")]

    operations = [
        migrations.AlterField(
            model_name="membertag",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tags",
                to="people.member",
            ),
        ),
        migrations.AlterField(
            model_name="membertag",
            name="tag",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="people.tag"
            ),
        ),
        migrations.RunPython(cover, uncover),
    ]
