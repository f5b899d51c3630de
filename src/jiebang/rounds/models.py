"""Tables of the room `rounds`. An event is added to and never changed; all else follows from events and imports."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Import(models.Model):
    """One version of a register: who imported it, when, and how much it changed."""

    register = models.TextField()
    version = models.IntegerField()
    definition = models.CharField(max_length=64)  # hash of the register's compiled form
    at = models.DateTimeField()
    party = models.TextField()
    unit = models.TextField(blank=True)
    person = models.TextField(blank=True)
    rows = models.IntegerField()
    added = models.IntegerField()
    changed = models.IntegerField()
    removed = models.IntegerField()
    digest = models.CharField(max_length=64, blank=True)
    leaf_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "version"], name="rounds_import_version"),
        ]


class Row(models.Model):
    """A subject as it stood from one version of its register until another. `public` holds what everybody may read."""

    register = models.TextField()
    key = models.TextField()
    area = models.TextField()
    public = models.JSONField()
    kept = models.JSONField()  # what only its keepers and whoever looks at it may read
    since = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    until = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["register", "key"], condition=Q(until=None), name="rounds_row_now"),
        ]
        indexes: ClassVar = [models.Index(fields=["register", "since", "until"], name="rounds_row_then")]


class Sheet(models.Model):
    """A file somebody uploaded and looks at before it is written: kept for a day, read by them alone."""

    id = models.CharField(primary_key=True, max_length=32)
    register = models.TextField()
    person = models.TextField()
    base = models.IntegerField()  # the version it was compared with
    whole = models.BooleanField()
    name = models.TextField()
    rows = models.JSONField()
    at = models.DateTimeField()


class Round(models.Model):
    """One round: opened once, closed once. `key` makes its pseudonyms and is destroyed with what it knew of people."""

    uid = models.BinaryField(max_length=16, unique=True)
    ident = models.TextField()
    ordinal = models.IntegerField()
    definition = models.CharField(max_length=64)
    register = models.TextField()
    version = models.IntegerField()
    area = models.TextField()  # the part of the city it was opened for
    cause = models.TextField()  # every, hand, or the trigger's name
    key = models.BinaryField(null=True)
    seed = models.BinaryField(null=True)
    next_seed = models.BinaryField(null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    erase_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    n = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ident", "ordinal"], name="rounds_round_ordinal"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(closed_at=None), name="rounds_round_open"),
            models.Index(fields=["erase_at"], condition=Q(erased_at=None), name="rounds_round_to_erase"),
        ]


class Subject(models.Model):
    """A subject of a round, and how it stands. Whoever owes its answer is named by office or unit, and area."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="subjects")
    place = models.IntegerField()
    row = models.ForeignKey(Row, on_delete=models.PROTECT, related_name="+", null=True)
    key = models.TextField(blank=True)
    name = models.TextField(blank=True)
    area = models.TextField(blank=True)
    logged_as = models.TextField()  # what the log calls it: its key, or a pseudonym
    state = models.TextField(default="due")
    due_at = models.DateTimeField(null=True)
    abnormal = models.BooleanField(default=False)
    tries = models.IntegerField(default=0)
    found = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    party = models.TextField(default="done-by")
    office = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    owner_area = models.TextField(blank=True)
    entry = models.TextField(blank=True)  # the number of what an abnormal answer opened
    link = models.BinaryField(null=True)  # hash of the link by which somebody answers for themselves

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "place"], name="rounds_subject_place"),
            models.CheckConstraint(
                name="rounds_subject_state", condition=Q(state__in=["due", "escalated", "done", "missed"])
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=["due", "escalated"]), name="rounds_subject_due"),
            models.Index(fields=["owner_area", "state"], name="rounds_subject_owner"),
            models.Index(fields=["link"], condition=~Q(link=None), name="rounds_subject_link"),
        ]


class Event(models.Model):
    """One thing that happened to a round or to one of its subjects."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="events")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="events", null=True)
    what = models.TextField()
    at = models.DateTimeField()
    due = models.DateTimeField(null=True)
    missed = models.DateTimeField(null=True)
    abnormal = models.BooleanField(default=False)
    party = models.TextField()
    unit = models.TextField(blank=True)
    entry = models.TextField(blank=True)
    ground = models.TextField(blank=True)
    leaf_id = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "id"], name="rounds_event_subject")]


class Told(models.Model):
    """What an answer said, and whose account it came from. Deleted when a round over people is erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="told")
    person = models.TextField(blank=True)
    public = models.JSONField()
    kept = models.JSONField()
