#!/usr/bin/env python3
"""See for yourself that a mechanism closes its matters: python3 prove.py PROGRAM.json CERTIFICATE.json

A city publishes each mechanism as a program (states, moves, limits) with a certificate. This file needs nothing but
the two and Python's standard library, and shares no line with the city's checker. It shows three things, or says which
of them the certificate does not show:

  closes    every state has a clock's way out, and without using up a lap nothing goes in a circle: every entry ends
  in time   the certificate's ranking falls with every way by at least the stay: nobody can make it last longer
  verified  nothing ends as solved before somebody else than who did the work has said so

What it does not show: that the longest lengths (`lengths`) are those of the city's calendar; `jiebang verify` compares
them with the published one. Exit code 0: proved; 1: not proved; 2: a file cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

Data = dict[str, Any]  # what JSON gives

KEYS = {
    "program": "id since title purpose log parties fields openings states routes finals spans source takings "
               "separations order",
    "state": "name title holder limit clock_to moves duties extend opens waits objections",
    "objections": "by levels to title window ask answer hold_up each source",
    "move": "name title by to ask show when at_most then verifies verified_as finishes joins opens collect require",
    "limit": "kind amount until ceiling since policy source by cases during",
    "case": "values amount source policy",
    "span": "name title from_move to_state amount clock_to source",
    "party": "name kind title office level moves role never collective",
}  # fmt: skip
MOST = 5_000_000  # numbers compared, so that a hostile certificate ends


class NotProvedError(Exception):
    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.texts = {"en": en, "zh": zh}


def demand(true: object, en: str, zh: str) -> None:
    if not true:
        raise NotProvedError(en, zh)


def known(kind: str, data: Data) -> Data:
    """A word this file does not know could mean a way it does not see: then nothing is proved."""
    more = sorted(set(data) - set(KEYS[kind].split()))
    word = more[0] if more else ""
    demand(not more, f"the {kind} uses “{word}”, which this file does not know", f"程序使用了本文件不认识的“{word}”")
    return data


class Way:
    """One way from a node to another. `lap`: the counter it uses up; `after`: the one to be used up before."""

    def __init__(
        self,
        source: str,
        target: str,
        name: str,
        kind: str,
        lap: str = "",
        most: int = 0,
        after: str = "",
        finishes: bool = False,
    ) -> None:
        self.source, self.target, self.name, self.kind = source, target, name, kind
        self.lap, self.most, self.after, self.finishes = lap, most, after, finishes

    def makes(self, move: str) -> bool:
        return self.kind == "opening" if move == "raised" else self.kind in ("opening", "move") and self.name == move


class Mechanism:
    def __init__(self, program: Data) -> None:
        known("program", program)
        self.states, self.routes = program["states"], program.get("routes", {})
        self.finals = {name: final["means"] for name, final in program["finals"].items()}
        self.parties = {name: known("party", party) for name, party in program["parties"].items()}
        self.openings, self.spans = program["openings"], program.get("spans", {})
        self.units = {name for name, field in program.get("fields", {}).items() if field["type"] == "unit"}
        self.separations = [set(one["moves"]) for one in program.get("separations", ())]
        self.moves = {(state, name): known("move", move) for state, data in self.states.items()
                      for name, move in known("state", data).get("moves", {}).items()}  # fmt: skip
        names = [*self.states, *self.routes, *self.finals]
        demand(len(set(names)) == len(names) and "" not in names, "two nodes have one name", "两个节点同名")
        self.ways = list(self.plain_ways())
        self.out: dict[str, list[Way]] = {}
        for name, span in self.spans.items():
            known("span", span)
            begins = [way.target for way in self.ways if way.makes(span["from_move"])]
            under = self.under(span, begins)[0] & set(self.states)
            self.ways += [Way(state, span["clock_to"], name, "span", f"span {name}") for state in sorted(under)]
        for way in self.ways:
            demand(way.target in names, f"“{way.source}” leads to nowhere", f"“{way.source}”通向不存在之处")
            self.out.setdefault(way.source, []).append(way)
        # A way that opens when a counter is used up is none if the counter's way never comes back to be used again.
        back = {way.lap for way in self.ways if way.lap and way.source in self.reach([way.target])}
        self.ways = [way for way in self.ways if not way.after or way.after in back]
        self.out = {node: [way for way in ways if way in self.ways] for node, ways in self.out.items()}
        for way in self.ways:
            if way.kind == "span":
                way.most = self.times(self.spans[way.name]["from_move"])
                way.lap = way.lap if way.most else ""

    def plain_ways(self) -> Iterator[Way]:
        for name, move in self.openings.items():
            for branch in known("move", move)["to"]:
                yield Way("", branch["to"], name, "opening")
        for (state, name), move in self.moves.items():
            most = move.get("at_most", 0)
            lap, finishes = (f"{state}.{name}" if most else ""), move.get("finishes", False)
            for branch in move["to"]:
                yield Way(state, branch["to"], name, "move", lap, most, "", finishes)
            if "then" in move:
                yield Way(state, move["then"], name, "move", "", 0, lap, finishes)
        for name, state in self.states.items():
            yield Way(name, state["clock_to"], "clock", "clock")
            if "objections" in state:  # nobody answered one
                yield Way(name, known("objections", state["objections"])["to"], "unanswered", "clock")
            for one in state.get("waits", {}).get("ways", ()):
                yield Way(name, one["to"], "heard", "clock")
        for name, route in self.routes.items():
            yield Way(name, route["to"], name, "route", name, route["at_most"])
            yield Way(name, route["then"], name, "route", "", 0, name)

    def reach(self, begins: Collection[str], without: Callable[[Way], bool] = lambda way: False) -> set[str]:
        seen = set(begins)
        waiting = list(seen)
        while waiting:
            for way in self.out.get(waiting.pop(), ()):
                if way.target not in seen and not without(way):
                    seen.add(way.target)
                    waiting.append(way.target)
        return seen

    def under(self, span: Data, begins: Iterable[str]) -> tuple[set[str], set[str]]:
        """The nodes passed while the span runs, and those where it ends, from these nodes on."""
        ends = {span["to_state"], *self.finals} | ({span["clock_to"]} & set(self.states))
        passed: set[str] = set()
        met = {span["clock_to"]}
        waiting = list(begins)
        while waiting:
            node = waiting.pop()
            if node in ends:
                met.add(node)
            elif node not in passed:
                passed.add(node)
                waiting += [way.target for way in self.ways if way.source == node]
        return passed, met

    def times(self, move: str) -> int:
        """How often the moves of that name can be made in one entry's life; 0: without end."""
        made: dict[tuple[str, str], int] = {}
        for way in self.ways:
            if way.makes(move):
                again = way.source in self.reach([way.target])
                if again and not way.lap:
                    return 0
                made[way.source, way.name] = max(made.get((way.source, way.name), 1), way.most if again else 1)
        return sum(made.values())

    # ── It closes ──

    def closes(self) -> None:
        """Take away, again and again, the nodes with no way but laps that leads to one still there."""
        left = self.reach([""]) - set(self.finals)  # where no entry ever comes, no ring turns
        while left:
            ended = {node for node in left if not any(w.target in left and not w.lap for w in self.out.get(node, ()))}
            names = ", ".join(sorted(left))
            demand(ended, f"an entry can go round for ever: {names}", f"可能无限绕圈：{names}")
            left -= ended

    # ── In time ──

    def stays(self, state: str) -> list[list[str]]:
        """What a stay can be made of: the limit's length, or that of each answer, and then its extensions."""
        limit = known("limit", self.states[state]["limit"])
        cases = [known("case", case) for case in limit.get("cases", ())]
        plain = limit.get("amount") or limit.get("ceiling")
        amounts: list[Data] = [case["amount"] for case in cases] + ([plain] if plain else [])
        demand(amounts, f"“{state}” has no limit", f"“{state}”没有时限")
        extend = self.states[state].get("extend", {})
        more = [extend["most"]] * extend.get("times", 0) if extend else []
        notice = "" if limit["kind"] == "within" else " notice"
        # The last objection comes before the notice is over; then each level answers in its time, or hands it up.
        held = self.states[state].get("objections", {})
        answers = [f"{one['within']['n']} {one['within']['unit']}" for one in held.get("levels", ())]
        answers = answers if held.get("hold_up") else []
        return [[*(f"{one['n']} {one['unit']}{notice}" for one in (amount, *more)), *answers] for amount in amounts]

    def in_time(self, certificate: Data) -> None:
        lengths, days = certificate["lengths"], certificate.get("days", 0)
        demand(certificate["measure"] in ("count", "minutes", "closings"), "it measures otherwise", "度量方式未知")
        demand(type(days) is int and days >= 0, "its days are no number", "天数不是数")
        for words, length in lengths.items():
            n, unit = words.split()[:2]
            exact = {"count": {"wd": 1}, "minutes": {"h": 60, "min": 1}}.get(certificate["measure"], {})
            fits = length == int(n) * exact[unit] if unit in exact else certificate["measure"] != "count"
            demand(
                type(length) is int and length >= 1 and fits,
                f"“{words}” is given as {length}",
                f"“{words}”写作 {length}",
            )
        reached = self.reach([""]) & set(self.states)
        whole = {state: max(sum(lengths[words] for words in stay) for stay in self.stays(state)) for state in reached}
        paid: dict[
            str, str
        ] = {}  # states whose limit counts from a move: all stays since then lie within it, so the move pays for them
        for state in reached:
            since = self.states[state]["limit"].get("since")
            if since and state not in self.reach([""], lambda way, since=since: way.makes(since)):  # type: ignore[misc]
                paid[state] = since
        rows: dict[str, list[int]] = {}
        laps_of: dict[str, dict[str, int]] = {}
        place: dict[str, int] = {}
        for number, part in enumerate(certificate["parts"]):
            laps = dict(part["laps"])
            for node, row in part["rank"].items():
                demand(node not in rows and len(row) == prod(most + 1 for most in laps.values()),
                       f"the rank of “{node}” has no form", f"“{node}”的排序不成形")  # fmt: skip
                demand(
                    all(type(n) is int and n >= 0 for n in row),
                    f"a rank of “{node}” is no number",
                    f"“{node}”的排序不是数",
                )
                rows[node], laps_of[node], place[node] = row, laps, number
        mosts = {way.lap: way.most for way in self.ways if way.lap}
        demand(all(mosts.get(lap) == most for laps in laps_of.values() for lap, most in laps.items()),
               "a counter is not that of the program", "计数器与程序不符")  # fmt: skip
        demand("" in rows and rows[""][0] == certificate["bound"], "the bound is not its rank", "上限与排序不符")
        later = {node: latest(row, laps_of[node]) for node, row in rows.items()}

        def left(table: dict[str, list[int]], node: str, way: Way, setting: int) -> int:
            if node in self.finals:
                return 0
            demand(node in rows and place[node] <= place[way.source], f"“{node}” is not ranked", f"“{node}”未排序")
            return table[node][setting if place[node] == place[way.source] else 0]

        work = 0
        for way in (way for node in rows for way in self.out.get(node, ())):
            laps = laps_of[way.source]
            owed = 0 if way.source in paid or way.source not in whole else whole[way.source]
            owed += sum(whole[state] for state, since in paid.items() if way.makes(since))
            caps: list[tuple[int, set[str]]] = []
            for span in self.spans.values():
                if way.kind != "span" and way.makes(span["from_move"]):
                    passed, met = self.under(span, [way.target])
                    most = lengths[f"{span['amount']['n']} {span['amount']['unit']}"]
                    # What is paid for by a move made while the span runs may be stayed in after it.
                    made = {
                        since
                        for since in paid.values()
                        if any(w.source in passed and w.makes(since) for w in self.ways)
                    }
                    most += sum(whole[one] for one, since in paid.items() if since in made and not way.makes(since))
                    caps += [(most, met)] if passed else []
            for setting in range(len(rows[way.source])):
                work += 1
                demand(work < MOST, "the certificate is endless", "证书过长")
                after = gone(way, laps, setting)
                if after is None:
                    continue
                shortest = left(rows, way.target, way, after)
                if rows[way.source][setting] < owed + shortest:
                    capped = [most + max(left(later, node, way, after) for node in met) for most, met in caps]
                    shortest = min([shortest, *capped])
                demand(rows[way.source][setting] >= owed + shortest,
                       f"from “{way.source}” to “{way.target}” it can take longer than it says",
                       f"从“{way.source}”到“{way.target}”可能比所写更久")  # fmt: skip

    # ── Verified ──

    def sides(self, name: str, seen: tuple[str, ...] = ()) -> set[str]:
        """Where a party's people come from, so that two parties that share none are not the same side."""
        party = self.parties[name]
        if party["kind"] == "anyone":
            return {"anyone", "raiser"}
        if party["kind"] == "post":
            return {f"post {party['office'].split('.')[0]} {party['level']}"}
        if party["kind"] != "did":
            return {party["kind"]}
        found: set[str] = set()
        every = [*self.openings.items(), *((name, move) for (_, name), move in self.moves.items())]
        for move in [] if name in seen else [move for called, move in every if called in party["moves"]]:
            names_unit = any(ask["field"] in self.units for ask in move.get("ask", ()))
            if names_unit and party.get("role") != "doer":
                found.add("unit")
            elif party.get("role") != "named":
                found = found.union(*(self.sides(by, (*seen, name)) for by in move["by"]))
        return found

    def apart(self, verdict: str, by: str, deed: str, did: str) -> bool:
        if any({verdict, deed} <= moves for moves in self.separations):
            return True
        party = self.parties[by]
        if any(deed in never.get("moves", ()) for never in party.get("never", ())):
            return True
        return party["kind"] not in ("anyone", "clock") and not self.sides(by) & self.sides(did)

    def verified(self, certificate: Data) -> None:
        deeds = {(name, by) for (_, name), move in self.moves.items() if move.get("finishes") for by in move["by"]}
        trusted = {
            (state, name) for (state, name), move in self.moves.items()
            if move.get("verifies") and all(self.apart(name, by, *deed) for by in move["by"] for deed in deeds)
        }  # fmt: skip
        nodes, reached = set(certificate["unverified"]), self.reach([""])
        demand("" in nodes, "an entry begins verified", "事项一开始就算已核实")
        for way in self.ways:
            if way.finishes or (way.source in nodes and (way.source, way.name) not in trusted):
                demand(way.target in nodes or way.source not in reached,
                       f"nobody else has verified it on the way from “{way.source}” to “{way.target}”",
                       f"从“{way.source}”到“{way.target}”没有他人核实")  # fmt: skip
        wrong = sorted(node for node in nodes if self.finals.get(node) == "solved")
        demand(not wrong, f"{', '.join(wrong)} can be reached unverified", f"{'、'.join(wrong)}可能未经核实就到达")


def gone(way: Way, laps: dict[str, int], setting: int) -> int | None:
    """The setting of the counters after going this way, or None where it is shut. A number in mixed radix."""
    stride, after = 1, setting
    for lap, most in laps.items():
        used = setting // stride % (most + 1)
        if (way.after == lap and used < most) or (way.lap == lap and used == most):
            return None
        after += stride if way.lap == lap else 0
        stride *= most + 1
    return after


def latest(row: list[int], laps: dict[str, int]) -> list[int]:
    """For each setting the largest rank with no fewer laps used."""
    largest = list(row)
    stride = 1
    for most in laps.values():
        for setting in reversed(range(len(row))):
            if setting // stride % (most + 1) < most:
                largest[setting] = max(largest[setting], largest[setting + stride])
        stride *= most + 1
    return largest


def prove(program: Data, certificate: Data) -> Data:
    """Return what the certificate shows: bound, measure, days. Raises NotProvedError, saying what it does not."""
    try:
        spelled = json.dumps(program, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        demand(certificate["program"] == hashlib.sha256(spelled.encode()).hexdigest(),
               "the certificate is of another program", "证书属于另一程序")  # fmt: skip
        demand(certificate["v"] == 1, "the certificate is of another version", "证书版本不同")
        mechanism = Mechanism(program)
        mechanism.closes()
        mechanism.in_time(certificate)
        mechanism.verified(certificate)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as wrong:
        what = f"{type(wrong).__name__}: {str(wrong)[:80]}"
        raise NotProvedError(f"a part is missing or malformed ({what})", f"缺少部分或格式不对（{what}）") from None
    return {"bound": certificate["bound"], "measure": certificate["measure"], "days": certificate.get("days")}


def main(arguments: Sequence[str]) -> int:
    try:
        program, certificate = (json.loads(Path(path).read_text(encoding="utf-8")) for path in arguments)
    except (OSError, ValueError) as wrong:
        print(f"{wrong}\nusage: python3 prove.py PROGRAM.json CERTIFICATE.json")
        return 2
    try:
        shown = prove(program, certificate)
    except NotProvedError as wrong:
        print(f"NOT PROVED: {wrong.texts['en']}\n未能证明：{wrong.texts['zh']}")
        return 1
    units = {"count": "working days", "minutes": "minutes", "closings": "closings of the office"}
    days = f", {shown['days']} calendar days by the city's calendar" if shown["days"] else ""
    print(f"Proved: it closes, within {shown['bound']} {units[shown['measure']]}{days}; nothing is solved unverified.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
