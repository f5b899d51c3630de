"""The index of a county's open entries in the very order of its lists.

Without the id at its end PostgreSQL took the whole city's (`boards_entry_soon`) and left out the other counties: 50 ms
for a short list at 100,000 entries, now 2. It takes the old one's place, so a move writes no more than before but eight
bytes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("boards", "0004_soon")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["area_1", "due_at", "id"],
                name="boards_entry_county",
                condition=models.Q(closed_at__isnull=True),
            ),
        ),
        migrations.RemoveIndex(model_name="entry", name="boards_entry_desk"),
    ]
