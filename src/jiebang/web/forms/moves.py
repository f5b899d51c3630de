"""The moves somebody may make on an entry now, each with its form; and the others, each with the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from jiebang.engine.conditions import holds
from jiebang.engine.dues import amount_title
from jiebang.engine.lookups import ASK, GRANT
from jiebang.engine.model import READ_TYPES, Condition, Json, Move, Program, Proof, Refused
from jiebang.engine.worktime import Calendar
from jiebang.web.forms.days import promised_days
from jiebang.web.forms.questions import Option, Options, questions_of
from jiebang.web.forms.sheet import Sheet, ask, refuse
from jiebang.web.rows import state_words
from jiebang.web.words import listed, said


@dataclass(frozen=True, slots=True)
class MoveForm:
    """A move with its questions. `leads_to` says where it may lead; `is_open` shows the form unfolded."""

    move: Move
    sheet: Sheet
    leads_to: tuple[str, ...]
    is_open: bool = False
    is_asked: bool = False  # the move the holder owes
    hint: str = ""  # what one should know before it is sent

    @property
    def name(self) -> str:
        return self.move.name

    @property
    def title(self) -> str:
        return said(self.move.title)

    @property
    def asks(self) -> bool:
        return bool(self.sheet.questions)


@dataclass(frozen=True, slots=True)
class Closed:
    """A move that exists here but not for this reader, in a sentence."""

    title: str
    what: str
    next_step: str
    rule: str


def allowed(
    program: Program,
    moves: Sequence[Move],
    *,
    known: Mapping[str, Json],
    calendar: Calendar,
    at: datetime,
    holder: str,
    units: Sequence[Option] = (),
    entries: Sequence[Option] = (),
) -> list[MoveForm]:
    """Return the forms of `moves`; the one that brings the matter on, of those the holder owes, is unfolded.

    `known` are the entry's answers so far, which decide what proof is owed.
    """
    options = Options(units=units, entries=entries)
    forms = [_form(program, move, known=known, options=options, calendar=calendar, at=at) for move in moves]
    first = next((form.name for form in forms if holder in form.move.by), "")
    return [replace(form, is_open=form.name == first, is_asked=form.name == first) for form in forms]


def refused(answers: Sequence[tuple[Move, Refused]]) -> list[Closed]:
    return [Closed(said(move.title), said(no.what), said(no.next_step), no.rule) for move, no in answers]


def refused_sheet(trouble: Refused) -> Sheet:
    """Return the problem of a form that is no longer there."""
    return refuse(Sheet(()), trouble)


def with_answer(
    forms: Sequence[MoveForm], sheet: Sheet, *, move: str, trouble: Refused | None = None
) -> list[MoveForm]:
    """Return the forms with one of them as it was sent, unfolded, and its problems."""
    if trouble is not None:
        sheet = refuse(sheet, trouble)
    return [_came_back(form, sheet) if form.name == move else replace(form, is_open=False) for form in forms]


def _came_back(form: MoveForm, sheet: Sheet) -> MoveForm:
    """Return a form as it was sent, with what it offers now: reading it did not look up everything to choose from."""
    return replace(form, sheet=replace(sheet, questions=form.sheet.questions), is_open=True)


def _form(
    program: Program,
    move: Move,
    *,
    known: Mapping[str, Json],
    options: Options,
    calendar: Calendar,
    at: datetime,
) -> MoveForm:
    options = replace(options, days=promised_days(program, move, calendar, at=at))
    questions = questions_of(program, move, options=options, owed=_owed(program, known, move), scope=move.name)
    return MoveForm(move, ask(questions), _leads_to(program, move), hint=_hint(program, move))


def _hint(program: Program, move: Move) -> str:
    """Of an extension: who decides until when, what silence means, and how much there is to have. Of what the city
    reads from its boards: that nobody has to write it."""
    if read := [said(field.title) for ask in move.ask if (field := program.fields[ask.field]).type in READ_TYPES]:
        titles = {"titles": listed(read)}
        return gettext("Filled in from the boards, as they stand when you send: %(titles)s.") % titles
    if move.name not in (ASK, GRANT):
        return ""
    extend = next((state.extend for name in move.to if (state := program.states.get(name.to)) and state.extend), None)
    if extend is None:
        return ""
    words = {
        "who": capfirst(said(program.parties[extend.decided_by].title)),
        "within": said(amount_title(extend.decide_within)),
        "most": said(amount_title(extend.most)),
        "before": said(amount_title(extend.before_due)),
        "n": extend.times,
    }
    if move.name == GRANT:
        return gettext("At most %(most)s more than the limit so far. No answer within %(within)s means no.") % words
    answer = ngettext(
        "%(who)s decides within %(within)s; no answer means no. At most %(most)s more, once.",
        "%(who)s decides within %(within)s; no answer means no. At most %(most)s more, %(n)s times.",
        extend.times,
    )
    before = gettext("It has to be asked for %(before)s before the limit ends.")
    return f"{answer % words} {before % words}"


def _owed(program: Program, known: Mapping[str, Json], move: Move) -> list[Proof]:
    """Return the proofs owed whatever is answered: their condition holds by what is known already."""
    asked = {question.field for question in move.ask}
    before = {name: value for name, value in known.items() if name not in asked}
    return [proof for proof in move.show if proof.when == Condition() or holds(proof.when, before, program)]


def _leads_to(program: Program, move: Move) -> tuple[str, ...]:
    names = []
    for branch in move.to:
        route = program.routes.get(branch.to)
        names += [route.to, route.then] if route else [branch.to]
    return tuple(dict.fromkeys(words for name in names if (words := state_words(program, name))))
