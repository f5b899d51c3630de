"""The sentences a clerk reads aloud before anything is sent, made of the answers, in each language of the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from jiebang.boards.queries import Row
from jiebang.boards.services import Foreseen
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook
from jiebang.web.forms import Sheet
from jiebang.web.words import listed, moment_words, said


@dataclass(frozen=True, slots=True)
class Aloud:
    """The sentences in one language. `lang` is for the page."""

    lang: str
    sentences: tuple[str, ...]


def aloud(sheet: Sheet, *, place: str, foreseen: Foreseen, joins: Row | None, at: datetime) -> list[Aloud]:
    """Return the sentences in the reader's language first, then in the others."""
    here = translation.get_language() or settings.LANGUAGE_CODE
    others = [code for code, _ in settings.LANGUAGES if code != here]
    return [_in(code, sheet, place, foreseen, joins, at) for code in (here, *others)]


def _in(code: str, sheet: Sheet, place: str, foreseen: Foreseen, joins: Row | None, at: datetime) -> Aloud:
    with translation.override(code):
        told = [*_what(sheet, joins), _where(sheet, place), *_beside(sheet), _until(foreseen, at)]
        return Aloud(code, (*(sentence for sentence in told if sentence), gettext("Is that what you want to say?")))


def _what(sheet: Sheet, joins: Row | None) -> list[str]:
    words = {"text": next(iter(_texts(sheet)), "")}
    report = gettext("You report: “%(text)s”.") % words
    if joins is None:
        return [report]
    same = gettext(
        "You say it is the same as %(number)s, “%(title)s”, and join it with a number and a voice of your own."
    )
    return [report, same % {"number": joins.number, "title": joins.title}]


def _texts(sheet: Sheet) -> list[str]:
    """Return what was written, without the full stop the sentence brings itself."""
    texts = [row.value.strip() for row in sheet.rows if row.question.type == "text"]
    return [text.rstrip("。.!！ ") for text in texts if text]


def _where(sheet: Sheet, place: str) -> str:
    view = people.area(place)
    names = [said(each.names) for part in (view.path[1:] if view else ()) if (each := people.area(part))]
    return gettext("The place: %(place)s.") % {"place": listed([*names, *_texts(sheet)[1:]])}


def _beside(sheet: Sheet) -> list[str]:
    found = []
    for row in sheet.rows:
        if row.question.takes_files and row.held:
            found.append(ngettext("With %(n)s photo.", "With %(n)s photos.", len(row.held)) % {"n": len(row.held)})
        elif row.question.type == "phone" and row.value.strip():
            phone = {"phone": row.value.strip()}
            found.append(
                gettext("We call you on %(phone)s, about this matter only; nobody else sees the number.") % phone
            )
    return found


def _until(foreseen: Foreseen, at: datetime) -> str:
    when = moment_words(foreseen.look_again_at, now=at, zone=rulebook.calendar().tz)
    return gettext("The next answer is owed by %(when)s, by %(holder)s.") % {
        "when": when,
        "holder": said(foreseen.holder),
    }
