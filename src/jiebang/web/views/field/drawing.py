"""Forms for the phone: drawn here with the pages' own templates, kept there, filled in without a network.

Many entries stand in the same state, so a form is sent once and named by its hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.template.loader import render_to_string

from jiebang.engine.model import Json
from jiebang.web.forms import Option, Question, Sheet, ask, read


@dataclass(slots=True)
class FormBook:
    """The forms of one answer, each once."""

    units: Sequence[Option] = ()
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self,
        sheet: Sheet,
        *,
        name: str,
        title: str,
        known: Mapping[str, Json] | None = None,
        leads_to: Sequence[str] = (),
        is_asked: bool = False,
        with_place: bool = False,
    ) -> str:
        """Draw a form and return its name here. `known` are earlier answers that decide what is asked."""
        asked = _decided(sheet.questions, known or {})
        context = {
            "rows": ask(asked).rows,
            "scope": name,
            "units": self.units if not with_place else (),
            "with_place": with_place,
        }
        drawn = {
            "name": name,
            "title": title,
            "leads_to": list(leads_to),
            "asked": is_asked,
            "html": render_to_string("field/form.html", context),
            "questions": [_facts(question) for question in asked],
        }
        mark = sha256(repr(drawn).encode()).hexdigest()[:16]
        self.forms.setdefault(mark, drawn)
        return mark


def _decided(questions: Sequence[Question], known: Mapping[str, Json]) -> list[Question]:
    """Leave out what earlier answers rule out; of the others keep the conditions that this form itself decides."""
    names = {question.name for question in questions}
    found = []
    for question in questions:
        earlier = [condition for condition in question.only_if if condition.field not in names]
        if all(condition.holds(known) for condition in earlier):
            own = tuple(condition for condition in question.only_if if condition.field in names)
            found.append(replace(question, only_if=own))
    return found


def _facts(question: Question) -> dict[str, Any]:
    """What the phone must know of a question to look for gaps before it lets somebody go on."""
    return {
        "name": question.name,
        "title": question.title,
        "anchor": question.anchor,
        "files": question.takes_files,
        "optional": question.optional,
        "most": question.most,
        "missing": _missing(question),
        "only_if": [
            {"field": test.field, "values": sorted(test.values), "negated": test.negated} for test in question.only_if
        ],
    }


def _missing(question: Question) -> str:
    """The sentence for a question left empty: the very one the server would say."""
    blank = read(ask([replace(question, only_if=(), optional=False)]), {})
    return blank.problems[0].what
