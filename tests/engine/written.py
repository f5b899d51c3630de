"""Mechanisms written as text, for what the parser makes of them: small ones by hand, random ones by hypothesis."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from jiebang.engine.model import Program
from jiebang.engine.parser import parse

PARTIES = {
    "office": {"office": "board-office", "of": "area", "level": "county"},
    "upper": {"office": "government-duty", "of": "area", "level": "city"},
}
FINALS = {"struck": "solved", "explained": "explained", "failed": "failed"}
FIELDS = {"what": "text", "solved": "yes-no", "reason": "text"}


def text(
    states: Mapping[str, Mapping[str, Any]],
    *,
    parties: Mapping[str, Mapping[str, Any]] | None = None,
    fields: Mapping[str, Any] | None = None,
    opening: Mapping[str, Any] | None = None,
    finals: Mapping[str, str | Mapping[str, Any]] | None = None,
    id: str = "test",
    **more: Any,
) -> str:
    """Return a mechanism file in English with every title its own name: what a test says is what matters in it."""
    first = next(iter(states))
    return json.dumps(
        {
            "mechanism": id,
            "since": "2026-01-01",
            "title": {"en": id},
            "log": "open",
            "source": "test",
            "parties": {name: {**said, "title": name} for name, said in {**PARTIES, **(parties or {})}.items()},
            "fields": {name: _field(name, said) for name, said in {**FIELDS, **(fields or {})}.items()},
            "opening": _moves(opening or {"raise": {"by": "anyone", "ask": ["what"], "to": first}}),
            "states": {name: _state(name, said) for name, said in states.items()},
            "finals": {
                name: {"title": name, **({"means": said} if isinstance(said, str) else said)}
                for name, said in (finals or FINALS).items()
            },
            **more,
        },
        ensure_ascii=False,
        indent=1,
    )


def program(states: Mapping[str, Mapping[str, Any]], **more: Any) -> Program:
    return parse(text(states, **more))


def _field(name: str, said: Any) -> dict[str, Any]:
    return {"title": name, **({"type": said} if isinstance(said, str) else said)}


def _state(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    made = {"title": name, **said}
    if "may" in said:
        made["may"] = _moves(said["may"])
    return made


def _moves(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"title": name, **move} for name, move in said.items()}


# ── Random mechanisms ───────────────────────────────────────────────────────────────────────────────────────

LIMITS = ("1 wd", "2 wd", "5 wd", "1 d", "10 d", "30 h", "20 wh")


@st.composite
def texts(draw: st.DrawFn, *, holders: Sequence[str] = ("office", "upper"), moves: Any = None, **more: Any) -> str:
    """States in a row: clocks lead on, moves lead anywhere, those that lead back have laps.

    `moves(draw, names, onward)` gives what else may stand in a state: the part of the language a test is about.
    """
    names = [f"s{i}" for i in range(draw(st.integers(1, 5)))]
    states: dict[str, dict[str, Any]] = {}
    for i, name in enumerate(names):
        onward = [*names[i + 1 :], "failed"]
        may: dict[str, Any] = {"on": {"to": draw(st.sampled_from(onward))}}
        if draw(st.booleans()):
            may["explain"] = {"to": "explained", "ask": ["reason"]}
        back = draw(st.sampled_from([*names[: i + 1], None]))
        if back is not None:
            may["back"] = {"to": back, "at most": draw(st.integers(1, 2))}
        if moves is not None:
            may |= moves(draw, names, onward)
        states[name] = {
            "held by": draw(st.sampled_from(list(holders))),
            "within": draw(st.sampled_from(LIMITS)),
            "else": draw(st.sampled_from(onward)),
            "may": may,
        }
    return text(states, **more)
