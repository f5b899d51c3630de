"""What somebody who does not see the page is told, in which order, and whether that is what the others see.

The browser's own accessibility tree (what it hands to a screen reader) is taken as it stands, with the place of each
thing on the sheet. axe-core asks many small questions about the document; what is asked here is about the whole: one
heading of the page and no steps left out, landmarks told apart, a name on everything that can be pressed, tables with
heads, pictures with words, one language at a time, and the same order for the ear as for the eye.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

Box = tuple[float, float, float, float]  # left, top, right, bottom, in CSS pixels of the whole page

CONTROLS = {
    *("button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "listbox", "spinbutton", "slider"),
    *(
        "DisclosureTriangle",
        "switch",
        "menuitem",
        "tab",
        "Date",
        "DateTime",
        "InputTime",
        "menuitemradio",
        "PopUpButton",
    ),
}
LANDMARKS = {"banner", "complementary", "contentinfo", "form", "main", "navigation", "region", "search"}
ALONE = {"banner", "contentinfo", "main"}
TOLD = {"StaticText", "image", "img", "graphics-document"} | CONTROLS
SKIPPED = {"InlineTextBox", "LineBreak", "ListMarker"}
HAN = re.compile(r"[㐀-鿿]")
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?:[ ,’'-]+[A-Za-z]{2,}){2,}")


@dataclass(slots=True)
class Node:
    """One thing a screen reader can say; `dom` is the browser's number of the element or text it stands for."""

    role: str
    name: str
    level: int
    dom: int | None
    parent: Node | None
    boxes: list[Box] = field(default_factory=list)
    is_apart: bool = False  # taken out of the flow: its place is a decoration's
    window: int | None = None  # what scrolls by itself and holds it

    @property
    def box(self) -> Box:
        lefts, tops, rights, bottoms = zip(*self.boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def within(self, *roles: str) -> Node | None:
        above = self.parent
        while above is not None and above.role not in roles:
            above = above.parent
        return above

    def __str__(self) -> str:
        return f"{self.role} “{self.name[:60]}”"


def faults(page: Page) -> list[str]:
    """Return what a listener would stumble over on this page, in lines one can act on."""
    nodes = heard(page)
    lines = [*_headings(nodes), *_landmarks(nodes), *_names(nodes), *_pictures(nodes), *_order(nodes)]
    return [*lines, *_of_the_document(page, nodes)]


# ── What is heard ───────────────────────────────────────────────────────────────────────────────────────────


def heard(page: Page, *, with_places: bool = True) -> list[Node]:
    """Return everything the page says, in the order it is said, and where it is drawn."""
    page.wait_for_load_state()  # before that the tree may be empty
    tools = page.context.new_cdp_session(page)
    try:
        given = tools.send("Accessibility.getFullAXTree")["nodes"]
        places, apart, windows = _places(tools) if with_places else ({}, set(), {})
    finally:
        tools.detach()
    by_id = {each["nodeId"]: each for each in given}
    nodes: list[Node] = []

    def walk(each: dict[str, Any], parent: Node | None) -> None:
        role = each.get("role", {}).get("value", "")
        if role in SKIPPED:
            return
        node = parent
        if not each.get("ignored"):
            dom = each.get("backendDOMNodeId")
            level = next((p["value"]["value"] for p in each.get("properties", ()) if p["name"] == "level"), 0)
            name = " ".join(str(each.get("name", {}).get("value", "")).split())
            node = Node(role, name, level, dom, parent, places.get(dom, []), dom in apart, windows.get(dom))
            nodes.append(node)
        for child in each.get("childIds", ()):
            if child in by_id:
                walk(by_id[child], node)

    walk(given[0], None)
    return nodes


def _places(tools: CDPSession) -> tuple[dict[int | None, list[Box]], set[int | None], dict[int | None, int]]:
    """Return where each element and text is drawn, which are drawn apart from the flow, and which scroll in what."""
    taken = tools.send(
        "DOMSnapshot.captureSnapshot",
        {"computedStyles": ["position", "clip-path", "overflow-y"]},
    )
    document, strings = taken["documents"][0], taken["strings"]
    nodes, layout, lines = document["nodes"], document["layout"], document["textBoxes"]
    dom = nodes["backendNodeId"]
    apart: set[int] = set()
    windows: dict[int, int] = {}
    for at, styles in zip(layout["nodeIndex"], layout["styles"], strict=True):
        if not styles:
            continue
        position, clip, overflow = (strings[style] for style in styles)
        if position in ("fixed", "sticky", "absolute") or clip != "none":
            apart.add(at)
        if overflow in ("auto", "scroll"):
            windows[at] = at
    parents = nodes["parentIndex"]
    names = nodes["nodeName"]
    for at in range(len(dom)):  # a child comes after its parent
        if strings[names[at]].lower() == "svg":
            apart.add(at)  # what a drawing shows has its places, not an order
        if parents[at] in apart:
            apart.add(at)
        if parents[at] in windows:
            windows.setdefault(at, windows[parents[at]])
    boxes: dict[int | None, list[Box]] = {}
    drawn_at = dict(enumerate(layout["nodeIndex"]))
    for at, bounds in zip(layout["nodeIndex"], layout["bounds"], strict=True):
        boxes[dom[at]] = [_box(bounds)] if bounds[2] * bounds[3] > 4 else []
    of_text: dict[int, list[Box]] = {}
    for where, bounds in zip(lines["layoutIndex"], lines["bounds"], strict=True):
        of_text.setdefault(drawn_at[where], []).append(_box(bounds))
    boxes |= {dom[at]: found for at, found in of_text.items()}
    return boxes, {dom[at] for at in apart}, {dom[at]: window for at, window in windows.items()}


def _box(bounds: Sequence[float]) -> Box:
    left, top, width, height = bounds
    return left, top, left + width, top + height


# ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────


def _headings(nodes: list[Node]) -> Iterator[str]:
    headings = [node for node in nodes if node.role == "heading"]
    first = [node.name for node in headings if node.level == 1]
    if len(first) != 1:
        yield f"{len(first)} headings of the page: {first}"
    before = 0
    for node in headings:
        # What has to be mended is told before everything else, the page's heading included.
        if node.level > before + 1 and not node.within("alert"):
            yield f"a heading of level {node.level} comes after one of level {before}: “{node.name}”"
        if not node.name:
            yield f"an empty heading of level {node.level}"
        before = node.level


def _landmarks(nodes: list[Node]) -> Iterator[str]:
    # A form is a landmark once it has a name; without one it is where its questions stand.
    marks = [node for node in nodes if node.role in LANDMARKS and (node.name or node.role != "form")]
    for role in ALONE:
        n = sum(node.role == role for node in marks)
        if n > 1 or (role == "main" and n == 0):
            yield f"{n} landmarks “{role}”"
    for (role, name), n in Counter((node.role, node.name) for node in marks if node.role not in ALONE).items():
        if n > 1:
            yield f"{n} landmarks {role} are called “{name}”"
        if not name and (role == "region" or sum(node.role == role for node in marks) > 1):
            yield f"a landmark {role} without a name"


def _names(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if node.role in CONTROLS and not node.name:
            yield f"a {node.role} without a name{_near(nodes, node)}"
        if node.role in ("radiogroup", "group") and _asks(nodes, node) and not node.name:
            yield f"choices without a question{_near(nodes, node)}"


def _asks(nodes: list[Node], group: Node) -> bool:
    return any(node.role == "radio" and node.within("radiogroup", "group") is group for node in nodes)


def _near(nodes: list[Node], node: Node) -> str:
    at = nodes.index(node)
    return f", after {next((str(each) for each in reversed(nodes[:at]) if each.name), 'nothing')}"


def _pictures(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if node.role in ("image", "img", "graphics-document", "Canvas", "SvgRoot") and not node.name:
            yield f"a picture without words{_near(nodes, node)}"


def _order(nodes: list[Node]) -> Iterator[str]:
    """Of two things in one column the upper comes first, and of two neighbours on one line the left one."""
    parents = {id(node.parent) for node in nodes}
    told = [node for node in nodes if node.role in TOLD and node.boxes and not node.is_apart]
    leaves = [(node, node.box) for node in told if id(node) not in parents]
    lowest = float("-inf")
    for n, (later, box) in enumerate(leaves):
        # Hardly ever is anything drawn above all that was heard before: then nobody has to be asked one by one.
        if box[3] <= lowest + 1:
            # What has been scrolled lies anywhere, seen from outside its window.
            before = (
                each for each, other in reversed(leaves[:n]) if _is_above(box, other) and each.window == later.window
            )
            if above := next(before, None):
                yield f"heard after {above}, but drawn above it: {later}"
        lowest = max(lowest, box[1])
        last = leaves[n - 1][0] if n else None
        if last and last.window == later.window and _is_left_of(later.boxes[0], last.boxes[-1]):
            yield f"heard after {last}, but drawn left of it: {later}"


def _is_above(one: Box, other: Box) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    return one[3] <= other[1] + 1 and across > 4


def _is_left_of(one: Box, other: Box) -> bool:
    along = min(one[3], other[3]) - max(one[1], other[1])
    return one[2] <= other[0] + 1 and along > min(one[3] - one[1], other[3] - other[1]) / 2


# ── What only the document knows ────────────────────────────────────────────────────────────────────────────


def script(name: str) -> str:
    """Return what a page is asked, from the file beside this one."""
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")


def _of_the_document(page: Page, nodes: list[Node]) -> Iterator[str]:
    found = page.evaluate(script("reading"))
    yield from found["lines"]
    # A table laid out as cards on a phone must still be a table to the ear.
    tables = sum(node.role in ("table", "grid") for node in nodes)
    heads = sum(node.role in ("columnheader", "rowheader") for node in nodes)
    if tables < found["tables"] or heads < found["heads"]:
        yield f"{found['tables']} tables with {found['heads']} heads are drawn; heard are {tables} with {heads}"
    if not found["language"]:
        yield "the page does not say its language"
    for text, language in found["texts"]:
        if language.startswith("en") and HAN.search(text):
            yield f"Chinese words that pass for English: {text[:60]}"
        if language.startswith("zh") and not HAN.search(text) and ENGLISH.search(text):
            yield f"English words that pass for Chinese: {text[:60]}"
