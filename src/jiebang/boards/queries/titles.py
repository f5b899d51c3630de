"""What things are called: titles out of an entry's own rules, names out of what this process knows of the city."""

from __future__ import annotations

from jiebang.engine.lookups import EXTENSION_TITLES, OBJECT
from jiebang.engine.model import Event, Program, Texts
from jiebang.people import queries as people

HEARD_TITLE: Texts = {"zh": "相关事项已办结", "en": "An entry that belongs to it has closed"}
TRANSFER_TITLE: Texts = {"zh": "转入新版规则", "en": "Carried over to a new version of the rules"}
NOTHING: Texts = {"zh": "", "en": ""}


def state_title(program: Program, name: str) -> Texts:
    known = program.states.get(name) or program.finals.get(name) or program.routes.get(name)
    return known.title if known else NOTHING


def category_title(program: Program, category: str) -> Texts:
    asked = program.fields.get("category")
    return next((one.title for one in asked.choices if one.id == category), NOTHING) if asked else NOTHING


def area_names_of(code: str) -> tuple[Texts, ...]:
    view = people.area(code)
    if view is None:
        return ()
    path = view.path[1:] or view.path
    return tuple(found.names for one in path if (found := people.area(one)) is not None)


def unit_names_of(slug: str) -> Texts:
    view = people.unit(slug) if slug else None
    return view.names if view else NOTHING


def move_title(program: Program, event: Event) -> Texts:
    if event.kind == "open":
        return program.openings[event.move].title
    if event.kind == "duty":
        name = event.move.removeprefix("duty:")
        return next((s.duties[name].title for s in program.states.values() if name in s.duties), NOTHING)
    if event.kind in ("heard", "transfer"):
        return HEARD_TITLE if event.kind == "heard" else TRANSFER_TITLE
    if event.kind == "extension":
        return EXTENSION_TITLES.get(event.move, NOTHING)
    state = program.states.get(event.from_state)
    if event.kind == "objection" and event.move == OBJECT and state and state.objections:
        return state.objections.title
    move = state.moves.get(event.move) if state else None
    return move.title if move else NOTHING
