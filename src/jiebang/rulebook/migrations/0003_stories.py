"""A version keeps the stories it was published with."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("rulebook", "0002_two_persons")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="version",
            name="stories",
            field=models.TextField(blank=True, db_default=""),
        ),
    ]
