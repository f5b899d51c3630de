"""Everything the parser can object to, with its sentence and its mend.

Patterns may name `{words}`; a word is put in as it is, or, when it is a pair, per language. `rule` says what it is
about: Y how the file is written, F its form (1 unknown key, 2 something missing, 3 wrong kind, 4 not in the language
yet, 5 unknown name, 6 titles), D limits, G conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jiebang.engine.findings import Finding
from jiebang.engine.objections.files import FILES
from jiebang.engine.objections.notices import NOTICES
from jiebang.engine.objections.parties import PARTIES
from jiebang.engine.objections.pattern import Objection
from jiebang.engine.objections.procedure import PROCEDURE
from jiebang.engine.objections.questions import QUESTIONS


def objection(code: str, file: str, line: int, **words: str | int | tuple[str, str]) -> Finding:
    """Fill in one objection."""
    return filled(OBJECTIONS[code], file, line, words)


def filled(pattern: Objection, file: str, line: int, words: Mapping[str, str | int | tuple[str, str]]) -> Finding:
    """Fill in an objection, in its own sentences or in those for a file with Chinese keys."""
    zh = {name: word[0] if isinstance(word, tuple) else word for name, word in words.items()}
    en = {name: word[1] if isinstance(word, tuple) else word for name, word in words.items()}
    return Finding(
        file,
        line,
        pattern.rule,
        pattern.zh.format_map(zh),
        pattern.en.format_map(en),
        pattern.mend_zh.format_map(zh),
        pattern.mend_en.format_map(en),
    )


def joined(items: Iterable[str]) -> tuple[str, str]:
    """Names as a list, per language."""
    names = list(items)
    return "、".join(names), ", ".join(names)


OBJECTIONS: Mapping[str, Objection] = {**FILES, **QUESTIONS, **PARTIES, **PROCEDURE, **NOTICES}
