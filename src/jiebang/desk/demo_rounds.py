"""The demonstration's registers and rounds: imported, opened, answered and missed as `demo/rounds.yaml` says.

They are played through the rounds' own doors, in the order of the days, between what happens on the boards: a round
that is over, with what was missed in it, and one that runs.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from jiebang.boards.services import Upload
from jiebang.desk.home import DeskError
from jiebang.engine import wording
from jiebang.engine.model import Actor, Appointment, Refused
from jiebang.ledger.leaf import Signed
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.people.services import Post
from jiebang.rounds import queries as rounds
from jiebang.rounds import services
from jiebang.rounds.queries import SubjectView
from jiebang.rounds.services import EVERY, Given
from jiebang.rulebook import defined, packs

PHOTO = (640, 480)
OPENED = timedelta(hours=7)  # of the local day on which a round is opened
LATE = timedelta(seconds=5)
SPREAD = 0.8  # of the limit: so far into it the last answer comes
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


@dataclass(slots=True)
class Script:
    """What is still to happen, in order: sheets imported, rounds opened, subjects answered, limits passed.

    The player asks for `next`, and lets `step` do it when nothing of the boards comes before. Played again after a
    stop, what stands already is passed over.
    """

    ends: datetime
    waiting: list[tuple[datetime, int, Callable[[datetime], str]]] = field(default_factory=list)  # heap
    count: int = 0
    due: datetime | None = None

    @property
    def next(self) -> datetime:
        """The moment of what comes first; the end of the play when nothing does."""
        planned = self.waiting[0][0] if self.waiting else self.ends
        return min(planned, self.due + LATE if self.due else self.ends, self.ends)

    def step(self) -> str:
        """Do what comes first; return the number of what it opened on a board, or an empty text."""
        at = self.next
        opened = ""
        if self.waiting and self.waiting[0][0] <= at:
            _, _, action = heapq.heappop(self.waiting)
            opened = action(at)
        services.tick(at=at, opens=False)
        self.due = rounds.next_due()
        return opened

    def plan(self, at: datetime, action: Callable[[datetime], str]) -> None:
        self.count += 1
        heapq.heappush(self.waiting, (at, self.count, action))

    def opens(self, told: Mapping[str, Any], at: datetime) -> str:
        """Open a round, and plan what is answered in it."""
        asked = defined.round_(told["round"], on=at.date())
        if asked is None:
            raise DeskError(f"{told['round']} is not published.", next_step="Publish the pack first.")
        ordinal = told.get("after", 0) + 1
        if rounds.round_(asked.id, ordinal) is None:
            cause = told.get("cause", EVERY)
            by = Signed("clock") if cause == EVERY else Signed("opened-by")
            made = services.open_round(asked, area=told["area"], cause=cause, by=by, at=at)
            if isinstance(made, Refused):
                raise DeskError(f"{asked.id}: {made.what['en']}", next_step="Correct demo/rounds.yaml.")
        view = rounds.round_(asked.id, ordinal)
        assert view is not None
        length = min((view.due_at - view.opened_at) * SPREAD, self.ends - view.opened_at - OPENED / 7)
        listed = rounds.played(view)
        for n, subject in enumerate(listed, 1):
            moment = view.opened_at + length * n / (len(listed) + 1)
            # An earlier player may have had it answered, or its round is over and forgotten.
            is_open = subject.state in ("due", "escalated")
            if is_open and (planned := _planned(told, subject)):
                self.plan(moment, planned)
        return ""


def script_of(city_id: str, *, ends: datetime) -> Script:
    """Return what the pack's `demo/rounds.yaml` tells, until the invented past ends; nothing where it tells nothing.

    Raises:
        DeskError: a length of time cannot be read.
    """
    script = Script(ends)
    told = packs.find(packs.city(city_id), "demo/rounds.yaml")
    if told is None:
        return script
    said = packs.read_yaml(told)
    for register in said["registers"]:
        sheet = told.parent / "registers" / f"{register}.csv"
        script.plan(ends - _length(said["imported"]), partial(_import, register, sheet))
    for one in said["rounds"]:
        script.plan(ends - _length(one["opened"]) + OPENED, partial(script.opens, one))
    return script


def _import(register: str, sheet: Path, at: datetime) -> str:
    made = services.write_for_the_city(register, services.read(sheet.read_bytes()), at=at)
    if isinstance(made, Refused) and made.code != "register-nothing":
        raise DeskError(f"{sheet}: {made.what['en']}", next_step="Correct the demonstration's sheet.")
    return ""


def _length(words: str) -> timedelta:
    amount = wording.amount(words)
    if amount is None or amount.unit not in UNITS:
        raise DeskError(f"“{words}” is no length of time.", next_step="Write 9 d, 5 h or 20 min in demo/rounds.yaml.")
    return amount.n * UNITS[amount.unit]


def _planned(told: Mapping[str, Any], subject: SubjectView) -> Callable[[datetime], str] | None:
    """Return the answer the script has for a subject; None where nobody answers."""
    if subject.key in (told.get("tried") or ()):
        return partial(_answer, subject, "tried", told.get("tried-answers") or {})
    if subject.key in (told.get("missed") or ()) or subject.key in (told.get("open") or ()):
        return None
    abnormal = (told.get("abnormal") or {}).get(subject.key)
    return partial(_answer, subject, "abnormal" if abnormal else "normal", abnormal or told.get("answers") or {})


def _answer(subject: SubjectView, answer: str, answers: Mapping[str, Any], at: datetime) -> str:
    given = Given(subject.id, answer, dict(answers), [_photo()] if answer == "abnormal" else [])
    made = services.answer(given, actor=_somebody(subject, at.date() - timedelta(days=1)), at=at)
    if isinstance(made, Refused) and made.code not in ("round-answered", "round-over"):
        raise DeskError(f"{subject.key}: {made.what['en']}", next_step="Correct demo/rounds.yaml.")
    return "" if isinstance(made, Refused) else made.entry


def _somebody(subject: SubjectView, since: date) -> Actor:
    """Return an invented person of the office or unit that owes the answer; enlisted when met first."""
    unit = subject.unit or _unit_of(subject.owner_area)
    post = Post(f"{unit}.round", f"{unit}.round", subject.office, unit, subject.owner_area)
    persons = people_services.enlist([post], since=since)
    found = people.area(subject.owner_area)
    level = found.level if found else ""
    held = Appointment(subject.office, unit, subject.owner_area, level)
    return Actor(person=persons[post.username], appointments=(held,), via="account")


def _unit_of(area: str) -> str:
    units = people.units_of(area)
    if not units:
        raise DeskError(f"Area {area} has no unit.", next_step="Add one to units.yaml.")
    return units[0].slug


def _photo() -> Upload:
    written = BytesIO()
    Image.new("RGB", PHOTO, "#8a8f86").save(written, "JPEG")
    return Upload("photo", "", "seen.jpg", written.getvalue())
