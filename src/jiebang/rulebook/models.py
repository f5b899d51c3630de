"""Tables of the room `rulebook`: what was published, word for word."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Version(models.Model):
    """One published version of a mechanism. Never changed: a new text is a new row."""

    mechanism = models.TextField()
    since = models.DateField()
    scope = models.TextField(blank=True)
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    program = models.JSONField()
    program_hash = models.CharField(max_length=64, db_index=True)
    published_at = models.DateTimeField()
    published_by = models.TextField()  # "founding", later two persons
    report = models.JSONField()  # bounds and the checker's remaining remarks

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mechanism", "since", "-id"], name="rulebook_version_newest")]

    def __str__(self) -> str:
        return f"{self.mechanism} {self.since}"


class Document(models.Model):
    """A calendar, a policy table or the city's own facts, as published. The newest row of a name holds."""

    kind = models.TextField()
    name = models.TextField()
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rulebook_document_kind",
                condition=models.Q(kind__in=["calendar", "policy", "city"]),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "name", "-id"], name="rulebook_document_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
