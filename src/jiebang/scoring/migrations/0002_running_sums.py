"""Running sums instead of counting whole boards. Old figures go; the follower makes them anew in its first round."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                ("entry", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mechanism", models.TextField()),
                ("area_1", models.TextField()),
                ("state", models.TextField()),
                ("overdue", models.BooleanField()),
            ],
        ),
        migrations.RunSQL("DELETE FROM scoring_figure", migrations.RunSQL.noop),
        migrations.AddField(model_name="figure", name="sums", field=models.JSONField(default=dict)),
    ]
