"""Running sums of every area, not only of counties. Old ones go; the follower makes them anew in its first round."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0002_running_sums")]

    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM scoring_figure", migrations.RunSQL.noop),
        migrations.RunSQL("DELETE FROM scoring_standing", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="standing", name="area_1"),
        migrations.AddField(
            model_name="standing",
            name="areas",
            field=ArrayField(models.TextField(), default=list),
            preserve_default=False,
        ),
    ]
