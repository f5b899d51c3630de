"""Open matters that nobody has posted yet, found by their raiser's own words: for the office that has to read them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from jiebang.boards import bigrams
from jiebang.boards.database import ask
from jiebang.boards.queries.narrowing import area_where
from jiebang.boards.queries.own_words import beginning, first_asked
from jiebang.boards.queries.rows import ROW, Row, row_from
from jiebang.engine.canonical import facts_from_json
from jiebang.engine.model import Actor, Facts, Program
from jiebang.engine.parties import fits
from jiebang.rulebook import queries as rulebook

# Screening is owed within a day or two, so even a city has few; of more than these the newest are looked at.
LOOKED_AT = 500

_UNPOSTED = """
SELECT {row}, e.facts, p.value
  FROM boards_entry e LEFT JOIN boards_text t ON t.entry_id = e.id
  JOIN boards_private p ON p.entry_id = e.id AND p.seq = 1 AND p.name = 'kept'
 WHERE e.closed_at IS NULL AND coalesce(t.title, '') = '' AND {here}
 ORDER BY e.raised_at DESC, e.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Unposted:
    """A matter without a public text, and how its raiser's words begin."""

    row: Row
    own_words: str


def unposted(actor: Actor, text: str, *, area: str = "", limit: int = 8) -> list[Unposted]:
    """Return the actor's open matters without a public text whose raisers' words hold `text`, the newest first.

    The actor's are those their office screens or holds now. Other officials who may open such a matter do not get to
    search what people wrote. Nothing is looked through that is shown on being asked for. `area` is one of the actor's,
    or below. Words of one character find nothing; no words at all find whatever waits in `area`.
    """
    pairs = set(bigrams.wanted(text))
    here, values = area_where(actor, area)
    if here is None or not (pairs or (area and not text.strip())):
        return []
    found = []
    for row in ask(_UNPOSTED.format(row=ROW, here=here), values | {"most": LOOKED_AT}):
        program = rulebook.program(row[2])
        kept = json.loads(row[20])
        words = _words(program, kept)
        if pairs <= set(bigrams.bigrams(words)) and _is_theirs(program, facts_from_json(json.loads(row[19])), actor):
            found.append(Unposted(row_from(row[:19]), beginning(str(kept.get(first_asked(program), "")))))
            if len(found) == limit:
                break
    return found


def _is_theirs(program: Program, facts: Facts, actor: Actor) -> bool:
    """Whether the actor's office holds the entry, or held it first: that is who reads what was raised."""
    first = {branch.to for opening in program.openings.values() for branch in opening.to}
    holders = {program.states[name].holder for name in (*first, facts.state) if name in program.states}
    parties = (program.parties[name] for name in holders if name)
    return any(
        party.is_official and party.kind != "unit" and fits(party, actor, facts.place, facts) for party in parties
    )


def _words(program: Program, kept: dict[str, object]) -> str:
    """Return what was told in words to the parties, one answer a line: pairs do not reach across."""
    asked = (program.fields[name] for name in kept if name in program.fields)
    return "\n".join(str(kept[field.name]) for field in asked if field.type == "text" and field.visible == "parties")
