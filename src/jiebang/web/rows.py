"""Entries made ready for a page: words, tags, limits and seals, so that the templates of lists stay flat and fast."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.engine.model import Json, Program
from jiebang.engine.worktime import Calendar, CalendarEnds
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web.context import city
from jiebang.web.templatetags.components import icon
from jiebang.web.words import LimitWords, day_words, language, limit_words, moment_words, said, short_day

SIGNS = {
    "struck": "check",
    "partly": "half",
    "failed": "cross",
    "overdue": "alert",
    "waiting": "clock",
    "joined": "join",
}
MIDNIGHT_BELONGS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """What words about time need: the moment of this request, the city's zone and its calendar."""

    now: datetime
    zone: ZoneInfo
    calendar: Calendar | None

    @property
    def today(self) -> date:
        """The day it is in the city."""
        return self.now.astimezone(self.zone).date()

    def limit(self, due: datetime, *, notice: bool = False, provisional: bool = False) -> LimitWords:
        return limit_words(
            due,
            now=self.now,
            zone=self.zone,
            working_days=self._working_days(due),
            notice=notice,
            provisional=provisional,
        )

    def moment(self, moment: datetime) -> str:
        return moment_words(moment, now=self.now, zone=self.zone)

    def day(self, moment: datetime) -> str:
        return day_words(moment.astimezone(self.zone).date(), today=self.today)

    def short(self, moment: datetime) -> str:
        return short_day(moment, now=self.now, zone=self.zone)

    def iso(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).isoformat(timespec="minutes")

    def _working_days(self, due: datetime) -> int | None:
        if self.calendar is None:
            return None
        # 24:00 belongs to the day it ends.
        last = (due.astimezone(self.zone) - MIDNIGHT_BELONGS).date()
        try:
            return abs(self.calendar.working_days_between(self.today, last))
        except CalendarEnds:
            return None


def clock(now: datetime) -> Clock:
    try:
        calendar = rulebook.calendar()
    except rulebook.NotPublished:
        calendar = None
    return Clock(now, city().zone, calendar)


# ── A row of a list ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ListRow:
    """One entry of a list, all words. `sign` is the tag's drawing."""

    number: str
    text: str
    bare: bool  # nobody wrote a public text yet, or it was taken away
    place: str
    meta: str
    holder: str
    tag: str
    sign: SafeString | str
    state: str
    overdue: bool
    raised: str
    raised_iso: str
    closed: str
    limit: LimitWords | None
    due: str
    left: str
    late: bool
    due_iso: str
    missed: str  # for dense rows: since which day it is late
    late_words: str  # the same as a sentence, with who has it now and until when
    seal: Seal | None


def list_row(row: boards.Row, at: Clock) -> ListRow:
    state = said(row.state_title)
    tag = tag_of(row)
    # A pause or a notice has nobody who owes anything: its end is the good path.
    limit = at.limit(row.due_at, notice=not said(row.holder_title), provisional=row.provisional) if row.due_at else None
    since = row.late_since
    place = place_words(row.area_names)
    holder = said(row.holder_unit) or said(row.holder_title)
    return ListRow(
        number=row.number,
        text=title_of(row),
        bare=not row.title,
        place=place,
        meta=" · ".join(each for each in (place, said(row.category_title), holder) if each),
        holder=holder,
        tag=tag,
        sign=icon(SIGNS[tag]) if tag in SIGNS else "",
        state=state,
        overdue=row.overdue and tag != "overdue",
        raised=at.short(row.raised_at),
        raised_iso=at.iso(row.raised_at)[:10],
        closed=at.day(row.closed_at) if row.closed_at else "",
        limit=limit,
        due=(_("now due %(moment)s") % {"moment": at.moment(row.due_at)} if since and row.due_at else limit.text)
        if limit
        else "",
        left=limit.left if limit else "",
        late=limit is not None and limit.kind == "late",
        due_iso=limit.iso if limit else "",
        missed=_("missed %(day)s") % {"day": at.short(since)} if since else "",
        late_words=late_words(row, at),
        seal=seal_of(row, at),
    )


def late_words(row: boards.Row, at: Clock) -> str:
    """Since when a matter is late, and who has it now until when; empty unless it is late."""
    if row.late_since is None:
        return ""
    words = {"day": at.short(row.late_since)}
    holder = said(row.holder_unit) or said(row.holder_title)
    if not holder or row.due_at is None or row.due_at < at.now:
        return _("A limit was missed on %(day)s.") % words
    words |= {"holder": holder, "until": at.short(row.due_at)}
    return _("Missed %(day)s; now with %(holder)s until %(until)s") % words


def title_of(row: boards.Row) -> str:
    if row.title:
        return row.title
    if row.erased:
        return _("(taken away at the wish of whoever raised it)")
    return _("(its public text is not written yet)")


def tag_of(row: boards.Row) -> str:
    if row.meaning == "solved":
        return "partly" if row.solved == "partly" else "struck"
    if row.meaning in ("failed", "joined"):
        return row.meaning
    if row.overdue and _("Overdue").casefold() in said(row.state_title).casefold():
        return "overdue"  # a state that is called so needs no second tag
    return "open" if row.is_open else ""


def place_words(names: tuple[Mapping[str, str], ...], *, most: int = 2) -> str:
    return " · ".join(said(each) for each in names[:most])


# ── The seal ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says. A word too long for one line of a face stands on two: `word` and `second`."""

    word: str
    second: str
    size: int
    small_word: str
    small_second: str
    small_size: int
    date: str
    partly: bool


def seal_of(row: boards.Row, at: Clock) -> Seal | None:
    if row.meaning != "solved" or row.closed_at is None:
        return None
    partly = row.solved == "partly"
    word = said(row.state_title)
    local = row.closed_at.astimezone(at.zone)
    day = f"{local:%Y.%m.%d}" if language() == "zh" else f"{local.day} {local:%b %Y}"
    partly_word = _("Partly")
    small = partly_word if partly else word
    lines, size = _on_a_face(word, width=110, most=36)
    small_lines, small_size = _on_a_face(small, width=116, most=38)
    return Seal(
        word=lines[0],
        second=lines[1],
        size=size,
        small_word=small_lines[0],
        small_second=small_lines[1],
        small_size=small_size,
        date=f"{partly_word} · {day}" if partly else day,
        partly=partly,
    )


LEGIBLE = 20  # font size on a face 136 wide; below it, a word of several parts stands on two lines
TWO_LINES = 23  # the largest font size at which two lines fit


def _on_a_face(word: str, *, width: int, most: int) -> tuple[tuple[str, str], int]:
    """Return a word as one line or two, and the font size at which it fills a face of that width."""
    one = _face(word, width=width, most=most)
    parts = word.split()
    if one >= LEGIBLE or len(parts) < 2:
        return (word, ""), one
    pairs = [(" ".join(parts[:n]), " ".join(parts[n:])) for n in range(1, len(parts))]
    lines = min(pairs, key=lambda pair: max(len(line) for line in pair))
    return lines, min(_face(line, width=width, most=TWO_LINES) for line in lines)


def _face(word: str, *, width: int, most: int) -> int:
    """The font size at which a word fills a face of that width: a Chinese character is as wide as it is high."""
    ems = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in word) or 1.0
    return min(most, int(width / ems))


# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def answer_words(answer: boards.Answer, at: Clock) -> str:
    """What was answered, in words: the choice's title, the unit's name, the day."""
    if title := said(answer.title):
        return title
    return _value_words(answer.field.type, answer.value, at)


def _value_words(kind: str, value: Json, at: Clock) -> str:
    if isinstance(value, bool) or kind == "yes-no":
        return _("Yes") if value in (True, "yes") else _("No")
    if isinstance(value, list):
        return ", ".join(_value_words(kind, each, at) for each in value)
    text = str(value)
    if kind == "unit":
        unit = people.unit(text)
        return said(unit.names) if unit else text
    if kind == "area":
        area = people.area(text)
        return said(area.names) if area else text
    if kind == "date":
        try:
            day = datetime.fromisoformat(text).date()
        except ValueError:
            return text
        return day_words(day, today=at.today)
    return text


def state_words(program: Program, name: str) -> str:
    """What a state or an end is called; empty for one the rules do not have."""
    place = program.states.get(name) or program.finals.get(name)
    return said(place.title) if place else ""


def choice_title(program: Program, name: str, value: str) -> str:
    """The title of a choice field's answer, or the answer itself."""
    asked = program.fields.get(name)
    choices = asked.choices if asked else ()
    return next((said(one.title) for one in choices if one.id == value), value)


def area_options(chosen: str) -> list[dict[str, Any]]:
    """Options of the area filter: the areas below the city, and below the chosen one the next level, indented."""
    root = people.root_area()
    if root is None:
        return []
    view = people.area(chosen) if chosen else None
    path = view.path if view else (root.code,)
    return _options_below(root.code, set(path), depth=0)


def _options_below(code: str, path: set[str], *, depth: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for area in people.children(code):
        found.append({"value": area.code, "title": "\u2003" * depth + said(area.names)})
        if area.code in path:
            found += _options_below(area.code, path, depth=depth + 1)
    return found
