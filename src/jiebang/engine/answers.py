"""Reading what people typed: every answer is checked against its question before anything is decided.

Forms send text, so a number or a yes may come as text; what is kept has one form: text without outer blanks and
with plain line ends, "yes" or "no", an ISO day, an integer. An empty text is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import cast

from jiebang.engine import positions
from jiebang.engine.conditions import holds
from jiebang.engine.model import READ_TYPES, Field, Json, Move, Program, Proof, Refused, Texts
from jiebang.engine.refusals import refuse

FILE_TYPES = frozenset({"photo", "document", "signature"})
MOST_FILES = 12  # of one command; each question has its own limit below that

_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"\d{1,12}", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,64}")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "yes-no": re.compile("yes|no"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "area": _NAME,
    "unit": _NAME,
    "entry": _NAME,
    "phone": re.compile(r"\+?[\d -]{5,20}", re.ASCII),
}
_READ_LINE = re.compile(r"[\w.-]{1,64}( [\w.:-]{1,64}){0,8}")
MOST_READ = 200  # lines of what the city reads
_KINDS: Mapping[str, str] = {"photo": "照片", "document": "文件", "signature": "签名"}
_LABELS: Mapping[str, str] = {"before": "整改前", "after": "整改后"}

_WANTED: Mapping[str, Mapping[str, str]] = {
    "text": {"zh": "须是文字", "en": "a text is wanted"},
    "lines": {"zh": "须是文字，一行一项", "en": "texts are wanted, one a line"},
    "choice": {"zh": "须选一项", "en": "one choice is wanted"},
    "yes-no": {"zh": "须答是或否", "en": "yes or no is wanted"},
    "date": {"zh": "须是日期，如 2026-03-02", "en": "a day is wanted, such as 2026-03-02"},
    "area": {"zh": "须选一个地区", "en": "an area is wanted"},
    "unit": {"zh": "须选一个单位", "en": "a unit is wanted"},
    "entry": {"zh": "须是事项编号", "en": "an entry's number is wanted"},
    "number": {"zh": "须是整数", "en": "a whole number is wanted"},
    "phone": {"zh": "须是电话号码，只含数字、空格、- 和 +", "en": "a phone number is wanted: digits, blanks, - and +"},
    "position": {
        "zh": "须是纬度和经度，如 29.55210,103.76570",
        "en": "a latitude and a longitude are wanted, such as 29.55210,103.76570",
    },
    "photo": {"zh": "须上传照片", "en": "a photo must be uploaded"},
    "document": {"zh": "须上传文件", "en": "a document must be uploaded"},
    "account": {"zh": "由系统从各榜读出", "en": "it is read from the boards"},
    "standing": {"zh": "由系统从各榜读出", "en": "it is read from the boards"},
    "signature": {"zh": "须上传签名", "en": "a signature must be uploaded"},
}


def read(
    move: Move, given: Mapping[str, Json], shown: Sequence[str], known: Mapping[str, Json], program: Program
) -> dict[str, Json] | Refused:
    """Return the answers to the move's questions in their kept form, or why they cannot be taken.

    `known` are earlier answers that conditions may read. Files are not answers: a question for a photo is met by
    what is `shown`.
    """
    answers: dict[str, Json] = {}
    left = {name: value for name, value in given.items() if value is not None and value != ""}
    for ask in move.ask:
        field = program.fields[ask.field]
        asked = not ask.when.tests or holds(ask.when, {**known, **answers}, program)
        if field.type in FILE_TYPES:
            files = sum(item.partition(" ")[0] == field.type for item in shown)
            if not files and asked and not ask.optional:
                return refuse("answer-missing", about=field.name, field=field.title)
            if files > field.most:
                return refuse("too-many-files", about=field.name, n=files, most=field.most)
            continue
        value = left.pop(field.name, None)
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").strip() or None
        if value is None:
            if asked and not ask.optional:
                return refuse("answer-missing", about=field.name, field=field.title)
            continue
        if not asked:
            return refuse("answer-not-asked", about=field.name, field=field.title)
        taken = kept_form(field, value)
        if isinstance(taken, Refused):
            return taken
        answers[field.name] = taken
    for name in left:
        known_field = program.fields.get(name)
        title = known_field.title if known_field else {"en": _short(name)}
        return refuse("answer-unknown", about=_short(name), field=title, move=move.title)
    return answers


def unshown(move: Move, shown: Sequence[str], answers: Mapping[str, Json], program: Program) -> Refused | None:
    """The refusal when a proof the move wants is not among what is shown; None when all is there."""
    for proof in move.show:
        if holds(proof.when, answers, program) and not is_shown(proof.kind, proof.label, shown):
            return refuse("no-proof", about=proof.kind, move=move.title, proof=proof_title(proof))
    return None


def is_shown(kind: str, label: str, shown: Sequence[str]) -> bool:
    """Whether a file of that kind is there; a labelled proof ("photo before") needs that label."""
    if label:
        return f"{kind} {label}" in shown
    return any(item == kind or item.startswith(kind + " ") for item in shown)


def proof_title(proof: Proof) -> Texts:
    """The proof in words, per language: its own title, or 整改前照片, photo before."""
    if proof.title:
        return proof.title
    zh = _KINDS[proof.kind]
    label = _LABELS.get(proof.label, proof.label)
    return {"zh": f"{label}{zh}", "en": f"{proof.kind} {proof.label}".strip()}


def kept_form(field: Field, value: Json) -> Json | Refused:
    """Return one answer in its kept form, or why it is none."""
    if field.many:
        return _lines(field, value)
    if field.type in READ_TYPES:
        return _read_lines(field, value)
    if field.type == "yes-no" and isinstance(value, bool):
        return "yes" if value else "no"
    if field.type == "number":
        return _number(field, value)
    if not isinstance(value, str):
        return refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED[field.type])
    if _UNKEPT.search(value):
        return refuse("answer-characters", about=field.name, field=field.title)
    if field.type == "text":
        if len(value) > field.most:
            return refuse("answer-too-long", about=field.name, field=field.title, length=len(value), most=field.most)
        return value
    if field.type == "position":
        position = positions.read(value)
        return position or refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED["position"])
    if field.type == "choice":
        if any(choice.id == value for choice in field.choices):
            return value
        return refuse("answer-choice", about=field.name, field=field.title)
    if _FORMS[field.type].fullmatch(value) and (field.type != "date" or _is_day(value)):
        return value
    return refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED[field.type])


def _lines(field: Field, value: Json) -> Json | Refused:
    """Several texts: a list, or one text with a line for each. Empty lines are none."""
    given = value.split("\n") if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(line, str) for line in given):
        return refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED["lines"])
    lines = [line.strip() for line in given if isinstance(line, str) and line.strip()]
    if not lines:
        return refuse("answer-missing", about=field.name, field=field.title)
    if len(lines) > field.many:
        return refuse("too-many-lines", about=field.name, field=field.title, n=len(lines), most=field.many)
    for line in lines:
        taken = kept_form(replace(field, many=0), line)
        if isinstance(taken, Refused):
            return taken
    return cast("Json", lines)


def _read_lines(field: Field, value: Json) -> Json | Refused:
    lines = value.split("\n") if isinstance(value, str) else value
    if (
        not isinstance(lines, list)
        or not 1 <= len(lines) <= MOST_READ
        or not all(isinstance(line, str) and _READ_LINE.fullmatch(line) for line in lines)
    ):
        return refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED[field.type])
    return list(lines)


def _number(field: Field, value: Json) -> Json | Refused:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return refuse("answer-type", about=field.name, field=field.title, wanted=_WANTED["number"])
    if not 0 <= value <= field.most:
        return refuse("number-range", about=field.name, field=field.title, most=field.most)
    return value


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _short(name: str) -> str:
    """A name somebody else made up, safe to print."""
    return _UNKEPT.sub("?", name)[:40]
