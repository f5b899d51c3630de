"""The moves of a mechanism file, with `agreed by` drawn as the state it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiebang.engine import nodes, wording
from jiebang.engine.model import Ask, Branch, Collect, Limit, Move, State
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.conditions import ALWAYS, ConditionReader


@dataclass(slots=True)
class MoveReader(ConditionReader):
    """Reads moves."""

    def move(self, key: str, node: Node, holder: str, duties: tuple[str, ...], *, state: str = "") -> Move | None:
        self.name_of(key, node.line)
        if key in keys.RESERVED:
            self.say(node.line, "reserved-name", words=key)
        said = self.map(node, keys.MOVE, (f"动作“{key}”", f"move “{key}”"))
        if said is None:
            return None
        if "by" not in said.items and not holder:
            self.say(said.line, "nobody-named", key=key)
        asks = self.asks(said.items.get("ask"))
        when = self.condition(said.items["if"], duties) if "if" in said.items else ALWAYS
        to = self.branches(key, said, asks, duties)
        title = self.title("moves", key, said)
        move = Move(
            key,
            title,
            self.by(said.items.get("by"), holder or "anyone"),
            to,
            asks,
            self.shows(said.items.get("show")),
            when,
            self.number(said.items["at most"], 1, 100) if "at most" in said.items else None,
            self.target(said.items["then"]) if "then" in said.items else None,
            *self.verifies(said.items.get("verifies")),
            self.flag(said.items.get("finishes")),
            self.flag(said.items.get("joins")),
            "",
            self.collect(said.items.get("collect"), asks),
        )
        self.look_at(move, said, state)
        return self.agreed(move, said, state) if "agreed by" in said.items else move

    def look_at(self, move: Move, said: nodes.Mapping, state: str) -> None:
        """What belongs together inside a move."""
        if "agreed by" not in said.items:
            self.only(said, tuple(key for key in keys.MOVE if key not in ("agreed within", "source")))
        if move.then is not None and move.at_most is None:
            self.say(said.lines["then"], "then-without-at-most")
        if not state and (
            move.at_most or move.collect or move.verifies or move.finishes or move.joins or move.when.tests
        ):
            self.say(said.line, "plain-opening")
        types = [self.fields[ask.field].type for ask in move.ask if ask.field in self.fields]
        if move.joins and "entry" not in types:
            self.say(said.line, "merge-without-entry")
        if types.count("unit") > 1:
            self.say(said.line, "two-units")

    def agreed(self, move: Move, said: nodes.Mapping, state: str) -> Move:
        """Draw `agreed by` as what it is: a state held by whoever must agree; silence and refusal lead back."""
        party = self.text(said.items["agreed by"])
        if party not in self.parties:
            self.unknown(said.lines["agreed by"], party, ("参与方", "party"), self.parties)
        if "agreed within" not in said.items:
            self.say(said.line, "agreed-without-limit")
        if not state or move.at_most is not None or len(move.to) != 1:
            self.say(said.line, "agreed-not-here")
            return move
        self.used_parties.add(party)
        name = f"{move.name}-agreement"
        if name in self.targets:
            self.say(said.line, "name-taken", name=name)
        self.targets.add(name)
        words = {
            "waiting": {"zh": "待同意：{}", "en": "Waiting for agreement: {}"},
            "agree": {"zh": "同意：{}", "en": "Agree: {}"},
            "disagree": {"zh": "不同意：{}", "en": "Disagree: {}"},
        }
        titles = {
            key: {lang: pattern[lang].format(move.title.get(lang, "")) for lang in self.languages}
            for key, pattern in words.items()
        }
        self.states[name] = State(
            name,
            titles["waiting"],
            party,
            Limit("within", self.amount(said.items.get("agreed within")), source=self.text(said.items.get("source"))),
            state,
            {
                "agree": Move("agree", titles["agree"], (party,), move.to),
                "disagree": Move("disagree", titles["disagree"], (party,), (Branch(ALWAYS, state),)),
            },
        )
        # Asked once: what was not agreed to cannot be asked for again and again to win time.
        return replace(move, to=(Branch(ALWAYS, name),), at_most=1)

    def verifies(self, node: Node | None) -> tuple[bool, str]:
        if isinstance(node, Scalar) and node.boolean is None and node.text in ("call-back", "officer"):
            return True, node.text
        return self.flag(node), ""

    def collect(self, node: Node | None, asks: tuple[Ask, ...]) -> Collect | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            name, yes, no = self.text(node), ("yes",), "no"  # type: str, tuple[str, ...], str
        else:
            said = self.map(node, keys.COLLECT, ("collect", "collect"))
            if said is None:
                return None
            name = self.text(self.wanted(said, "count"))
            yes = self.words(said.items["yes"]) if "yes" in said.items else ("yes",)
            no = self.text(said.items["no"]) if "no" in said.items else "no"
        known = wording.answers_of(self.fields[name]) if name in self.fields else None
        if known is None or name not in {ask.field for ask in asks if not ask.optional and not ask.when.tests}:
            self.say(node.line, "collect-not-required", name=name)
        elif {*yes, no} != set(known):
            self.say(node.line, "collect-incomplete", name=name, known=joined(known))
        self.read_fields[name] = node.line
        return Collect(name, yes, no)
