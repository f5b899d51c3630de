"""The tongue a file is written in, and findings said in its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal, TypeAlias

from jiebang.engine.findings import Finding
from jiebang.engine.objections import OBJECTIONS, filled
from jiebang.engine.objections.pattern import Objection
from jiebang.engine.tongues import words
from jiebang.engine.tongues.phrases import amount_zh

Word: TypeAlias = "str | int | tuple[str, str]"

# Words that are said differently in several tables: what they are where a sentence does not say which table it means.
_USUAL: Mapping[str, str] = {
    "by": "由", "to": "转", "of": "由", "then": "届时转", "else": "逾期转", "from": "自", "since": "自", "within": "限",
    "at most": "最多", "type": "类型", "source": "出处", "opens": "开出", "route": "岔路", "parties": "角色",
    "fields": "问题", "title": "名称", "is": "为", "not": "非", "and": "且", "or": "或", "if": "若", "all": "全部",
    "any": "任一", "all duties done": "义务都已完成", "whoever did": "做过", "unit of": "单位", "text": "文字",
    "choice": "选择", "date": "日期", "unit": "单位", "entry": "事项", "number": "数字", "photo": "照片",
    "document": "文件", "signature": "签字", "area": "本地", "true": "是", "false": "否", "public": "公开",
    "private": "保密", "all solved": "全部 已解决", "day 15 of next month": "次月15日", "item": "该项",
    "opening": "立项", "as": "立项", "with": "带入", "collect": "计票", "all opened": "开出的都办完", "but": "除 … 外",
    "duties": "义务", "raised": "提出", "yes": "是", "no": "否", "window": "窗口", "proxy": "代办", "on": "榜",
    "clock": "时限", "boards": "另一件事项",
}  # fmt: skip
# Where a sentence means another table than the usual one.
_HERE: Mapping[str, Mapping[str, str]] = {
    "else-last": {"else": "其余"},
    "outcome-without-else": {"else": "其余"},
    "then-without-at-most": {"then": "用完转"},
    "of-area-only": {"of": "所在"},
    "by-of-duty": {"by": "截止", "of": "由"},
    "every-without-day": {"by": "截止"},
    "way-on-duties": {"if": "条件"},
    "waits-for-one": {"from": "来自"},
    "position-for-all": {"parties": "各方"},
}
# Sentences that explain the English spelling itself, said for the Chinese one: mend in Chinese, in English.
_OWN: Mapping[str, tuple[str, str]] = {
    "bad-amount": (
        "请写成 3个工作日、5天、2小时、8个办公小时或 20分钟。",
        "Write `3个工作日` (working days), `5天` (days), `2小时` (hours), `8个办公小时` (office hours) or `20分钟`.",
    ),
    "exclusion-unreadable": (
        "请写“做过 动作 的人”“动作 的单位”或“机构 的成员”。",
        "Write “做过 <move> 的人”, “<move> 的单位” or “<body> 的成员”.",
    ),
    "condition-unreadable": (
        "请写成“问题 为 答案”“非 问题”或“义务都已完成”，用“且”连接，各词之间空一格。",
        "Write “question 为 answer”, “非 question” or “义务都已完成”, joined by `且`, with spaces between.",
    ),
    "outcome-unreadable": (
        "等几件时写“全部”或“任一”加含义，如“全部 已解决”；等一件时只写含义。含义有：{known}。",
        "For opened entries write `全部` or `任一` and meanings, such as `全部 已解决`; for one entry the meanings "
        "alone. Meanings: {known}.",
    ),
    "true-or-false": ("请写“是”，或删掉这一行。", "Write `是`, or remove the line."),
    "proof-unknown": (
        "请写照片、文件或签字，后面可加标签，如“照片 整改前”。",
        "Write 照片, 文件 or 签字, with a label if need be, such as `照片 整改前`.",
    ),
}  # fmt: skip
# Which words of an objection are keys of the language rather than names of the author's.
_OF_THE_LANGUAGE: Mapping[str, tuple[str, ...]] = {
    "missing-key": ("key",),
    "key-idle": ("key", "keys"),
    "map-wanted": ("what", "keys"),
    "unknown-key": ("what", "keys"),
    "wrong-end": ("end", "other"),
    "agreed-not-here": ("key",),
    "no-title": ("kind",),
    "names-wanted": ("what",),
    "outcome-unreadable": ("known",),
    "no-such-category": ("words",),
}
_AMOUNT = re.compile(r"\d+ (?:wd|d|h|wh|min)\b")


@dataclass(slots=True)
class Tongue:
    """Which tongue a file is in. `written` has, by line, what stood there for an English form."""

    lang: Literal["zh", "en"] = "en"
    written: dict[tuple[int, str], str] = field(default_factory=dict)

    def key(self, key: str, table: str = "") -> str:
        """A key as the file writes it."""
        if self.lang == "en":
            return key
        if table and key in words.TABLES.get(table, {}):
            return words.chinese_key(table, key)
        return _respoken(key, {})

    def known(self, known: Iterable[str]) -> list[str]:
        """A closed set of words, or names of the author's among which some are fixed."""
        listed = list(known)
        if self.lang == "en":
            return listed
        return [{**words.NAMES, **words.chinese_words(listed)}.get(word, word) for word in listed]

    def objection(self, code: str, file: str, line: int, table: str, said: Mapping[str, Word]) -> Finding:
        """Fill in one objection, in the words of the file."""
        if self.lang == "en":
            return filled(OBJECTIONS[code], file, line, said)
        of_the_language = _OF_THE_LANGUAGE.get(code, ())
        own = {
            name: self._listed(word, table) if name in of_the_language else self._as_written(name, word, line)
            for name, word in said.items()
        }
        return filled(spoken(code), file, line, own)

    def _listed(self, word: Word, table: str) -> Word:
        if isinstance(word, tuple):
            zh, en = word
            return (
                "、".join(self.key(each, table) for each in zh.split("、")),
                ", ".join(self.key(each, table) for each in en.split(", ")),
            )
        return self.key(word, table) if isinstance(word, str) else word

    def _as_written(self, name: str, word: Word, line: int) -> Word:
        if isinstance(word, tuple):
            return (_chinese(word[0], {}), _quoted(word[1], {})) if name in ("what", "why") else word
        return self.written.get((line, word), word) if isinstance(word, str) else word

    def told(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings of the checker in the words of the file."""
        if self.lang == "en":
            return list(findings)
        return [
            replace(
                one,
                zh=_chinese(one.zh, {}),
                en=_quoted(one.en, {}),
                mend_zh=_chinese(one.mend_zh, {}),
                mend_en=_quoted(one.mend_en, {}),
            )
            for one in findings
        ]


@cache
def spoken(code: str) -> Objection:
    """Return what is objected to, with Chinese keys in both languages' sentences."""
    pattern, here = OBJECTIONS[code], _HERE.get(code, {})
    mend_zh, mend_en = _OWN.get(code) or (_chinese(pattern.mend_zh, here, True), _quoted(pattern.mend_en, here))
    return replace(
        pattern, zh=_chinese(pattern.zh, here, True), en=_quoted(pattern.en, here), mend_zh=mend_zh, mend_en=mend_en
    )


def _chinese(sentence: str, here: Mapping[str, str], quotes: bool = False) -> str:
    """A Chinese sentence with its English keys said in Chinese, between quotation marks.

    What stands in quotation marks already is somebody's name, unless `quotes` says that it is not.
    """
    parts = re.split(r"(“[^”]*”|\{\{.*?\}\}|\{\w+\})", sentence)
    for n, part in enumerate(parts):
        if n % 2 == 0:
            parts[n] = _keys_in_a_row().sub(lambda found: f"“{_respoken(found[1], here)}”", part)
        elif quotes:
            parts[n] = _respoken(part, here)
    return "".join(parts)


def _quoted(sentence: str, here: Mapping[str, str]) -> str:
    """An English sentence: keys stand between backticks or in braces."""
    return re.sub(r"`[^`]*`|\{\{.*?\}\}", lambda found: _respoken(found[0], here), sentence)


def _respoken(text: str, here: Mapping[str, str]) -> str:
    text = _AMOUNT.sub(lambda found: amount_zh(found[0]) or found[0], text)
    return _known_words().sub(lambda found: here.get(found[0]) or _by_word()[found[0]], text)


@cache
def _by_word() -> Mapping[str, str]:
    found = {key: said[0] for table in words.TABLES.values() for key, said in table.items()}
    for fixed in words.WORDS.values():
        found |= fixed
    return {**found, **_USUAL}


@cache
def _listed() -> str:
    return "|".join(re.escape(word) for word in sorted(_by_word(), key=len, reverse=True))


@cache
def _known_words() -> re.Pattern[str]:
    """Every English word of the language, the longest first; not inside a longer word or a placeholder."""
    return re.compile(rf"(?<![\w-])(?<!(?<!\{{)\{{)(?:{_listed()})(?![\w-])", re.ASCII)


@cache
def _keys_in_a_row() -> re.Pattern[str]:
    """`type: choice`, with the spaces that set it off from Chinese."""
    word = rf"(?:\d+ (?:wd|d|h|wh|min)|{_listed()})"
    return re.compile(rf" ?(?<![\w-])({word}(?:(?:: | )(?:{word}|\d+))*)(?![\w-]) ?", re.ASCII)
