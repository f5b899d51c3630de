"""Raise matters through the boards' own door, beside a running city: `python -m tests.desk.raise_some 3`."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime

from jiebang.desk.context import django_with_database


def main(n: int) -> int:
    with django_with_database(role="app"):
        from jiebang.boards import services as boards
        from jiebang.engine.model import ANYONE, Refused
        from jiebang.people import queries as people
        from jiebang.rulebook import queries as rulebook

        area = people.areas_at(rulebook.city().levels[-1])[0]
        for number in range(n):
            opened = boards.open_entry(
                boards.Opening(
                    mechanism="residents",
                    opening="raise",
                    actor=ANYONE,
                    area=area.code,
                    answers={"what": f"路灯不亮，第 {number} 盏", "where": area.code},
                    key=secrets.token_hex(16),
                ),
                at=datetime.now(UTC),
            )
            if isinstance(opened, Refused):
                print(opened.what["en"], opened.next_step["en"])
                return 1
            print(opened.number, opened.code)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
