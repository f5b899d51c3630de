"""Tables of the room `boards`. The rows of entries and events are written by the statements in `sql` alone.

What must always hold is a constraint here first: an event has its own number in its entry and its own leaf, an
open entry has a due moment and a closed one a meaning.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

MEANINGS = ("solved", "explained", "withdrawn", "joined", "lapsed", "failed")
EVENT_KINDS = (
    "open", "move", "clock", "duty", "vote", "join", "leave", "extension", "heard", "objection", "transfer",
)  # fmt: skip


class Counter(models.Model):
    """The last public number given out, one row a city and year (`LS-26`). Locking it keeps the numbers gap-free."""

    name = models.TextField(primary_key=True)
    value = models.BigIntegerField()


class Entry(models.Model):
    """One matter. `facts` is the engine's fold of its events; the columns beside it repeat what lists filter by."""

    uid = models.BinaryField(max_length=16)
    number = models.TextField()
    mechanism = models.TextField()
    program_hash = models.TextField()
    log = models.TextField()  # the mechanism's log class: open, coarse, veiled
    # Salts come from this key and from no other, so that forgetting it closes this one entry and nothing else.
    key = models.ForeignKey("people.PersonKey", on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey("people.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    # The areas above (and at) the entry's own, by their depth below the city; empty where the tree is shallower.
    area_1 = models.TextField()
    area_2 = models.TextField()
    area_3 = models.TextField()
    category = models.TextField()
    state = models.TextField()
    meaning = models.TextField(null=True)  # of the final state; null while open
    seq = models.IntegerField()
    holder_party = models.TextField()
    holder_unit = models.TextField()
    # Who finds this on the work list: "post:<office>:<area>", "unit:<slug>", "units:<area>", "raiser" or "".
    holder_key = models.TextField()
    due_at = models.DateTimeField(null=True)
    due_span = models.TextField()
    provisional = models.BooleanField()
    overdue = models.BooleanField()  # open, and brought here by a limit the city let pass
    raised_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    solved = models.TextField()  # of the last verdict: yes, partly, no, or empty
    satisfied = models.TextField()  # of the last verdict: one of five levels, or empty
    verified = models.TextField()  # how the last verdict was verified, or empty
    facts = models.JSONField()
    joined_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    erased_seq = models.IntegerField(default=0)  # events up to this one can no longer be opened
    stuck = models.TextField(default="")  # why the clock could not move it; `audit` and `doctor` name it

    class Meta:
        constraints: ClassVar = [
            # Constraints, not `unique=True`: Django would add a second index for LIKE, and every move pays for it.
            models.UniqueConstraint(fields=["uid"], name="boards_entry_uid"),
            models.UniqueConstraint(fields=["number"], name="boards_entry_number"),
            models.CheckConstraint(name="boards_entry_seq", condition=Q(seq__gte=1)),
            models.CheckConstraint(name="boards_entry_log", condition=Q(log__in=["open", "coarse", "veiled"])),
            models.CheckConstraint(
                name="boards_entry_meaning", condition=Q(meaning__isnull=True) | Q(meaning__in=MEANINGS)
            ),
            # Nobody can bury a matter: what is open has a moment at which the clock moves it.
            models.CheckConstraint(
                name="boards_entry_open_or_closed",
                condition=Q(meaning__isnull=True, closed_at__isnull=True, due_at__isnull=False)
                | Q(meaning__isnull=False, closed_at__isnull=False, due_at__isnull=True, overdue=False),
            ),
            models.CheckConstraint(
                name="boards_entry_joined", condition=Q(joined_into__isnull=True) | Q(meaning="joined")
            ),
        ]
        indexes: ClassVar = [
            # The clock's own: only rows that can still become due.
            models.Index(fields=["due_at"], name="boards_entry_due", condition=Q(due_at__isnull=False, stuck="")),
            models.Index(
                fields=["holder_key", "due_at"], name="boards_entry_work", condition=Q(closed_at__isnull=True)
            ),
            # One board page: newest first, by each filter a reader may set.
            models.Index("mechanism", F("raised_at").desc(), F("id").desc(), name="boards_entry_page"),
            models.Index("mechanism", "area_1", F("raised_at").desc(), F("id").desc(), name="boards_entry_area_1"),
            models.Index("mechanism", "area_2", F("raised_at").desc(), F("id").desc(), name="boards_entry_area_2"),
            models.Index("mechanism", "area_3", F("raised_at").desc(), F("id").desc(), name="boards_entry_area_3"),
            models.Index("mechanism", "category", F("raised_at").desc(), F("id").desc(), name="boards_entry_category"),
            models.Index("mechanism", "state", F("raised_at").desc(), F("id").desc(), name="boards_entry_state"),
            models.Index(
                "mechanism",
                "meaning",
                F("raised_at").desc(),
                F("id").desc(),
                name="boards_entry_meaning_i",
                condition=Q(meaning__isnull=False),
            ),
            models.Index(
                "mechanism",
                F("raised_at").desc(),
                F("id").desc(),
                name="boards_entry_overdue",
                condition=Q(overdue=True),
            ),
            models.Index(fields=["joined_into"], name="boards_entry_into", condition=Q(joined_into__isnull=False)),
            # What is open in one county, in the very order of the board office's lists.
            models.Index(
                fields=["area_1", "due_at", "id"], name="boards_entry_county", condition=Q(closed_at__isnull=True)
            ),
            # The same in the whole city, for its own office.
            models.Index(fields=["due_at", "id"], name="boards_entry_soon", condition=Q(closed_at__isnull=True)),
        ]


class Text(models.Model):
    """What everybody may read of an entry, and the pairs of characters by which it is found.

    A table of its own: an entry changes with every move, its text hardly ever, and the index over the pairs is
    the dearest one there is.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+")
    title = models.TextField()
    text = models.TextField()
    bigrams = ArrayField(models.TextField())

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["bigrams"], name="boards_text_bigrams")]


class Event(models.Model):
    """One thing that happened, as the engine said it. `rest` is what has no column: laps, spans, answers in clear."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.IntegerField()
    kind = models.TextField()
    move = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()
    at = models.DateTimeField()
    missed = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    party = models.TextField()
    person = models.TextField()
    unit = models.TextField()
    verified = models.TextField()
    rest = models.JSONField()
    leaf = models.OneToOneField("ledger.Leaf", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "seq"], name="boards_event_once"),
            models.CheckConstraint(name="boards_event_seq", condition=Q(seq__gte=1)),
            models.CheckConstraint(
                name="boards_event_kind",
                condition=Q(kind__in=EVENT_KINDS),
            ),
            models.CheckConstraint(
                name="boards_event_first_is_opening", condition=Q(seq=1, kind="open") | (Q(seq__gt=1) & ~Q(kind="open"))
            ),
            models.CheckConstraint(
                name="boards_event_clock_missed", condition=~Q(kind="clock") | Q(missed__isnull=False)
            ),
        ]


class Private(models.Model):
    """A value the leaf only commits to: `told` is public beside the entry, `kept` for its parties, `files` hashes.

    The exact moments and place (`when`) are not repeated here: they are the event's own columns.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.IntegerField()
    name = models.TextField()
    value = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "seq", "name"], name="boards_private_once"),
            models.CheckConstraint(name="boards_private_name", condition=Q(name__in=["told", "kept", "files"])),
        ]


class Attachment(models.Model):
    """A photo handed in with a move. The bytes lie under `file`; the public sees it once somebody released it."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.IntegerField()
    place = models.SmallIntegerField()  # first, second, third of its step
    field = models.TextField()
    label = models.TextField()
    file = models.TextField()
    sha256 = models.TextField()
    salt = models.BinaryField(max_length=32)
    width = models.IntegerField()
    height = models.IntegerField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "seq", "place"], name="boards_attachment_once"),
            models.UniqueConstraint(fields=["file"], name="boards_attachment_file"),
        ]


class Raiser(models.Model):
    """Who raised an entry and the hash of the secret with which they come back. A merged entry keeps its own row."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+")
    person = models.TextField()
    secret = models.BinaryField(max_length=32)
    is_pin = models.BooleanField()
    lang = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["secret"], name="boards_raiser_secret")]
        indexes: ClassVar = [models.Index(fields=["person"], name="boards_raiser_person")]


class Request(models.Model):
    """A form that was sent: the same key again gets the same receipt. Kept seven days."""

    key = models.TextField()
    uid = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key"], name="boards_request_key")]
        indexes: ClassVar = [models.Index(fields=["at"], name="boards_request_at")]


class Limit(models.Model):
    """A timer beside the state's own. A duty's being late marks it, and nothing else; a recheck's opens an entry."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.TextField()
    name = models.TextField()
    due_at = models.DateTimeField()
    late_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "kind", "name"], name="boards_limit_once"),
            models.CheckConstraint(
                name="boards_limit_kind", condition=Q(kind__in=["duty", "span", "reminder", "recheck"])
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="boards_limit_due", condition=Q(late_at__isnull=True))
        ]


class Link(models.Model):
    """An entry that another one opened, or waits for. `slot` is how the latter calls it: "<seq>.<n>", or its number.

    `heard_seq` is the event by which the end was heard of; 0 when nobody waited any more; null until then.
    """

    from_entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    slot = models.TextField()
    to_entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    heard_seq = models.IntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["from_entry", "slot"], name="boards_link_once"),
            models.CheckConstraint(
                name="boards_link_kind", condition=Q(kind__in=["opened", "named", "recheck", "again"])
            ),
        ]
        indexes: ClassVar = [
            # What a follower asks for every second: nearly always empty.
            models.Index(fields=["id"], name="boards_link_unheard", condition=Q(heard_seq__isnull=True)),
        ]


class Try(models.Model):
    """Wrong codes and PINs, counted by subject ("entry …" or "address …") and hour. UNLOGGED: a crash forgives."""

    subject = models.TextField()
    hour = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["subject", "hour"], name="boards_try_once")]


class Look(models.Model):
    """Somebody looked at a value that only the call needs, such as a telephone number: who, which, when."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", db_index=False)
    field = models.TextField()
    person = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["entry", "at"], name="boards_look_entry")]


class Bulk(models.Model):
    """One move asked for on many entries at once, worked off by the clock's process while its author does other things.

    `office` is the one it was asked from ("office:unit:area"; empty: any of theirs). `answers` are taken away when it
    has ended: the entries keep what they need of them.
    """

    key = models.TextField()
    account = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    office = models.TextField()
    mechanism = models.TextField()
    move = models.TextField()
    unit = models.TextField()
    answers = models.JSONField()
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], name="boards_bulk_key"),
            models.CheckConstraint(
                name="boards_bulk_stopped_is_ended", condition=Q(stopped_at__isnull=True) | Q(ended_at__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="boards_bulk_account"),
            models.Index(fields=["id"], name="boards_bulk_waiting", condition=Q(ended_at__isnull=True)),
        ]


class BulkItem(models.Model):
    """One entry of a bulk move: done at `done_at` with the event `seq`, or refused with the engine's own words."""

    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.IntegerField()
    number = models.TextField()
    expects_seq = models.IntegerField()
    done_at = models.DateTimeField(null=True)
    seq = models.IntegerField(null=True)
    refused = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bulk", "place"], name="boards_bulkitem_once"),
            models.CheckConstraint(
                name="boards_bulkitem_one_answer",
                condition=Q(done_at__isnull=True, seq__isnull=True, refused__isnull=True)
                | Q(done_at__isnull=False, seq__isnull=False, refused__isnull=True)
                | Q(done_at__isnull=False, seq__isnull=True, refused__isnull=False),
            ),
        ]


class Spot(models.Model):
    """Where the map shows an entry, and what it was counted as: the memory of the follower that fills `Cell`.

    Only the coarse place stands here, as a cell of the finest level; `is_given` when it comes from the raiser's own
    position, else it is the middle of the nearest area above that has one. Neither x nor y: nowhere on the map.
    An empty standing: not counted yet.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+")
    mechanism = models.TextField()
    x = models.IntegerField(null=True)
    y = models.IntegerField(null=True)
    is_given = models.BooleanField(default=False)
    category = models.TextField(default="")
    standing = models.TextField(default="")
    posted = models.BooleanField(default=False)
    raised_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="boards_spot_place",
                condition=Q(x__isnull=False, y__isnull=False) | Q(x__isnull=True, y__isnull=True, is_given=False),
            ),
        ]
        indexes: ClassVar = [
            # One cell's entries, newest first.
            models.Index("mechanism", "x", "y", F("raised_at").desc(), F("entry_id").desc(), name="boards_spot_cell"),
        ]


class Cell(models.Model):
    """How many entries of a kind lie in one square of the map; level -1 counts those that lie nowhere.

    `category` is one category, or empty for all of them. The sums are over the entries counted: `given` of those with
    a position of their own, `sum_x` and `sum_y` of their finest cells, `sum_id` of their ids (of one entry: its id).
    """

    mechanism = models.TextField()
    category = models.TextField()
    level = models.SmallIntegerField()
    x = models.IntegerField()
    y = models.IntegerField()
    standing = models.TextField()
    posted = models.BooleanField()
    n = models.BigIntegerField()
    given = models.BigIntegerField()
    sum_x = models.BigIntegerField()
    sum_y = models.BigIntegerField()
    sum_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mechanism", "category", "level", "x", "y", "standing", "posted"], name="boards_cell_once"
            ),
        ]


class MapState(models.Model):
    """The one row that says with which plan (finest level, middles of areas) the map is filled, and as of when."""

    id = models.SmallIntegerField(primary_key=True)
    plan = models.TextField()
    as_of = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="boards_mapstate_one", condition=Q(id=1))]
