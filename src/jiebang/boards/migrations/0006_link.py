"""Entries that another one opened, or waits for, and the event by which it heard that one has closed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boards", "0005_county"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slot", models.TextField()),
                ("kind", models.TextField()),
                ("heard_seq", models.IntegerField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="event",
            name="boards_event_kind",
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["open", "move", "clock", "duty", "vote", "join", "leave", "extension", "heard"])
                ),
                name="boards_event_kind",
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="from_entry",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="boards.entry"
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="to_entry",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="boards.entry"),
        ),
        migrations.AddIndex(
            model_name="link",
            index=models.Index(
                condition=models.Q(("heard_seq__isnull", True)), fields=["id"], name="boards_link_unheard"
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("from_entry", "slot"), name="boards_link_once"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["opened", "named", "recheck", "again"])), name="boards_link_kind"
            ),
        ),
    ]
