"""The small sentences inside a mechanism file: amounts of time, conditions, parties by deed.

Each reader answers with a value, or with None when the words are not of its kind; the parser says so with the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from jiebang.engine.model import Amount, Choice, Condition, Exclusion, Field, Proof, ProofKind, Share, Test, Unit

_AMOUNT = re.compile(r"(\d{1,4}) ?(wd|d|h|wh|min)", re.ASCII)
_NAME = r"[^\W\d_][\w-]*"
NAME = re.compile(_NAME)
_SINCE = re.compile(rf"(?P<amount>.+?) since (?P<since>{_NAME})")
_IS = re.compile(rf"(?P<field>{_NAME}) is (?P<not>not )?(?P<values>[\w-]+(?: or [\w-]+)*)")
_NUMBER = re.compile(rf"(?P<field>{_NAME}) is (?P<side>at least|above|at most|below) (?P<constant>[0-9]{{1,12}})")
_BARE = re.compile(rf"(?P<not>not )?(?P<name>{_NAME})")
_DUTIES = re.compile(r"all duties done(?: but (?P<but>[\w-]+(?:, ?[\w-]+)*))?")
_KIND = re.compile(r"(?P<kind>photo|document|signature)(?: (?P<label>[\w-]+(?: [\w-]+){0,4}))?")
_DEED_PERSON = re.compile(rf"whoever did (?P<moves>{_NAME}(?: or {_NAME})*)")
_DEED_UNIT = re.compile(rf"unit of (?P<moves>{_NAME}(?: or {_NAME})*)")
_MEMBER = re.compile(rf"member of (?P<party>{_NAME})")
_UNIT_THAT_DID = re.compile(rf"unit that did (?P<moves>{_NAME}(?: or {_NAME})*)")


def amount(words: str) -> Amount | None:
    """`3 wd`, `5 d`, `2 h`, `20 min`, `8 wh`; at least 1."""
    found = _AMOUNT.fullmatch(words.strip())
    if found is None or int(found[1]) < 1:
        return None
    return Amount(int(found[1]), cast(Unit, found[2]))


_SHARE = re.compile(rf"(?P<over>more than )?(?P<n>[0-9]{{1,4}})/(?P<of>[0-9]{{1,4}}) of (?P<question>{_NAME})")


def share(words: str) -> Share | None:
    """`more than 1/2 of present`, `1/10 of voters`: a true part, or the whole."""
    found = _SHARE.fullmatch(words.strip())
    if found is None:
        return None
    n, of, over = int(found["n"]), int(found["of"]), bool(found["over"])
    return Share(n, of, found["question"], over) if 0 < n <= of and not (over and n == of) else None


def amount_since(words: str) -> tuple[str, str | None]:
    """Split `15 wd since raised` into the amount's words and its anchor."""
    found = _SINCE.fullmatch(words.strip())
    return (found["amount"], found["since"]) if found else (words, None)


def names_joined(words: str, *, by: str = " or ") -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(by))


def unit_that_did(words: str) -> tuple[str, ...] | None:
    found = _UNIT_THAT_DID.fullmatch(words.strip())
    return names_joined(found["moves"]) if found else None


def exclusion(words: str) -> Exclusion | None:
    """`whoever did finish` excludes a person, `unit of finish` a unit, `member of committee` a body."""
    if found := _DEED_PERSON.fullmatch(words.strip()):
        return Exclusion("person", names_joined(found["moves"]))
    if found := _DEED_UNIT.fullmatch(words.strip()):
        return Exclusion("unit", names_joined(found["moves"]))
    if found := _MEMBER.fullmatch(words.strip()):
        return Exclusion("member", (), found["party"])
    return None


def proof(words: str) -> Proof | None:
    """`photo before`, `document`, `signature of head`."""
    found = _KIND.fullmatch(words.strip())
    return Proof(cast(ProofKind, found["kind"]), found["label"] or "") if found else None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A condition that cannot be read, with the part that is wrong and what was expected there."""

    part: str
    zh: str
    en: str


def condition(words: str, fields: Mapping[str, Field], duties: Iterable[str]) -> Condition | Unreadable:
    """Read `solved is yes or partly`, `not reached`, `visible-work`, `amount is at least 50000`,
    `all duties done but stop-work`, joined by `and`.

    A bare name is a yes-or-no question answered yes, or a mark that a choice carries.
    """
    tests: list[Test] = []
    duties_done, but = False, ()  # type: bool, tuple[str, ...]
    for part in re.split(r"\s+and\s+", words.strip()):
        if found := _DUTIES.fullmatch(part):
            duties_done = True
            but = tuple(re.split(", ?", found["but"])) if found["but"] else ()
            unknown = [name for name in but if name not in set(duties)]
            if unknown:
                return Unreadable(unknown[0], "这个状态没有这项任务", "this state has no such duty")
            continue
        test = _test(part, fields)
        if isinstance(test, Unreadable):
            return test
        tests.append(test)
    return Condition(tuple(tests), duties_done, but)


def _test(part: str, fields: Mapping[str, Field]) -> Test | Unreadable:
    if found := _NUMBER.fullmatch(part):
        return _number(found["field"], found["side"], int(found["constant"]), fields)
    if found := _IS.fullmatch(part):
        field = fields.get(found["field"])
        if field is None:
            return Unreadable(found["field"], "没有这个问题", "there is no such question")
        known = answers_of(field)
        if known is None:
            return Unreadable(
                field.name,
                "只有选择题和是否题可以作条件，数字要写 at least 或 below",
                "only choices and yes-or-no questions can be tested, and a number as `at least 5` or `below 5`",
            )
        values = names_joined(found["values"])
        wrong = [value for value in values if value not in known]
        if wrong:
            return Unreadable(wrong[0], f"“{field.name}”没有这个选项", f"“{field.name}” has no such choice")
        return Test(field.name, values, bool(found["not"]))
    if found := _BARE.fullmatch(part):
        name, negated = found["name"], bool(found["not"])
        field = fields.get(name)
        if field is not None and field.type == "yes-no":
            return Test(name, ("yes",), negated)
        marked = [field for field in fields.values() if any(name in choice.marks for choice in field.choices)]
        if len(marked) == 1:
            return Test(marked[0].name, (), negated, name)
        return Unreadable(name, "不是是否题，也不是选项的标记", "neither a yes-or-no question nor a mark of a choice")
    return Unreadable(part, "看不懂", "not understood")


def _number(name: str, side: str, constant: int, fields: Mapping[str, Field]) -> Test | Unreadable:
    """`above` and `at most` are said by the next whole number, so that every test has one form."""
    field = fields.get(name)
    if field is None:
        return Unreadable(name, "没有这个问题", "there is no such question")
    if field.type != "number":
        return Unreadable(name, "不是数字题", "it is no number")
    bound = constant + 1 if side in ("above", "at most") else constant
    if not 1 <= bound <= field.most:
        return Unreadable(
            str(constant),
            f"这样比较没有意义：回答是 0 到 {field.most}",
            f"that decides nothing: answers go from 0 to {field.most}",
        )
    return Test(name, at_least=bound) if side in ("at least", "above") else Test(name, below=bound)


def cells(most: int, constants: Iterable[int]) -> tuple[int, ...]:
    """One number of each kind that comparisons with these constants can tell apart, from 0 to `most`.

    Between two neighbouring constants no comparison changes, so c-1, c, c+1 of each and the two ends are enough.
    """
    near = {0, most} | {c + step for c in constants for step in (-1, 0, 1)}
    return tuple(sorted(n for n in near if 0 <= n <= most))


def answers_of(field: Field) -> tuple[str, ...] | None:
    """All answers a question can have, if they can be listed."""
    if field.type == "yes-no":
        return ("yes", "no")
    return tuple(choice.id for choice in field.choices) if field.type == "choice" else None


def choice(name: str, title: Mapping[str, str], marks: Iterable[str]) -> Choice:
    return Choice(name, dict(title), tuple(marks))
