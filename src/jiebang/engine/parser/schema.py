"""The language as a JSON Schema, made from the parser's own tables: editors complete and check a file as it is typed.

A schema sees the form of a file: which keys there are, which must be there, what kind of value stands behind them.
What names mean and whether the promises hold, only `jiebang mechanisms check` says. Whatever the schema refuses the
parser refuses too, but for one thing: words that other YAML readers take for numbers must be quoted here.

Draft 7, the newest that the YAML editors understand wholly. `$ref` stands alone in an `allOf`, because draft 7 passes
over what stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, get_args

from jiebang.engine.model import FieldType, LogClass, Meaning, Unit, Visibility
from jiebang.engine.parser import keys
from jiebang.engine.parser.meanings import KEYS
from jiebang.engine.reading import LANGUAGES

Schema: TypeAlias = dict[str, Any]

_AMOUNT = rf"[0-9]{{1,4}} ?({'|'.join(get_args(Unit))})"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _word(*known: str) -> Schema:
    return {"enum": list(known)}


def _pattern(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _either(*ways: Schema) -> Schema:
    return {"anyOf": list(ways)}


def _said(sort: str) -> Schema:
    """A text of one sort: a name of that kind, or a small sentence. Editors pass over the comment; the other tongue and
    the list of what may stand here are made from it."""
    return {"type": "string", "$comment": sort}


def _named(part: Schema, sort: str = "") -> Schema:
    names = {"maxLength": 60} | ({"$comment": sort} if sort else {})
    return {"type": ["object", "null"], "propertyNames": names, "additionalProperties": part}


def _some(part: Schema) -> Schema:
    """A list, or one thing alone."""
    return _either(part, {"type": "array", "items": part})


def _pairs(keys_: str, part: Schema, most: int | None = None) -> Schema:
    """`{condition: state}` and its like: both sides are sentences of the file's."""
    names = {"propertyNames": {"$comment": keys_}}
    said: Schema = {"type": "object", "minProperties": 1, **names, "additionalProperties": part}
    return said if most is None else {**said, "maxProperties": most}


def _one_of(*sets: Sequence[str], apart: Sequence[str] = ()) -> Schema:
    """One of these sets of keys is there whole; of the keys in `apart`, none that is not in it."""
    return {
        "oneOf": [
            {"required": list(said)} | ({"not": _either(*({"required": [key]} for key in others))} if others else {})
            for said in sets
            if (others := [key for key in apart if key not in said]) is not None
        ]
    }


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
WORDS = _some(TEXT)
PARTY, STATE, MOVE, QUESTION = _said("party"), _said("state"), _said("move"), _said("question")
PARTIES, MOVES, QUESTIONS, COUNTED = _some(PARTY), _some(MOVE), _some(QUESTION), _said("counted")
ANCHOR, CONDITION = _said("anchor"), _said("condition")
AMOUNT = _pattern(_AMOUNT) | {"$comment": "amount"}
TEXTS = _ref("texts")
LIMIT = _either(_pattern(rf"{_AMOUNT}( since .+)?") | {"$comment": "limit"}, _ref("limit"), _ref("limit by"))
LENGTH = _either(AMOUNT, _ref("length"))
DURING = _named(_either(AMOUNT, _ref("season")))
WAY = _either(STATE, _pairs("way", STATE))
ASK = _some(_either(_said("asked"), _pairs("asked", CONDITION, 1)))
SHOW = _some(_either(_said("proof"), _pairs("proof", CONDITION)))
REQUIRE = _named(_either(_said("distance"), _ref("match")))
OPENS = _either(TEXT, _ref("opens"))
TIMES = _whole(1, 100)

# What kind of value stands behind each key. Which keys there are and which must be, `keys` and `KEYS` say.
KINDS: Mapping[str, Mapping[str, Schema]] = {
    "file": {
        "mechanism": TEXT,
        "since": _pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "title": TEXTS,
        "purpose": TEXTS,
        "source": TEXT,
        "log": _word(*get_args(LogClass)),
        "titles": _ref("titles"),
        "parties": _named(_ref("party"), "party"),
        "fields": _named(_ref("field")),
        "opening": _named({"allOf": [_ref("move"), {"required": ["by"]}]}),
        "states": _named(_either(_ref("state"), _ref("fork"))),
        "finals": _named(_ref("final")),
        "spans": _named(_ref("span")),
        "separate": _either(
            {"type": "array", "items": _either({"type": "array", "items": MOVE, "minItems": 2}, _ref("separate"))},
            _ref("separate"),
        ),
        "taken": _ref("taken"),
    },
    "titles": {kind: _named(TEXTS, {"parties": "party", "proofs": "proof"}.get(kind, "")) for kind in keys.TITLES},
    "separate": {key: {"type": "array", "items": MOVE, "minItems": 2} for key in keys.SEPARATE},
    "taken": {way: _ref("taking") for way in keys.TAKEN},
    "taking": {"by": PARTIES, "of": MOVES, "ask": ASK},
    "field": {
        "type": _word(*get_args(FieldType)),
        "level": TEXT,
        "title": TEXTS,
        "hint": TEXTS,
        "choices": _named(_either(TEXT, _ref("choice"))),
        "choices from": TEXT,
        "visible": _word(*get_args(Visibility)),
        "logged": FLAG,
        "most": _whole(1, 2_000_000_000),
        "many": _whole(1, keys.MOST_LINES),
    },
    "party": {
        "staff of": _said("staff"),
        "office": TEXT,
        "body": TEXT,
        "member of": PARTY,
        "duty": TEXT,
        "of": _word("area"),
        "level": TEXT,
        "unit that did": _said("deeds"),
        "role": _word("named", "doer"),
        "never": _some(_said("deed")),
        "title": TEXTS,
    },
    "move": {
        "by": PARTIES,
        "to": WAY,
        "ask": ASK,
        "show": SHOW,
        "if": CONDITION,
        "at most": TIMES,
        "then": STATE,
        "verifies": _either(FLAG, _word("call-back", "officer")),
        "finishes": FLAG,
        "joins": FLAG,
        "collect": _either(QUESTION, _ref("collect")),
        "agreed by": PARTIES,
        "agreed within": AMOUNT,
        "second": AMOUNT,
        "opens": OPENS,
        "require": REQUIRE,
        "title": TEXTS,
        "source": TEXT,
    },
    "match": {"by": QUESTION, "else": TEXT},
    "state": {
        "title": TEXTS,
        "held by": PARTY,
        "within": LIMIT,
        "lasts": LIMIT,
        "waits for": _ref("waits"),
        "else": STATE,
        "then": _either(STATE, _pairs("outcome", STATE)),
        "may": _named(_ref("move")),
        "duties": _named(_ref("duty")),
        "extend": _ref("extend"),
        "opens": OPENS,
        "route": _ref("route"),
        "objections": _ref("objections"),
        "source": TEXT,
    },
    "objections": {
        "by": PARTIES,
        "within": AMOUNT,
        "ask": ASK,
        "answered by": _some(_pattern(rf"[^0-9 ][^ ]* {_AMOUNT}") | {"$comment": "answerer"}),
        "answer": ASK,
        "hold up": FLAG,
        "each person": _whole(1, 10),
        "else": STATE,
        "title": TEXTS,
        "source": TEXT,
    },
    "limit": {
        "amount": AMOUNT,
        "until": QUESTION,
        "policy": TEXT,
        "at most": AMOUNT,
        "since": ANCHOR,
        "during": DURING,
        "source": TEXT,
    },
    "limit by": {"by": QUESTION, "else": LENGTH, "since": ANCHOR, "during": DURING, "source": TEXT},
    "length": {"amount": AMOUNT, "policy": TEXT, "at most": AMOUNT, "source": TEXT},
    "season": {"amount": AMOUNT, "title": TEXTS, "source": TEXT},
    "opens": {"on": TEXT, "as": TEXT, "one for each": QUESTION, "with": _named(_said("told"))},
    "final": {
        "means": _word(*get_args(Meaning)),
        "title": TEXTS,
        "recheck": _ref("recheck"),
        "raised again": _ref("again"),
    },
    "again": {"by": PARTIES, "within": AMOUNT, "as": TEXT, "with": _named(QUESTION, "question"), "source": TEXT},
    "recheck": {"share": _whole(1, 100), "after": AMOUNT, "opens": OPENS, "source": TEXT},
    "waits": {
        "all opened": {"type": "null"},
        "entry": QUESTION,
        "facts": QUESTIONS,
        "from": PARTIES,
        "until": QUESTION,
        "at most": AMOUNT,
        "source": TEXT,
    },
    "collect": {
        "count": QUESTION,
        "yes": _some(COUNTED),
        "no": COUNTED,
        "enough": _either(
            _whole(1, 10_000), _pattern(r"(more than )?[0-9]{1,4}/[0-9]{1,4} of .+") | {"$comment": "share"}
        ),
    },
    "route": {"at most": TIMES, "to": STATE, "then": STATE},
    "duty": {
        "title": TEXTS,
        "of": PARTIES,
        "ask": ASK,
        "show": SHOW,
        "within": AMOUNT,
        "every": _either(_word("quarter", "month"), AMOUNT),
        "by": _pattern("day ([1-9]|1[0-9]|2[0-8]) of next month") | {"$comment": "month-day"},
        "runs on": FLAG,
        "source": TEXT,
    },
    "span": {"from": ANCHOR, "to": STATE, "within": AMOUNT, "else": STATE, "source": TEXT},
    "extend": {
        "ask by": PARTIES,
        "decided by": PARTIES,
        "ask before due": AMOUNT,
        "decide within": AMOUNT,
        "no answer": _word("refused"),
        "by at most": AMOUNT,
        "times": _whole(1, 10),
        "source": TEXT,
    },
}
_PARTIES = ("staff of", "office", "body", "member of", "unit that did")
_LIMITS = ("within", "lasts", "waits for")

# What belongs together inside one table, beyond the keys that must always be there.
TOGETHER: Mapping[str, Schema] = {
    "separate": {"minProperties": 1, "maxProperties": 1},
    "field": {
        "if": {"properties": {"type": {"const": "choice"}}},
        "then": _one_of(["choices"], ["choices from"]),
        "else": {"not": _either({"required": ["choices"]}, {"required": ["choices from"]})},
    },
    "party": _one_of(*([key] for key in _PARTIES)) | {"dependencies": {"office": ["level"], "body": ["level"]}},
    "move": {
        "dependencies": {"then": ["at most"], "agreed by": ["agreed within"], "agreed within": ["agreed by"]},
        "not": {"required": ["second", "agreed by"]},
    },
    "state": _one_of(
        ["held by", "within", "else"], ["lasts", "then"], ["waits for", "then", "else"], apart=(*_LIMITS, "route")
    ),
    "limit": _one_of(
        ["amount"], ["until", "at most"], ["policy", "at most"], apart=("amount", "until", "policy", "at most")
    ),
    "length": _one_of(["amount"], ["policy", "at most"], apart=("amount", "policy", "at most")),
    "waits": _one_of(["all opened"], ["entry"], ["facts", "from"], apart=("all opened", "entry", "facts", "from")),
    "duty": {
        "if": {"required": ["every"], "properties": {"every": _word("quarter", "month")}},
        "then": {"required": ["by"]},
        "else": {"not": {"required": ["by"]}},
        "not": {"required": ["every", "within"]},
    },
}

# Tables in which names of the mechanism's own stand beside the keys.
OPEN: Mapping[str, Schema] = {
    "limit by": {"propertyNames": {"$comment": "answers"}, "additionalProperties": LENGTH, "minProperties": 2},
    "match": {"propertyNames": {"$comment": "answers"}, "additionalProperties": TEXT, "minProperties": 2},
}


def schema() -> Schema:
    """Return the schema of a mechanism file, for YAML 1.2 read as JSON."""
    tables = {"titles": keys.TITLES, "separate": keys.SEPARATE, "taken": keys.TAKEN}
    tables |= {name: known for name, (known, _) in KEYS.items()}
    definitions = {name: _table(name, known) for name, known in tables.items()}
    whole = definitions.pop("file")
    languages = dict.fromkeys(LANGUAGES, TEXT)
    definitions["texts"] = _either(TEXT, _closed(languages) | {"minProperties": 1})
    definitions["choice"] = _closed(languages | {"marks": WORDS}) | {"minProperties": 1}
    definitions["fork"] = _closed({"route": _ref("route"), "title": TEXTS}) | {"required": ["route"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A mechanism of Jiebang",
        **whole,
        "definitions": dict(sorted(definitions.items())),
    }


def written() -> str:
    """Return the schema as the text of its file, the same on every machine."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _closed(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _table(name: str, known: Sequence[str]) -> Schema:
    said = KEYS[name][1] if name in KEYS else {}
    meanings = {key.removesuffix("*"): text for key, text in said.items()}
    wanted = [key for key in known if f"{key}*" in said]
    table = _closed({key: described(KINDS[name][key], meanings.get(key, "")) for key in known}) | OPEN.get(name, {})
    return table | ({"required": wanted} if wanted else {}) | TOGETHER.get(name, {})


def described(kind: Schema, meaning: str) -> Schema:
    """Return a kind of value with a sentence about it."""
    if not meaning:
        return kind
    return {"description": meaning, **({"allOf": [kind]} if "$ref" in kind else kind)}
