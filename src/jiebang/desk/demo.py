"""The demonstration player: half a year of a city's matters, played through the boards' own door.

Nothing is written behind the boards' back: every entry is raised with `open_many`, moved with `act_many` and timed
with `tick`, in the order of an invented half year that ends today. Who acts is drawn from invented people who hold
posts of the pack (`demo_cast`); which move they make is drawn from the moves the mechanism offers them at that
moment, so the mechanism file may change without this player. Texts and habits stand in the pack (`demo/`).

What happens next to an entry depends only on the seed, the entry's place in the plan (`demo_plan`) and its events so
far. A player that was killed is therefore simply started again: it reads how far every entry has come and goes on.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from jiebang import engine
from jiebang.boards import queries as board_queries
from jiebang.boards import services as boards
from jiebang.boards.mapping import middle_near
from jiebang.boards.services import Command, Done, Opened, Opening, Upload
from jiebang.desk import demo_boards, demo_cast, demo_plan, demo_rounds
from jiebang.desk.demo_cast import Account, Cast
from jiebang.desk.demo_plan import Manner, Matter, drawn, seeded
from jiebang.engine.conditions import holds
from jiebang.engine.lookups import DUTY, lookups
from jiebang.engine.model import ANYONE, Actor, Condition, Facts, Field, Json, Move, Program, State, Yes
from jiebang.engine.requiring import boundary
from jiebang.engine.worktime import Calendar
from jiebang.people import queries as people
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook

SEED = 20_220_630
ENTRIES = 2_000
DAYS = 182

SLOT = timedelta(minutes=90)  # moves planned within one slot go through the door together
LATEST_TICK_S = 20
TRIES = 3  # a move that is refused is drawn anew this often; then the entry is left to the clock
TELL_EVERY = 20
DUTIES = 60  # how much more readily a duty is done than any other step is taken
PHOTOS_SHOWN = timedelta(days=30)
KM_A_DEGREE = 111.32
FILES = ("photo", "document", "signature")

Tell = Callable[[int, int], None]


class NotADemonstration(Exception):
    """No past is invented for a real city."""


@dataclass(frozen=True, slots=True)
class Played:
    entries: int
    moves: int
    refused: Mapping[str, int]  # by code: moves the people of the play tried in vain
    accounts: tuple[Account, ...]


def play(
    *,
    at: datetime,
    accounts: Path,
    entries: int = ENTRIES,
    days: int = DAYS,
    seed: int = SEED,
    tell: Tell | None = None,
) -> Played:
    """Play the half year that ends with the start of `at`'s day; go on where an earlier player was stopped.

    The passwords of the accounts to try are written to the file `accounts`. `tell` hears how many matters are
    raised, and of how many.

    Raises:
        NotADemonstration: the city's pack does not say `demonstration: true`.
    """
    city = rulebook.city()
    if not city.demonstration:
        raise NotADemonstration(f"{city.names.get('en', city.id)} is a real city: no past is invented for it.")
    zone = ZoneInfo(city.zone)
    today = at.astimezone(zone).date()
    begins = today - timedelta(days=days)
    manner = manner_of(city.id)
    made = demo_cast.accounts(manner, accounts, since=begins, languages=city.languages)
    program = rulebook.in_force(city.raise_mechanism, on=begins).program
    first = demo_plan.matters(
        manner, program, level=city.levels[-1], begins=begins, ends=today, zone=zone, entries=entries, seed=seed
    )
    plan = demo_boards.together(first, manner, begins=begins, ends=today, zone=zone, seed=seed)
    cast = demo_cast.enlist(
        _boards_of(plan, manner, program, on=begins),
        manner,
        roles={topic["unit"] for topic in manner.texts["topics"]} | {str(matter.topic["unit"]) for matter in plan},
        since=begins,
        seed=seed,
    )
    player = _Player(
        city=city,
        manner=manner,
        plan=plan,
        cast=cast,
        calendar=rulebook.calendar(),
        ends=datetime.combine(today, time(), zone).astimezone(UTC),
        seed=seed,
        opened_elsewhere=[
            view.mechanism for view in rulebook.mechanisms() if len(plan) > len(first) and _is_opened(view.program)
        ],
    )
    if len(plan) > len(first):  # a trial of the first board alone has no rounds either
        player.rounds = demo_rounds.script_of(city.id, ends=player.ends)
    player.catch_up()
    player.run(tell or (lambda done, of: None))
    return Played(len(player.playing), player.moves, dict(player.refused), tuple(made))


def _boards_of(
    plan: Sequence[Matter], manner: Manner, first: Program, *, on: date
) -> Iterator[tuple[Program, set[str]]]:
    """Yield each board that is played with the areas its matters are raised in; the first one first."""
    areas: dict[str, set[str]] = {"": set()}
    for matter in plan:
        areas.setdefault(matter.mechanism, set()).add(matter.area)
    yield first, areas.pop("")
    if areas:  # what these open elsewhere needs its people too
        for view in rulebook.mechanisms():
            if view.mechanism in areas or _is_opened(view.program):
                program = rulebook.in_force(view.mechanism, on=on).program
                yield program, areas.get(view.mechanism) or set(manner.boards["areas"])


def _is_opened(program: Program) -> bool:
    """Whether other entries may open one of this board."""
    return any(program.parties[party].kind == "boards" for move in program.openings.values() for party in move.by)


def manner_of(city_id: str) -> Manner:
    """Return what the city's pack says of its demonstration.

    Raises:
        PackError: the pack has no demonstration.
    """
    pack = packs.city(city_id)
    folder = packs.find(pack, "demo")
    if folder is None:
        raise packs.PackError(f"{pack.packs[0]} is a demonstration without demo/texts.yaml and demo/habits.yaml.")
    others = folder / "boards.yaml"
    return Manner(
        packs.read_yaml(folder / "texts.yaml"),
        packs.read_yaml(folder / "habits.yaml"),
        packs.read_yaml(others) if others.is_file() else {},
    )


# ── The play ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Playing:
    """One matter on its way. `tried` counts refusals since its last event."""

    matter: Matter
    number: str
    program: Program
    facts: Facts
    tried: int = 0


@dataclass(frozen=True, slots=True, order=True)
class _Planned:
    """A move somebody will make. It is stale once the entry has had another event (`seq`)."""

    at: datetime
    index: int
    seq: int = field(compare=False)
    move: str = field(compare=False)
    actor: Actor = field(compare=False)


@dataclass(slots=True)
class _Player:
    city: rulebook.CityView
    manner: Manner
    plan: Sequence[Matter]
    cast: Cast
    calendar: Calendar
    ends: datetime
    seed: int
    playing: dict[int, _Playing] = field(default_factory=dict)  # by place in the plan
    by_number: dict[str, int] = field(default_factory=dict)
    planned: list[_Planned] = field(default_factory=list)  # heap
    dues: list[tuple[datetime, int, int]] = field(default_factory=list)  # heap of due, index, seq
    raised: int = 0  # how much of the plan was raised
    moves: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    photos: list[bytes] = field(default_factory=list)
    opened_elsewhere: Sequence[str] = ()  # boards on which other entries open some
    adopted: dict[int, Matter] = field(default_factory=dict)  # those entries, by a place beyond the plan
    waiting: set[str] = field(default_factory=set)  # numbers of those who wait for one
    rounds: demo_rounds.Script | None = None

    # ── In time ──

    def catch_up(self) -> None:
        """Find the matters that an earlier player raised: moment and place name them."""
        by_origin = {(matter.mechanism, matter.at, matter.area): matter.index for matter in self.plan}
        for name in sorted({matter.mechanism for matter in self.plan}):
            for number, facts in board_queries.standing(name or self.city.raise_mechanism).items():
                index = by_origin.get((name, facts.raised_at, facts.place.get(self.city.levels[-1], "")))
                if index is not None:
                    self._follow(index, number, facts)
        self.raised = max(self.playing, default=-1) + 1
        self._adopt()

    def run(self, tell: Tell) -> None:
        """Play until the end: always what comes first, a matter raised, a move made or a limit passed."""
        while True:
            self._drop_stale()
            opening = self.plan[self.raised].at if self.raised < len(self.plan) else self.ends
            move = self.planned[0].at if self.planned else self.ends
            due = self.dues[0][0] if self.dues else self.ends
            script = self.rounds.next if self.rounds else self.ends
            if min(opening, move, due, script) >= self.ends:
                break
            if self.rounds and script <= min(opening, move, due):
                self._take_up(self.rounds.step())
            elif due <= min(opening, move):
                self._tick(due, before=min(opening, move, script))
            elif opening <= move:
                self._raise(opening)
                if self.raised % TELL_EVERY == 0:
                    tell(self.raised, len(self.plan))
            else:
                self._act(move, before=min(move + SLOT, due, script, self.ends))
        self._release_photos()
        tell(len(self.plan), len(self.plan))

    def _release_photos(self) -> None:
        """Let the communities show the photos of the last weeks to the public, as they would have looked at them."""
        for playing in self.playing.values():
            finished = any(deed.at > self.ends - PHOTOS_SHOWN for deed in playing.facts.deeds if deed.unit)
            staff = [
                actor
                for party in playing.program.parties.values()
                if party.kind == "post" and party.level == self.city.levels[-1]
                for actor in self.cast.who_may_be(party, playing.facts, unit="")
            ]
            if not finished or not staff:
                continue
            view = board_queries.entry_for(playing.number, staff[0])
            for attachment in view.attachments if view else ():
                if attachment.released_at is None:
                    boards.release_attachment(playing.number, attachment.id, actor=staff[0], at=self.ends)

    def _drop_stale(self) -> None:
        while self.planned and self._is_stale(self.planned[0].index, self.planned[0].seq):
            heapq.heappop(self.planned)
        while self.dues and self._is_stale(self.dues[0][1], self.dues[0][2]):
            heapq.heappop(self.dues)

    def _is_stale(self, index: int, seq: int) -> bool:
        return self.playing[index].facts.seq != seq

    def _tick(self, due: datetime, *, before: datetime) -> None:
        """Let the clock make its moves, some seconds late as in life, but not later than what comes next."""
        late_ms = seeded(self.seed, due).randint(300, LATEST_TICK_S * 1000)
        at = max(due, min(due + timedelta(milliseconds=late_ms), before))
        passed: dict[str, int] = {}
        while self.dues and self.dues[0][0] <= at:
            _, index, seq = heapq.heappop(self.dues)
            if not self._is_stale(index, seq):
                passed[self.playing[index].number] = index
        while boards.tick(at=at):
            pass
        for number, facts in board_queries.facts_of(list(passed)).items():
            self._follow(passed[number], number, facts)
        self._adopt()

    def _adopt(self) -> None:
        """Play on what other entries opened, and see how those stand that wait for it."""
        for name in self.opened_elsewhere:
            for number, facts in board_queries.standing(name).items():
                if number not in self.by_number:
                    matter = demo_boards.of_an_opened(
                        self.manner, name, number, facts, level=self.city.levels[-1], seed=self.seed
                    )
                    self.adopted[matter.index] = matter
                    self._follow(matter.index, number, facts)
        if self.waiting:
            for number, facts in board_queries.facts_of(sorted(self.waiting)).items():
                self._follow(self.by_number[number], number, facts)

    def _take_up(self, number: str) -> None:
        """Play on what somebody on a round found abnormal."""
        for facts in board_queries.facts_of([number]).values() if number else ():
            view = board_queries.entry(number)
            assert view is not None
            matter = demo_boards.of_an_opened(
                self.manner, view.program.id, number, facts, level=self.city.levels[-1], seed=self.seed
            )
            self.adopted[matter.index] = matter
            self._follow(matter.index, number, facts)

    def _raise(self, at: datetime) -> None:
        """Raise all that is raised in this moment."""
        here = [matter for matter in self.plan[self.raised :] if matter.at == at]
        answers = boards.open_many([self._opening(matter) for matter in here], at=at)
        self.raised += len(here)
        numbers: dict[str, int] = {}
        for matter, answer in zip(here, answers, strict=True):
            if isinstance(answer, Opened):
                numbers[answer.number] = matter.index
            else:
                self.refused[answer.code] += 1
        for number, facts in board_queries.facts_of(list(numbers)).items():
            self._follow(numbers[number], number, facts)

    def _act(self, at: datetime, *, before: datetime) -> None:
        """Make the moves planned from now on, as far as one visit to the door goes."""
        taken: list[_Planned] = []
        commands: list[Command] = []
        while self.planned and self.planned[0].at < before:
            planned = heapq.heappop(self.planned)
            if self._is_stale(planned.index, planned.seq):
                continue
            command = self._command(planned, at=at)
            if command is not None:
                taken.append(planned)
                commands.append(command)
        joined: set[str] = set()
        linked = False  # something was opened, or ended that another entry waits for
        for planned, answer in zip(taken, boards.act_many(commands, at=at), strict=True):
            playing = self.playing[planned.index]
            if isinstance(answer, Done):
                self.moves += 1
                facts = playing.facts
                for event in answer.events:
                    facts = engine.evolve(playing.program, facts, event)
                    joined |= {event.joins} - {""}
                    linked |= bool(event.opens) or (planned.index in self.adopted and facts.due is None)
                self._follow(planned.index, playing.number, facts)
            else:
                self.refused[f"{planned.move}: {answer.code}"] += 1
                playing.tried += 1
                self._intend(playing)
        for number, facts in board_queries.facts_of(sorted(joined)).items() if joined else ():
            self._follow(self.by_number[number], number, facts)
        if linked:
            while boards.tick(at=at):
                pass
            self._adopt()

    def _follow(self, index: int, number: str, facts: Facts) -> None:
        """Take note of how an entry stands, and of what will happen to it next."""
        matter = self.adopted[index] if index in self.adopted else self.plan[index]
        playing = self.playing.get(index)
        if playing is None:
            day = facts.raised_at.astimezone(ZoneInfo(self.city.zone)).date()
            program = rulebook.in_force(matter.mechanism or self.city.raise_mechanism, on=day).program
            playing = self.playing[index] = _Playing(matter, number, program, facts)
            self.by_number[number] = index
        elif facts.seq == playing.facts.seq:
            return
        playing.facts, playing.tried = facts, 0
        state = playing.program.states.get(facts.state)
        (self.waiting.add if state is not None and state.limit.kind == "waits" else self.waiting.discard)(number)
        if facts.due is not None:
            heapq.heappush(self.dues, (facts.due, index, facts.seq))
            self._intend(playing)

    # ── What people do ──

    def _rng(self, playing: _Playing, what: str) -> random.Random:
        return seeded(self.seed, playing.matter.index, playing.facts.seq, playing.tried, what)

    def _intend(self, playing: _Playing) -> None:
        """Draw who will do what next, and when; or nobody anything, and the clock will move the entry."""
        facts = playing.facts
        if playing.tried >= TRIES or facts.due is None:
            return
        state = playing.program.states[facts.state]
        holder = playing.program.parties.get(state.holder or "clock", playing.program.parties["clock"])
        habits, matter = self.manner.habits, playing.matter
        person = habits["raisers"][matter.raiser] if holder.kind == "raiser" else matter.care
        rng = self._rng(playing, "next")
        notice = matter.nature.get("notice-passes", habits["notice-passes"])
        passes = notice if state.limit.kind == "lasts" else person["passes"]
        if rng.random() < passes * habits["offices"].get(holder.office, 1):
            return
        chosen = self._chosen(playing, rng)
        if chosen is None:
            return
        move, actor = chosen
        pace = rng.uniform(*person["pace"])
        wanted = facts.last_at + (facts.due - facts.last_at) * pace
        at = self._within_hours(wanted, rng, official=bool(actor.appointments))
        if at >= facts.due:  # too late in the day: just before the limit, if there is still time
            at = facts.due - min(timedelta(minutes=rng.uniform(6, 80)), (facts.due - facts.last_at) / 2)
        if at > facts.last_at:
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            heapq.heappush(self.planned, _Planned(at, matter.index, facts.seq, move, actor))

    def _chosen(self, playing: _Playing, rng: random.Random) -> tuple[str, Actor] | None:
        """Draw one of the moves that somebody of the cast may make now, by the weights of the habits."""
        facts, program, habits = playing.facts, playing.program, self.manner.habits
        state = program.states[facts.state]
        raiser_owes = state.holder in program.parties and program.parties[state.holder].kind == "raiser"
        unasked = habits["unasked"] * (1 - habits["raisers"][playing.matter.raiser]["passes"])
        weights = {**habits["moves"], **playing.matter.nature.get("moves", {})}
        unit = self._unit(playing.matter, facts)
        offered: dict[tuple[str, Actor], float] = {}
        for name, move in lookups(program).moves[state.name].items():
            if name not in state.moves and not name.startswith(DUTY):
                continue  # nobody of the play asks for more time
            weight = weights.get(name, DUTIES if name.startswith(DUTY) else 10)
            if weight <= 0 or not self._is_answerable(playing, move) or _is_periodic(state, name):
                continue
            people_asked = [a for p in move.by for a in self.cast.who_may_be(program.parties[p], facts, unit=unit)]
            rng.shuffle(people_asked)
            actor = next((a for a in people_asked if isinstance(engine.may(program, facts, a, name), Yes)), None)
            if actor is not None:
                offered[name, actor] = weight if actor.appointments or raiser_owes else weight * unasked
        return drawn(rng, offered) if offered else None

    def _is_answerable(self, playing: _Playing, move: Move) -> bool:
        """A duplicate needs the entry it repeats, and that one has to be open still; a condition, its answer."""
        known = playing.facts.answers
        for test in move.when.tests:
            asked = playing.program.fields[test.field]
            among = demo_boards.told(playing.matter, move.name, asked, known=known)
            if among and not any(
                holds(Condition((test,)), {**known, asked.name: one}, playing.program) for one in among
            ):
                return False
        asks_entry = any(playing.program.fields[a.field].type == "entry" and not a.optional for a in move.ask)
        return not asks_entry or self._same_as(playing.matter) is not None

    def _same_as(self, matter: Matter) -> str | None:
        if matter.like is None or matter.like not in self.playing:
            return None
        other = self.playing[matter.like]
        return other.number if other.facts.due is not None else None

    def _unit(self, matter: Matter, facts: Facts | None) -> str:
        """The unit this kind of matter falls to: of the nearest area above that has one."""
        if not matter.topic["unit"]:
            return next((view.slug for view in people.handling_units(matter.area)), "")
        place = facts.place if facts is not None else people.place(matter.area)
        for level in reversed(self.city.levels):
            for view in people.units_of(place.get(level, "")):
                if view.slug.endswith(f"-{matter.topic['unit']}"):
                    return view.slug
        return next((view.slug for view in people.handling_units(matter.area)), "")

    def _within_hours(self, moment: datetime, rng: random.Random, *, official: bool) -> datetime:
        """Return the moment, or the next one at which such a person is at it."""
        zone = ZoneInfo(self.city.zone)
        opens, closes = self.manner.habits["official-hours" if official else "raiser-hours"]
        local = moment.astimezone(zone)
        day, hour = local.date(), local.hour + local.minute / 60
        if (not official or self.calendar.is_working(day)) and opens <= hour < closes:
            return moment
        if hour >= opens:
            day += timedelta(days=1)
        if official:
            day = self.calendar.next_working(day)
        later = datetime.combine(day, time(), zone) + timedelta(hours=opens + rng.uniform(0.05, 2.0))
        return later.astimezone(UTC)

    # ── What people say ──

    def _opening(self, matter: Matter) -> Opening:
        program = rulebook.in_force(
            matter.mechanism or self.city.raise_mechanism, on=matter.at.astimezone(ZoneInfo(self.city.zone)).date()
        ).program
        rng = seeded(self.seed, matter.index, "open")
        if matter.mechanism:
            return self._opening_elsewhere(matter, program, rng)
        place = people.place(matter.area)
        clerk = None
        name = next(name for name, one in program.openings.items() if any(_is_anyone(program, p) for p in one.by))
        if matter.at_window:
            for other, one in program.openings.items():
                parties = [program.parties[p] for p in one.by if program.parties[p].kind == "post"]
                clerks = [a for p in parties for a in self.cast.posts.get((p.office, place.get(p.level, "")), [])]
                if clerks:
                    name, clerk = other, rng.choice(clerks)
        said = _Speaker(self, matter, program, None, matter.at, rng)
        answers, files = said.answers(name, program.openings[name])
        return Opening(
            mechanism=self.city.raise_mechanism,
            opening=name,
            actor=ANYONE,
            area=matter.area,
            answers=answers,
            key=f"demonstration-{self.seed}-{matter.index:06d}",
            files=files,
            lang=self.city.languages[0],
            written_by=clerk,
            pin=f"{rng.randrange(10**6):06d}" if clerk and rng.random() < 0.5 else None,
        )

    def _opening_elsewhere(self, matter: Matter, program: Program, rng: random.Random) -> Opening:
        """One of another board: by anybody, or by whoever holds the office or handles for the unit."""
        move = demo_boards.opening_of(program, matter)
        place = people.place(matter.area)
        raisers = [ANYONE]
        for party in (program.parties[name] for name in move.by):
            if party.kind == "post":
                raisers = self.cast.posts.get((party.office, place.get(party.level, "")), [])
            elif party.kind == "unit":
                raisers = self.cast.units.get(self._unit(matter, None), [])
            else:
                continue
            break
        answers, files = _Speaker(self, matter, program, None, matter.at, rng).answers(move.name, move)
        return Opening(
            mechanism=matter.mechanism,
            opening=move.name,
            actor=rng.choice(raisers) if raisers else ANYONE,
            area=matter.area,
            answers=answers,
            key=f"demonstration-{self.seed}-{matter.mechanism}-{matter.index:06d}",
            files=files,
            lang=self.city.languages[0],
        )

    def _command(self, planned: _Planned, *, at: datetime) -> Command | None:
        playing = self.playing[planned.index]
        move = lookups(playing.program).moves[playing.facts.state][planned.move]
        if not self._is_answerable(playing, move):  # the entry it repeats was closed meanwhile
            playing.tried += 1
            self._intend(playing)
            return None
        said = _Speaker(
            self, playing.matter, playing.program, playing.facts, at, self._rng(playing, f"say {planned.move}")
        )
        answers, files = said.answers(planned.move, move)
        held = planned.actor.appointments
        unit = held[0].unit if held else ""
        return Command(playing.number, planned.move, planned.actor, answers, files, unit, playing.facts.seq)

    def a_photo(self, rng: random.Random) -> bytes:
        if not self.photos:
            self.photos = [_photo(seeded(self.seed, "photo", n)) for n in range(12)]
        return rng.choice(self.photos)


@dataclass(slots=True)
class _Speaker:
    """Answers the questions of one move, in the words of the pack."""

    player: _Player
    matter: Matter
    program: Program
    facts: Facts | None
    at: datetime
    rng: random.Random

    def answers(self, name: str, move: Move) -> tuple[dict[str, Json], list[Upload]]:
        known: dict[str, Json] = dict(self.facts.answers) if self.facts else {}
        given: dict[str, Json] = {}
        files: list[Upload] = []
        chances = self.player.manner.habits["optional"]
        for ask in move.ask:
            asked = self.program.fields[ask.field]
            if ask.when.tests and not holds(ask.when, {**known, **given}, self.program):
                continue
            if ask.optional and self.rng.random() >= chances.get(ask.field, chances["*"]):
                continue
            if asked.type in FILES:
                files.append(Upload(ask.field, "", "photo.jpg", self.player.a_photo(self.rng)))
            elif (value := self._answer(name, asked, given, move.when, known)) not in (None, ""):
                given[ask.field] = value
        shown = {self.program.fields[file.field].type for file in files}
        for proof in move.show:
            if holds(proof.when, {**known, **given}, self.program) and (proof.label or proof.kind not in shown):
                files.append(Upload(proof.kind, proof.label, "photo.jpg", self.player.a_photo(self.rng)))
        return given, files

    def _answer(
        self, move: str, asked: Field, given: Mapping[str, Json], when: Condition, known: Mapping[str, Json]
    ) -> Json:
        told = self._told(move, asked, when, {**known, **given})
        if told is not None:
            return told
        match asked.type:
            case "account" | "standing":
                return None  # the city reads it
            case "area":
                return self.matter.area
            case "entry":
                return self.player._same_as(self.matter)
            case "unit":
                return self.player._unit(self.matter, self.facts)
            case "phone":
                return self._phone()
            case "position":
                return self._position()
            case "number":
                return self.rng.randint(1, 9)
            case "date":
                return self._promise(asked.name)
            case "choice":
                return self._choice(asked, given)
            case "yes-no":
                return self._weighted(asked.name, ("yes", "no"), given)
            case _:
                return self._text(move, asked, given)

    def _told(self, move: str, asked: Field, when: Condition, known: Mapping[str, Json]) -> Json:
        """What the pack's `boards.yaml` has told to answer, if the move can then be made; several are drawn from."""
        tests = tuple(test for test in when.tests if test.field == asked.name)
        among = demo_boards.told(self.matter, move, asked, known=known if tests else {})
        fit = {
            one: share
            for one, share in among.items()
            if holds(Condition(tests), {**known, asked.name: one}, self.program)
        }
        return drawn(self.rng, fit) if fit else None

    def _phone(self) -> str:
        """A number that the pack says belongs to nobody. Kept private like every phone."""
        form = self.player.manner.habits["invented-phone"]
        return "".join(str(self.rng.randrange(10)) if sign == "#" else sign for sign in form)

    def _position(self) -> str:
        """An invented place around the nearest seat the pack knows; none where it knows none."""
        middle = middle_near(self.matter.area)
        if middle is None:
            return ""
        spread = self.player.manner.habits["position-spread-km"] / KM_A_DEGREE
        lat = self.rng.gauss(middle[1], spread)
        return f"{lat:.5f},{self.rng.gauss(middle[0], spread / math.cos(math.radians(middle[1]))):.5f}"

    def _promise(self, name: str) -> str:
        """A working day within the ceiling; people who act slowly promise as much as the others."""
        most = 9
        for state in self.program.states.values():
            if state.limit.until == name and state.limit.ceiling:
                most = min(most, state.limit.ceiling.n - 1)
        day = self.at.astimezone(ZoneInfo(self.player.city.zone)).date()
        promised = self.player.calendar.add_working_days(day, self.rng.randint(min(2, most), most))
        return max([promised, *self._required(name)]).isoformat()

    def _required(self, name: str) -> Iterator[date]:
        """The first days that moves of the mechanism take in answer to this question."""
        for state in self.program.states.values():
            for one in (one for move in state.moves.values() for one in move.require):
                if one.field == name and one.side == "at-least" and not one.since:
                    first = boundary(one, {}, at=self.at, calendar=self.player.calendar)
                    if first is not None:
                        yield first

    def _choice(self, asked: Field, given: Mapping[str, Json]) -> str:
        if asked.name == "category":
            return demo_plan.category(self.matter.topic, self.program)
        return self._weighted(asked.name, [choice.id for choice in asked.choices], given)

    def _weighted(self, name: str, among: Sequence[str], given: Mapping[str, Json]) -> str:
        habits = self.player.manner.habits
        ranked = habits["ranked"].get(name)
        if ranked is not None:
            weights = ranked.get(str(given.get("solved", "")), [1] * len(among))
            return drawn(self.rng, dict(zip(among, weights, strict=False)))
        said = habits["choices"].get(name, {})
        weighted = said.get(self.matter.raiser) or said.get("*") or {}
        return drawn(self.rng, {one: weighted.get(one, 0 if weighted else 1) for one in among})

    def _text(self, move: str, asked: Field, given: Mapping[str, Json]) -> str:
        texts = self.player.manner.texts
        title, _, rest = self.matter.said("post").partition(texts["title-ends"])
        if self.matter.mechanism and not self.matter.entry.get("say"):
            title = rest = ""  # another entry opened it: it has its words
        own = {
            "what": self.matter.said("say"),
            "spot": self.matter.spot,
            "public-title": title,
            "public-text": rest.strip() or title,
            "what-was-done": self._pick(self._done()),
        }
        if asked.name in own:
            return own[asked.name][: asked.most]
        for key in (f"{move}.{asked.name}", f"{asked.name}.{given.get('solved', '')}", asked.name, "*"):
            if key in texts["answers"]:
                return self._pick(texts["answers"][key])[: asked.most]
        return ""

    def _done(self) -> Sequence[str]:
        """What may have been done about this matter: what its entry names, else whatever its topic knows."""
        done: Sequence[str] = self.matter.topic["done"]
        return [done[n] for n in self.matter.entry.get("done", ())] or done

    def _pick(self, texts: Sequence[str]) -> str:
        return str(self.rng.choice(texts)).format_map(self.matter.words)


def _is_periodic(state: State, name: str) -> bool:
    """Whether it is a duty that comes again and again: the demonstration keeps no such reports."""
    duty = state.duties.get(name.removeprefix(DUTY)) if name.startswith(DUTY) else None
    return duty is not None and bool(duty.every)


def _is_anyone(program: Program, party: str) -> bool:
    return program.parties[party].kind == "anyone"


def _photo(rng: random.Random) -> bytes:
    """Draw a small picture that nobody takes for a photo of a real place."""
    sky, ground = ((rng.randint(150, 220), rng.randint(170, 225), rng.randint(200, 240)), (rng.randint(90, 150),) * 3)
    picture = Image.new("RGB", (320, 240), sky)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 150, 320, 240), fill=ground)
    for _ in range(rng.randint(3, 6)):
        left, width, top = rng.randint(0, 280), rng.randint(20, 75), rng.randint(40, 130)
        draw.rectangle((left, top, left + width, 150), fill=tuple(rng.randint(80, 210) for _ in range(3)))
    draw.text((8, 222), "DEMONSTRATION", fill=(255, 255, 255))
    body = BytesIO()
    picture.save(body, "JPEG", quality=80)
    return body.getvalue()
