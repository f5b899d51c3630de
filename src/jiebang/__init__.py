"""Jiebang (揭榜): a closed-loop board server for cities."""
