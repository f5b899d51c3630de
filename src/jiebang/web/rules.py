"""A mechanism in plain words: its states as rows of a table, its ends, the sources of its numbers.

Drawn from the compiled program alone, so it says what the server does and not what somebody once wrote about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jiebang.engine.model import Amount, Ask, Branch, Condition, Final, Limit, Move, Program, State
from jiebang.web.words import said


@dataclass(frozen=True, slots=True)
class StateRow:
    id: str
    title: str
    holder: str
    limit: str
    source: str
    moves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    title: str
    text: str


def state_rows(program: Program) -> list[StateRow]:
    return [_row(program, state) for state in program.states.values()]


def _row(program: Program, state: State) -> StateRow:
    holder = program.parties.get(state.holder)
    return StateRow(
        id=state.name,
        title=said(state.title),
        holder=said(holder.title) if holder else "",
        limit=limit_words(program, state),
        source=state.limit.source,
        moves=tuple(move_words(program, move, holder=state.holder) for move in state.moves.values()),
    )


def openings(program: Program) -> list[str]:
    return [move_words(program, move, holder="") for move in program.openings.values()]


def ends(program: Program) -> list[End]:
    return [End(said(final.title), _meaning(final)) for final in program.finals.values()]


def _meaning(final: Final) -> str:
    return {
        "solved": _("Solved, and confirmed by somebody who did not do the work. It gets the red seal."),
        "explained": _("Explained with reasons; whoever raised it could object."),
        "withdrawn": _("Taken back by whoever raised it."),
        "joined": _("Merged into another entry about the same matter; every raiser stays."),
        "lapsed": _("Whoever raised it did not answer, calls included. It never counts as satisfied."),
        "failed": _("The city did not act in time. It stays on the board for ever, in its own list, as not solved."),
    }[final.means]


# ── Times ───────────────────────────────────────────────────────────────────────────────────────────────────


def amount_words(amount: Amount) -> str:
    n = amount.n
    said_ = {
        "wd": ngettext("%(n)s working day", "%(n)s working days", n),
        "d": ngettext("%(n)s day", "%(n)s days", n),
        "h": ngettext("%(n)s hour", "%(n)s hours", n),
        "wh": ngettext("%(n)s office hour", "%(n)s office hours", n),
        "min": ngettext("%(n)s minute", "%(n)s minutes", n),
    }[amount.unit]
    return said_ % {"n": n}


def limit_words(program: Program, state: State) -> str:
    """`3 working days; then “Nobody claimed it”`."""
    then = _title(program, state.clock_to)
    length = _length(program, state.limit)
    if state.limit.kind == "lasts":
        return _("lasts %(length)s; then “%(state)s”") % {"length": length, "state": then}
    return _("%(length)s; if late “%(state)s”") % {"length": length, "state": then}


def _length(program: Program, limit: Limit) -> str:
    if limit.until is not None:
        asked = program.fields.get(limit.until)
        words = {"field": said(asked.title) if asked else limit.until}
        if limit.ceiling is None:
            return _("until “%(field)s”") % words
        return _("until “%(field)s”, at most %(most)s") % {**words, "most": amount_words(limit.ceiling)}
    length = amount_words(limit.amount) if limit.amount else ""
    if limit.since == "raised":
        return _("%(length)s since it was raised") % {"length": length}
    if limit.since:
        return _("%(length)s since “%(move)s”") % {"length": length, "move": _move_title(program, limit.since)}
    return length


# ── Moves ───────────────────────────────────────────────────────────────────────────────────────────────────


def move_words(program: Program, move: Move, *, holder: str) -> str:
    """`Claim → In hand (Promised date)`; who, when it is not the holder."""
    others = [said(program.parties[party].title) for party in move.by if party != holder and party in program.parties]
    who = f"{' / '.join(others)}: " if others else ""
    asked = ", ".join(_asked(program, ask) for ask in move.ask)
    proof = ", ".join(_proof(one.kind) for one in move.show)
    beside = "; ".join(each for each in (asked, proof) if each)
    laps = (
        f" · {ngettext('at most once', 'at most %(n)s times', move.at_most) % {'n': move.at_most}}"
        if move.at_most
        else ""
    )
    to = " / ".join(_branch(program, branch) for branch in move.to)
    return f"{who}{said(move.title)} → {to}{f' ({beside})' if beside else ''}{laps}"


def _asked(program: Program, ask: Ask) -> str:
    field = program.fields.get(ask.field)
    title = said(field.title) if field else ask.field
    return f"{title}?" if ask.optional else title


def _proof(kind: str) -> str:
    return {"photo": _("a photo"), "document": _("a document"), "signature": _("a signature")}[kind]


def _branch(program: Program, branch: Branch) -> str:
    when = condition_words(program, branch.when)
    return f"{_title(program, branch.to)}{f' [{when}]' if when else ''}"


def condition_words(program: Program, condition: Condition) -> str:
    parts = []
    for test in condition.tests:
        field = program.fields.get(test.field)
        title = said(field.title) if field else test.field
        if test.mark is not None:
            values = test.mark
        else:
            known = {one.id: said(one.title) for one in field.choices} if field else {}
            values = " / ".join(known.get(value, _yes_no(value)) for value in test.values)
        sign = "≠" if test.negated else "="
        parts.append(f"{title} {sign} {values}")
    if condition.duties_done:
        parts.append(_("all duties done"))
    return ", ".join(parts)


def _yes_no(value: str) -> str:
    return {"yes": _("Yes"), "no": _("No")}.get(value, value)


def _title(program: Program, name: str) -> str:
    found = program.states.get(name) or program.finals.get(name)
    if found is not None:
        return said(found.title)
    route = program.routes.get(name)
    if route is not None:
        words = {"state": _title(program, route.to), "n": route.at_most, "then": _title(program, route.then)}
        return _("%(state)s (at most %(n)s times, then %(then)s)") % words
    return name


def _move_title(program: Program, name: str) -> str:
    for state in program.states.values():
        if name in state.moves:
            return said(state.moves[name].title)
    return said(program.openings[name].title) if name in program.openings else name


# ── Sources ─────────────────────────────────────────────────────────────────────────────────────────────────


def sources(program: Program) -> list[str]:
    """Where the numbers come from, each once, in the order of the text."""
    return list(dict.fromkeys(source for source in _sources(program) if source))


def _sources(program: Program) -> Iterator[str]:
    yield program.source
    for state in program.states.values():
        yield state.limit.source
        if state.extend is not None:
            yield state.extend.source
        for duty in state.duties.values():
            yield duty.source
    for span in program.spans.values():
        yield span.source
