"""A board's steps for process mining: OCEL 2.0 as JSON and XES (IEEE 1849) as XML.

Both say what the public log says of a board, in its words, so that any tool for process mining can draw the process
that really ran beside the one that was published. No text, no person, not even a pseudonym; boards whose log is veiled
have none. What had its moments erased keeps its days, and says so in `precision`.

Sources: OCEL 2.0 specification (ocel-standard.org), section 8.2, whose schema has every attribute's value as a string;
IEEE Std 1849-2016, whose schema has the order extension, global, classifier, attributes, trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, TypeAlias
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from jiebang.api.downloads import area_told, must_be_visible, open_to_all
from jiebang.boards import queries as boards
from jiebang.engine.model import Program
from jiebang.people import queries as people
from jiebang.rulebook import queries as rulebook

Values: TypeAlias = "dict[str, str]"

IN_MEMORY = 1 << 20  # bytes of objects kept before they go to a file: they are told after the events
MARKS = ("kind", "from", "to", "party", "unit", "named-unit", "verified")
MOMENTS = ("missed", "due")
ALWAYS = ("clock", "heard", "join", "leave", "extend:ask", "extend:grant", "extend:refuse", "transfer")


@require_safe
def as_ocel(request: HttpRequest, mechanism: str) -> HttpResponseBase:
    """The whole board as OCEL 2.0: events, and the entries, units and areas they touch, each with how."""
    must_be_visible(mechanism)
    answer = StreamingHttpResponse(_ocel(mechanism), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{mechanism}.ocel.json"'
    return open_to_all(answer)


@require_safe
def as_xes(request: HttpRequest, mechanism: str) -> HttpResponseBase:
    """The whole board as XES: a trace an entry, an event a step."""
    must_be_visible(mechanism)
    answer = StreamingHttpResponse(_xes(mechanism), content_type="application/xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{mechanism}.xes"'
    return open_to_all(answer)


# ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────


def _activities(mechanism: str) -> list[str]:
    """Every step that can happen on a board, in all versions of its rules, as the log calls them."""
    named: dict[str, None] = {}
    for version in rulebook.versions(mechanism):
        named |= dict.fromkeys(_steps_of(version.program))
    return list(named | dict.fromkeys(ALWAYS))


def _steps_of(program: Program) -> Iterator[str]:
    yield from program.openings
    for state in program.states.values():
        yield from state.moves
        yield from (f"duty:{name}" for name in state.duties)


def _activity(step: boards.Step) -> str:
    return "clock" if step.kind == "clock" else step.move


def _moments(step: boards.Step, zone: ZoneInfo) -> Values:
    told = {"missed": step.missed, "due": step.due}
    return {name: _moment(at, zone, day_only=step.day_only) for name, at in told.items() if at is not None}


def _marks(step: boards.Step) -> Values:
    values = (step.kind, step.from_state, step.to_state, step.party, step.unit, step.named_unit, step.verified)
    told = {name: value for name, value in zip(MARKS, values, strict=True) if value}
    return told | {"precision": "day" if step.day_only else "millisecond"}


def _moment(at: datetime, zone: ZoneInfo, *, day_only: bool) -> str:
    """A moment on the city's clock; of an erased one the day's beginning."""
    local = at.astimezone(zone)
    if day_only:
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.isoformat(timespec="milliseconds")


# ── OCEL 2.0 ────────────────────────────────────────────────────────────────────────────────────────────────


def _ocel(mechanism: str) -> Iterator[str]:
    """Events while they are read; objects are kept aside meanwhile, so that one reading serves both."""
    zone = ZoneInfo(rulebook.city().zone)
    event_type = [{"name": name, "type": "string"} for name in (*MARKS, "precision")]
    event_type += [{"name": name, "type": "time"} for name in MOMENTS]
    yield '{"eventTypes":' + _json([{"name": name, "attributes": event_type} for name in _activities(mechanism)])
    # Other boards' entries are named by those they are tied to, so their types are there for all.
    types = {mechanism: ("state", "category", "means"), **dict.fromkeys(_other_boards(mechanism), ())}
    types |= {"unit": ("name",), "area": ("name",)}
    yield ',"objectTypes":' + _json(
        [
            {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}
            for name, attributes in types.items()
        ]
    )
    yield ',"events":['
    with SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8") as objects:
        units: set[str] = set()
        areas: set[str] = set()
        others: dict[str, str] = {}
        comma = ""
        for history in boards.histories(mechanism):
            lines = [_json(_event(history, step, zone)) for step in history.steps]
            yield comma + ",".join(lines)
            objects.write(comma + _json(_entry(history, mechanism, zone)))
            comma = ",\n"
            units |= {unit for step in history.steps for unit in (step.unit, step.named_unit) if unit}
            areas.add(area_told(history.area, erased=history.erased))
            others |= {number: on for _, number, on in history.links if on != mechanism}
        yield '],"objects":['
        objects.seek(0)
        while part := objects.read(IN_MEMORY):
            yield part
        for line in (*_units(units), *_areas(areas), *_others(others)):
            yield comma + _json(line)
            comma = ",\n"
    yield "]}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _event(history: boards.History, step: boards.Step, zone: ZoneInfo) -> dict[str, Any]:
    touched = [(history.number, "of"), (f"unit:{step.unit}", "by"), (f"unit:{step.named_unit}", "names")]
    return {
        "id": f"{history.number}/{step.seq}",
        "type": _activity(step),
        "time": _moment(step.at, zone, day_only=step.day_only),
        "attributes": _pairs(_marks(step) | _moments(step, zone)),
        "relationships": [{"objectId": id_, "qualifier": how} for id_, how in touched if not id_.endswith(":")],
    }


def _entry(history: boards.History, mechanism: str, zone: ZoneInfo) -> dict[str, Any]:
    """An entry with every state it was in, since when."""
    first = history.steps[0]
    raised = _moment(first.at, zone, day_only=first.day_only)
    told = [{"name": "category", "value": history.category, "time": raised}] if history.category else []
    for step in history.steps:
        if step.to_state != step.from_state:
            at = _moment(step.at, zone, day_only=step.day_only)
            told.append({"name": "state", "value": step.to_state, "time": at})
    if history.meaning:
        told.append({"name": "means", "value": history.meaning, "time": told[-1]["time"]})
    ties = [{"objectId": f"area:{area_told(history.area, erased=history.erased)}", "qualifier": "in"}]
    ties += [{"objectId": number, "qualifier": kind} for kind, number, _ in history.links]
    return {"id": history.number, "type": mechanism, "attributes": told, "relationships": ties}


def _units(slugs: Iterable[str]) -> Iterator[dict[str, Any]]:
    for slug in sorted(slugs):
        view = people.unit(slug)
        yield _named(f"unit:{slug}", "unit", view.names if view else {})


def _areas(codes: Iterable[str]) -> Iterator[dict[str, Any]]:
    for code in sorted(codes):
        view = people.area(code)
        yield _named(f"area:{code}", "area", view.names if view else {})


def _others(numbers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number, on in sorted(numbers.items()):
        yield {"id": number, "type": on, "attributes": [], "relationships": []}


def _named(id_: str, type_: str, names: Mapping[str, str]) -> dict[str, Any]:
    name = next(iter(names.values()), "")
    since = "1970-01-01T00:00:00Z"  # OCEL's own word for "always"
    attributes = [{"name": "name", "value": name, "time": since}] if name else []
    return {"id": id_, "type": type_, "attributes": attributes, "relationships": []}


def _pairs(values: Values) -> list[Values]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _other_boards(mechanism: str) -> list[str]:
    return sorted(
        {version.mechanism for version in rulebook.mechanisms() if version.program.log != "veiled"} - {mechanism}
    )


# ── XES ─────────────────────────────────────────────────────────────────────────────────────────────────────

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace"><string key="concept:name" value="-"/></global>
<global scope="event"><string key="concept:name" value="-"/><string key="lifecycle:transition" value="complete"/>\
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/></global>
<classifier name="Activity" scope="event" keys="concept:name"/>
"""


def _xes(mechanism: str) -> Iterator[str]:
    zone = ZoneInfo(rulebook.city().zone)
    yield _HEAD + _string("concept:name", mechanism) + "\n"
    for history in boards.histories(mechanism):
        yield _trace(history, zone)
    yield "</log>\n"


def _trace(history: boards.History, zone: ZoneInfo) -> str:
    about = {
        "concept:name": history.number,
        "area": area_told(history.area, erased=history.erased),
        "category": history.category,
        "state": history.state,
        "means": history.meaning,
    }
    head = "".join(_string(key, value) for key, value in about.items() if value)
    return f"<trace>{head}{''.join(_step(step, zone) for step in history.steps)}</trace>\n"


def _step(step: boards.Step, zone: ZoneInfo) -> str:
    at = _moment(step.at, zone, day_only=step.day_only)
    # Who did it: the unit if one did, else the party; never a person.
    parts = [
        _string("concept:name", _activity(step)),
        _string("lifecycle:transition", "complete"),
        f'<date key="time:timestamp" value="{at}"/>',
        _string("org:group", step.unit or step.party),
        _string("org:role", step.party),
        *(_string(name, value) for name, value in _marks(step).items()),
        *(f'<date key="{name}" value="{value}"/>' for name, value in _moments(step, zone).items()),
    ]
    return f"<event>{''.join(parts)}</event>"


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(value)}/>'
