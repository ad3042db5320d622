from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0003_periods_and_activation")]

    operations = [
        migrations.RemoveConstraint(model_name="periodtick", name="communities_task_once"),
        migrations.RenameField(model_name="periodtick", old_name="task", new_name="item"),
        migrations.AddConstraint(
            model_name="periodtick",
            constraint=models.UniqueConstraint(
                fields=("community", "item"), name="communities_item_once"
            ),
        ),
    ]
