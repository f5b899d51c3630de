"""The author's desk, where rules meet people: matters carried over to a new version, and who can do a board's steps."""

from __future__ import annotations

import re

from tests.boards.city import Town
from tests.web.atown import Browser, signed_in, town
from tests.web.test_rules_desk import authors, begins, keeps

__all__ = ["authors", "town"]


def test_running_matters_are_carried_over_by_the_map_of_the_draft_and_their_page_says_so(
    authors: tuple[Browser, Browser], town: Town
) -> None:
    author, second = authors
    town.posted()
    text = re.sub(r"(?<!un)posted", "on-the-board", begins(author))
    keeps(author, text)
    assert "1 matter runs under the version since 2026-01-01" in author.words
    program = re.search(r'name="over" value="([0-9a-f]{64})"', author.page)
    assert program is not None
    over = {"over": program[1]}

    keeps(author, text, **over)
    assert "has no state in the new one" in author.words
    keeps(author, text, **over, **{f"to-{program[1]}-posted": "on-the-board"})
    assert "Every step is covered, and nobody loses by it." in author.words
    keeps(author, text, go="propose", **over, **{f"to-{program[1]}-posted": "on-the-board"})
    second.opens(author.at)
    second.sends(f"{author.at.partition('?')[0]}decide", **second.token(), step="publish")

    assert second.status == 200, second.words


def test_the_rule_office_sees_which_post_is_missing_and_nobody_else_does(
    authors: tuple[Browser, Browser], town: Town
) -> None:
    author, _ = authors

    author.opens("/desk/rules/").opens("/desk/rules/staffing/residents")

    assert author.status == 200
    assert "areas there are people to close a matter" in author.words
    assert "What is missing" in author.words
    assert author.opens("/desk/rules/staffing/nothing").status == 404
    assert signed_in("community").opens("/desk/rules/staffing/residents").status == 403
