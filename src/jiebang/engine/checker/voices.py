"""G1 of a share: what it is a part of was told on every way to the vote, or nobody could ever decide."""

from __future__ import annotations

from jiebang.engine.checker.case import Case
from jiebang.engine.graph import Edge


def check_shares(case: Case) -> None:
    for state in case.program.states.values():
        for move in state.moves.values():
            share = move.collect.share if move.collect else None
            if share is not None and state.name in _without(case, share.question):
                case.say(
                    "G1",
                    f"states.{state.name}.may.{move.name}",
                    f"“{move.name}”按“{share.question}”的份额定，而有的来路没有问过这个数，那时谁也定不了。",
                    f'"{move.name}" is decided by a share of "{share.question}", which some ways in never ask: there '
                    "nobody could decide.",
                    "请在每条来路上把它作为必答题先问。",
                    "Ask it, as a question that must be answered, on every way in.",
                )


def _without(case: Case, question: str) -> set[str]:
    """The nodes an entry can come to without the question being answered; asked anew it counts as answered."""

    def unasked(edge: Edge) -> bool:
        asks = edge.move.ask if edge.move is not None else ()
        return not any(ask.field == question and not ask.optional and not ask.when.tests for ask in asks)

    return case.graph.reachable(along=unasked)
