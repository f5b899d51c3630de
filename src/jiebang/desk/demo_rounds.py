"""The demonstration's registers and rounds: imported, opened, answered and missed as `demo/rounds.yaml` says.

They are played through the rounds' own doors, after the boards: a round that is over, with what was missed in it, and
one that runs. A player that was stopped finds a register imported and a round opened, and goes on after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
SPREAD = 0.8  # of the limit: so far into it the last answer comes
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


def play(city_id: str, *, ends: datetime, at: datetime) -> None:
    """Play the pack's registers and rounds; nothing where it has none. `ends` is where the invented past ends.

    Raises:
        DeskError: the script asks for what a door refuses.
    """
    pack = packs.city(city_id)
    folder = packs.find(pack, "demo/rounds.yaml")
    if folder is None:
        return
    script = packs.read_yaml(folder)
    begins = ends - _length(script["imported"])
    for register in script["registers"]:
        _import(register, folder.parent / "registers" / f"{register}.csv", at=begins)
    for told in script["rounds"]:
        _play(_Told(told, ends=ends, at=at))


def _import(register: str, sheet: Path, *, at: datetime) -> None:
    made = services.write_for_the_city(register, services.read(sheet.read_bytes()), at=at)
    if isinstance(made, Refused) and made.code != "register-nothing":
        raise DeskError(f"{sheet}: {made.what['en']}", next_step="Correct the demonstration's sheet.")


def _length(words: str) -> timedelta:
    amount = wording.amount(words)
    if amount is None or amount.unit not in UNITS:
        raise DeskError(f"“{words}” is no length of time.", next_step="Write 9 d, 5 h or 20 min in demo/rounds.yaml.")
    return amount.n * UNITS[amount.unit]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the script says of one round. `missed` and `open` are keys nobody answers for; the others are answered."""

    said: Mapping[str, Any]
    ends: datetime
    at: datetime

    @property
    def opened(self) -> datetime:
        if self.said["opened"] == "now":
            return self.at
        return self.ends - _length(self.said["opened"]) + OPENED

    def keys(self, name: str) -> Sequence[str]:
        return self.said.get(name) or ()


def _play(told: _Told) -> None:
    day = told.opened.date()
    asked = defined.round_(told.said["round"], on=day)
    if asked is None:
        raise DeskError(f"{told.said['round']} is not published.", next_step="Publish the pack first.")
    if len(rounds.rounds(asked.id)) > told.said.get("after", 0):
        return  # an earlier player was here
    cause = told.said.get("cause", EVERY)
    by = Signed("clock") if cause == EVERY else Signed("opened-by")
    made = services.open_round(asked, area=told.said["area"], cause=cause, by=by, at=told.opened)
    if isinstance(made, Refused):
        raise DeskError(f"{asked.id}: {made.what['en']}", next_step="Correct demo/rounds.yaml.")
    view = rounds.round_(made.ident, made.ordinal)
    assert view is not None
    left = set(told.keys("missed")) | set(told.keys("open"))
    length = (view.due_at - view.opened_at) * SPREAD
    listed = rounds.played(view)
    for n, subject in enumerate(listed, 1):
        moment = min(view.opened_at + length * n / (len(listed) + 1), told.at)
        if subject.key in told.keys("tried"):
            _answer(subject, "tried", told.said.get("tried-answers") or {}, at=moment)
        elif subject.key not in left:
            abnormal = (told.said.get("abnormal") or {}).get(subject.key)
            _answer(
                subject, "abnormal" if abnormal else "normal", abnormal or told.said.get("answers") or {}, at=moment
            )
    for moment in _limits(view.due_at, told.at):
        services.tick(at=moment, opens=False)


def _limits(due: datetime, at: datetime) -> Iterator[datetime]:
    """Yield the moments at which the clock comes by: at the limit, then as the next limits pass."""
    moment = due
    for _ in range(400):
        if moment > at:
            return
        yield moment
        moment += timedelta(hours=2)


def _answer(subject: SubjectView, answer: str, answers: Mapping[str, Any], *, at: datetime) -> None:
    given = Given(subject.id, answer, dict(answers), [_photo()] if answer == "abnormal" else [])
    made = services.answer(given, actor=_somebody(subject, at.date() - timedelta(days=1)), at=at)
    if isinstance(made, Refused):
        raise DeskError(f"{subject.key}: {made.what['en']}", next_step="Correct demo/rounds.yaml.")


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
