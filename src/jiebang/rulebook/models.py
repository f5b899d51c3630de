"""Tables of the room `rulebook`: what was published, word for word."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value


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
    # The party and its unit; "founding" and "desk" (the server's own pack) stand alone, all else has a proposer too.
    published_by = models.TextField()
    published_unit = models.TextField(blank=True, db_default="")
    proposed_by = models.TextField(blank=True, db_default="")
    proposed_unit = models.TextField(blank=True, db_default="")
    # The persons themselves (`k17`), for the rule that they differ; no page and no leaf says them.
    publisher = models.TextField(blank=True, db_default="")
    proposer = models.TextField(blank=True, db_default="")
    areas = ArrayField(
        models.TextField(), db_default=Value([], ArrayField(models.TextField()))
    )  # of a pilot; none: the whole city
    adopts = models.TextField(blank=True, db_default="")  # hash of the program it was made from
    stories = models.TextField(blank=True, db_default="")  # its cases as they were when it was published
    report = models.JSONField()  # bounds and the checker's remaining remarks

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mechanism", "since", "-id"], name="rulebook_version_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rulebook_version_two_persons",
                condition=models.Q(proposer="") | ~models.Q(proposer=models.F("publisher")),
            ),
        ]

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


class Definition(models.Model):
    """One published text of a register or a round. Never changed: a new text is a new row."""

    what = models.TextField()
    ident = models.TextField()
    since = models.DateField()
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    compiled = models.JSONField()
    hash = models.CharField(max_length=64, db_index=True)
    seed = models.BinaryField(null=True)  # of the first sample; the log has its SHA-256
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="rulebook_definition_what", condition=models.Q(what__in=["register", "round"])),
        ]
        indexes: ClassVar = [models.Index(fields=["what", "ident", "since", "-id"], name="rulebook_definition_newest")]

    def __str__(self) -> str:
        return f"{self.what} {self.ident} {self.since}"


class Withdrawal(models.Model):
    """The end of a pilot. From the day `until` on its versions up to `last` no longer hold for new entries."""

    mechanism = models.TextField()
    scope = models.TextField()
    until = models.DateField()
    last = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    published_by = models.TextField()
    published_unit = models.TextField(blank=True)
    proposed_by = models.TextField()
    proposed_unit = models.TextField(blank=True)
    publisher = models.TextField()
    proposer = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rulebook_withdrawal_two_persons", condition=~models.Q(proposer=models.F("publisher"))
            ),
        ]


class Transfer(models.Model):
    """Entries that run under one program go on under another, that of `version`, from its first day on.

    `states` maps old states to new ones, where the name is not the same; `done_at`: no such entry is left.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    states = models.JSONField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["before", "after"], name="rulebook_transfer_once"),
            models.CheckConstraint(name="rulebook_transfer_leads_on", condition=~models.Q(before=models.F("after"))),
        ]


class Draft(models.Model):
    """A text somebody writes, or the end of a pilot somebody asks for, until a second person publishes it.

    `edits` counts the changes: whoever saves names the count they saw, so that two writers never overwrite each other.
    """

    kind = models.TextField(default="publish")
    mechanism = models.TextField(blank=True)
    text = models.TextField(blank=True)
    stories = models.TextField(blank=True)  # its cases, played with every check
    scope = models.TextField(blank=True)
    areas = ArrayField(models.TextField(), default=list)
    until = models.DateField(null=True)  # of a pilot that ends
    adopts = models.TextField(blank=True)
    transfers = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField())
    )  # program hash → old → new state
    state = models.TextField(default="editing")
    edits = models.IntegerField(default=0)
    begun_by = models.TextField()
    begun_at = models.DateTimeField()
    changed_by = models.TextField()
    changed_at = models.DateTimeField()
    proposer = models.TextField(blank=True)
    proposed_by = models.TextField(blank=True)
    proposed_unit = models.TextField(blank=True)
    proposed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # why it was sent back

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rulebook_draft_state",
                condition=models.Q(state__in=["editing", "proposed", "published", "dropped"])
                & models.Q(kind__in=["publish", "withdraw"]),
            ),
            models.CheckConstraint(
                name="rulebook_draft_proposed_by_somebody",
                condition=~models.Q(state__in=["proposed", "published"]) | ~models.Q(proposer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} of {self.mechanism}"
