"""The loop itself: entries, moves, proof, verdicts, limits, search. The only writer of entries."""
