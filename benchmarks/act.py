"""How much of the database's own speed does a move keep?

Baseline, in the same run: the same locking and the same writing statement, with the same parameters, sent by psycopg
without Django, engine, keys or leaf. The two alternate move by
move, and medians are compared, so a busy machine slows both alike.

    python benchmarks/act.py [moves]
"""

from __future__ import annotations

import json
import statistics
import sys
from typing import Any

import ground


def main(moves: int) -> None:
    with ground.town() as town:
        import psycopg
        from django.db import connection, transaction

        from jiebang.boards import services as boards
        from jiebang.boards.services import Command, Done
        from tests.boards.city import MONDAY_NINE, PUBLIC, an_opening

        def raised(n: int) -> list[str]:
            opened = boards.open_many([an_opening() for _ in range(n)], at=MONDAY_NINE)
            return [one.number for one in opened if isinstance(one, boards.Opened)]

        def act(number: str) -> None:
            command = Command(number, "post", town.community, answers=PUBLIC, expects_seq=1)
            assert isinstance(boards.act(command, at=MONDAY_NINE), Done)

        def recorded(numbers: list[str]) -> list[list[tuple[str, Any]]]:
            """The statements of this room that `act` sends, taken from rehearsals that are rolled back."""
            sent: list[tuple[str, Any]] = []

            def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
                if "boards_entry" in sql:
                    sent.append((sql, params))
                return execute(sql, params, many, context)

            found = []
            leaves = _leaves(len(numbers))
            for number, leaf in zip(numbers, leaves, strict=True):
                sent.clear()
                with connection.execute_wrapper(note), transaction.atomic():
                    act(number)
                    transaction.set_rollback(True)
                (lock, locked), (write, written) = sent
                events = json.loads(written["events"])
                events[0]["leaf_id"] = leaf
                found.append([(lock, locked), (write, written | {"events": json.dumps(events)})])
            return found

        def _leaves(n: int) -> list[int]:
            from jiebang.ledger import services as ledger

            return ledger.append([("event", b"{}" + bytes(500))] * n)

        wanted = connection.get_connection_params()
        names = ("dbname", "user", "password", "host", "port", "options")
        bare = psycopg.connect(**{name: wanted[name] for name in names if wanted.get(name)}, prepare_threshold=3)

        def bare_move(statements: list[tuple[str, Any]]) -> None:
            with bare.transaction():
                for sql, params in statements:
                    bare.execute(sql, params).fetchall()

        for number in raised(30):
            act(number)
        for statements in recorded(raised(30)):
            bare_move(statements)
        acts, bares = [], []
        for mine, theirs in zip(raised(moves), recorded(raised(moves)), strict=True):
            acts.append(ground.seconds(lambda mine=mine: act(mine)))
            bares.append(ground.seconds(lambda theirs=theirs: bare_move(theirs)))
        bare.close()
        mine_ms, bare_ms = (statistics.median(each) * 1000 for each in (acts, bares))
        ground.report(
            "act",
            [
                f"act: {1000 / mine_ms:.0f} moves/s, {bare_ms / mine_ms:.2f} of bare psycopg ({1000 / bare_ms:.0f}/s);"
                f" wanted 0.65. Medians of {moves} moves: {mine_ms:.2f} and {bare_ms:.2f} ms.",
            ],
            {
                "moves_per_s": round(1000 / mine_ms),
                "bare_per_s": round(1000 / bare_ms),
                "ratio": round(bare_ms / mine_ms, 3),
                "wanted": 0.65,
            },
        )


if __name__ == "__main__":
    main(*([int(one) for one in sys.argv[1:]] or [800]))
