"""How long does the checker take on a mechanism of 60 states and 200 moves, in its parsed form?

Baseline, in the same run: walking that mechanism's graph once, breadth first, over plain tuples. The two alternate.
Beside it: emitting the certificate, the stranger's proof of it, and every shipped mechanism.

    python benchmarks/checker.py [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import deque

import ground

WANTED_MS = 200


def main(rounds: int = 15) -> None:
    from jiebang.engine import checker, graph, parser
    from jiebang.engine.canonical import canonical_bytes, program_to_json
    from jiebang.engine.checker.certificate import certificate_of
    from jiebang.rulebook import packs
    from jiebang.verifier import prove
    from tests.engine.test_checker import a_large_program

    city = packs.city("leshan")
    calendar = packs.calendar(city)
    large = a_large_program()
    ways: dict[str, list[str]] = {}
    for edge in graph.graph_of(large).edges:
        ways.setdefault(edge.source, []).append(edge.target)

    def walk() -> None:
        for _ in range(100):  # once is too short to time
            seen, waiting = {""}, deque([""])
            while waiting:
                for target in ways.get(waiting.popleft(), ()):
                    if target not in seen:
                        seen.add(target)
                        waiting.append(target)

    def check() -> None:
        assert checker.check(large, calendar=calendar).bounds is not None

    def certify() -> None:
        certificate_of(large, calendar)

    compiled = json.loads(canonical_bytes(program_to_json(large)))
    certificate = json.loads(canonical_bytes(certificate_of(large, calendar)))
    check()  # the longest length of each limit is worked out once a process
    shipped = [parser.parse(file.text, vocabulary=packs.categories(city)) for file in packs.mechanism_files(city)]
    for program in shipped:
        checker.check(program, calendar=calendar)
    took: dict[str, list[float]] = {"check": [], "walk": [], "certify": [], "prove": [], "shipped": []}
    for _ in range(rounds):
        took["check"].append(ground.seconds(check))
        took["walk"].append(ground.seconds(walk) / 100)
        took["certify"].append(ground.seconds(certify))
        took["prove"].append(ground.seconds(lambda: prove.Mechanism(compiled).in_time(certificate)))
        took["shipped"].append(ground.seconds(lambda: [checker.check(one, calendar=calendar) for one in shipped]))
    ms = {name: statistics.median(each) * 1000 for name, each in took.items()}
    each = ms["shipped"] / len(shipped)
    ground.report(
        "checker",
        [
            f"60 states, 200 moves: checked in {ms['check']:.0f} ms, {ms['check'] / ms['walk']:,.0f} bare walks of its "
            f"graph ({ms['walk']:.3f} ms each); wanted {WANTED_MS} ms.",
            f"beside it: certificate {ms['certify']:.0f} ms, the stranger's proof of its bound {ms['prove']:.0f} ms, "
            f"{len(shipped)} shipped mechanisms {each:.0f} ms each.",
        ],
        {
            "check_ms": round(ms["check"], 1),
            "walk_ms": round(ms["walk"], 4),
            "ratio": round(ms["check"] / ms["walk"]),
            "certify_ms": round(ms["certify"], 1),
            "prove_ms": round(ms["prove"], 1),
            "shipped_ms_each": round(each, 1),
            "wanted": WANTED_MS,
        },
    )


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:]])
