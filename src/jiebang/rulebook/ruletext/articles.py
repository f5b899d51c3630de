"""The articles of a rule: one for each state, in the order of the mechanism, then how it ends and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jiebang.engine.bounds import Bounds
from jiebang.engine.explain import Explained, Row, Step, Target, explained
from jiebang.engine.model import Program, Texts
from jiebang.engine.words import Words
from jiebang.engine.worktime import Calendar

_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Article:
    """`number` as it is printed (第三条, Article 3); `clauses` are its numbered parts."""

    number: str
    heading: str
    text: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule, ready to be set. `facts` are name and value; the first row of `table` is its head."""

    lang: str
    title: str
    facts: tuple[tuple[str, str], ...]
    articles: tuple[Article, ...]
    table_title: str
    table: tuple[tuple[str, ...], ...]
    sources_title: str
    sources: tuple[str, ...]
    check_title: str
    check: tuple[str, ...]


def rule_text(
    program: Program,
    lang: str,
    *,
    program_hash: str,
    bounds: Bounds | None = None,
    calendar: Calendar | None = None,
    boards: Mapping[str, Texts] | None = None,
    facts: Iterable[tuple[str, str]] = (),
    cite: Callable[[str], str] = str,
    sources: Iterable[str] = (),
    address: str = "",
) -> RuleText:
    """Put the rule together from a compiled mechanism.

    `cite` says a source as it stands beside a number (`[3]`), `sources` the list at the end, `address` is the page of
    the board's rules; without it nothing is said of the site's log.
    """
    said = explained(program, lang, bounds=bounds, calendar=calendar, boards=boards)
    words = Words(program, lang, boards or {})
    pick = words.pick
    held = (*facts, (pick("施行日期", "In force from"), said.since))
    return RuleText(
        lang,
        pick(f"{said.title}办理规则", f"Rules of procedure: {said.title}"),
        held,
        tuple(_numbered(_articles(said, words, cite), words)),
        pick("附一　一览表", "Annex 1. Who may do what, by when, and what then"),
        tuple(_table(said, words, cite)),
        pick("附二　数字的出处", "Annex 2. Where the numbers come from"),
        tuple(sources),
        pick("附三　怎样核对", "Annex 3. How to check it"),
        tuple(_check(program_hash, address, words)),
    )


def numeral(n: int) -> str:
    """A number from 1 to 999 in Chinese: 十, 十二, 一百〇三."""
    hundreds, rest = divmod(n, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        said += _DIGITS[0]
    return said + (_DIGITS[ones] if ones else "")


# ── The articles ────────────────────────────────────────────────────────────────────────────────────────────

_Part = tuple[str, str, tuple[str, ...]]  # heading, text, clauses


def _numbered(parts: Iterable[_Part], words: Words) -> Iterator[Article]:
    for n, (heading, text, clauses) in enumerate(parts, 1):
        yield Article(words.pick(f"第{numeral(n)}条", f"Article {n}."), heading, text, clauses)


def _articles(said: Explained, words: Words, cite: Callable[[str], str]) -> Iterator[_Part]:
    pick = words.pick
    if said.purpose or said.source:
        founded = pick(f"依据{cite(said.source)}。", f"Founded on {cite(said.source)}.") if said.source else ""
        yield pick("目的", "Purpose"), pick("", " ").join(part for part in (said.purpose, founded) if part), ()
    yield (
        pick("提出", "How a matter is raised"),
        pick("可以用下列方式提出事项：", "A matter is raised in one of these ways:"),
        tuple(_step(step, words) for step in said.openings),
    )
    for row in said.rows:
        yield row.title, _owed(row, words, cite), tuple(_clauses(row, words))
    for heading, lines in (
        (pick("总时限", "Limits over all"), said.spans),
        (pick("分开办理", "Kept apart"), said.separations),
        (pick("代为记录", "Taking down a raiser's word"), said.takings),
    ):
        if lines:
            yield heading, "", tuple(lines)
    yield (
        pick("结束", "How it ends"),
        pick("事项以下列方式之一结束：", "A matter ends in one of these ways:"),
        tuple(f"{end.title}{pick('：', ': ')}{end.meaning}" for end in said.ends),
    )
    if said.promises:
        yield (
            pick("最长时间", "How long it takes at most"),
            pick("由本规则逐条推算，并经检查：", "Computed from these articles, and checked:"),
            said.promises,
        )
    yield (
        pick("施行", "In force"),
        pick(f"本规则自 {said.since} 起施行。", f"These rules are in force from {said.since}."),
        (),
    )


def _owed(row: Row, words: Words, cite: Callable[[str], str]) -> str:
    source = cite(row.source) if row.source else ""
    then = _targets(row.then, words)
    if row.kind == "notice":
        said = words.pick(
            f"为期{row.limit}{source}；期满的，转为{then}。", f"It lasts {row.limit}{source}; then it becomes {then}."
        )
    elif row.kind == "waiting":
        ended = _targets(row.ended, words) if row.ended else ""
        came = words.pick(f"等到的，转为{ended}；", f"when it has come it becomes {ended}, and ") if ended else ""
        said = words.pick(
            f"等待{row.holder}，最长{row.limit}{source}；{came}届时没有等到的，转为{then}。",
            f"It waits for {row.holder}, {row.limit} at most{source}; {came}if it does not come in time, {then}.",
        )
    else:
        said = words.pick(
            f"由{row.holder}负责，时限：{row.limit}{source}；逾期未办的，转为{then}。",
            f"{_capital(row.holder)} owes the next step; limit: {row.limit}{source}; if nobody acts in time it becomes "
            f"{then}.",
        )
    left = words.pick(f"从这里起最多还要{row.left}。", f" From here at most {row.left}.") if row.left else ""
    return said + left


def _clauses(row: Row, words: Words) -> Iterator[str]:
    for step in row.steps:
        yield _step(step, words)
    for duty in row.duties:
        yield words.pick(f"同时须做：{duty}。", f"Also owed: {duty}.")
    if row.opens:
        yield words.pick(f"进入时{row.opens}。", f"On entering it {row.opens}.")


def _step(step: Step, words: Words) -> str:
    extra = [*step.notes]
    if step.needs:
        extra.append(words.pick("须填：", "asks: ") + words.listed(step.needs))
    more = words.pick("；", "; ") + words.listed(extra, zh="；", en="; ") if extra else ""
    to = _targets(step.to, words)
    return words.pick(
        f"{step.who}可以“{step.title}”，转为{to}{more}。", f"{_capital(step.who)} may “{step.title}”: {to}{more}."
    )


def _targets(targets: Sequence[Target], words: Words) -> str:
    def one(target: Target) -> str:
        when = words.pick(f"（{target.when}）", f" ({target.when})") if target.when else ""
        return f"“{target.title}”{when}"

    return words.listed((one(target) for target in targets), zh="或", en=" or ")


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


# ── The annexes ─────────────────────────────────────────────────────────────────────────────────────────────


def _table(said: Explained, words: Words, cite: Callable[[str], str]) -> Iterator[tuple[str, ...]]:
    pick = words.pick
    yield (
        pick("状态", "State"),
        pick("责任人", "Who owes the next step"),
        pick("时限", "Limit"),
        pick("谁可以办什么", "Who may do what"),
        pick("逾期（期满）转为", "If nobody acts in time"),
    )
    for row in said.rows:
        source = cite(row.source) if row.source else ""
        steps = (
            f"{step.who}{pick('：', ': ')}{step.title} → {words.listed(target.title for target in step.to)}"
            for step in row.steps
        )
        yield (
            row.title,
            pick("（公示）", "(notice)") if row.kind == "notice" else row.holder,
            f"{row.limit}{source}",
            "\n".join(steps) or "—",
            words.listed(target.title for target in row.then),
        )


def _check(program_hash: str, address: str, words: Words) -> Iterator[str]:
    pick = words.pick
    yield pick(f"本规则编译后的散列值（SHA-256）：{program_hash}", f"SHA-256 of the compiled rules: {program_hash}")
    yield pick(
        "这份文件由规则的文本自动生成；两者不一致的，以文本为准。文本的编译结果可以自己核对："
        f"运行 jiebang mechanisms check 文本，末尾应为 {program_hash[:16]}。",
        "This paper is made from the rules' text by the program; where they differ the text holds. To compile the text "
        f"yourself, run jiebang mechanisms check FILE: its last word is {program_hash[:16]}.",
    )
    if address:
        yield pick(
            f"已发布的文本和它的每一个版本在 {address}；公开日志里，每一件事项的每一步都写明它依据的散列值。"
            "下载网站上的 verify.py，不必信任本网站就能核对全部日志。",
            f"The published text and each of its versions stand at {address}; in the public log every step of every "
            "matter names the hash it was made under. With verify.py from the site anybody can check the whole log "
            "without trusting it.",
        )
