"""The small sentences inside a value, from one tongue into the other: limits, conditions, parties by deed, proofs.

Each phrase is a pair of readers; a reader answers with the sentence in the other tongue, or with None when the words
are not a sentence of its own. Names an author gave stay what they are. What Chinese writes without spaces needs none
where a mark closes a name (`自claim起`); beside `为`, `或` and `且` a space keeps names and grammar apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jiebang.engine.tongues.words import ANCHORS, FLAGS, NAMES, PARTIES, TOLD, TYPES, WORDS

_NAME = r"[^\W\d_][\w-]*"
_ID = r"[\w-]+"
UNITS: Mapping[str, str] = {"wd": "个工作日", "d": "天", "h": "小时", "wh": "个办公小时", "min": "分钟"}
ALSO = {"工作日": "wd", "日": "d", "个小时": "h", "办公小时": "wh"}  # understood, written as above
_SIDES = {"at least": "至少为", "above": "大于", "at most": "至多为", "below": "小于"}
_HOW = {"all": "全部", "any": "任一"}
_MEANS = WORDS["means"]
_PROOFS = {kind: TYPES[kind] for kind in ("photo", "document", "signature")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sentence can depend on: which questions are yes-or-no, and the one whose answers are counted."""

    yes_no: frozenset[str] = frozenset()
    counted: str = ""


Reader = Callable[[str, Asked], str | None]


@dataclass(frozen=True, slots=True)
class Phrase:
    """`example` is what stands in a list of what may be written: English, Chinese."""

    to_zh: Reader
    to_en: Reader
    example: tuple[str, str] = ("", "")

    def turned(self, words: str, to: str, asked: Asked) -> str | None:
        return (self.to_zh if to == "zh" else self.to_en)(words.strip(), asked)


def _back(words: Mapping[str, str]) -> dict[str, str]:
    return {zh: en for en, zh in words.items()}


def _table(words: Mapping[str, str]) -> tuple[Reader, Reader]:
    """A closed set of words."""
    back = _back(words)
    return (lambda said, _: words.get(said)), (lambda said, _: back.get(said))


def _names(words: Mapping[str, str]) -> tuple[Reader, Reader]:
    """Names an author gives, a few of which are fixed. A fixed name of the other tongue is not understood."""
    back = _back(words)
    return (
        lambda said, _: words.get(said, said),
        lambda said, _: None if said in words else back.get(said, said),
    )


def _listed(said: str, each: Callable[[str], str | None], split: str, join: str) -> str | None:
    found = [each(part) for part in re.split(split, said)]
    return None if None in found else join.join(str(part) for part in found)


# ── Lengths of time ──

_AMOUNT_EN = re.compile(r"(\d{1,4}) ?(wd|d|h|wh|min)", re.ASCII)
_AMOUNT_ZH = re.compile(rf"([0-9]{{1,4}}) ?({'|'.join(sorted([*UNITS.values(), *ALSO], key=len, reverse=True))})")
_SINCE_EN = re.compile(rf"(?P<amount>.+?) since (?P<since>{_NAME})")
_SINCE_ZH = re.compile(rf"(?P<amount>.+?) ?[（(]自 ?(?P<since>{_NAME}) ?起[)）]")
_SINCE_FIRST = re.compile(rf"自 ?(?P<since>{_NAME}) ?起 ?(?P<amount>.+)")  # as notices say it
_DAY_EN = re.compile(r"day (\d{1,2}) of next month", re.ASCII)
_DAY_ZH = re.compile(r"次月 ?([0-9]{1,2}) ?日")


def amount_zh(said: str, _: Asked | None = None) -> str | None:
    found = _AMOUNT_EN.fullmatch(said)
    return found[1] + UNITS[found[2]] if found else None


def amount_en(said: str, _: Asked | None = None) -> str | None:
    found = _AMOUNT_ZH.fullmatch(said)
    return f"{found[1]} {({**_back(UNITS), **ALSO})[found[2]]}" if found else None


def _limit_zh(said: str, asked: Asked) -> str | None:
    found = _SINCE_EN.fullmatch(said)
    amount = amount_zh(found["amount"] if found else said)
    return amount and (f"{amount}（自{ANCHORS.get(found['since'], found['since'])}起）" if found else amount)


def _limit_en(said: str, asked: Asked) -> str | None:
    found = _SINCE_ZH.fullmatch(said) or _SINCE_FIRST.fullmatch(said)
    amount = amount_en(found["amount"] if found else said)
    anchor = _anchor_en(found["since"], asked) if found else None
    return None if amount is None or (found and anchor is None) else f"{amount} since {anchor}" if found else amount


_ANSWERER = re.compile(rf"(?P<who>{_NAME}) (?P<amount>[0-9].*)")


def _answerer_zh(said: str, asked: Asked) -> str | None:
    """Who answers an objection, and in which time."""
    found = _ANSWERER.fullmatch(said)
    amount = amount_zh(found["amount"]) if found else None
    return f"{_party_zh(found['who'], asked)} {amount}" if found and amount else None


def _answerer_en(said: str, asked: Asked) -> str | None:
    found = _ANSWERER.fullmatch(said)
    amount, who = (amount_en(found["amount"]), _party_en(found["who"], asked)) if found else (None, None)
    return f"{who} {amount}" if who and amount else None


_SHARE_EN = re.compile(rf"(?P<over>more than )?(?P<part>[0-9]{{1,4}}/[0-9]{{1,4}}) of (?P<name>{_NAME})")
_SHARE_ZH = re.compile(rf"(?P<over>超过 ?)?(?P<name>{_NAME}) ?的 ?(?P<part>[0-9]{{1,4}}/[0-9]{{1,4}})")


def _share_zh(said: str, _: Asked) -> str | None:
    """A part of a number that was told."""
    found = _SHARE_EN.fullmatch(said)
    return f"{'超过 ' if found['over'] else ''}{found['name']} 的 {found['part']}" if found else None


def _share_en(said: str, _: Asked) -> str | None:
    found = _SHARE_ZH.fullmatch(said)
    return f"{'more than ' if found['over'] else ''}{found['part']} of {found['name']}" if found else None


_anchor_zh, _anchor_en = _names(ANCHORS)

_DISTANCE_EN = re.compile(rf"at (?P<side>least|most) (?P<amount>.+?) from (?P<since>{_NAME})")
_DISTANCE_ZH = re.compile(rf"距 ?(?P<since>{_NAME}) ?(?P<side>至少|至多) ?(?P<amount>.+)")
_FAR = {"least": "至少", "most": "至多"}


def _distance_zh(said: str, _: Asked) -> str | None:
    found = _DISTANCE_EN.fullmatch(said)
    amount = amount_zh(found["amount"]) if found else None
    since = {"now": "今天"}.get(found["since"], found["since"]) if found else ""
    return f"距 {since} {_FAR[found['side']]} {amount}" if found and amount and found["since"] != "今天" else None


def _distance_en(said: str, _: Asked) -> str | None:
    found = _DISTANCE_ZH.fullmatch(said)
    amount = amount_en(found["amount"]) if found else None
    since = {"今天": "now"}.get(found["since"], found["since"]) if found else ""
    return (
        f"at {_back(_FAR)[found['side']]} {amount} from {since}"
        if found and amount and found["since"] != "now"
        else None
    )


def _day_zh(said: str, _: Asked) -> str | None:
    found = _DAY_EN.fullmatch(said)
    return f"次月{found[1]}日" if found else None


def _day_en(said: str, _: Asked) -> str | None:
    found = _DAY_ZH.fullmatch(said)
    return f"day {found[1]} of next month" if found else None


# ── Parties by deed ──

_DEEDS_EN = rf"{_NAME}(?: or {_NAME})*"
_DEEDS_ZH = rf"{_NAME}(?: 或 {_NAME})*"
_BY_DEED = (
    (
        re.compile(rf"whoever did ({_DEEDS_EN})"), "做过 {} 的人",
        re.compile(rf"做过 ?({_DEEDS_ZH}) ?的人"), "whoever did {}",
    ),
    (re.compile(rf"unit of ({_DEEDS_EN})"), "{} 的单位", re.compile(rf"({_DEEDS_ZH}) ?的单位"), "unit of {}"),
    (re.compile(rf"member of ({_NAME})"), "{} 的成员", re.compile(rf"({_NAME}) ?的成员"), "member of {}"),
)  # fmt: skip
_STAFF = (
    (
        re.compile(rf"unit that did ({_DEEDS_EN})"), "做过 {} 的单位",
        re.compile(rf"做过 ?({_DEEDS_ZH}) ?的单位"), "unit that did {}",
    ),
)  # fmt: skip


def _deed_zh(said: str, asked: Asked) -> str | None:
    return _patterned(said, [(en, zh) for en, zh, _, _ in _BY_DEED], " or ", " 或 ")


def _deed_en(said: str, asked: Asked) -> str | None:
    return _patterned(said, [(zh, en) for _, _, zh, en in _BY_DEED], " 或 ", " or ")


def _staff_zh(said: str, asked: Asked) -> str | None:
    if said == "area":
        return WORDS["of"]["area"]
    return _patterned(said, [(en, zh) for en, zh, _, _ in _STAFF], " or ", " 或 ") or PARTIES.get(said, said)


def _staff_en(said: str, asked: Asked) -> str | None:
    if said == WORDS["of"]["area"]:
        return "area"
    if said == "area":
        return None
    return _patterned(said, [(zh, en) for _, _, zh, en in _STAFF], " 或 ", " or ") or (
        _party_en(said, asked) if re.fullmatch(_NAME, said) else None
    )


def _patterned(said: str, pairs: list[tuple[re.Pattern[str], str]], old: str, new: str) -> str | None:
    for pattern, written in pairs:
        if found := pattern.fullmatch(said):
            return written.format(new.join(found[1].split(old)))
    return None


def _deeds_zh(said: str, asked: Asked) -> str | None:
    return " 或 ".join(said.split(" or "))


def _deeds_en(said: str, asked: Asked) -> str | None:
    return " or ".join(said.split(" 或 ")) if re.fullmatch(_DEEDS_ZH, said) else None


def _answers_zh(said: str, asked: Asked) -> str | None:
    return " 或 ".join(_counted_zh(one, asked) or one for one in said.split(" or "))


def _answers_en(said: str, asked: Asked) -> str | None:
    if not re.fullmatch(rf"{_ID}(?: 或 {_ID})*", said):
        return None
    return " or ".join(_counted_en(one, asked) or one for one in said.split(" 或 "))


_party_zh, _party_en = _names(PARTIES)

# ── Conditions ──

_IS_EN = re.compile(rf"(?P<field>{_NAME}) is (?P<not>not )?(?P<values>{_ID}(?: or {_ID})*)")
_IS_ZH = re.compile(rf"(?P<field>{_NAME}) (?P<not>不)?为 (?P<values>{_ID}(?: 或 {_ID})*)")
_NUMBER_EN = re.compile(rf"(?P<field>{_NAME}) is (?P<side>at least|above|at most|below) (?P<n>[0-9]{{1,12}})")
_NUMBER_ZH = re.compile(rf"(?P<field>{_NAME}) (?P<side>{'|'.join(_SIDES.values())}) ?(?P<n>[0-9]{{1,12}})")
_BARE_EN = re.compile(rf"(?P<not>not )?(?P<name>{_NAME})")
_BARE_ZH = re.compile(rf"(?P<not>非 )?(?P<name>{_NAME})")
_DUTIES_EN = re.compile(rf"all duties done(?: but (?P<but>{_ID}(?:, ?{_ID})*))?")
_DUTIES_ZH = re.compile(rf"(?:义务都已完成|除 ?(?P<but>{_ID}(?:、 ?{_ID})*) ?外义务都已完成)")


def _condition_zh(said: str, asked: Asked) -> str | None:
    return _listed(said, lambda part: _test_zh(part, asked), r"\s+and\s+", " 且 ")


def _condition_en(said: str, asked: Asked) -> str | None:
    return _listed(said, lambda part: _test_en(part, asked), r"\s+且\s+", " and ")


def _test_zh(part: str, asked: Asked) -> str | None:
    if found := _DUTIES_EN.fullmatch(part):
        return f"除 {'、'.join(re.split(', ?', found['but']))} 外义务都已完成" if found["but"] else "义务都已完成"
    if found := _NUMBER_EN.fullmatch(part):
        return f"{found['field']} {_SIDES[found['side']]} {found['n']}"
    if found := _IS_EN.fullmatch(part):
        values = [_answer(one, found["field"], asked, _YES_NO) for one in found["values"].split(" or ")]
        return f"{found['field']} {'不' if found['not'] else ''}为 {' 或 '.join(values)}"
    found = _BARE_EN.fullmatch(part)
    return f"{'非 ' if found['not'] else ''}{found['name']}" if found else None


def _test_en(part: str, asked: Asked) -> str | None:
    if found := _DUTIES_ZH.fullmatch(part):
        return "all duties done" + (f" but {', '.join(re.split('、 ?', found['but']))}" if found["but"] else "")
    if found := _NUMBER_ZH.fullmatch(part):
        return f"{found['field']} is {_back(_SIDES)[found['side']]} {found['n']}"
    if found := _IS_ZH.fullmatch(part):
        said = found["values"].split(" 或 ")
        if found["field"] in asked.yes_no and set(said) & set(_YES_NO):
            return None
        values = [_answer(one, found["field"], asked, _back(_YES_NO)) for one in said]
        return f"{found['field']} is {'not ' if found['not'] else ''}{' or '.join(values)}"
    found = _BARE_ZH.fullmatch(part)
    return f"{'not ' if found['not'] else ''}{found['name']}" if found else None


_YES_NO = {"yes": "是", "no": "否"}


def _answer(value: str, field: str, asked: Asked, words: Mapping[str, str]) -> str:
    """`yes` of a yes-or-no question is a word of the language; of a choice it is a name of the author's."""
    return words.get(value, value) if field in asked.yes_no else value


def _counted_zh(said: str, asked: Asked) -> str | None:
    return _answer(said, asked.counted, asked, _YES_NO)


def _counted_en(said: str, asked: Asked) -> str | None:
    return _answer(said, asked.counted, asked, _back(_YES_NO))


def _with_else(to_zh: Reader, to_en: Reader) -> tuple[Reader, Reader]:
    """What stands before a way: a condition, or `else`."""
    return (
        lambda said, asked: "其余" if said == "else" else to_zh(said, asked),
        lambda said, asked: "else" if said == "其余" else None if said == "else" else to_en(said, asked),
    )


def _with_if(to_zh: Reader, to_en: Reader) -> tuple[Reader, Reader]:
    """A condition that may begin with `if`."""

    def zh(said: str, asked: Asked) -> str | None:
        found = to_zh(said.removeprefix("if "), asked)
        return f"若 {found}" if found and said.startswith("if ") else found

    def en(said: str, asked: Asked) -> str | None:
        found = to_en(said.removeprefix("若 ").strip(), asked)
        return f"if {found}" if found and said.startswith("若 ") else found

    return zh, en


_OUTCOME_EN = re.compile(r"(?:(?P<how>all|any) )?(?P<means>[a-z]+(?: or [a-z]+)*)")
_OUTCOME_ZH = re.compile(rf"(?:(?P<how>全部|任一) ?)?(?P<means>{_NAME}(?: 或 {_NAME})*)")


def _outcome_zh(said: str, asked: Asked) -> str | None:
    found = _OUTCOME_EN.fullmatch(said)
    means = _listed(found["means"], _MEANS.get, " or ", " 或 ") if found else None
    return means and (f"{_HOW[found['how']]} {means}" if found and found["how"] else means)


def _outcome_en(said: str, asked: Asked) -> str | None:
    found = _OUTCOME_ZH.fullmatch(said)
    means = _listed(found["means"], _back(_MEANS).get, " 或 ", " or ") if found else None
    return means and (f"{_back(_HOW)[found['how']]} {means}" if found and found["how"] else means)


# ── Questions and proofs ──


def _asked_zh(said: str, asked: Asked) -> str | None:
    return said


def _asked_en(said: str, asked: Asked) -> str | None:
    return said.replace("？", "?")


_PROOF_EN = re.compile(rf"(?P<kind>{'|'.join(_PROOFS)})(?P<label> .+)?")
_PROOF_ZH = re.compile(rf"(?P<kind>{'|'.join(_PROOFS.values())})(?P<label> .+)?")


def _proof_zh(said: str, asked: Asked) -> str | None:
    found = _PROOF_EN.fullmatch(said)
    return _PROOFS[found["kind"]] + (found["label"] or "") if found else None


def _proof_en(said: str, asked: Asked) -> str | None:
    found = _PROOF_ZH.fullmatch(said)
    return _back(_PROOFS)[found["kind"]] + (found["label"] or "") if found else None


CONDITION = (_condition_zh, _condition_en)
PHRASES: Mapping[str, Phrase] = {
    "flag": Phrase(*_table(FLAGS), ("true", "是")),
    "party": Phrase(_party_zh, _party_en, ("raiser", "提出人")),
    "anchor": Phrase(_anchor_zh, _anchor_en, ("raised", "提出")),
    "told": Phrase(*_names(TOLD), ("item", "该项")),
    "amount": Phrase(amount_zh, amount_en, ("3 wd", "3个工作日")),
    "distance": Phrase(_distance_zh, _distance_en, ("at least 10 d from now", "距 今天 至少 10天")),
    "limit": Phrase(_limit_zh, _limit_en, ("15 wd since raised", "15个工作日（自提出起）")),
    "answerer": Phrase(_answerer_zh, _answerer_en, ("committee 3 d", "committee 3天")),
    "share": Phrase(_share_zh, _share_en, ("more than 1/2 of present", "超过 present 的 1/2")),
    "month-day": Phrase(_day_zh, _day_en, ("day 15 of next month", "次月15日")),
    "deed": Phrase(_deed_zh, _deed_en, ("whoever did finish", "做过 finish 的人")),
    "deeds": Phrase(_deeds_zh, _deeds_en, ("claim or assign", "claim 或 assign")),
    "staff": Phrase(_staff_zh, _staff_en, ("area", "本地")),
    "condition": Phrase(*_with_if(*CONDITION), ("solved is yes or partly", "solved 为 yes 或 partly")),
    "way": Phrase(*_with_else(*CONDITION), ("solved is yes", "solved 为 yes")),
    "outcome": Phrase(*_with_else(_outcome_zh, _outcome_en), ("all solved", "全部 已解决")),
    "answers": Phrase(_answers_zh, _answers_en, ("complaint or report", "complaint 或 report")),
    "counted": Phrase(_counted_zh, _counted_en, ("yes", "是")),
    "asked": Phrase(_asked_zh, _asked_en, ("remark?", "remark?")),
    "proof": Phrase(_proof_zh, _proof_en, ("photo before", "照片 before")),
}
__all__ = ["NAMES", "PHRASES", "Asked", "Phrase", "amount_en", "amount_zh"]
