"""Programs, facts and events as canonical JSON: what the database keeps and the public log carries.

One value has one byte form: keys sorted by code point, no blanks, UTF-8, integers only. A field stands under its
own name and is left out when it is empty (none, false, 0, "" or nothing in it). Moments are milliseconds since 1970
in UTC. Named parts (states, moves, fields, …) are objects by name; since sorting loses the order they are written
in, `order` keeps it for each group where it differs from the sorted one, as "states" or "states.raised.moves".
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from jiebang.engine.model import Deed, Facts, Json, Objection, Program

Compiled = TypeVar("Compiled")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def canonical_bytes(value: Json | Mapping[str, Json]) -> bytes:
    """Return the one byte form of a JSON value.

    Raises:
        TypeError: it holds a number that is not an integer, or a key that is not a text.
        ValueError: a text holds half a character.
    """
    _refuse_unfit(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS


def moment_of(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MS


# ── Programs ────────────────────────────────────────────────────────────────────────────────────────────────


def program_to_json(program: Program) -> dict[str, Json]:
    return definition_to_json(program)


def program_from_json(data: Mapping[str, Any]) -> Program:
    """Return the program whose canonical form `data` is.

    Raises:
        ValueError: a part is missing, unknown or of the wrong kind.
    """
    return definition_from_json(Program, data)


def definition_to_json(definition: Any) -> dict[str, Json]:
    """Return the canonical form of anything compiled from a text: a program, a register, a round."""
    order: dict[str, Json] = {}
    data = cast("dict[str, Json]", _plain(definition, "", order))
    if order:
        data["order"] = order
    return data


def definition_from_json(kind: type[Compiled], data: Mapping[str, Any]) -> Compiled:
    """Return the definition of that kind whose canonical form `data` is.

    Raises:
        ValueError: a part is missing, unknown or of the wrong kind.
    """
    order = data.get("order", {})
    try:
        return cast(Compiled, _value(kind, {k: v for k, v in data.items() if k != "order"}, "", order))
    except (TypeError, KeyError, AttributeError) as wrong:
        raise ValueError(f"This is not a compiled {kind.__name__.lower()}: {wrong}.") from wrong


def program_hash(program: Program) -> str:
    """Return the SHA-256 of the program's canonical bytes, in hex; leaves carry its first 16 digits."""
    return hashlib.sha256(canonical_bytes(program_to_json(program))).hexdigest()


def _plain(value: Any, path: str, order: dict[str, Json]) -> Any:
    if dataclasses.is_dataclass(value):
        shown = {}
        for part in dataclasses.fields(value):
            inner = _plain(getattr(value, part.name), f"{path}.{part.name}" if path else part.name, order)
            if not _is_empty(inner):
                shown[part.name] = inner
        return shown
    if isinstance(value, Mapping):
        names = list(value)
        if names != sorted(names):
            order[path] = names
        return {name: _plain(inner, f"{path}.{name}", order) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner, f"{path}.{n}", order) for n, inner in enumerate(value)]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or value == 0 or value == [] or value == {}


@cache
def _parts(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((part.name, hints[part.name]) for part in dataclasses.fields(kind))


def _value(kind: Any, data: Any, path: str, order: Mapping[str, Any]) -> Any:
    """The typed value of one part; what was left out is its type's empty value."""
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        parts = _parts(cast(type, kind))
        unknown = set(data) - {name for name, _ in parts}
        if unknown:
            raise ValueError(f'"{path or "program"}" has unknown parts: {", ".join(sorted(unknown))}.')
        return cast(Callable[..., Any], kind)(
            **{
                name: _value(inner, data[name], f"{path}.{name}" if path else name, order)
                if name in data
                else _empty(inner)
                for name, inner in parts
            }
        )
    if origin is tuple:
        return tuple(_value(get_args(kind)[0], item, f"{path}.{n}", order) for n, item in enumerate(data))
    if origin is not None and issubclass(origin if isinstance(origin, type) else object, Mapping):
        inner = get_args(kind)[1]
        names = order.get(path, sorted(data))
        return {name: _value(inner, data[name], f"{path}.{name}", order) for name in names}
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in get_args(kind) if arg is not type(None))
        return _value(inner, data, path, order)
    if origin is Literal:
        if data not in get_args(kind):
            raise ValueError(f'"{path}" is "{data}", which is none of {get_args(kind)}.')
        return data
    if type(data) is not kind:
        raise ValueError(f'"{path}" is {data!r}, not {kind.__name__}.')
    return data


def _empty(kind: Any) -> Any:
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return cast(Callable[..., Any], kind)()
    if origin is tuple:
        return ()
    if origin in (Union, types.UnionType):
        return None
    if origin is Literal:
        if "" in get_args(kind):
            return ""
        raise ValueError(f"A part of the mechanism is missing: one of {get_args(kind)}.")
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {}
    return kind()


# ── Facts and events ────────────────────────────────────────────────────────────────────────────────────────


def facts_to_json(facts: Facts) -> dict[str, Json]:
    data: dict[str, Any] = {
        "state": facts.state,
        "seq": facts.seq,
        "place": dict(facts.place),
        "raised_at": ms(facts.raised_at),
        "state_since": ms(facts.state_since),
        "last_at": ms(facts.last_at),
        "due": None if facts.due is None else ms(facts.due),
        "due_span": facts.due_span,
        "provisional": facts.provisional,
        "raisers": list(facts.raisers),
        "clerks": list(facts.clerks),
        "deeds": [[d.move, d.person, d.unit, d.named_unit, ms(d.at)] for d in facts.deeds],
        "answers": dict(facts.answers),
        "laps": dict(facts.laps),
        "votes": dict(facts.votes),
        "duties_done": list(facts.duties_done),
        "spans": {name: ms(moment) for name, moment in facts.spans.items()},
        "extended": facts.extended,
        "extension_asked": None if facts.extension_asked is None else ms(facts.extension_asked),
        "running": {name: ms(moment) for name, moment in facts.running.items()},
        "opened": dict(facts.opened),
        "objections": [[o.seq, o.person, o.level, None if o.due is None else ms(o.due)] for o in facts.objections],
        "rows": list(facts.rows),
    }
    return {name: value for name, value in data.items() if not _is_empty(value)}


def facts_from_json(data: Mapping[str, Any]) -> Facts:
    due, asked = data.get("due"), data.get("extension_asked")
    return Facts(
        state=data["state"],
        seq=data["seq"],
        place=data.get("place", {}),
        raised_at=moment_of(data["raised_at"]),
        state_since=moment_of(data["state_since"]),
        last_at=moment_of(data["last_at"]),
        due=None if due is None else moment_of(due),
        due_span=data.get("due_span", ""),
        provisional=data.get("provisional", False),
        raisers=tuple(data.get("raisers", ())),
        clerks=tuple(data.get("clerks", ())),
        deeds=tuple(Deed(m, p, u, n, moment_of(at)) for m, p, u, n, at in data.get("deeds", ())),
        answers=data.get("answers", {}),
        laps=data.get("laps", {}),
        votes=data.get("votes", {}),
        duties_done=tuple(data.get("duties_done", ())),
        spans={name: moment_of(at) for name, at in data.get("spans", {}).items()},
        extended=data.get("extended", 0),
        extension_asked=None if asked is None else moment_of(asked),
        running={name: moment_of(at) for name, at in data.get("running", {}).items()},
        opened=data.get("opened", {}),
        objections=tuple(
            Objection(seq, person, level, None if due is None else moment_of(due))
            for seq, person, level, due in data.get("objections", ())
        ),
        rows=tuple(data.get("rows", ())),
    )


def _refuse_unfit(value: Any) -> None:
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_unfit(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise TypeError(f"A canonical key is a text, not {name!r}.")
            name.encode()
            _refuse_unfit(item)
    else:
        raise TypeError(f"Canonical JSON has no {type(value).__name__}: {value!r}. Use an integer or a text.")
