"""A mechanism as a picture: states in rows from the opening down to the finals, with the same said in words.

The layout is a plain layered one: turn the edges that lead back, put each node below whatever leads to it, order the
rows by where their neighbours stand, then draw. A picture is never the only way to read something: `text` says all of
it, and is also the picture's description for those who hear the page. Colour carries nothing: people's moves are
solid lines, the clock's are dashed, what leads back is thin, finals have a double frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from unicodedata import east_asian_width

from jiebang.engine.explain import Explained, Row, Target, explained
from jiebang.engine.graph import START, Edge, Graph, graph_of
from jiebang.engine.model import Program

BOX_W, BOX_H = 168, 60
GAP_X, GAP_Y = 28, 64
LANE = 14  # width of a line that passes a row
MARGIN = 16
LINE_CELLS = 20  # a Chinese character takes two cells
SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Drawing:
    """The picture as SVG, ready to stand in a page, and the same in words."""

    svg: str
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """All edges between two nodes as one line, drawn through the rows it passes."""

    source: str
    target: str
    by_people: bool
    by_clock: bool
    back: bool
    through: tuple[str, ...]  # nodes and places between, from the upper end to the lower


@dataclass(frozen=True, slots=True)
class _Point:
    x: float
    y: float


def draw(program: Program, lang: str, *, name: str = "") -> Drawing:
    """Draw a mechanism in a language. `name` keeps ids apart when a page shows several."""
    said = explained(program, lang)
    graph = graph_of(program)
    lines, rows = _layered(program, graph)
    places, width, height = _placed(rows, lines)
    text = "\n".join(_said(said, lang))
    prefix = name or f"mechanism-{program.id}"
    return Drawing("\n".join(_svg(program, said, lines, places, width, height, text, prefix, lang)), text)


# ── Layout ──────────────────────────────────────────────────────────────────────────────────────────────────


def _layered(program: Program, graph: Graph) -> tuple[list[_Line], list[list[str]]]:
    """Rows of nodes, with places for lines that pass a row, and the lines through them."""
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in graph.edges:
        if edge.source != edge.target:
            pairs.setdefault((edge.source, edge.target), []).append(edge)
    back = _leading_back(graph)
    downward = {(b, a) if (a, b) in back else (a, b) for a, b in pairs}
    row_of = _rows_of(downward)
    last = max((row for node, row in row_of.items() if node not in program.finals), default=0) + 1
    row_of |= {node: last for node in row_of if node in program.finals}
    rows: list[list[str]] = [[] for _ in range(last + 1)]
    for node in _in_order(program, graph):
        if node in row_of:
            rows[row_of[node]].append(node)
    lines = []
    for (source, target), edges in pairs.items():
        upper, lower = (target, source) if (source, target) in back else (source, target)
        between = [f"{source}\x00{target}\x00{row}" for row in range(row_of[upper] + 1, row_of[lower])]
        for row, place in zip(range(row_of[upper] + 1, row_of[lower]), between, strict=True):
            rows[row].append(place)
        lines.append(
            _Line(
                source,
                target,
                any(not edge.by_clock and edge.source not in program.routes for edge in edges),
                all(edge.by_clock for edge in edges),
                (source, target) in back,
                (upper, *between, lower),
            )
        )
    return lines, _ordered(rows, lines)


def _leading_back(graph: Graph) -> set[tuple[str, str]]:
    """The pairs a walk from the opening meets on its own trail: turned for the layout, all else leads down."""
    found: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in [START, *graph.out]:
        if root in done:
            continue
        trail = [root]
        on_trail = {root}
        ways = [iter(graph.out.get(root, ()))]
        while trail:
            edge = next(ways[-1], None)
            if edge is None:
                done.add(trail[-1])
                on_trail.discard(trail.pop())
                ways.pop()
            elif edge.target in on_trail:
                found.add((edge.source, edge.target))
            elif edge.target not in done:
                trail.append(edge.target)
                on_trail.add(edge.target)
                ways.append(iter(graph.out.get(edge.target, ())))
    return found


def _rows_of(downward: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Each node below everything that leads to it."""
    below: dict[str, list[str]] = {}
    waits: dict[str, int] = {}
    for upper, lower in downward:
        below.setdefault(upper, []).append(lower)
        waits[lower] = waits.get(lower, 0) + 1
        waits.setdefault(upper, 0)
    row = {node: 0 for node, count in waits.items() if count == 0}
    ready = list(row)
    for node in ready:
        for lower in below.get(node, ()):
            row[lower] = max(row.get(lower, 0), row[node] + 1)
            waits[lower] -= 1
            if waits[lower] == 0:
                ready.append(lower)
    return row


def _in_order(program: Program, graph: Graph) -> list[str]:
    """Nodes in the order of the file, the opening first: the eye finds them where it read them."""
    every = [START, *program.states, *program.routes, *program.finals]
    met = {START, *graph.into, *graph.out}
    return [node for node in every if node in met]


def _ordered(rows: list[list[str]], lines: Sequence[_Line]) -> list[list[str]]:
    """Rows in an order with few crossings: each node near the middle of its neighbours, down and up in turn."""
    above, below = _neighbours(lines)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for i in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            beside = rows[i - 1] if down else rows[i + 1]
            at = {node: place for place, node in enumerate(beside)}
            near = above if down else below
            now = {node: place for place, node in enumerate(rows[i])}

            def middle(node: str, at: Mapping[str, int] = at, near: Mapping[str, list[str]] = near,
                       now: Mapping[str, int] = now) -> float:  # fmt: skip
                places = [at[other] for other in near.get(node, ()) if other in at]
                return sum(places) / len(places) if places else now[node]

            rows[i].sort(key=middle)
    return rows


def _neighbours(lines: Sequence[_Line]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for line in lines:
        for upper, lower in pairwise(line.through):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    return above, below


def _placed(rows: list[list[str]], lines: Sequence[_Line]) -> tuple[dict[str, _Point], int, int]:
    """A place for each node: rows from top to bottom, each drawn towards the middle of its neighbours."""
    above, below = _neighbours(lines)
    x: dict[str, float] = {}
    for row in rows:
        edge = 0.0
        for node in row:
            x[node] = edge + _width(node) / 2
            edge += _width(node) + GAP_X
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = []
            for node in row:
                near = [x[other] for other in [*above.get(node, ()), *below.get(node, ())]]
                wanted.append(sum(near) / len(near) if near else x[node])
            _spread(row, wanted, x)
    left = min(x[node] - _width(node) / 2 for row in rows for node in row) - MARGIN
    right = max(x[node] + _width(node) / 2 for row in rows for node in row) + MARGIN
    places = {
        node: _Point(x[node] - left, MARGIN + BOX_H / 2 + i * (BOX_H + GAP_Y))
        for i, row in enumerate(rows)
        for node in row
    }
    return places, round(right - left), round(2 * MARGIN + len(rows) * (BOX_H + GAP_Y) - GAP_Y)


def _spread(row: Sequence[str], wanted: Sequence[float], x: dict[str, float]) -> None:
    """Each node as near to where it is wanted as its neighbours in the row allow: from both sides, then the mean."""
    if not row:
        return
    gaps = [(_width(a) + _width(b)) / 2 + GAP_X for a, b in pairwise(row)]
    rightward = [wanted[0]]
    for want, gap in zip(wanted[1:], gaps, strict=True):
        rightward.append(max(want, rightward[-1] + gap))
    leftward = [wanted[-1]]
    for want, gap in zip(reversed(wanted[:-1]), reversed(gaps), strict=True):
        leftward.append(min(want, leftward[-1] - gap))
    for node, low, high in zip(row, reversed(leftward), rightward, strict=True):
        x[node] = (low + high) / 2


def _width(node: str) -> int:
    if "\x00" in node:
        return LANE
    return BOX_H if node == START else BOX_W


# ── Drawing ─────────────────────────────────────────────────────────────────────────────────────────────────


def _svg(
    program: Program,
    said: Explained,
    lines: Sequence[_Line],
    places: Mapping[str, _Point],
    width: int,
    height: int,
    text: str,
    prefix: str,
    lang: str,
) -> Iterator[str]:
    chinese = lang.startswith("zh")
    title = f"{said.title}：流程图" if chinese else f"{said.title}: diagram"
    ids = escape(prefix)
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" class="mechanism-diagram" role="img" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-labelledby="{ids}-title {ids}-desc" font-family="inherit" font-size="14" '
        'stroke="currentColor" fill="currentColor">'
    )
    yield f'<title id="{ids}-title">{escape(title)}</title>'
    yield f'<desc id="{ids}-desc">{escape(text)}</desc>'
    yield (
        f'<defs><marker id="{ids}-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 Z" stroke="none"/></marker></defs>'
    )
    for line in lines:
        yield _drawn_line(line, places, prefix)
    rows = {row.name: row for row in said.rows}
    ends = {end.name: end.title for end in said.ends}
    for node, place in places.items():
        if node == START:
            yield (
                f'<circle class="start" cx="{place.x:.0f}" cy="{place.y:.0f}" r="14" stroke-width="2" '
                f'fill="Canvas"/><circle cx="{place.x:.0f}" cy="{place.y:.0f}" r="6" stroke="none"/>'
            )
        elif node in rows:
            yield from _drawn_state(rows[node], place, chinese)
        elif node in program.routes:
            route = program.routes[node]
            words = f"≤ {route.at_most}" if not chinese else f"前 {route.at_most} 次"
            label = route.title.get("zh" if chinese else "en") or route.name
            yield from _box(place, "route", [*_wrapped(label, most=1), words], radius=BOX_H // 2)
        elif node in ends:
            yield from _box(place, "final", _wrapped(ends[node], most=2), double=True)
    yield "</svg>"


def _drawn_state(row: Row, place: _Point, chinese: bool) -> Iterator[str]:
    small = row.limit if row.kind == "notice" or not row.holder else f"{row.holder} · {row.limit}"
    kind = "state" if row.kind == "owed" else row.kind
    yield from _box(place, kind, [*_wrapped(row.title, most=2), _cut(small, LINE_CELLS + 6)], radius=6)


def _box(place: _Point, kind: str, texts: Sequence[str], *, radius: int = 2, double: bool = False) -> Iterator[str]:
    left, top = place.x - BOX_W / 2, place.y - BOX_H / 2
    dash = ' stroke-dasharray="2 3"' if kind in ("notice", "waiting") else ""
    yield (
        f'<g class="{kind}"><rect x="{left:.0f}" y="{top:.0f}" width="{BOX_W}" height="{BOX_H}" rx="{radius}" '
        f'fill="Canvas" stroke-width="1.5"{dash}/>'
    )
    if double:
        yield (
            f'<rect x="{left + 4:.0f}" y="{top + 4:.0f}" width="{BOX_W - 8}" height="{BOX_H - 8}" rx="{radius}" '
            'fill="none" stroke-width="1"/>'
        )
    step = 17
    first = place.y - (len(texts) - 1) * step / 2 + 5
    for i, said in enumerate(texts):
        small = ' font-size="11"' if len(texts) > 1 and i == len(texts) - 1 and kind != "final" else ""
        at = f'x="{place.x:.0f}" y="{first + i * step:.0f}"'
        yield f'<text {at} text-anchor="middle" stroke="none"{small}>{escape(said)}</text>'
    yield "</g>"


def _drawn_line(line: _Line, places: Mapping[str, _Point], prefix: str) -> str:
    points = [places[node] for node in line.through]
    half = 14 if line.through[0] == START else BOX_H / 2
    points[0] = _Point(points[0].x, points[0].y + half)
    points[-1] = _Point(points[-1].x, points[-1].y - BOX_H / 2)
    if line.back:  # from the lower end to the upper, leaving both boxes a little aside
        points = [_Point(point.x + 24, point.y) for point in reversed(points)]
    path = f"M{points[0].x:.0f} {points[0].y:.0f}"
    for a, b in pairwise(points):
        middle = (a.y + b.y) / 2
        path += f" C{a.x:.0f} {middle:.0f} {b.x:.0f} {middle:.0f} {b.x:.0f} {b.y:.0f}"
    kind = "clock" if line.by_clock else "people"
    dash = ' stroke-dasharray="6 4"' if line.by_clock else ""
    weight = "1" if line.back else "1.5"
    return (
        f'<path class="{kind}{" back" if line.back else ""}" d="{path}" fill="none" stroke-width="{weight}"{dash} '
        f'marker-end="url(#{escape(prefix)}-tip)"/>'
    )


def _wrapped(text: str, *, most: int) -> list[str]:
    """Text in at most so many lines; what does not fit ends in an ellipsis."""
    lines = [""]
    for word in _words(text):
        if _cells(lines[-1] + word) <= LINE_CELLS or not lines[-1]:
            lines[-1] += word
        else:
            lines.append(word.lstrip())
    if len(lines) > most:
        lines[most - 1] = _cut(lines[most - 1] + " ".join(lines[most:]), LINE_CELLS - 1, force=True)
    return [line.strip() for line in lines[:most]]


def _words(text: str) -> Iterator[str]:
    """Pieces a line may break between: Chinese characters one by one, other words with the blank before them."""
    piece = ""
    for character in text:
        if _cells(character) == 2 or character == " ":
            if piece:
                yield piece
            piece = ""
            if character == " ":
                piece = " "
            else:
                yield character
        else:
            piece += character
    if piece:
        yield piece


def _cut(text: str, cells: int, *, force: bool = False) -> str:
    if _cells(text) <= cells and not force:
        return text
    kept = ""
    for character in text:
        if _cells(kept + character) > cells - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _said(said: Explained, lang: str) -> Iterator[str]:
    """The picture in words: every line as a sentence."""
    chinese = lang.startswith("zh")
    colon = "：" if chinese else ": "
    for opening in said.openings:
        yield from _steps("开始" if chinese else "Start", f"{opening.who}{colon}{opening.title}", opening.to, chinese)
    for row in said.rows:
        for step in row.steps:
            yield from _steps(row.title, f"{step.who}{colon}{step.title}", step.to, chinese)
        yield from _steps(row.title, "等到了" if chinese else "what it waits for", row.ended, chinese)
        yield from _steps(row.title, f"{'时限' if chinese else 'limit'} {row.limit}", row.then, chinese)


def _steps(source: str, how: str, targets: Iterable[Target], chinese: bool) -> Iterator[str]:
    for target in targets:
        yield f"{source} → {target.title}（{how}）" if chinese else f"{source} → {target.title} ({how})"
