"""The form of an objection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Objection:
    rule: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str
