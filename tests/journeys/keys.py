"""Two hands on a keyboard, and nothing else: no mouse, no reaching into the page.

At every stop the one question a keyboard's user always has is asked: where am I? What has the focus must be in sight,
not lie under something else, and be marked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.journeys.reading import script

MOST_STOPS = 400


@dataclass
class Keys:
    """Two hands on a keyboard, their presses counted. There is no other way to touch the page here."""

    page: Page
    pressed: int = 0
    complaints: list[str] = field(default_factory=list)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def paste(self, text: str) -> None:
        self.page.keyboard.insert_text(text)
        self.pressed += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.pressed += len(keys)

    def until(self, selector: str, key: str = "Tab", *, most: int = 40) -> None:
        """Press a key until what is wanted has the focus: it can be reached, and in so many steps."""
        for _ in range(most):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.press(key)
            self._look()
        raise AssertionError(f"{selector} was not reached in {most} × {key}")

    def here(self) -> dict[str, Any] | None:
        """Return what has the focus, or nothing when the page has none."""
        found: dict[str, Any] | None = self.page.evaluate(script("focus"))
        return found

    def walks(self, key: str = "Tab") -> list[str]:
        """Go once around the page, to where the round began; return what was stopped at, in words.

        The round is told from the first thing on the page, wherever the page itself had put the focus. Every stop is
        looked at; `complaints` has what was wrong with it, and where the focus went in a circle.
        """
        stops: list[int | None] = []
        said: list[str] = []
        for _ in range(MOST_STOPS):
            self.press(key)
            here = self._look()
            stop = here and here["stop"]
            if here and here["isInParts"] and stops and stop == stops[-1]:
                continue  # within one field, from the year to the month
            if stop in stops:
                if stop != stops[0]:
                    self.complaints.append(f"the focus goes in a circle at {here and here['is']}")
                break
            stops.append(stop)
            said.append(f"{here['is']} “{here['words']}”" if here else "")
        else:
            self.complaints.append(f"no way out after {MOST_STOPS} stops")
        said = [each for each in said if each]  # between the last and the first the browser may have a stop of its own
        first = next((n for n, each in enumerate(said) if each.startswith(self.reachable()[0])), 0)
        return said[first:] + said[:first]

    def enters(self) -> None:
        """Press Enter and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.press("Enter")

    def reachable(self) -> list[str]:
        """Return what the document says can be reached with Tab, in its order."""
        return list(self.page.evaluate(script("reachable")))

    def _look(self) -> dict[str, Any] | None:
        here = self.here()
        if here is not None:
            where = f"{here['is']} “{here['words']}”"
            if not here["isMarked"]:
                self.complaints.append(f"nothing shows that {where} has the focus")
            if not here["isLarge"]:
                self.complaints.append(f"the focus is on something unseen: {where}")
            elif not here["isMet"]:
                self.complaints.append(f"the focus lies outside the window or under something: {where}")
        return here
