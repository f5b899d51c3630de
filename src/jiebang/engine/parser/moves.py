"""The moves of a mechanism file, with `agreed by` drawn as the state it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiebang.engine import nodes, wording
from jiebang.engine.model import READ_TYPES, Ask, Branch, Collect, Exclusion, Limit, Move, Share, State
from jiebang.engine.nodes import Node, Scalar
from jiebang.engine.objections import joined
from jiebang.engine.parser import keys
from jiebang.engine.parser.conditions import ALWAYS
from jiebang.engine.parser.requiring import RequirementReader


@dataclass(slots=True)
class MoveReader(RequirementReader):
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
            self.opens(said.items.get("opens")),
            self.collect(said.items.get("collect"), asks),
            self.requirements(said.items.get("require"), asks),
        )
        self.look_at(move, said, state)
        return self.agreed(move, said, state) if {"agreed by", "second"} & set(said.items) else move

    def look_at(self, move: Move, said: nodes.Mapping, state: str) -> None:
        """What belongs together inside a move."""
        if "agreed by" not in said.items:
            idle = ("agreed within",) if "second" in said.items else ("agreed within", "source")
            self.only(said, tuple(key for key in keys.MOVE if key not in idle))
        if move.then is not None and move.at_most is None:
            self.say(said.lines["then"], "then-without-at-most")
        if not state and (
            move.at_most
            or move.collect
            or move.verifies
            or move.finishes
            or move.joins
            or move.when.tests
            or move.opens
        ):
            self.say(said.line, "plain-opening")
        types = [self.fields[ask.field].type for ask in move.ask if ask.field in self.fields]
        if not state and READ_TYPES & set(types):
            self.say(said.line, "read-at-opening")
        if move.joins and "entry" not in types:
            self.say(said.line, "merge-without-entry")
        if types.count("unit") > 1:
            self.say(said.line, "two-units")

    def agreed(self, move: Move, said: nodes.Mapping, state: str) -> Move:
        """Draw `agreed by` and `second` as what they are: a state held by whoever must agree; silence and refusal
        lead back."""
        asked = "second" if "second" in said.items else "agreed by"
        limit = "second" if asked == "second" else "agreed within"
        if "second" in said.items and ("agreed by" in said.items or "agreed within" in said.items):
            self.say(said.lines["second"], "second-and-agreed")
        if limit not in said.items:
            self.say(said.line, "agreed-without-limit")
        if not state or move.verifies or move.joins or move.collect:
            self.say(said.lines[asked], "agreed-not-here", key=asked)
            return move
        parties = move.by if asked == "second" else self.by(said.items["agreed by"], "unit")
        parties = tuple(self.another(name, move, said.line) for name in parties if name in self.parties)
        name = f"{move.name}-agreement"
        if name in self.targets:
            name = f"{state}-{name}"
        if name in self.targets:
            self.say(said.line, "name-taken", name=name)
        if not parties:
            return move
        self.targets.add(name)
        self.used_parties.update(parties)
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
            parties[0],
            Limit("within", self.amount(said.items.get(limit)), source=self.text(said.items.get("source"))),
            state,
            {
                "agree": Move("agree", titles["agree"], parties, move.to, opens=move.opens),
                "disagree": Move("disagree", titles["disagree"], parties, (Branch(ALWAYS, state),)),
            },
        )
        # Asked once, if not said otherwise: what was not agreed to cannot be asked for again and again to win time.
        return replace(move, to=(Branch(ALWAYS, name),), at_most=move.at_most or 1, opens=None)

    def another(self, name: str, move: Move, line: int) -> str:
        """The party without whoever made the move, where it could be the same person: nobody agrees to their own."""
        party = self.parties[name]
        if not party.is_official:
            self.say(line, "agreed-by-nobody", name=name)
        askers = [self.parties[by] for by in move.by if by in self.parties]
        if party.kind == "post" and all(
            asker.kind == "post" and (asker.office, asker.level) != (party.office, party.level) for asker in askers
        ):
            return name
        made = f"{name}-besides-{move.name}"
        words = {"zh": "{}（另一人）", "en": "{} (another person)"}
        title = {lang: words[lang].format(text) for lang, text in party.title.items()}
        never = (*party.never, Exclusion("person", (move.name,)))
        self.parties[made] = replace(party, name=made, title=title, never=never)
        return made

    def verifies(self, node: Node | None) -> tuple[bool, str]:
        if isinstance(node, Scalar) and node.boolean is None and node.text in ("call-back", "officer"):
            return True, node.text
        return self.flag(node), ""

    def enough(self, node: Node | None) -> tuple[int, Share | None]:
        """`enough: 8`, or a share of a number told before: `more than 1/2 of present`, `1/10 of voters`."""
        words = self.text(node) if isinstance(node, Scalar) and node.integer is None else ""
        if node is None or not words:
            return (self.number(node, 1, 10_000) if node is not None else 0), None
        share = wording.share(words)
        if share is None:
            self.say(node.line, "share-unreadable", words=words[:60])
            return 1, None
        asked = self.fields.get(share.question)
        if asked is None or asked.type != "number":
            self.say(node.line, "share-of-no-number", name=share.question)
        self.read_fields[share.question] = node.line
        return 0, share

    def collect(self, node: Node | None, asks: tuple[Ask, ...]) -> Collect | None:
        if node is None:
            return None
        if isinstance(node, Scalar):
            name, yes, no = self.text(node), ("yes",), "no"  # type: str, tuple[str, ...], str
            enough, share = 0, None
        else:
            said = self.map(node, keys.COLLECT, ("collect", "collect"))
            if said is None:
                return None
            name = self.text(self.wanted(said, "count"))
            yes = self.words(said.items["yes"]) if "yes" in said.items else ("yes",)
            no = self.text(said.items["no"]) if "no" in said.items else "no"
            enough, share = self.enough(said.items.get("enough"))
        known = wording.answers_of(self.fields[name]) if name in self.fields else None
        if known is None or name not in {ask.field for ask in asks if not ask.optional and not ask.when.tests}:
            self.say(node.line, "collect-not-required", name=name)
        elif {*yes, no} != set(known):
            self.say(node.line, "collect-incomplete", name=name, known=joined(known))
        self.read_fields[name] = node.line
        return Collect(name, yes, no, enough, share)
