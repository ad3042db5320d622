"""The ordered tables of waiting people. SQLite keeps them WITHOUT ROWID; PostgreSQL as plain b-trees."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = {
    "playbooks_cohortstep": (
        "cohort_id bigint NOT NULL, place smallint NOT NULL, step_id bigint NOT NULL, at_s bigint,"
        " after_s bigint, wait_place smallint, wait_result smallint, is_chained {boolean} NOT NULL,"
        " PRIMARY KEY (cohort_id, place)"
    ),
    "playbooks_timer": (
        "wake_s bigint NOT NULL, enrolment_id bigint NOT NULL, place smallint NOT NULL,"
        " PRIMARY KEY (wake_s, enrolment_id, place)"
    ),
    "playbooks_wait": (
        "fact varchar(64) NOT NULL, member_id bigint NOT NULL, enrolment_id bigint NOT NULL,"
        " place smallint NOT NULL, PRIMARY KEY (fact, member_id, enrolment_id, place)"
    ),
    "playbooks_outcome": (
        "enrolment_id bigint NOT NULL, place smallint NOT NULL, result smallint NOT NULL,"
        " at_s bigint NOT NULL, event_id bigint, PRIMARY KEY (enrolment_id, place)"
    ),
}


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for table, columns in TABLES.items():
        body = columns.format(boolean="bool" if is_sqlite else "boolean")
        end = " WITHOUT ROWID" if is_sqlite else " WITH (fillfactor = 90)"
        schema_editor.execute(f"CREATE TABLE {table} ({body}){end}")


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE {table}")


class Migration(migrations.Migration):
    dependencies = [
        ("playbooks", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="CohortStep",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "cohort_id",
                                "place",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("cohort_id", models.BigIntegerField()),
                        ("place", models.PositiveSmallIntegerField()),
                        ("step_id", models.BigIntegerField()),
                        ("at_s", models.BigIntegerField(null=True)),
                        ("after_s", models.BigIntegerField(null=True)),
                        ("wait_place", models.PositiveSmallIntegerField(null=True)),
                        ("wait_result", models.PositiveSmallIntegerField(null=True)),
                        ("is_chained", models.BooleanField(default=True)),
                    ],
                    options={
                        "db_table": "playbooks_cohortstep",
                    },
                ),
                migrations.CreateModel(
                    name="Timer",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "wake_s",
                                "enrolment_id",
                                "place",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("wake_s", models.BigIntegerField()),
                        ("enrolment_id", models.BigIntegerField()),
                        ("place", models.PositiveSmallIntegerField()),
                    ],
                    options={
                        "db_table": "playbooks_timer",
                    },
                ),
                migrations.CreateModel(
                    name="Wait",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "fact",
                                "member_id",
                                "enrolment_id",
                                "place",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("fact", models.CharField(max_length=64)),
                        ("member_id", models.BigIntegerField()),
                        ("enrolment_id", models.BigIntegerField()),
                        ("place", models.PositiveSmallIntegerField()),
                    ],
                    options={
                        "db_table": "playbooks_wait",
                    },
                ),
                migrations.CreateModel(
                    name="Outcome",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "enrolment_id",
                                "place",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("enrolment_id", models.BigIntegerField()),
                        ("place", models.PositiveSmallIntegerField()),
                        (
                            "result",
                            models.PositiveSmallIntegerField(choices=[(1, "Act"), (2, "Timeout")]),
                        ),
                        ("at_s", models.BigIntegerField()),
                        ("event_id", models.BigIntegerField(null=True)),
                    ],
                    options={
                        "db_table": "playbooks_outcome",
                    },
                ),
            ],
        ),
    ]
