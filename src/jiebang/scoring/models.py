"""Tables of the room `scoring`: what the follower `figures` made of the boards, with the moment it did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Figure(models.Model):
    """The figures of one board in one area (the city or one of its counties), as of `as_of`."""

    mechanism = models.TextField()
    area = models.TextField()
    as_of = models.DateTimeField()
    counts = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mechanism", "area"], name="scoring_figure_once")]
