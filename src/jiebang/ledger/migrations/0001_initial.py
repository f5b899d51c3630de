"""Tables of the public log."""

from typing import ClassVar

import django.db.models.functions.datetime
from django.db import migrations, models

# The writing transaction, for followers. Not a model field: nothing in Python ever reads or writes it.
TXN = """
ALTER TABLE ledger_leaf ADD COLUMN txn xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ledger_leaf_facts ON ledger_leaf (txn, id);
"""

# Against mistakes, the owner's included; `UPDATE OF` costs the sequencer nothing. A superuser walks past it: the
# signed log is the protection, not this.
KEEP = """
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A leaf is never changed or removed.'
        USING HINT = 'To forget a person use jiebang erase; the leaf stays and says nothing about him.';
END $$;
CREATE TRIGGER ledger_leaf_keep_body BEFORE UPDATE OF id, kind, body, at, created_at ON ledger_leaf
    FOR EACH ROW EXECUTE FUNCTION ledger_keep();
CREATE TRIGGER ledger_leaf_keep_row BEFORE DELETE ON ledger_leaf
    FOR EACH ROW EXECUTE FUNCTION ledger_keep();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []
    operations: ClassVar = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "origin",
                        "size",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("origin", models.TextField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("follower", models.TextField(primary_key=True, serialize=False)),
                ("leaf_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("kind", models.TextField()),
                ("body", models.BinaryField()),
                ("at", models.DateTimeField(null=True)),
                ("shard", models.TextField(null=True)),
                ("idx", models.BigIntegerField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("shard__isnull", True)),
                        fields=["id"],
                        name="ledger_leaf_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("shard"),
                        models.F("idx"),
                        condition=models.Q(("idx__isnull", False)),
                        name="ledger_leaf_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("idx__isnull", True),
                            ("shard__isnull", False),
                            _connector="OR",
                        ),
                        name="ledger_leaf_idx_has_shard",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            TXN,
            "DROP INDEX ledger_leaf_facts; ALTER TABLE ledger_leaf DROP COLUMN txn;",
            elidable=False,
        ),
        migrations.RunSQL(
            KEEP,
            "DROP TRIGGER ledger_leaf_keep_row ON ledger_leaf; DROP TRIGGER ledger_leaf_keep_body ON ledger_leaf;"
            " DROP FUNCTION ledger_keep();",
            elidable=False,
        ),
    ]
