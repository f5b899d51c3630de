"""The plain table as text, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from jiebang.engine.bounds import Bounds
from jiebang.engine.explain import Explained, Row, Step, Target, explained
from jiebang.engine.model import Program, Texts
from jiebang.engine.words import Words
from jiebang.engine.worktime import Calendar


def explain(
    program: Program,
    lang: str,
    *,
    bounds: Bounds | None = None,
    calendar: Calendar | None = None,
    cite: Callable[[str], str] = str,
    boards: Mapping[str, Texts] | None = None,
) -> str:
    """The plain table as text. `cite` says a source as the reader should see it: a file may name only its key."""
    said = explained(program, lang, bounds=bounds, calendar=calendar, boards=boards)
    rows = tuple(replace(row, source=cite(row.source) if row.source else "") for row in said.rows)
    source = cite(said.source) if said.source else ""
    return "\n".join(_text(replace(said, source=source, rows=rows), Words(program, lang)))


def _text(said: Explained, words: Words) -> Iterator[str]:
    yield said.title + words.pick(f"（自 {said.since} 起）", f" (since {said.since})")
    if said.purpose:
        yield said.purpose
    if said.source:
        yield words.pick("依据：", "Source: ") + said.source
    yield ""
    for step in said.openings:
        yield _line(step, words)
    for row in said.rows:
        yield ""
        yield f"■ {row.title}"
        yield "  " + _owed(row, words)
        if row.opens:
            yield words.pick(f"  进入时{row.opens}", f"  On entering it {row.opens}")
        for step in row.steps:
            yield "  " + _line(step, words)
        for duty in row.duties:
            yield words.pick("  同时须做：", "  Also owed: ") + duty
        if row.left:
            yield words.pick(f"  从这里起最多还要 {row.left}", f"  From here at most {row.left}")
    yield ""
    for end in said.ends:
        yield f"□ {end.title}{words.pick('：', ': ')}{end.meaning}"
    if said.spans or said.promises or said.takings or said.separations:
        yield ""
    yield from said.separations
    yield from said.takings
    yield from said.spans
    yield from said.promises


def _owed(row: Row, words: Words) -> str:
    then = _arrow(row.then, words)
    source = words.pick(f"（依据：{row.source}）", f" ({row.source})") if row.source else ""
    if row.kind == "notice":
        return words.pick(f"为期 {row.limit}{source}；期满 → {then}", f"Lasts {row.limit}{source}; then → {then}")
    if row.kind == "waiting":
        ended = (
            words.pick(f"等到了 → {_arrow(row.ended, words)}；", f"done → {_arrow(row.ended, words)}; ")
            if row.ended
            else ""
        )
        return words.pick(
            f"等待{row.holder}，最长 {row.limit}{source}；{ended}等不到 → {then}",
            f"Waits for {row.holder}, {row.limit} at most{source}; {ended}not in time → {then}",
        )
    return words.pick(
        f"由{row.holder}负责，时限：{row.limit}{source}；逾期 → {then}",
        f"Held by {row.holder}; limit {row.limit}{source}; late → {then}",
    )


def _line(step: Step, words: Words) -> str:
    line = f"· {step.who}{words.pick('：', ': ')}{step.title} → {_arrow(step.to, words)}"
    extra = [*step.notes]
    if step.needs:
        extra.append(words.pick("须填：", "asks: ") + words.listed(step.needs))
    return line + (
        words.pick("（", " (") + words.listed(extra, zh="；", en="; ") + words.pick("）", ")") if extra else ""
    )


def _arrow(targets: Sequence[Target], words: Words) -> str:
    return words.listed(
        (f"{t.title}{words.pick(f'（{t.when}）', f' ({t.when})')}" if t.when else t.title for t in targets),
        zh=" / ",
        en=" / ",
    )
