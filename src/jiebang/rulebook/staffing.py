"""Whether each area's people can do what a published mechanism keeps apart (rule P1), and in words what to appoint.

Areas that are staffed alike are tried once: only who holds which office in whose company counts, not their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jiebang.engine.checker.scene import People
from jiebang.engine.checker.staffing import Absence, Gap, Post, Staffing, counting, staffing
from jiebang.engine.lookups import lookups
from jiebang.engine.model import Appointment, Program, Texts
from jiebang.engine.refusals import in_language
from jiebang.people import queries as people

ELSEWHERE = "elsewhere"
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class AreaStaffing:
    area: str
    staffing: Staffing


def of_areas(program: Program, areas: Iterable[str] | None = None) -> list[AreaStaffing]:
    """Try a mechanism on the people appointed today, for each area; by default for every area without areas below."""
    codes = [view.code for view in people.areas() if not people.children(view.code)] if areas is None else [*areas]
    register = _Register(program)
    tried: dict[object, Staffing] = {}
    at: dict[object, Staffing] = {}
    found = []
    for code in codes:
        place = people.place(code)
        staffed = tuple((level, area if area in register.units_at else "") for level, area in place.items())
        if staffed not in at:
            persons, alike, levels = _relabelled(register.counting_at(place), place)
            key = (tuple(tuple(held) for held in alike.values()), tuple(levels))
            if key not in tried:
                tried[key] = staffing(program, alike, levels)
            at[staffed] = _named(tried[key], persons)
        found.append(AreaStaffing(code, at[staffed]))
    return found


class _Register:
    """Who holds what a mechanism can ask for, by place and by unit."""

    def __init__(self, program: Program) -> None:
        appointed: dict[str, list[Appointment]] = {}
        for one in people.appointments():
            appointed.setdefault(one.person, []).append(Appointment(one.office, one.unit, one.area, one.level))
        self.appointed = counting(program, appointed)
        self.units_at: dict[str, set[str]] = {}
        self._in: dict[str, list[str]] = {}
        for person, offices in self.appointed.items():
            for held in offices:
                self.units_at.setdefault(held.area, set()).add(held.unit)
                self._in.setdefault(held.unit, []).append(person)

    def counting_at(self, place: Mapping[str, str]) -> People:
        """Return who holds an office at a place, and whoever is in a unit with one of them."""
        units = sorted({unit for code in place.values() for unit in self.units_at.get(code, ())})
        return {person: self.appointed[person] for unit in units for person in self._in[unit]}


def groups(found: Iterable[AreaStaffing]) -> list[tuple[Staffing, list[str]]]:
    """Return areas staffed alike together: first where no matter can be closed, then the largest."""
    alike: dict[Staffing, list[str]] = {}
    for one in found:
        alike.setdefault(one.staffing, []).append(one.area)
    return sorted(alike.items(), key=lambda group: (group[0].closes, -len(group[1])))


def areas_below(code: str) -> list[str]:
    """Return the areas without areas below, of those under `code`; itself if it has none."""
    below = people.children(code)
    return [leaf for view in below for leaf in areas_below(view.code)] if below else [code]


def areas_of(pilot: Sequence[str]) -> list[str] | None:
    """Return the areas without areas below in a pilot's areas; None, which means all, for the whole city."""
    return sorted({leaf for code in pilot for leaf in areas_below(code)}) if pilot else None


def _relabelled(appointed: People, place: Mapping[str, str]) -> tuple[list[str], People, Mapping[str, str]]:
    """The people who count at a place under names of our own, in an order that depends on their offices alone."""
    codes = set(place.values())
    here = {
        person: [replace(held, area=held.level if held.area in codes else ELSEWHERE) for held in offices]
        for person, offices in appointed.items()
    }
    profile: dict[str, list[tuple[str, ...]]] = {}
    for offices in here.values():
        for held in offices:
            profile.setdefault(held.unit, []).append((held.office, held.level, held.area))
    ordered = sorted(profile, key=lambda unit: (sorted(profile[unit]), unit))
    names = {unit: f"u{n}" for n, unit in enumerate(ordered)}
    alike = {
        person: sorted((replace(held, unit=names[held.unit]) for held in offices), key=_in_order)
        for person, offices in here.items()
    }
    persons = sorted(alike, key=lambda person: ([_in_order(held) for held in alike[person]], person))
    return persons, {str(n): alike[person] for n, person in enumerate(persons)}, {level: level for level in place}


def _in_order(held: Appointment) -> tuple[str, ...]:
    return held.office, held.level, held.area, held.unit


def _named(found: Staffing, persons: Sequence[str]) -> Staffing:
    return replace(
        found, absences=tuple(replace(absence, person=persons[int(absence.person)]) for absence in found.absences)
    )


# ── In words ────────────────────────────────────────────────────────────────────────────────────────────────


def together(gaps: Iterable[Gap]) -> list[list[Gap]]:
    """Return gaps in groups that one sentence can say: the same people are missing, for the same reason."""
    groups: dict[tuple[object, ...], list[Gap]] = {}
    for gap in gaps:
        groups.setdefault((gap.parties, gap.after, gap.appoint), []).append(gap)
    return list(groups.values())


def said_of_gaps(program: Program, gaps: Sequence[Gap]) -> Texts:
    """Return a sentence for each language: which steps, why nobody is left, and whom to appoint."""
    first = gaps[0]
    steps = {lang: _listed((_step(program, gap, lang) for gap in gaps), lang) for lang in _LANGUAGES}
    who = {lang: _listed((_party(program, name, lang) for name in first.parties), lang) for lang in _LANGUAGES}
    after = {lang: _listed((_move(program, name, lang) for name in first.after), lang) for lang in _LANGUAGES}
    if first.after:
        zh = f"{steps['zh']}：做过{after['zh']}的人和单位都排除以后，{who['zh']}没有人了。"
        en = f"{steps['en']}: with whoever made {after['en']} shut out, nobody is left as {who['en']}."
    else:
        zh = f"{steps['zh']}：{who['zh']}没有人。"
        en = f"{steps['en']}: nobody is {who['en']}."
    if first.appoint:
        zh += f"请{'；或'.join(_post(post, 'zh') for post in first.appoint)}。"
        en += f" Appoint {', or '.join(_post(post, 'en') for post in first.appoint)}."
    else:
        zh += "只加一个人还不够。"
        en += " One more person is not enough."
    return {"zh": zh, "en": en}


def said_of_absence(program: Program, absence: Absence, name: str, *, closed: bool) -> Texts:
    """What cannot be done while somebody is away; `closed`: whether a matter could be solved with them."""
    steps = {lang: _listed((_step(program, gap, lang) for gap in absence.gaps), lang) for lang in _LANGUAGES}
    zh, en = f"{name}不在时", f"While {name} is away"
    if closed and not absence.closes:
        return {"zh": f"{zh}，没有一件事能办成。", "en": f"{en}, no matter can be solved."}
    return {"zh": f"{zh}，无人能做：{steps['zh']}。", "en": f"{en}, nobody can do: {steps['en']}."}


def _step(program: Program, gap: Gap, lang: str) -> str:
    state = program.states.get(gap.state)
    move = lookups(program).moves[gap.state][gap.move] if state else program.openings[gap.move]
    title = in_language(move.title, lang) or gap.move
    if state is None:
        return f"“{title}”"
    where = in_language(state.title, lang) or gap.state
    return f"“{where}”中的“{title}”" if lang == "zh" else f"“{title}” in “{where}”"


def _move(program: Program, name: str, lang: str) -> str:
    for moves in (program.openings, *lookups(program).moves.values()):
        if name in moves:
            return f"“{in_language(moves[name].title, lang) or name}”"
    return f"“{name}”"


def _party(program: Program, name: str, lang: str) -> str:
    return f"“{in_language(program.parties[name].title, lang)}”"


def _post(post: Post, lang: str) -> str:
    if lang == "zh":
        at = f"在 {post.level} 级" if post.level else "在当时办理的单位" if post.acting else "在办事的单位"
        return f"{at}再任命一名 {post.office}" + ("（在另一个单位）" if post.elsewhere else "")
    at = f"at {post.level} level" if post.level else "in the unit that acts then" if post.acting else "in a unit"
    return f"one more {post.office} {at}" + (", in another unit" if post.elsewhere else "")


def _listed(parts: Iterable[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(dict.fromkeys(parts))
