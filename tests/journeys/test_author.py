"""The author's desk in a browser: what may stand under the caret, the other keys, and the same without script."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESK, City, Device

LIST = "#complete"


def begins(author: Device) -> Page:
    page = author.signs_in("author")
    author.opens("/desk/rules/")
    page.locator(".templates button").first.click()
    expect(page.locator("#text")).to_contain_text("机制:")
    return page


def puts_caret_behind(page: Page, words: str, *, chosen: int = 0) -> None:
    """Put the caret behind the words, with as many characters after them chosen."""
    page.evaluate(
        """([words, chosen]) => {
          const text = document.getElementById('text'), at = text.value.indexOf(words) + words.length;
          text.focus();
          text.setSelectionRange(at, at + chosen);
        }""",
        [words, chosen],
    )


def test_an_author_is_told_under_the_caret_what_may_stand_there(city: City, device: Callable[..., Device]):
    author = device("author", width=DESK)
    page = begins(author)

    puts_caret_behind(page, "    由: ", chosen=len("desk"))
    page.keyboard.type("s")
    expect(page.locator(f"{LIST} li").first).to_have_text("supervisor政府值班室")
    page.keyboard.press("Tab")
    assert "    由: supervisor\n" in page.input_value("#text")

    puts_caret_behind(page, "转: posted, ")
    page.keyboard.press("Control+ ")
    expect(page.locator(f"{LIST} [aria-selected=true]")).to_contain_text("由")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "转: posted, 凭证: 名称" in page.input_value("#text")
    page.keyboard.press("Control+z")
    assert "转: posted, 名称" in page.input_value("#text")

    page.keyboard.press("Control+ ")
    expect(page.locator(LIST)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(LIST)).to_be_hidden()
    expect(page.locator("#text")).to_be_focused()
    assert author.complaints == []


def test_a_draft_is_shown_with_the_other_keys_and_without_script_a_line_is_asked_for(
    city: City, device: Callable[..., Device]
):
    author = device("author", script=False)
    page = begins(author)

    page.locator("button[value=turn]").click()
    expect(page.locator("#text")).to_contain_text("mechanism:")
    author.looks("english")
    page.locator("button[value=turn]").click()
    expect(page.locator("#text")).to_contain_text("机制:")
    page.fill("#here-line", "7")
    page.locator("button[value=here]").click()

    expect(page.locator("#here")).to_contain_text("粗略")
    author.looks("line")
