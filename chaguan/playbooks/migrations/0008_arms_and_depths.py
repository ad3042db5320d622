"""Cohorts know the arm of a split and the depth of the chain of causes; their moments, when they close.

Columns of `playbooks_cohortstep` are added by hand: Django would build the table anew on SQLite and lose its
order (WITHOUT ROWID).
"""

from django.db import migrations, models

ADD = "ALTER TABLE playbooks_cohortstep ADD COLUMN {}"
DROP = "ALTER TABLE playbooks_cohortstep DROP COLUMN {}"


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0007_endings_and_reports")]

    operations = [
        migrations.RemoveConstraint(model_name="cohort", name="playbooks_cohort_once"),
        migrations.AddField(
            model_name="cohort",
            name="arm",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="cohort",
            name="depth",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="cohort",
            constraint=models.UniqueConstraint(
                fields=("run", "track", "day", "made_at_shift", "arm", "depth"),
                name="playbooks_cohort_once",
            ),
        ),
        migrations.RunSQL(
            [ADD.format("closes_s integer NULL"), ADD.format("depth smallint NOT NULL DEFAULT 0")],
            [DROP.format("closes_s"), DROP.format("depth")],
            state_operations=[
                migrations.AddField(
                    model_name="cohortstep",
                    name="closes_s",
                    field=models.IntegerField(null=True),
                ),
                migrations.AddField(
                    model_name="cohortstep",
                    name="depth",
                    field=models.SmallIntegerField(db_default=0, default=0),
                ),
            ],
        ),
    ]
