"""The ledger's tables: leaves waiting and numbered, signed checkpoints, how far each follower has come.

`ledger_leaf` has one more column, `txn`: the transaction that wrote the leaf (`xid8`, filled by PostgreSQL).
Followers order by it, because identity values are not handed out in the order of commits.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Leaf(models.Model):
    """One leaf's exact bytes. Only the sequencer ever fills `shard` and `idx`; nothing else changes, ever.

    `at` is the moment the leaf speaks of, for the rule against back-dating; `shard` "refused" marks a leaf the
    sequencer refused to number.
    """

    kind = models.TextField()
    body = models.BinaryField()
    at = models.DateTimeField(null=True)
    shard = models.TextField(null=True)
    idx = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            # Partial, so that PostgreSQL does not take a number being filled in for a change of the row's key.
            models.UniqueConstraint(
                "shard",
                "idx",
                condition=models.Q(idx__isnull=False),
                name="ledger_leaf_place",
            ),
            models.CheckConstraint(
                condition=models.Q(idx__isnull=True) | models.Q(shard__isnull=False),
                name="ledger_leaf_idx_has_shard",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=models.Q(shard__isnull=True),
                name="ledger_leaf_waiting",
            ),
        ]


class Checkpoint(models.Model):
    """What was signed. The primary key is what keeps two roots of one size from ever both being signed."""

    pk = models.CompositePrimaryKey("origin", "size")
    origin = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()


class Cursor(models.Model):
    """How far a follower has come, written in the same transaction as its effects."""

    follower = models.TextField(primary_key=True)
    leaf_id = models.BigIntegerField()
