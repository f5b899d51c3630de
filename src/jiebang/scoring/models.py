"""Tables of the room `scoring`: what the follower `figures` made of the boards, with the moment it did."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Figure(models.Model):
    """The figures of one board in one area (the city or any area of it), as of `as_of`.

    `counts` is what pages read; `sums` the running sums it is made of (`jiebang.scoring.sums`).
    """

    mechanism = models.TextField()
    area = models.TextField()
    as_of = models.DateTimeField()
    counts = models.JSONField()
    sums = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mechanism", "area"], name="scoring_figure_once")]


class Standing(models.Model):
    """How an open entry is counted at present, so that its next move can be taken off and added up."""

    entry = models.BigIntegerField(primary_key=True)  # the entry's id: no key, it belongs to a room below
    mechanism = models.TextField()
    areas = ArrayField(models.TextField())  # those it lies in below the city
    state = models.TextField()
    overdue = models.BooleanField()
