"""A chart is its table, drawn: bars where a script runs, the same numbers where none does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE, City, Device


def drawn(page: Page) -> Page:
    """Come near the first chart of the pattern book, which has numbers whatever the city's are, and let it be drawn."""
    page.locator(".chart").first.scroll_into_view_if_needed()
    page.locator(".chart canvas").first.wait_for()
    return page


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_chart_is_drawn_above_its_table(device: Callable[..., Device], width: int) -> None:
    reader = device("reader", width=width)
    page = drawn(reader.opens("/patterns"))

    chart = page.locator(".chart").first
    heads = chart.locator("th[data-series]").all_inner_texts()
    assert chart.locator(".chart-key").all_inner_texts() == heads
    assert chart.locator("table").is_visible()
    painted = page.evaluate(
        "() => { const c = document.querySelector('.chart canvas'); const d = c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data; return new Set(new Uint32Array(d.buffer)).size }"
    )
    assert painted > 3, "the canvas is empty"
    reader.looks("charts")


def test_without_a_script_the_table_stands_alone(device: Callable[..., Device], city: City) -> None:
    page = device("reader", script=False).opens("/patterns")

    chart = page.locator(".chart").first
    assert chart.locator("table").is_visible()
    assert not chart.locator(".chart-sheet").is_visible()
