"""Stories of a mechanism, told in `cases.yaml` (or in `<day>.cases.yaml`, for one version) and played:
documentation and tests at once.

    place:   {county: north, ward: mill}           # the area, level by level
    people:                                        # names of the story; without anything, a resident
      ann: {}
      bob: {office: staff, level: ward, unit: front-desk}
    stories:
      lamp-mended:
        title: {en: A lamp is mended}
        continues: lamp-claimed                    # play that story first
        steps:
          - {at: 2026-03-02 09:00, who: ann, does: raise, answers: {what: dark}, state: raised, due: 2026-03-03 17:30}
          - {at: 2026-03-03 17:30, who: clock, state: escalated}
          - {at: 2026-03-04 09:00, who: bob, does: post, refused: no-such-move}

Moments are local to the calendar's zone. A step that is not said to be refused must succeed; `state`, `due` (`none`
in a final state), `verified` and `events` are compared when they are given. `for` names the raiser when somebody at
the window raises for them; `joined by` adds the raisers of a merged entry; `taken by` names the official who writes
down what a raiser says in person (`via: window`) or through a relative (`via: proxy`). `closed: solved` tells that an
entry this one opened or waits for has ended so, the first still open if no `slot` names another; `opens` compares on
which boards entries were opened ("task task"). `who: boards` opens an entry as another one does. `does: raise again`
asks whether somebody may raise the closed entry again.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from jiebang.engine import nodes
from jiebang.engine.again import may_raise_again
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.lifecycle import decide, evolve, heard, join, open_entry
from jiebang.engine.model import (
    BOARDS,
    CLOCK,
    Actor,
    Appointment,
    Command,
    Event,
    Facts,
    Json,
    Meaning,
    No,
    Origin,
    Program,
    Refused,
    Texts,
)
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.refusals import in_language
from jiebang.engine.worktime import Calendar

_TOP = ("place", "people", "stories")
_STORY = ("title", "continues", "steps")
_PERSON = ("office", "level", "unit", "area", "also")
_STEP = ("at", "who", "does", "answers", "shows", "as", "via", "taken by", "beside", "for", "joined by", "state", "due",
         "refused", "verified", "events", "closed", "slot", "opens")  # fmt: skip
OTHER = "boards"  # who opens an entry that another one opens
AGAIN = "raise again"  # nothing happens to the closed entry: whether it may be raised again is all that is asked
MOST_PLAYED = 10_000  # steps of all stories of a file, those continued counted each time
MOST_CONTINUED = 30
_TOLD = ("at", "who", "does", "refused")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one story went: `line` is where it failed, or where it stands."""

    name: str
    line: int
    ok: bool
    zh: str = ""
    en: str = ""
    title: Texts = dataclasses.field(default_factory=dict)
    also: tuple[str, ...] = ()  # other stories that fail at the same line, because they play it too
    steps: int = 0  # how many were played

    @property
    def why(self) -> str:
        return f"line {self.line}: {self.en}{self._also_en}" if self.en else ""

    @property
    def _also_en(self) -> str:
        return f" (also played by: {', '.join(self.also)})" if self.also else ""

    def as_finding(self, filename: str = "") -> Finding:
        also_zh = f"（也用到这一步的：{'、'.join(self.also)}）" if self.also else ""
        return Finding(
            filename,
            self.line,
            "CASE",
            f"案例“{self.name}”：{self.zh}{also_zh}",
            f"Story “{self.name}”: {self.en}{self._also_en}",
            "请改正机制或案例。",
            "Correct the mechanism or the story.",
        )


class _Wrong(Exception):
    """A story that cannot be read, or that went another way."""

    def __init__(self, line: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.line, self.zh, self.en = line, zh, en


@dataclass(slots=True)
class _Stage:
    program: Program
    calendar: Calendar
    place: Mapping[str, str]
    people: Mapping[str, Actor]


def run(cases_text: str | bytes, program: Program, calendar: Calendar) -> list[CaseResult]:
    """Play every story; one result each. A file that cannot be read is one failed result."""
    try:
        stage, stories = _staged(cases_text, program, calendar)
    except MechanismError as error:
        found = error.findings[0]
        return [CaseResult("cases", found.line, False, f"{found.zh}{found.mend_zh}", f"{found.en} {found.mend_en}")]
    except _Wrong as wrong:
        return [CaseResult("cases", wrong.line, False, wrong.zh, wrong.en)]
    results: list[CaseResult] = []
    left = MOST_PLAYED
    for name in stories.items:
        results.append(_played(stage, stories, name, most=left))
        left -= results[-1].steps
    return results


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step of a story as it is told, and where the entry stood after it."""

    line: int
    at: str
    who: str
    does: str
    refused: str  # the code it is expected to be refused with
    state: str
    due: datetime | None


def told(cases_text: str | bytes, name: str, program: Program, calendar: Calendar) -> list[StoryStep]:
    """Return one story step by step, those of the stories it continues first, up to where it goes another way."""
    shown: list[StoryStep] = []
    try:
        stage, stories = _staged(cases_text, program, calendar)
        if name not in stories.items:
            return []
        facts: Facts | None = None
        for node in _steps(stories, name, ())[:MOST_PLAYED]:
            said = _map(node, _STEP)
            facts = _step(stage, facts, said)
            at, who, does, refused = (_text(said.items[k]) if k in said.items else "" for k in _TOLD)
            state, due = (facts.state, facts.due) if facts is not None else ("", None)
            shown.append(StoryStep(said.line, at, who, does, refused, state, due))
    except (MechanismError, _Wrong):
        pass  # `run` says what is wrong with it, and where
    return shown


def failures(results: Sequence[CaseResult]) -> list[CaseResult]:
    """Return what went wrong, each wrong line once: the other stories that play it stand in `also`."""
    once: dict[tuple[int, str], CaseResult] = {}
    for result in results:
        if result.ok:
            continue
        known = once.get((result.line, result.en))
        once[result.line, result.en] = dataclasses.replace(known, also=(*known.also, result.name)) if known else result
    return list(once.values())


def _staged(cases_text: str | bytes, program: Program, calendar: Calendar) -> tuple[_Stage, nodes.Mapping]:
    """Return who plays where, and the stories.

    Raises:
        MechanismError, _Wrong: the file cannot be read.
    """
    root = nodes.read(cases_text)
    top = _map(root, _TOP)
    place = {level: _text(code) for level, code in _map(_wanted(top, "place"), None).items.items()}
    people = {name: _actor(name, said, place) for name, said in _map(_wanted(top, "people"), None).items.items()}
    stories = _map(_wanted(top, "stories"), None)
    return _Stage(program, calendar, place, people), stories


def _played(stage: _Stage, stories: nodes.Mapping, name: str, *, most: int) -> CaseResult:
    played = 0
    title: Texts = {}
    try:
        title = _title(_map(stories.items[name], _STORY).items.get("title"))
        facts: Facts | None = None
        for step in _steps(stories, name, ()):
            if played >= most:
                raise _Wrong(step.line, f"案例合起来超过 {MOST_PLAYED} 步，请删减。",
                             f"The stories have more than {MOST_PLAYED} steps together; take some out.")  # fmt: skip
            played += 1
            facts = _step(stage, facts, _map(step, _STEP))
    except _Wrong as wrong:
        return CaseResult(name, wrong.line, False, wrong.zh, wrong.en, title=title, steps=played)
    return CaseResult(name, stories.lines[name], True, title=title, steps=played)


def _title(node: Node | None) -> Texts:
    if node is None:
        return {}
    if isinstance(node, nodes.Mapping):
        return {lang: _text(value) for lang, value in node.items.items()}
    return {"en": _text(node)}


def _steps(stories: nodes.Mapping, name: str, within: tuple[str, ...]) -> list[Node]:
    """The steps of a story, after those of the one it continues."""
    story = _map(stories.items[name], _STORY)
    steps = _wanted(story, "steps")
    if not isinstance(steps, nodes.Sequence):
        raise _Wrong(steps.line, "steps 应是列表。", "`steps` must be a list.")
    before = story.items.get("continues")
    if before is None:
        return steps.items
    first = _text(before)
    if len(within) >= MOST_CONTINUED:
        raise _Wrong(before.line, f"一个接一个的故事最多 {MOST_CONTINUED} 个。",
                     f"Stories continue one another {MOST_CONTINUED} times at most.")  # fmt: skip
    if first not in stories.items or first in (*within, name):
        raise _Wrong(before.line, f"没有可接的故事“{first}”。", f"There is no story “{first}” to continue.")
    return [*_steps(stories, first, (*within, name)), *steps.items]


def _step(stage: _Stage, facts: Facts | None, said: nodes.Mapping) -> Facts | None:
    at = _moment(stage, _wanted(said, "at"))
    if "joined by" in said.items:
        if facts is None:
            raise _Wrong(said.line, "还没有事项。", "There is no entry yet.")
        raisers = [_person(stage, item).person for item in _items(said.items["joined by"])]
        events: list[Event] | Refused = join(stage.program, facts, raisers=raisers, at=at)
    elif "closed" in said.items:
        events = _closed(stage, facts, said, at)
    else:
        events = _answered(stage, facts, said, at)
    expected = said.items.get("refused")
    if isinstance(events, Refused):
        told_zh, told_en = in_language(events.what, "zh"), in_language(events.what, "en")
        if expected is None:
            raise _Wrong(said.line, f"被拒绝（{events.code}）：{told_zh}", f"refused ({events.code}): {told_en}")
        if _text(expected) != events.code:
            wanted = _text(expected)
            raise _Wrong(
                expected.line,
                f"应以“{wanted}”拒绝，却是“{events.code}”：{told_zh}",
                f"should be refused as “{wanted}”, but it is “{events.code}”: {told_en}",
            )
        return facts
    if expected is not None:
        raise _Wrong(expected.line, f"应被拒绝（{_text(expected)}），却做成了。",
                     f"should be refused ({_text(expected)}), but it was done.")  # fmt: skip
    for event in events:
        facts = evolve(stage.program, facts, event)
    _compared(stage, said, facts, events)
    return facts


def _closed(stage: _Stage, facts: Facts | None, said: nodes.Mapping, at: datetime) -> list[Event]:
    """An entry that was opened or is waited for has closed; was it the last, the clock goes on at once."""
    means = said.items["closed"]
    if _text(means) not in get_args(Meaning):
        raise _Wrong(means.line, f"“{_text(means)}”不是结束的含义。", f"“{_text(means)}” is no meaning of a final.")
    still_open = [slot for slot, end in (facts.opened if facts else {}).items() if not end]
    slot = _text(said.items["slot"]) if "slot" in said.items else next(iter(still_open), "")
    if facts is None or slot not in still_open:
        raise _Wrong(said.line, "没有在等的事项。", "There is no entry that is waited for.")
    events = heard(stage.program, facts, slot, _text(means), at=at)
    after = evolve(stage.program, facts, events[0])
    if after.due == events[0].at:
        moved = decide(stage.program, after, Command("clock", CLOCK), at=at, calendar=stage.calendar)
        events += [] if isinstance(moved, Refused) else moved
    return events


def _answered(stage: _Stage, facts: Facts | None, said: nodes.Mapping, at: datetime) -> list[Event] | Refused:
    actor = _person(stage, _wanted(said, "who"))
    via, beside = said.items.get("via"), said.items.get("beside")
    if via is not None:
        actor = dataclasses.replace(actor, via=_via(via))
    if beside is not None:
        actor = dataclasses.replace(actor, beside=_person(stage, beside).person)
    is_clock = actor.person == CLOCK.person and "does" not in said.items
    if "taken by" in said.items:
        actor = dataclasses.replace(actor, taker=_person(stage, said.items["taken by"]))
    command = Command(
        move="clock" if is_clock else _text(_wanted(said, "does")),
        actor=actor,
        answers=_answers(said.items.get("answers")),
        shown=tuple(_text(item) for item in _items(said.items.get("shows"))),
        unit=_text(said.items["as"]) if "as" in said.items else "",
    )
    if facts is not None and command.move == AGAIN:
        may = may_raise_again(stage.program, facts, actor, at=at, calendar=stage.calendar)
        return may.refused if isinstance(may, No) else []
    if facts is not None:
        return decide(stage.program, facts, command, at=at, calendar=stage.calendar)
    raiser = _person(stage, said.items["for"]) if "for" in said.items else actor
    return open_entry(
        stage.program,
        command.move,
        command,
        at=at,
        calendar=stage.calendar,
        place=stage.place,
        raiser=raiser.person or f"k-{OTHER}",
        origin=Origin("0" * 32, 1, 0) if raiser is BOARDS else None,
    )


def _compared(stage: _Stage, said: nodes.Mapping, facts: Facts | None, events: Sequence[Event]) -> None:
    assert facts is not None
    due = "none" if facts.due is None else f"{facts.due.astimezone(stage.calendar.tz):%Y-%m-%d %H:%M}"
    verified = events[-1].verified if events else ""
    kinds = " ".join(event.kind for event in events)
    opens = " ".join(one.mechanism for event in events for one in event.opens)
    compared = {"state": facts.state, "due": due, "verified": verified, "events": kinds, "opens": opens}
    for key, found in compared.items():
        node = said.items.get(key)
        if node is not None and _text(node).replace("T", " ") != found:
            raise _Wrong(node.line, f"{key} 应是“{_text(node)}”，却是“{found}”。",
                         f"{key} should be “{_text(node)}”, but it is “{found}”.")  # fmt: skip


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def _actor(name: str, node: Node, place: Mapping[str, str]) -> Actor:
    if name == CLOCK.person:
        raise _Wrong(node.line, "clock 是时钟。", "`clock` is the clock.")
    held = []
    said: nodes.Mapping | None = None if isinstance(node, Scalar) and node.is_empty else _map(node, _PERSON)
    while said is not None and said.items:
        level = _text(_wanted(said, "level"))
        area = _text(said.items["area"]) if "area" in said.items else place.get(level, "")
        unit = _text(said.items["unit"]) if "unit" in said.items else ""
        held.append(Appointment(_text(_wanted(said, "office")), unit, area, level))
        said = _map(said.items["also"], _PERSON) if "also" in said.items else None
    return Actor(f"k-{name}", tuple(held))


def _person(stage: _Stage, node: Node) -> Actor:
    name = _text(node)
    if name == CLOCK.person:
        return CLOCK
    if name == OTHER and name not in stage.people:
        return BOARDS
    if name not in stage.people:
        raise _Wrong(node.line, f"people 里没有“{name}”。", f"There is no “{name}” in `people`.")
    return stage.people[name]


def _via(node: Node) -> Literal["code", "account", "window", "proxy", "call"]:
    via = _text(node)
    if via not in ("code", "account", "window", "proxy", "call"):
        raise _Wrong(node.line, f"via 不能是“{via}”。",
                     f"`via` cannot be “{via}”; use code, account, window, proxy or call.")  # fmt: skip
    return cast(Literal["code", "account", "window", "proxy", "call"], via)


def _moment(stage: _Stage, node: Node) -> datetime:
    found = _MOMENT.fullmatch(_text(node))
    try:
        if found is None:
            raise ValueError
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError:
        raise _Wrong(node.line, f"“{_text(node)}”不是时间，请写成 2026-03-02 09:00。",
                     f"“{_text(node)}” is no moment; write 2026-03-02 09:00.") from None  # fmt: skip
    return local.replace(tzinfo=stage.calendar.tz).astimezone(UTC)


def _answers(node: Node | None) -> dict[str, Json]:
    if node is None:
        return {}
    found: dict[str, Json] = {}
    for name, value in _map(node, None).items.items():
        number = value.integer if isinstance(value, Scalar) else None
        found[name] = _text(value) if number is None else number
    return found


def _items(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.items if isinstance(node, nodes.Sequence) else [node]


def _map(node: Node, keys: tuple[str, ...] | None) -> nodes.Mapping:
    if not isinstance(node, nodes.Mapping):
        raise _Wrong(node.line, "这里要“键: 值”。", "“key: value” is wanted here.")
    for key in node.items:
        if keys is not None and key not in keys:
            raise _Wrong(node.lines.get(key, node.line), f"没有“{key}”这个键；可用的：{'、'.join(keys)}。",
                         f"There is no key “{key}”; use one of: {', '.join(keys)}.")  # fmt: skip
    return node


def _wanted(said: nodes.Mapping, key: str) -> Node:
    node = said.items.get(key)
    if node is None:
        raise _Wrong(said.line, f"缺少“{key}”。", f"“{key}” is missing.")
    return node


def _text(node: Node) -> str:
    if not isinstance(node, Scalar):
        raise _Wrong(node.line, "这里要一个词。", "A word is wanted here.")
    return node.text
