"""Forgetting a raiser, while the log still verifies."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from jiebang.boards import mapping, photos, refusals, sql
from jiebang.boards.database import ask, tell
from jiebang.boards.drafts import Draft
from jiebang.boards.house import House, exact
from jiebang.engine.canonical import facts_from_json, facts_to_json
from jiebang.engine.model import Facts, Refused
from jiebang.ledger import disclosure
from jiebang.ledger import leaf as leaves
from jiebang.ledger import services as ledger
from jiebang.people import services as people_services


@dataclass(frozen=True, slots=True)
class Erased:
    number: str
    values: int
    leaf_id: int


def erase(number: str, *, ground: str, by: str, at: datetime) -> Erased | Refused:
    """Forget whoever raised this entry: the key, what was told and kept, the photos, the code, the account's name.

    The log keeps its leaves and still verifies; its digests can never be opened again. How many, on which ground
    and by which party is a leaf of its own. The matter itself goes on: its later events get a new key.
    """
    at = exact(at)
    with transaction.atomic():
        house = House.now()
        draft = house.lock([(number, "")]).get(number)
        if draft is None or draft.id is None:
            return refusals.no_such_entry(number)
        rows = ask(sql.RAISER_OF, {"id": draft.id})
        if not rows:
            return refusals.erased_already()
        person = rows[0][0]
        new_key = people_services.new_key()
        values, files = _erase_values(draft, new_key=new_key, person=person)
        people_services.forget_key(draft.key, at)
        mapping.place([draft.id])  # the map forgets it at once, not when its follower comes by
        erased = leaves.erased_leaf(
            entry=draft.uid.hex(),
            digests=disclosure.DIGESTS * draft.now.seq,
            ground=ground,
            party=by,
            day=at.astimezone(house.manner.zone).date(),
        )
        leaf_id = ledger.append([("erased", erased)], moments=[at])[0]
        # After the commit: a crash in between leaves photos no row names, and `sweep` takes them.
        transaction.on_commit(lambda: photos.remove(files, folder=settings.JIEBANG_FILES))
    return Erased(number, values, leaf_id)


def _erase_values(draft: Draft, *, new_key: str, person: str) -> tuple[int, list[str]]:
    values, files = ask(sql.ERASE_VALUES, {"id": draft.id, "subject": f"entry {draft.number}"})[0]
    parents = [row[0] for row in ask(sql.PARENTS_OF, {"id": draft.id})]  # locked after the child: no merge locks it now
    facts = draft.now
    if person != draft.key:
        # An account raised this. Its key closes all its owner's doings and stays; the entry forgets the account.
        facts = forgetting(facts, person, instead=draft.key)
        tell(sql.REPLACE_PERSON_IN_EVENTS, {"ids": [draft.id, *parents], "person": person, "instead": draft.key})
        for parent_id, parent_facts in ask(sql.FACTS_OF, {"ids": parents}):
            changed = forgetting(facts_from_json(json.loads(parent_facts)), person, instead=draft.key)
            tell(sql.REPLACE_FACTS, {"id": parent_id, "facts": json.dumps(facts_to_json(changed))})
    tell(
        sql.CLOSE_ERASED,
        {
            "id": draft.id,
            "facts": json.dumps(facts_to_json(facts)),
            "key_id": int(new_key[1:]),
            "erased_seq": facts.seq,
        },
    )
    return int(values), json.loads(files) if isinstance(files, str) else list(files)


def forgetting(facts: Facts, person: str, *, instead: str) -> Facts:
    """Return the facts with one person called by another id everywhere."""

    def other(who: str) -> str:
        return instead if who == person else who

    return replace(
        facts,
        raisers=tuple(other(who) for who in facts.raisers),
        clerks=tuple(other(who) for who in facts.clerks),
        deeds=tuple(replace(deed, person=other(deed.person)) for deed in facts.deeds),
        votes={other(who): vote for who, vote in facts.votes.items()},
    )
