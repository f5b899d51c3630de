"""Words for people: the city's own texts in the reader's language, moments, lengths and limits said exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext, ngettext

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


def language() -> str:
    """The key of `Texts` for the reader's language: "zh" or "en"."""
    return (get_language() or "en").split("-")[0]


_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z0-9]+[A-Za-z]{2,}")


def language_of(text: str) -> str:
    """The language words are written in, as HTML names it: "zh-Hans", "en", or "" for numbers and single words.

    Chinese is known by its characters; several words without any are taken for English, the only other language of
    the pages' own words.
    """
    if _HAN.search(text):
        return "zh-Hans"
    return "en" if _WORDS.search(text) else ""


def said(texts: Mapping[str, str] | None) -> str:
    """The text in the reader's language; failing that in English, failing that in whatever there is."""
    return said_in(language(), texts) if texts else ""


def said_in(key: str, texts: Mapping[str, str]) -> str:
    """The same for many texts at once, whose reader's `language` was asked once."""
    return texts.get(key) or texts.get("en") or next(iter(texts.values()), "")


def listed(items: Iterable[str]) -> str:
    """The items in a row, with the comma of the reader's language."""
    return ("、" if language() == "zh" else ", ").join(items)


def day_words(day: date, *, today: date) -> str:
    """`12月1日 周二` or `Tue 1 Dec`; the year only when it is not today's."""
    if language() == "zh":
        year = "" if day.year == today.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日 周{WEEKDAYS_ZH[day.weekday()]}"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]}{year}"


def moment_words(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """`12月1日 周二 17:30` or `Tue 1 Dec 17:30`, on the city's clock."""
    local = moment.astimezone(zone)
    today = now.astimezone(zone).date()
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        # The end of a day is said as 24:00 of that day: "Monday 00:00" is misread by half its readers.
        return f"{day_words(local.date() - timedelta(days=1), today=today)} 24:00"
    return f"{day_words(local.date(), today=today)} {local:%H:%M}"


def short_day(moment: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """`11月22日` or `22 Nov`: for dense rows."""
    day = moment.astimezone(zone).date()
    return month_day(day.month, day.day, 0 if day.year == now.astimezone(zone).year else day.year)


def month_day(month: int, day: int, year: int = 0) -> str:
    """`11月22日` or `22 Nov`; with the year where one is given."""
    if language() == "zh":
        return f"{f'{year}年' if year else ''}{month}月{day}日"
    return f"{day} {MONTHS_EN[month - 1]}{f' {year}' if year else ''}"


@dataclass(frozen=True, slots=True)
class LimitWords:
    """A limit ready for the page. `kind`: `due` (owed, in time), `late` (owed, past) or `notice` (a period that
    ends by itself). `iso` is for `<time>`."""

    kind: Literal["due", "late", "notice"]
    text: str
    left: str
    iso: str
    provisional: bool = False
    why: str = ""  # which of several lengths applies here, where a limit has several


def limit_words(
    due: datetime,
    *,
    now: datetime,
    zone: ZoneInfo,
    working_days: int | None,
    notice: bool = False,
    provisional: bool = False,
) -> LimitWords:
    """Say a due exactly. `working_days` lie between now and the due, either way; None when they cannot be counted."""
    moment = moment_words(due, now=now, zone=zone)
    iso = due.astimezone(zone).isoformat(timespec="minutes")
    hours = int(abs((due - now).total_seconds()) // 3600)
    same_day = due.astimezone(zone).date() == now.astimezone(zone).date()
    if notice:
        return LimitWords(
            "notice",
            gettext("until %(moment)s") % {"moment": moment},
            "",
            iso,
            provisional,
        )
    if due < now:
        if same_day or not working_days:
            left = ngettext("%(n)s hour late", "%(n)s hours late", max(hours, 1)) % {"n": max(hours, 1)}
        else:
            left = ngettext("%(n)s working day late", "%(n)s working days late", working_days) % {"n": working_days}
        return LimitWords(
            "late",
            gettext("was due %(moment)s") % {"moment": moment},
            left,
            iso,
            provisional,
        )
    if same_day and hours == 0:
        left = gettext("less than an hour left")
    elif same_day:
        left = ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    elif working_days:
        left = ngettext("in %(n)s working day", "in %(n)s working days", working_days) % {"n": working_days}
    else:
        left = gettext("before the next working day")
    return LimitWords("due", gettext("due %(moment)s") % {"moment": moment}, left, iso, provisional)


def count_words(n: int) -> str:
    return f"{n:,}"
