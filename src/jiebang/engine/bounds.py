"""How long a matter can take: three closing times, computed and published with the mechanism.

    silent   nobody ever does anything: the clock's moves alone
    main     the ordinary way to `solved`, every limit used up, nothing sent back
    worst    the longest path of the lap-unrolled graph: nobody, however slow or hostile, can keep it open longer

Sums are by unit ("41 working days + 20 days"), because a sum is what people can check by hand. The figure in calendar
days is the worst start over the published years. It rests on one fact: along a path a later start is never due
earlier, so a chain of limits used up is the longest way along it. Three measures follow, each never too short:

    count     all limits are working days: n and then m of them are one count of n + m, measured exactly
    minutes   each limit's largest calendar length over all starts, added up: right for hours and minutes, but it puts
              every limit into its own Spring Festival
    closings  how many closings of the office a limit can span; then the longest time that many closings can take

Mechanisms that mix units take the shorter of the last two. All hold while the clock runs; an outage of the server
comes on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from math import prod
from typing import Literal

from jiebang.engine.graph import (
    START,
    Edge,
    Graph,
    avoidable,
    graph_of,
    is_made,
    made_at_most,
    starts,
    states_under,
)
from jiebang.engine.model import Amount, Program, Span, State, Unit
from jiebang.engine.worktime import Calendar, CalendarEnds, due

MOST_UNROLLED = 5_000
DAY = 24 * 60  # minutes
PIECE = 200  # working days or office hours that surely fit into one published year

# Without a calendar lengths are only compared with one another; nothing in calendar days is said.
Measure = Literal["count", "minutes", "closings"]
_ROUGH: Mapping[Unit, int] = {"wd": DAY * 7 // 5, "d": DAY, "h": 60, "wh": 60 * 4, "min": 1}


@dataclass(frozen=True, slots=True)
class Length:
    """A closing time: sums by unit, the calendar days it can come to, and the states passed.

    `calendar_days` is None when it was measured without a calendar.
    """

    wd: int = 0
    d: int = 0
    h: int = 0
    wh: int = 0
    minutes: int = 0
    calendar_days: int | None = None
    path: tuple[str, ...] = ()

    def sums(self, lang: str) -> str:
        """`24 个工作日`, `41 working days + 20 days`."""
        if lang.startswith("zh"):
            words = {"wd": "个工作日", "d": "天", "h": "小时", "wh": "个办公小时", "minutes": "分钟"}
            said = [f"{getattr(self, unit)} {word}" for unit, word in words.items() if getattr(self, unit)]
            return " + ".join(said) or "0 天"
        names = {"wd": "working day", "d": "day", "h": "hour", "wh": "office hour", "minutes": "minute"}
        counted = [(getattr(self, unit), name) for unit, name in names.items() if getattr(self, unit)]
        return " + ".join(f"{n} {name}{'s' if n != 1 else ''}" for n, name in counted) or "0 days"

    def said(self, lang: str) -> str:
        """The sums, with the calendar days they can come to."""
        if self.calendar_days is None:
            return self.sums(lang)
        if lang.startswith("zh"):
            return f"{self.sums(lang)}（最长 {self.calendar_days} 个日历日）"
        return f"{self.sums(lang)} (at most {self.calendar_days} calendar day{'s' if self.calendar_days != 1 else ''})"


@dataclass(frozen=True, slots=True)
class Bounds:
    """`remaining` is the worst case from each state on; `silent_end` and `main_end` are the finals reached."""

    silent: Length
    main: Length
    worst: Length
    silent_end: str = ""
    main_end: str = ""
    remaining: Mapping[str, Length] = field(default_factory=dict)


class Unbounded(ValueError):
    """The bounds cannot be computed: a circle without a lap limit, a state without a limit, too many laps."""

    def __init__(self, rule: str, nodes: Sequence[str]) -> None:
        self.rule = rule
        self.nodes = tuple(nodes)
        super().__init__(f"{rule}: {' → '.join(nodes)}")


def bounds_of(program: Program, calendar: Calendar | None = None, graph: Graph | None = None) -> Bounds:
    """Measure the three closing times.

    Raises:
        Unbounded: a rule of D does not hold; the checker reports it as a finding.
    """
    graph = graph or graph_of(program)
    measures = [_Weights(program, calendar, measure) for measure in _measures(program, calendar, graph)]
    weights = measures[0]
    silent = _silent_path(program, graph, weights)
    main = _main_path(program, graph, weights)
    worst = [_Worst(program, graph, each) for each in measures]
    return Bounds(
        silent=weights.chain(silent),
        main=weights.chain(main),
        worst=_shortest(each.length_from(START) for each in worst),
        silent_end=silent[-1] if silent else "",
        main_end=main[-1] if main else "",
        remaining={
            state: replace(_shortest(each.length_from(state) for each in worst), path=())
            for state in program.states
            if state in worst[0]
        },
    )


def _measures(program: Program, calendar: Calendar | None, graph: Graph) -> tuple[Measure, ...]:
    amounts = [
        amount for name in graph.reachable() & set(program.states) for amount in amounts_of(program.states[name])
    ]
    units = {amount.unit for amount in [*amounts, *(span.amount for span in program.spans.values())]}
    if units == {"wd"}:
        return ("count",)
    return ("minutes", "closings") if calendar is not None and units & {"wd", "d"} else ("minutes",)


def _shortest(lengths: Iterable[Length]) -> Length:
    """Each measure is never too short, so the shortest of them holds."""
    return min(lengths, key=lambda length: length.calendar_days or 0)


def amounts_of(state: State) -> tuple[Amount, ...]:
    """The lengths a stay in the state can sum up to: its limit or ceiling, and its extensions."""
    base = state.limit.amount or state.limit.ceiling
    if base is None:
        return ()
    return (base, *([state.extend.most] * state.extend.times if state.extend else []))


def longest(amount: Amount, calendar: Calendar | None, *, roll: bool = True) -> int:
    """The most minutes the amount can last, over all starts in the published years."""
    if amount.unit in ("h", "min") or calendar is None:
        return amount.n * _ROUGH[amount.unit]
    return _longest(amount, calendar, roll)


@lru_cache(maxsize=512)
def _longest(amount: Amount, calendar: Calendar, roll: bool) -> int:
    found = max(
        (length for start in _starts(calendar, amount.unit) for length in _length_from(start, amount, calendar, roll)),
        default=None,
    )
    if found is not None:
        return found
    # Longer than all published years together: in pieces, each at its own worst. No row of days off is longer than 12.
    if amount.unit == "d" or amount.n <= PIECE:
        return (amount.n + 12) * DAY * (1 if amount.unit == "d" else 12)
    pieces, rest = divmod(amount.n, PIECE)
    length = pieces * _longest(Amount(PIECE, amount.unit), calendar, roll)
    return length + (_longest(Amount(rest, amount.unit), calendar, roll) if rest else 0)


def _length_from(start: datetime, amount: Amount, calendar: Calendar, roll: bool) -> Iterator[int]:
    try:
        end = due(start, amount, calendar, roll=roll)
    except CalendarEnds:
        return
    if not end.provisional:
        yield -(-(end.moment - start) // timedelta(minutes=1))


def _starts(calendar: Calendar, unit: str) -> Iterator[datetime]:
    """The moments from which a count is longest: the first of a day, and for open hours every closing."""
    moments = [0] if unit != "wh" else [0, *(closes for _, closes in calendar.hours)]
    day = calendar.first_day
    while day <= calendar.last_day and not calendar.is_estimated(day):
        for minutes in moments:
            yield datetime.combine(day, time(minutes // 60, minutes % 60), calendar.tz)
        day += timedelta(days=1)


def most_closings(amount: Amount, calendar: Calendar) -> int:
    """The most closings of the office the amount can span, and one more: a count of working days that begins in the
    middle of a working day lets that day's closing pass uncounted."""
    if amount.unit == "wd":
        return amount.n
    if amount.unit == "d":
        return _most_working(amount.n + 1, calendar) + 2  # the day it rolls to closes as well
    minutes = amount.n * (60 if amount.unit != "min" else 1)
    return -(-minutes // (calendar.minutes_a_day if amount.unit == "wh" else DAY)) + 1


@lru_cache(maxsize=512)
def _most_working(days: int, calendar: Calendar) -> int:
    """The most working days in a row of so many days."""
    first = calendar.first_day
    rows = (calendar.last_day - first).days - days
    return max(
        (
            calendar.working_days_between(first + timedelta(days=i), first + timedelta(days=i + days))
            for i in range(rows)
        ),
        default=days,
    )


class _Weights:
    """How long an entry can stay at each node, by one measure, and what a path of nodes comes to."""

    def __init__(self, program: Program, calendar: Calendar | None, measure: Measure) -> None:
        self.program = program
        self.calendar = calendar
        self.measure = measure
        stays = {name: self.amounts(name) for name in program.states}
        for name, amounts in stays.items():
            if not amounts:
                raise Unbounded("D1", [name])
        self.of: dict[str, int] = {
            name: sum(self.weigh(amount, self.rolls(name)) for amount in amounts) for name, amounts in stays.items()
        }

    def amounts(self, name: str) -> tuple[Amount, ...]:
        return amounts_of(self.program.states[name])

    def rolls(self, name: str) -> bool:
        return self.program.states[name].limit.kind == "within"

    def weigh(self, amount: Amount, roll: bool = True) -> int:
        if self.measure == "count":
            return amount.n
        if self.measure == "closings" and self.calendar is not None:
            return most_closings(amount, self.calendar)
        return longest(amount, self.calendar, roll=roll)

    def length(self, path: _Path) -> Length:
        """Sums by unit, and the calendar days no run along any path of that weight can exceed."""
        sums = _sums(amount for stay in path.stays for amount in stay)
        days = None
        if self.calendar is not None:
            minutes = path.weight
            if self.measure != "minutes" and path.weight:
                # Closings: it may begin in the middle of a working day, and end before the closing after the last.
                slack = 2 if self.measure == "closings" else 0
                minutes = longest(Amount(path.weight + slack, "wd"), self.calendar)
            days = -(-minutes // DAY)
        return replace(sums, calendar_days=days, path=path.nodes)

    def chain(self, nodes: Sequence[str]) -> Length:
        """A single known way, every limit used up: measured by walking it from every published day."""
        states = [name for name in nodes if name in self.program.states]
        sums = _sums(amount for name in states for amount in self.amounts(name)[:1])
        days = None
        if self.measure == "count" and self.calendar is not None:
            days = -(-longest(Amount(sums.wd, "wd"), self.calendar) // DAY) if sums.wd else 0
        elif self.calendar is not None:
            lengths = [self._walk(start, states) for start in _starts(self.calendar, "wd")]
            known = [length for length in lengths if length is not None]
            days = max(known) if known else -(-sum(self._longest_stay(name) for name in states) // DAY)
        return replace(sums, calendar_days=days, path=tuple(states))

    def _longest_stay(self, name: str) -> int:
        return longest(self.amounts(name)[0], self.calendar, roll=self.rolls(name))

    def _walk(self, start: datetime, states: Sequence[str]) -> int | None:
        assert self.calendar is not None
        moment = start
        for name in states:
            try:
                end = due(moment, self.amounts(name)[0], self.calendar, roll=self.rolls(name))
            except CalendarEnds:
                return None
            if end.provisional:
                return None
            moment = end.moment
        return -(-(moment - start) // timedelta(days=1))


def _sums(amounts: Iterable[Amount]) -> Length:
    by_unit: dict[str, int] = {"wd": 0, "d": 0, "h": 0, "wh": 0, "min": 0}
    for amount in amounts:
        by_unit[amount.unit] += amount.n
    return Length(by_unit["wd"], by_unit["d"], by_unit["h"], by_unit["wh"], by_unit["min"])


def _silent_path(program: Program, graph: Graph, weights: _Weights) -> list[str]:
    """The clock's moves alone, from the opening where that takes longest. A route is taken its first way."""
    ways = [_silence(program, graph, edge.target) for edge in graph.out.get(START, ())]
    return max(ways, key=lambda way: sum(weights.of.get(node, 0) for node in way), default=[])


def _silence(program: Program, graph: Graph, node: str) -> list[str]:
    way = [node]
    while node not in program.finals:
        node = program.routes[node].to if node in program.routes else program.states[node].clock_to
        if node in way or (node not in graph.into):
            raise Unbounded("D2", [*way, node])
        way.append(node)
    return way


def _main_path(program: Program, graph: Graph, weights: _Weights) -> list[str]:
    """The way from an opening to a solved final in the fewest steps by people, the longest of those.

    A notice (`lasts`) ends by itself, and that is its good end; no other clock move is on the main path.
    """
    solved = {name for name, final in program.finals.items() if final.means == "solved"} or set(program.finals)
    best: dict[str, tuple[int, int]] = {START: (0, 0)}
    came: dict[str, Edge] = {}
    waiting = {START}
    while waiting:  # fewest steps first, then longest time
        node = min(waiting, key=lambda name: best[name])
        waiting.discard(node)
        steps, spent = best[node]
        for edge in graph.out.get(node, ()):
            if not _ordinary(program, edge):
                continue
            reached = (steps + 1, spent - weights.of.get(edge.target, 0))
            if edge.target not in best or reached < best[edge.target]:
                best[edge.target], came[edge.target] = reached, edge
                waiting.add(edge.target)
    ends = [name for name in solved if name in came]
    if not ends:
        return []
    walked = [min(ends, key=lambda name: best[name])]
    while came[walked[-1]].source != START:
        walked.append(came[walked[-1]].source)
    return walked[::-1]


def _ordinary(program: Program, edge: Edge) -> bool:
    if edge.kind == "clock":
        return program.states[edge.source].limit.kind == "lasts"
    return edge.kind in ("open", "move", "route")


@dataclass(frozen=True, slots=True)
class _Path:
    nodes: tuple[str, ...]
    stays: tuple[tuple[Amount, ...], ...]
    weight: int


@dataclass(frozen=True, slots=True)
class _Way:
    """One way out of a node inside its part of the graph, ready for the loop over laps."""

    target: str
    inside: bool
    is_free: bool  # neither needs nor uses a counter: most ways
    lap: int = -1  # index of the counter it uses up
    after: int = -1  # index of the counter that must be used up before
    cap: tuple[Span, tuple[str, ...]] | None = None  # a span starts here: it ends at one of these nodes

    def after_lap(self, setting: int, used: Sequence[int], part: _Part) -> int | None:
        """The counters after going this way, or None when it is shut: used up, or not yet used up."""
        if self.after >= 0 and used[self.after] < part.counters[self.after]:
            return None
        if self.lap < 0:
            return setting
        return setting + part.strides[self.lap] if used[self.lap] < part.counters[self.lap] else None


@dataclass(frozen=True, slots=True)
class _Budget:
    """The stays of a state whose limit counts from a move: one full time for each time that move was made.

    `before` were made before the part was entered, at most; the others are laps of the part.
    """

    counter: int
    before: int
    laps: tuple[int, ...]

    def left(self, used: Sequence[int]) -> bool:
        return used[self.counter] < self.before + sum(used[lap] for lap in self.laps)


@dataclass(frozen=True, slots=True)
class _Choice:
    """How the longest way goes on: to `node` with that setting of its counters; `span`: after that span's length.
    No node: nothing follows the span."""

    node: str | None
    setting: int
    span: Span | None = None


@dataclass(slots=True)
class _Part:
    """A strongly connected part, unrolled: one row for each setting of its lap counters."""

    counters: list[int] = field(default_factory=list)  # most uses of each
    strides: list[int] = field(default_factory=list)
    weight: dict[str, list[int]] = field(default_factory=dict)  # node → per setting
    choice: dict[str, list[_Choice | None]] = field(default_factory=dict)  # node → per setting

    def used(self, setting: int) -> list[int]:
        """How often each counter is used up in this setting: a number in mixed radix."""
        return [setting // stride % (most + 1) for stride, most in zip(self.strides, self.counters, strict=True)]


def _budgets(program: Program, graph: Graph) -> dict[str, int]:
    """States whose limit counts from a move that was surely made: how often that time can be given anew.

    All stays since that move lie within one such time (and its extensions): the first may last that long, the others
    no time at all.
    """
    found: dict[str, int] = {}
    for state in program.states.values():
        since = state.limit.since
        if since is None or state.name in avoidable(graph, since):
            continue
        times = made_at_most(graph, since)
        if times:
            found[state.name] = times
    return found


class _Worst:
    """The longest way from every node, over the graph with each part's laps unrolled.

    Inside a part, circles without a lap are excluded (D3), so for one setting of the counters the nodes have an
    order; a lap leads to a higher setting. Two loops, no recursion, then suffice.
    """

    def __init__(self, program: Program, graph: Graph, weights: _Weights) -> None:
        self._program = program
        self._graph = graph
        self._weights = weights
        self._part_of: dict[str, _Part] = {}
        self._ways: dict[str, list[_Way]] = {}
        self._most: dict[str, int] = {}  # the longest way from a node, whatever laps are used
        self._most_at: dict[str, int] = {}  # the setting where that is
        self._budgets = _budgets(program, graph)
        self._budget_of: dict[str, _Budget] = {}
        reachable = graph.reachable()
        under = {name: states_under(graph, program, span) for name, span in program.spans.items()}
        self._exits = {
            name: tuple(self._ends_of(span, under[name]) & reachable) for name, span in program.spans.items()
        }
        for part in graph.components():
            nodes = [node for node in part if node in reachable]
            if nodes:
                self._unroll(nodes)

    def __contains__(self, node: str) -> bool:
        """Whether an entry can come there: a `then` may wait for laps that cannot all be used up."""
        return node in self._most

    def _ends_of(self, span: Span, under: set[str]) -> set[str]:
        """The nodes a span's time ends at: its end, a final, and where it leads when it has passed."""
        left = {edge.target for node in under for edge in self._graph.out.get(node, ())} - under
        return ({span.to_state, span.clock_to} | left) - set(self._program.routes)

    def _unroll(self, nodes: list[str]) -> None:
        inside = set(nodes)
        edges = [edge for node in nodes for edge in self._graph.out.get(node, ())]
        circular = len(nodes) > 1 or any(edge.target == edge.source for edge in edges)
        laps = {e.lap: e.at_most for e in edges if e.lap and e.target in inside} if circular else {}
        if circular:
            laps |= {f"stay {node}": self._budgets[node] for node in nodes if node in self._budgets}
        part = _Part(list(laps.values()))
        settings = prod(most + 1 for most in part.counters)
        if settings > MOST_UNROLLED:
            raise Unbounded("D4", nodes)
        stride = 1
        for most in part.counters:
            part.strides.append(stride)
            stride *= most + 1
        index = {lap: i for i, lap in enumerate(laps)}
        for node in nodes:
            self._part_of[node] = part
            if f"stay {node}" in index:
                self._budget_of[node] = self._budget(node, index)
            self._ways[node] = list(dict.fromkeys(self._ways_from(node, inside, index)))
            part.weight[node] = [0] * settings
            part.choice[node] = [None] * settings
        order = self._order(nodes, inside, index)
        met = self._met(order, inside, part, settings)
        for setting in range(settings - 1, -1, -1):
            if not met[setting]:
                continue
            used = part.used(setting)
            for node in order:
                if node in met[setting]:
                    self._settle(node, setting, used, part)

    def _budget(self, node: str, index: Mapping[str, int]) -> _Budget:
        since = self._program.states[node].limit.since or ""
        laps = {edge.lap for edge in self._graph.edges if is_made(edge, since) and edge.lap in index}
        inside = sum(edge_most for lap, edge_most in self._laps_of(since).items() if lap in laps)
        return _Budget(index[f"stay {node}"], self._budgets[node] - inside, tuple(index[lap] for lap in sorted(laps)))

    def _laps_of(self, move: str) -> dict[str, int]:
        return {edge.lap: edge.at_most for edge in self._graph.edges if is_made(edge, move) and edge.lap}

    def _met(self, order: Sequence[str], inside: set[str], part: _Part, settings: int) -> list[set[str]]:
        """For each setting of the counters the nodes an entry can be at then. A part is entered with none used."""
        met: list[set[str]] = [set() for _ in range(settings)]
        met[0] = {
            node
            for node in order
            if node == START or any(edge.source not in inside for edge in self._graph.into.get(node, ()))
        }
        for setting in range(settings):
            if not met[setting]:
                continue
            used = part.used(setting)
            for node in reversed(order):
                if node in met[setting]:
                    stay = self._stay(node, used, part)
                    for way in self._ways[node]:
                        if not way.inside:
                            continue
                        then = setting if way.is_free else way.after_lap(setting, used, part)
                        if then is not None:
                            met[then + stay].add(way.target)
        return met

    def _ways_from(self, node: str, inside: set[str], index: Mapping[str, int]) -> Iterator[_Way]:
        for edge in self._graph.out.get(node, ()):
            if edge.after and edge.after not in index:
                continue  # its counter cannot be used up before the part is left for good
            cap = None
            if edge.kind != "span":
                for name, span in self._program.spans.items():
                    if starts(edge, span):
                        cap = (span, self._exits[name])
            lap = index.get(edge.lap, -1) if edge.lap else -1
            after = index.get(edge.after, -1) if edge.after else -1
            yield _Way(edge.target, edge.target in inside, lap < 0 and after < 0, lap, after, cap)

    def _order(self, nodes: list[str], inside: set[str], index: Mapping[str, int]) -> list[str]:
        """Nodes after all that can be reached from them without a lap."""

        def free(edge: Edge) -> bool:
            return edge.target in inside and edge.lap not in index

        circle = self._graph.circle(along=free, nodes=inside)
        if circle is not None:
            raise Unbounded("D3", circle)
        order: list[str] = []
        done: set[str] = set()
        for root in nodes:
            if root in done:
                continue
            done.add(root)
            work = [(root, iter(self._graph.out.get(root, ())))]
            while work:
                edge = next(work[-1][1], None)
                if edge is None:
                    order.append(work.pop()[0])
                elif free(edge) and edge.target not in done:
                    done.add(edge.target)
                    work.append((edge.target, iter(self._graph.out.get(edge.target, ()))))
        return order

    def _stay(self, node: str, used: Sequence[int], part: _Part) -> int:
        """What a stay adds to the setting: one use of the time given, while some is left."""
        budget = self._budget_of.get(node)
        return part.strides[budget.counter] if budget is not None and budget.left(used) else 0

    def _weight(self, node: str, used: Sequence[int], part: _Part) -> int:
        """No further time passes where a limit counts from a move and its time has been used up."""
        budget = self._budget_of.get(node)
        return 0 if budget is not None and not budget.left(used) else self._weights.of.get(node, 0)

    def _settle(self, node: str, setting: int, used: Sequence[int], part: _Part) -> None:
        best = -1
        choice: _Choice | None = None
        stay = self._stay(node, used, part)
        for way in self._ways[node]:
            then = setting if way.is_free else way.after_lap(setting, used, part)
            if then is None:
                continue
            length = part.weight[way.target][then + stay] if way.inside else self._most[way.target]
            if way.cap is not None:
                capped, ends = self._capped(way.cap)
                if capped < length:
                    if capped > best:
                        best, choice = capped, ends
                    continue
            if length > best:
                best = length
                choice = _Choice(way.target, then + stay if way.inside else self._most_at[way.target])
        best = max(best, 0)
        part.weight[node][setting] = best = best + self._weight(node, used, part)
        part.choice[node][setting] = choice
        if best > self._most.get(node, -1):
            self._most[node], self._most_at[node] = best, setting

    def _capped(self, cap: tuple[Span, tuple[str, ...]]) -> tuple[int, _Choice]:
        """The span's own length, then the longest way from wherever it may end.

        Wherever it ends, that was settled before: it lies behind, with no fewer laps used. What is not settled yet
        cannot be reached from here.
        """
        span, exits = cap
        rest, last = max(((self._most[node], node) for node in exits if node in self._most), default=(0, None))
        return self._weights.weigh(span.amount) + rest, _Choice(last, self._most_at[last] if last else 0, span)

    def length_from(self, node: str) -> Length:
        return self._weights.length(self.path_from(node))

    def path_from(self, node: str) -> _Path:
        """The longest way from `node`; from a state, whatever laps are left there.

        Each step leads to what was settled before, so it ends.
        """
        nodes: list[str] = []
        stays: list[tuple[Amount, ...]] = []
        weight = self._most[node]
        here: _Choice | None = _Choice(node, self._most_at[node])
        while here is not None:
            if here.span is not None:
                stays.append((here.span.amount,))
            if here.node is None:
                break
            part = self._part_of[here.node]
            if here.node in self._program.states:
                nodes.append(here.node)
                lasts = self._weight(here.node, part.used(here.setting), part) > 0
                stays.append(self._weights.amounts(here.node) if lasts else ())
            here = part.choice[here.node][here.setting]
        return _Path(tuple(nodes), tuple(stays), weight)
