"""Entries can be carried over to another version of their rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

KINDS = (
    "open", "move", "clock", "duty", "vote", "join", "leave", "extension", "heard", "objection", "transfer",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies: ClassVar = [("boards", "0009_objections")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="event", name="boards_event_kind"),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="boards_event_kind"),
        ),
    ]
