"""One move on many entries: judged beforehand, asked for once, worked off piece by piece while its author goes on.

A piece and the rows that say it is done commit together, so whoever is killed in between leaves nothing half done and
nothing is done twice; and each entry is only moved if it still stands as its author saw it (`expects_seq`). The
author is asked for anew with every piece: an office that ended meanwhile moves nothing any more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from jiebang.boards import refusals
from jiebang.boards.acting import Command, Done, act_many, foresee
from jiebang.boards.database import as_json, ask, tell
from jiebang.boards.house import exact
from jiebang.engine.model import Actor, Json, Refused
from jiebang.people import queries as people

PIECE = 20  # entries locked and moved at once: a person's own move waits for at most so many
MOST_AT_ONCE = 500

_ASK = """
INSERT INTO boards_bulk (key, account_id, office, mechanism, move, unit, answers, asked_at)
VALUES (%(key)s, %(account)s, %(office)s, %(mechanism)s, %(move)s, %(unit)s, %(answers)s::jsonb, %(at)s)
ON CONFLICT (key) DO NOTHING RETURNING id
"""
_ITEMS = """
INSERT INTO boards_bulkitem (bulk_id, place, number, expects_seq)
SELECT %(id)s, place, number, seq FROM unnest(%(numbers)s::text[], %(seqs)s::int[]) WITH ORDINALITY
    AS asked(number, seq, place)
"""
# SKIP LOCKED: several clocks may run; each takes another order, and nobody waits.
_TAKE = """
SELECT id, account_id, office, move, unit, answers FROM boards_bulk
 WHERE ended_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LEFT = """
SELECT place, number, expects_seq FROM boards_bulkitem
 WHERE bulk_id = %(id)s AND done_at IS NULL ORDER BY place LIMIT %(limit)s
"""
_ANSWERED = """
UPDATE boards_bulkitem i SET done_at = %(at)s, seq = new.seq, refused = new.refused
  FROM json_to_recordset(%(answers)s::json) AS new(place int, seq int, refused jsonb)
 WHERE i.bulk_id = %(id)s AND i.place = new.place
"""
# What was answered may name people; the entries keep what they need of it.
_END = "UPDATE boards_bulk SET ended_at = %(at)s, answers = '{}'::jsonb WHERE id = %(id)s"
_STOP = """
UPDATE boards_bulk SET ended_at = %(at)s, stopped_at = %(at)s, answers = '{}'::jsonb
 WHERE id = %(id)s AND account_id = %(account)s AND ended_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One move with the same answers for all `items` (number, seq as it was seen). `key` makes a resent form one."""

    key: str
    account: int
    office: str
    mechanism: str
    move: str
    unit: str
    answers: Mapping[str, Json]
    items: Sequence[tuple[str, int]]


def foresee_bulk(order: Order, actor: Actor, *, at: datetime) -> list[Done | Refused]:
    """Return what would become of each entry if the order were carried out now. Nothing is changed."""
    commands = _commands(order.move, actor, order.unit, order.answers, order.items)
    # In pieces, as it will be carried out: no lock is held for longer than a piece takes.
    pieces = [commands[start : start + PIECE] for start in range(0, len(commands), PIECE)]
    return [answer for piece in pieces for answer in foresee(piece, at=at)]


def too_many_at_once() -> Refused:
    return refusals.too_many_at_once(MOST_AT_ONCE)


def ask_bulk(order: Order, *, at: datetime) -> int | Refused:
    """Take the order down and return its number; the same key again gives the same number and nothing new."""
    if not order.items or len(order.items) > MOST_AT_ONCE:
        return too_many_at_once()
    with transaction.atomic():
        made = ask(
            _ASK,
            {
                "key": order.key,
                "account": order.account,
                "office": order.office,
                "mechanism": order.mechanism,
                "move": order.move,
                "unit": order.unit,
                "answers": as_json(dict(order.answers)),
                "at": exact(at),
            },
        )
        if not made:
            wanted = {"key": order.key, "account": order.account}
            there = ask("SELECT id FROM boards_bulk WHERE key = %(key)s AND account_id = %(account)s", wanted)
            return int(there[0][0]) if there else refusals.bad_key()
        numbers, seqs = zip(*dict(order.items).items(), strict=True)
        tell(_ITEMS, {"id": made[0][0], "numbers": list(numbers), "seqs": list(seqs)})
        return int(made[0][0])


def work_off(*, at: datetime, limit: int = PIECE) -> int:
    """Carry out the next piece of the oldest order; return how many entries were answered for, 0 if nothing waits."""
    with transaction.atomic():
        taken = ask(_TAKE, {})
        if not taken:
            return 0
        id_, account, office, move, unit, answers = taken[0]
        left = ask(_LEFT, {"id": id_, "limit": limit})
        if left:
            actor = people.acting_from(people.actor(account), office)
            items = [(number, seq) for _, number, seq in left]
            done = act_many(_commands(move, actor, unit, json.loads(answers), items), at=at)
            rows = [_answer(place, answer) for (place, _, _), answer in zip(left, done, strict=True)]
            tell(_ANSWERED, {"id": id_, "at": exact(at), "answers": as_json(rows)})
        if len(left) < limit:
            tell(_END, {"id": id_, "at": exact(at)})
        return len(left)


def stop_bulk(id_: int, *, account: int, at: datetime) -> bool:
    """Leave the rest of an order undone; what was moved stays. False when it had ended or is somebody else's."""
    return tell(_STOP, {"id": id_, "account": account, "at": exact(at)}) == 1


def _commands(
    move: str, actor: Actor, unit: str, answers: Mapping[str, Json], items: Sequence[tuple[str, int]]
) -> list[Command]:
    return [Command(number, move, actor, answers=answers, unit=unit, expects_seq=seq) for number, seq in items]


def _answer(place: int, answer: Done | Refused) -> dict[str, Any]:
    if isinstance(answer, Done):
        return {"place": place, "seq": answer.seq, "refused": None}
    words = {"code": answer.code, "rule": answer.rule, "what": dict(answer.what), "next_step": dict(answer.next_step)}
    return {"place": place, "seq": None, "refused": words}
