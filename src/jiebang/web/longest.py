"""How long a matter may take, said so that whoever waits can use it: the days, the date they come to, then the sum."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext, ngettext

from jiebang.engine.bounds import Length
from jiebang.web.words import count_words, day_words, language


@dataclass(frozen=True, slots=True)
class LengthWords:
    """`value` and `unit` are the calendar days it can come to; `until` the date for a matter raised today; `sums` the
    limits added up by their units, as the rules have them. Without a calendar `value` is the sum, the rest is empty."""

    value: str
    unit: str = ""
    until: str = ""
    sums: str = ""

    @property
    def days(self) -> str:
        """The days as one word, for a line of text."""
        return f"{self.value} {self.unit}".strip()


def length_words(length: Length, *, today: date) -> LengthWords:
    """Say one closing time. Its days are at their worst, long holidays included, so the date is never too early."""
    if not length.calendar_days:
        return LengthWords(length.sums(language()))
    last = day_words(today + timedelta(days=length.calendar_days), today=today)
    return LengthWords(
        value=count_words(length.calendar_days),
        unit=ngettext("day", "days", length.calendar_days),
        until=gettext("raised today, by %(day)s at the latest") % {"day": last},
        sums=length.sums(language()),
    )
