"""Objections to a notice: events of their own kind, which leave the state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0008_whole_titles"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="event",
            name="boards_event_kind",
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "open",
                            "move",
                            "clock",
                            "duty",
                            "vote",
                            "join",
                            "leave",
                            "extension",
                            "heard",
                            "objection",
                        ),
                    )
                ),
                name="boards_event_kind",
            ),
        ),
    ]
