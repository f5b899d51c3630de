"""What can only be said of a register or a round beside the city it is for: its levels, its units, its other boards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from jiebang.engine.findings import Finding
from jiebang.engine.model import Field, Move, Program
from jiebang.engine.objections import filled, joined
from jiebang.engine.parties import HANDLER
from jiebang.engine.refusals import in_language
from jiebang.engine.rounds.model import ABNORMAL, KEY, SUBJECT, Post, Register, Round
from jiebang.engine.rounds.objections import OBJECTIONS
from jiebang.engine.rounds.parser import carried_field

Say = Callable[..., None]
FITS: Mapping[str, tuple[str, ...]] = {"text": ("text", "number", "date"), "number": ("number",), "date": ("date",)}


def check_register(
    register: Register, *, levels: Collection[str], units: Collection[tuple[str, str]], filename: str = ""
) -> list[Finding]:
    """`units` are (level, name) of the city's handling units."""
    found: list[Finding] = []
    _post(register.owner, levels, units, _teller(found, filename))
    return found


def check_round(
    asked: Round,
    about: Register,
    boards: Mapping[str, Program],
    *,
    levels: Collection[str],
    units: Collection[tuple[str, str]],
    filename: str = "",
) -> list[Finding]:
    """Look at a round beside its register, the city's boards by id, its levels and its handling units."""
    found: list[Finding] = []
    say = _teller(found, filename)
    for post in (asked.opened_by, asked.done_by, *([asked.otherwise.to] if asked.otherwise else [])):
        _post(post, levels, units, say)
    if asked.opens is not None:
        _opens(asked, about, boards, say)
    return found


def _teller(found: list[Finding], filename: str) -> Say:
    def say(code: str, **words: str | int | tuple[str, str]) -> None:
        found.append(filled(OBJECTIONS[code], filename, 0, words))

    return say


def _post(post: Post, levels: Collection[str], units: Collection[tuple[str, str]], say: Say) -> None:
    if post.level not in levels:
        say("round-level", level=post.level, levels=joined(levels))
    elif post.kind == "unit" and (post.level, post.name) not in units:
        say("round-unit", level=post.level, name=post.name)


def _opens(asked: Round, about: Register, boards: Mapping[str, Program], say: Say) -> None:
    assert asked.opens is not None
    program = boards.get(asked.opens.mechanism)
    opening = program.openings.get(asked.opens.opening) if program else None
    if program is None or opening is None:
        known = program.openings if program else boards
        say("round-no-board", board=asked.opens.mechanism, opening=asked.opens.opening, known=joined(known))
        return
    if not _may_open(program, opening, asked.done_by):
        titles = asked.done_by.title
        say("round-opener", opening=opening.name, post=(in_language(titles, "zh"), in_language(titles, "en")))
    for ask in opening.ask:
        theirs = program.fields[ask.field]
        ours = asked.opens.carry.get(ask.field)
        if ours is None:
            if not _goes_along(theirs, asked) and not ask.optional and not ask.when.tests:
                say("round-open-lacks", theirs=ask.field)
            continue
        if why := _unfit(theirs, ours, asked, about):
            say("round-carries", theirs=ask.field, ours=ours, why=why)
    asked_there = {ask.field for ask in opening.ask}
    for theirs_name, ours in asked.opens.carry.items():
        if theirs_name not in asked_there:
            why = ("那边不问这个", "it is not asked there")
            say("round-carries", theirs=theirs_name, ours=ours, why=why)


def _may_open(program: Program, opening: Move, post: Post) -> bool:
    for name in opening.by:
        party = program.parties[name]
        if party.kind in ("anyone", "boards"):
            return True
        if party.kind == "unit" and post.kind == "unit":
            return True
        office = post.name if post.kind == "office" else HANDLER
        if party.kind == "post" and (party.office, party.level) == (office, post.level) and not party.never:
            return True
    return False


def _goes_along(theirs: Field, asked: Round) -> bool:
    """Area and position come from the register, a photo from what was shown."""
    shown = any(proof.kind == "photo" for proof in asked.answers[ABNORMAL].show)
    return theirs.type == "area" or (theirs.type == "photo" and shown)


def _unfit(theirs: Field, ours: str, asked: Round, about: Register) -> tuple[str, str] | None:
    """Why an answer of ours is none of theirs."""
    if ours in (SUBJECT, KEY):
        return None if theirs.type == "text" else ("类型不同", "the types differ")
    field = carried_field(ours, asked, about)
    if field is None or (field.type not in FITS.get(theirs.type, ()) and field.type != theirs.type):
        return ("类型不同", "the types differ")
    if theirs.type == "text" and field.type == "text" and field.most > theirs.most:
        return (f"那边最多 {theirs.most} 字", f"there it takes {theirs.most} characters at most")
    if theirs.type == "choice":
        known = {choice.id for choice in theirs.choices}
        if not {choice.id for choice in field.choices} <= known:
            return ("那边没有这些选项", "it has choices unknown there")
    if theirs.visible == "public" and field.visible != "public":
        return ("那边公开，这里不公开", "it is public there and not here")
    return None
