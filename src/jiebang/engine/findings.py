"""What the parser and the checker object to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: where, by which rule, what is wrong and what to do, in both languages. Line 0: unknown."""

    file: str
    line: int
    rule: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str
    severity: Severity = "error"

    def sentence(self, lang: str) -> str:
        where = f"{self.file}:{self.line}: " if self.file else (f"{self.line}: " if self.line else "")
        what, mend = (self.zh, self.mend_zh) if lang.startswith("zh") else (self.en, self.mend_en)
        return f"{where}{self.rule} {what} {mend}"


class MechanismError(ValueError):
    """A mechanism file that cannot be compiled. `findings` says why, line by line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__("\n".join(finding.sentence("en") for finding in self.findings))
