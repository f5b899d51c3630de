"""The fixed words of a mechanism file in both tongues: keys by table, words by what they choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jiebang.engine.tongues.keys_zh import KEYS_ZH, SAME_AS

# Fixed words that are the whole of a value. Which of them stand where, the schema says; `number` as the type of a
# question and as something told to another entry differ, so each set has its own table.
TYPES = {
    "text": "文字",
    "choice": "选择",
    "yes-no": "是否",
    "date": "日期",
    "area": "区域",
    "unit": "单位",
    "entry": "事项",
    "number": "数字",
    "phone": "电话",
    "position": "位置",
    "photo": "照片",
    "document": "文件",
    "signature": "签字",
    "account": "上次账",
    "standing": "近况",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "type": TYPES,
    "log": {"open": "公开", "coarse": "粗略", "veiled": "隐去"},
    "visible": {"public": "公开", "masked": "遮盖", "parties": "各方", "private": "保密"},
    "of": {"area": "本地"},
    "role": {"named": "被指名", "doer": "经手"},
    "verifies": {"call-back": "回访", "officer": "工作人员"},
    "means": {
        "solved": "已解决",
        "explained": "已说明",
        "withdrawn": "已撤回",
        "joined": "已并入",
        "lapsed": "提出人未答复",
        "failed": "未兑现",
    },
    "every": {"quarter": "季度", "month": "月"},
    "no answer": {"refused": "不同意"},
}
FLAGS = {"true": "是", "false": "否"}
PARTIES = {
    "anyone": "任何人",
    "raiser": "提出人",
    "unit": "承办单位",
    "instrument": "监测设备",
    "boards": "另一件事项",
    "clock": "时限",
}
ANCHORS = {"raised": "提出"}
TOLD = {"item": "该项", "number": "编号"}
NAMES = {**PARTIES, **ANCHORS, **TOLD}  # fixed names that stand among those an author gives
TABLES = {**KEYS_ZH, **{name: KEYS_ZH[other] for name, other in SAME_AS.items()}}


def chinese_key(table: str, key: str) -> str:
    """Return the Chinese word of a key, or the key itself where the table has none."""
    return TABLES.get(table, {}).get(key, (key, ""))[0]


def english_keys(table: str) -> Mapping[str, str]:
    """Return Chinese word → key."""
    return {word: key for key, (word, _) in TABLES.get(table, {}).items()}


def chinese_words(known: Iterable[str]) -> dict[str, str]:
    """Return word → Chinese word, for a set of fixed words that one value is chosen from."""
    wanted = set(known)
    fitting = [words for words in WORDS.values() if wanted <= set(words)]
    return {word: min(fitting, key=len)[word] for word in known} if fitting else {}


def table_of(keys: Iterable[str]) -> str:
    """Return the name of the table that has these keys and no other; nothing if there is none."""
    wanted = set(keys)
    return next((name for name, known in TABLES.items() if set(known) == wanted), "")
