"""The JSON Schema of the language with Chinese keys, turned from the English one: same form and rules, other words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jiebang.engine.parser import schema
from jiebang.engine.tongues.phrases import ALSO, UNITS
from jiebang.engine.tongues.words import FLAGS, TABLES, chinese_key, chinese_words

_AMOUNT = rf"[0-9]{{1,4}} ?({'|'.join(sorted([*UNITS.values(), *ALSO], key=len, reverse=True))})"
_PATTERNS: Mapping[str, str] = {
    "amount": f"^{_AMOUNT}$",
    "limit": f"^({_AMOUNT}( ?[（(]自.+起[)）])?|自.+起 ?{_AMOUNT})$",
    "answerer": f"^[^0-9 ][^ ]* {_AMOUNT}$",
    "share": r"^(超过 ?)?.+ ?的 ?[0-9]{1,4}/[0-9]{1,4}$",
    "month-day": "^次月 ?([1-9]|1[0-9]|2[0-8]) ?日$",
}


def spoken(lang: str) -> schema.Schema:
    """Return the schema of a mechanism file whose keys are in `lang`."""
    return _chinese() if lang == "zh" else schema.schema()


def written(lang: str) -> str:
    """Return the schema as the text of its file, the same on every machine."""
    return json.dumps(_chinese(), ensure_ascii=False, indent=1) + "\n" if lang == "zh" else schema.written()


@cache
def _chinese() -> schema.Schema:
    said = schema.schema()
    definitions = {name: _turned(part, name) for name, part in said["definitions"].items()}
    whole = _turned({key: part for key, part in said.items() if key != "definitions"}, "file")
    return {**whole, "title": "揭榜：一份机制", "definitions": definitions}


def _turned(part: Any, table: str) -> Any:
    if isinstance(part, list):
        return [_turned(each, table) for each in part]
    if not isinstance(part, Mapping):
        return part
    if part.get("type") == "boolean":
        return {**_without(part, "type"), "enum": list(FLAGS.values())}
    return {name: _member(name, value, table, part) for name, value in part.items()}


def _without(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def _member(name: str, value: Any, table: str, part: Mapping[str, Any]) -> Any:
    if name == "properties":
        said = {key: _turned(each, table) for key, each in value.items()}
        return {chinese_key(table, key): _described(each, table, key) for key, each in said.items()}
    if name == "required":
        return [chinese_key(table, key) for key in value]
    if name == "dependencies":
        return {chinese_key(table, key): [chinese_key(table, one) for one in wanted] for key, wanted in value.items()}
    if name == "enum":
        return list(chinese_words(value).values())
    if name == "allOf" and "$ref" in value[0]:  # what else is wanted there is about that table's keys
        return [_turned(each, value[0]["$ref"].rpartition("/")[2]) for each in value]
    if name == "const":
        return chinese_words([value])[value]
    if name == "pattern":
        return _PATTERNS.get(part.get("$comment", ""), value)
    return _turned(value, table)


def _described(kind: schema.Schema, table: str, key: str) -> schema.Schema:
    meaning = TABLES[table][key][1] if "const" not in kind else ""
    return schema.described({name: part for name, part in kind.items() if name != "description"}, meaning)
