"""V: verification, proof, and whose silence it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jiebang.engine.checker.case import Case, arrows
from jiebang.engine.graph import START, Edge
from jiebang.engine.model import Move, Objections, Party, Program, State


def check_verification(case: Case) -> None:
    program, graph = case.program, case.graph
    finishing = {
        (state.name, move.name): move
        for state in program.states.values()
        for move in state.moves.values()
        if move.finishes
    }
    for (state, name), move in finishing.items():
        if not any(not proof.when.tests for proof in move.show) and not any(
            not ask.optional and not ask.when.tests for ask in move.ask
        ):
            case.say(
                "V2",
                f"states.{state}.may.{name}",
                f"“{name}”宣称办完，却不要求任何凭证。",
                f'"{name}" claims the work is done but shows no proof.',
                "请要求 show（照片、文件）或必答的办理说明。",
                "Demand `show` (photo, document), or a required account of what was done.",
            )
    _takings(case, list(finishing.values()))
    trusted = trusted_moves(case)
    solved = {name for name, final in program.finals.items() if final.means == "solved"}
    _idle_verdicts(case, solved)

    def unverified(edge: Edge) -> bool:
        return (edge.source, edge.name) not in trusted

    ways = [path for path in [graph.path(START, solved, along=unverified)] if path]
    for edge in graph.edges:  # a verdict given before the work was finished does not count
        if not ways and edge.move is not None and edge.move.finishes and edge.kind in ("move", "then"):
            path = graph.path(edge.target, solved, along=unverified)
            if path is not None:
                ways.append([edge, *path])
    for way in ways[:1]:
        nodes = [edge.target for edge in way]
        case.say(
            "V1",
            f"states.{way[-1].source}",
            f"有一条路不经他人核实就算办成：{arrows(nodes)}。",
            f"One way is counted as solved without anybody else's word: {arrows(nodes)}.",
            "请在这条路上加一个由提出人、回访人或下令单位做的核实动作（verifies: true）。",
            "Put a move on it that verifies (`verifies: true`), by the raiser, a caller or whoever ordered the work.",
        )


def _idle_verdicts(case: Case, solved: Collection[str]) -> None:
    """V1: a verdict that asks and leads to solved whatever is answered is a form, no verdict."""
    fields = case.program.fields
    for state in case.program.states.values():
        for move in state.moves.values():
            asks = any(fields[ask.field].type in ("choice", "yes-no") and not ask.optional for ask in move.ask)
            if move.verifies and asks and all(branch.to in solved for branch in move.to):
                case.say(
                    "V1",
                    f"states.{state.name}.may.{move.name}",
                    f"“{move.name}”无论怎样回答都算办成：这样的核实不起作用。",
                    f'Whatever is answered, "{move.name}" counts it as solved: such a verdict changes nothing.',
                    "请让否定的回答通向别处，或去掉 verifies。",
                    "Let the answer no lead elsewhere, or remove `verifies`.",
                    "warning",
                )


def trusted_moves(case: Case) -> set[tuple[str, str]]:
    """The verdicts, as state and move, by whoever cannot have done the work; what is claimed wrongly is said."""
    states = case.program.states.values()
    finishing = [move for state in states for move in state.moves.values() if move.finishes]
    return {
        (state.name, move.name)
        for state in states
        for move in state.moves.values()
        if move.verifies and _independent(case, state, move, finishing)
    }


def _independent(case: Case, state: State, move: Move, finishing: Sequence[Move]) -> bool:
    """Whether none who may verify here can be the one who finished; says so when the file claims it wrongly."""
    program = case.program
    finished_by = {(name, f.name) for f in finishing for name in f.by}
    clash = next(
        (
            (name, done, deed)
            for name in move.by
            for done, deed in sorted(finished_by)
            if not _kept_apart(program, move.name, deed)
            and not _apart(program, program.parties[name], program.parties[done], deed)
        ),
        None,
    )
    if clash is None:
        return True
    name, done, deed = clash
    same = name == done
    case.say(
        "V1",
        f"states.{state.name}.may.{move.name}",
        f"“{move.name}”由“{name}”核实，而“{deed}”"
        + ("也由他做：等于自己核实自己。" if same else f"由“{done}”做，两者可能是同一方。"),
        f'"{move.name}" is verified by "{name}", '
        + (f'who also makes "{deed}": their own work.' if same else f'who may be the "{done}" that made "{deed}".'),
        f"请换成提出人，或给该角色加 never: [whoever did {deed}, unit of {deed}]。",
        f"Let the raiser verify, or give that party `never: [whoever did {deed}, unit of {deed}]`.",
    )
    return False


def _takings(case: Case, finishing: Sequence[Move]) -> None:
    """V4: who takes a raiser's word down had no part in the work, and asks how the raiser is known."""
    program = case.program
    verdicts = {move.name for state in program.states.values() for move in state.moves.values() if move.verifies}
    for how, taking in program.takings.items():
        at = f"taken.{how}"
        for name in taking.by if verdicts & set(taking.of) else ():
            never = program.parties[name].never
            units = {move for exclusion in never if exclusion.by == "unit" for move in exclusion.moves}
            for deed in sorted({move.name for move in finishing} - units):
                case.say(
                    "V4",
                    f"{at}.by",
                    f"“{name}”代录确认，却没有排除做“{deed}”的单位：干活的单位可以替提出人说满意。",
                    f'"{name}" takes the verdict down, but the unit of "{deed}" is not shut out: it could speak for '
                    "the raiser about its own work.",
                    f"请给该角色加 never: [unit of {deed}]。",
                    f"Give that party `never: [unit of {deed}]`.",
                )
        asked = [program.fields[ask.field] for ask in taking.ask if not ask.optional and not ask.when.tests]
        if not any(one.type in ("choice", "yes-no") for one in asked):
            case.say(
                "V4",
                at,
                f"“{how}”没有问怎样核实提出人：看了什么证件、怎样得到同意。",
                f'"{how}" does not ask how the raiser is known: which document was seen, how consent was given.',
                "请在 ask 里加一个必答的选择题。",
                "Put a required choice into its `ask`.",
            )
        if how == "proxy" and not any(one.type == "text" and one.visible == "private" for one in asked):
            case.say(
                "V4",
                at,
                "亲属代办没有问亲属的姓名，或姓名不是 visible: private。",
                "A relative speaks, but their name is not asked, or it is not private.",
                "请加一个必答的文字题，写 visible: private。",
                "Ask it as a required text with `visible: private`.",
            )


def check_separations(case: Case) -> None:
    """P1, as far as roles can say it: two moves that only a raiser makes are one person's, if only one raised."""
    program = case.program
    for separation in program.separations:
        makers = [
            {program.parties[party].kind for move in _moves_called(program, (name,)) for party in move.by}
            for name in separation.moves
        ]
        if separation.by == "person" and sum(kinds <= {"raiser", "anyone"} for kinds in makers) > 1:
            moves = "、".join(separation.moves)
            case.say(
                "P1",
                "separate",
                f"{moves} 都由提出人来做；只有一位提出人时，他做了一个就做不了另一个。",
                f"Of {', '.join(separation.moves)} more than one is the raiser's; a single raiser could make only one.",
                "请让其中一个由别人来做，或不要把它们分开。",
                "Let somebody else make one of them, or do not separate them.",
                "warning",
            )


def _kept_apart(program: Program, verdict: str, deed: str) -> bool:
    """Whether the mechanism separates the two moves, whoever makes them."""
    return any({verdict, deed} <= set(separation.moves) for separation in program.separations)


def _apart(program: Program, verifier: Party, finisher: Party, deed: str) -> bool:
    """Whether two parties cannot be the same side of one entry, by role. Persons are kept apart when they act."""
    if any(deed in never.moves for never in verifier.never):
        return True
    if verifier.kind in ("anyone", "clock"):
        return False
    return not (_origins(program, verifier) & _origins(program, finisher))


def _origins(program: Program, party: Party, seen: frozenset[str] = frozenset()) -> frozenset[tuple[str, str, str]]:
    """Where a party's people come from: the raisers, an office at a level, or the handling units."""
    if party.kind == "did":
        if party.name in seen:
            return frozenset()
        found: set[tuple[str, str, str]] = set()
        for move in _moves_called(program, party.moves):
            named = any(program.fields[ask.field].type == "unit" for ask in move.ask)
            if named and party.role != "doer":
                found.add(("unit", "", ""))
            elif party.role != "named":
                for name in move.by:
                    found |= _origins(program, program.parties[name], seen | {party.name})
        return frozenset(found)
    if party.kind == "post":
        body = party.office.partition(".")[0]  # whoever has a duty in a body is one of its members
        return frozenset({("post", body, party.level)})
    if party.kind == "anyone":
        return frozenset({("raiser", "", ""), ("anyone", "", "")})
    return frozenset({(party.kind, "", "")})


def _moves_called(program: Program, names: Collection[str]) -> Iterator[Move]:
    for state in program.states.values():
        for name, move in state.moves.items():
            if name in names:
                yield move
    for name, opening in program.openings.items():
        if name in names:
            yield opening


def check_silence(case: Case) -> None:
    """V3: the clock's way out of a state that is owed by an official ends in `failed`, nowhere else."""
    program = case.program
    reached = case.graph.reachable()
    for state in program.states.values():
        holder = program.parties.get(state.holder)
        if state.name not in reached:
            continue
        if state.objections:
            check_unanswered(case, state.name, state.objections)
        if not _is_the_citys(state, holder):
            continue
        for name in _silent_ends(case, state.name):
            means = program.finals[name].means
            if means != "failed":
                case.say(
                    "V3",
                    f"states.{state.name}",
                    f"“{state.name}”由“{state.holder}”负责，他不办，事项却以“{name}”（{means}）结束，看不出是谁的责任。",
                    f'"{state.holder}" holds "{state.name}"; if they stay silent the entry ends as "{name}" ({means}), '
                    "which hides whose silence it was.",
                    "请让逾期最终通向含义为 failed（未兑现）的终态。",
                    "Let the limit lead, in the end, to a final that means `failed`.",
                )


def _silent_ends(case: Case, start: str) -> list[str]:
    """The finals to which the clock alone leads from there."""
    routes = case.program.routes
    ends = case.graph.reachable([start], along=lambda edge: edge.by_clock or edge.source in routes)
    return sorted(ends & set(case.program.finals))


def check_unanswered(case: Case, state: str, clause: Objections) -> None:
    """V3: nobody answered an objection, which is the city's silence as well."""
    for name in _silent_ends(case, clause.to):
        means = case.program.finals[name].means
        if means != "failed":
            case.say(
                "V3",
                f"states.{state}.objections",
                f"“{state}”的异议没有人答复，事项却以“{name}”（{means}）结束，看不出是谁的责任。",
                f'Nobody answered an objection in "{state}", and the entry ends as "{name}" ({means}), which hides '
                "whose silence it was.",
                "请让 else 最终通向含义为 failed（未兑现）的终态。",
                "Let its `else` lead, in the end, to a final that means `failed`.",
            )


def _is_the_citys(state: State, holder: Party | None) -> bool:
    """Whether silence in the state is the city's: an official holds it, or it waits for something elsewhere."""
    if state.limit.kind == "waits":
        return True
    return state.limit.kind == "within" and holder is not None and holder.is_official
