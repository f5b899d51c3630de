"""A timer that opens an entry by which a closed one is looked at again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0006_link"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="limit",
            name="boards_limit_kind",
        ),
        migrations.AddConstraint(
            model_name="limit",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["duty", "span", "reminder", "recheck"])), name="boards_limit_kind"
            ),
        ),
    ]
