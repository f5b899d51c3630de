"""What the city read from its own boards for a move, in words: one line for each entry or board."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.engine.model import READ_TYPES
from jiebang.rulebook import queries as rulebook
from jiebang.web.rows import Clock, state_words
from jiebang.web.views.public import addresses
from jiebang.web.words import day_words

COUNTS = 5  # of a board's line: raised, open, overdue, solved, failed


def lines_of(answer: boards.Answer, at: Clock) -> list[dict[str, Any]]:
    """Return the lines of an account or a standing, each `href`, `name`, `text`; none for any other answer.

    What was read stands as it was then: the entry's own page says what has become of it since.
    """
    if answer.field.type not in READ_TYPES or not isinstance(answer.value, list):
        return []
    first, *rows = [str(line).split(" ") for line in answer.value]
    if not rows and len(first) == 1:
        return [{"href": "", "name": "", "text": _("Nothing to account for: this is the first one here.")}]
    read = _account(first[0], rows) if answer.field.type == "account" else _standing(first[0], rows, at)
    return [line for line in read if line]


def _account(last: str, rows: list[list[str]]) -> list[dict[str, Any]]:
    programs = boards.programs_of([row[0] for row in rows])
    head = {"href": addresses.entry_url(last), "name": last, "text": _("the one before")}
    return [head] + [
        {"href": addresses.entry_url(number), "name": number, "text": state_words(programs[number], state)}
        for number, state, *_means in rows
        if number in programs
    ]


def _standing(since: str, rows: list[list[str]], at: Clock) -> list[dict[str, Any]]:
    day = day_words(date.fromisoformat(since), today=at.today)
    lines = [{"href": "", "name": "", "text": _("since %(day)s") % {"day": day}}]
    versions = {version.mechanism: version for version in rulebook.mechanisms()}
    for board, *counts in rows:
        if board in versions and len(counts) == COUNTS:
            words = dict(zip(("raised", "open", "overdue", "solved", "failed"), counts, strict=True))
            text = _("%(raised)s raised, %(open)s open, %(overdue)s overdue; %(solved)s solved, %(failed)s failed")
            shown = addresses.board(versions[board])
            lines.append({"href": shown["href"], "name": shown["title"], "text": text % words})
    return lines
