"""`jiebang account add|list|close|password`: the people who work on the boards, made by whoever runs the city."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jiebang.desk.home import DeskError, Home

MOST_NAMED = 12  # names in a message; more are only counted
NEAREST = 3


@dataclass(frozen=True)
class Wanted:
    """An account as it was asked for on the command line. An office comes with unit and area, or not at all."""

    username: str
    display: str
    office: str = ""
    unit: str = ""
    area: str = ""
    level: str = ""

    @property
    def holds_none(self) -> bool:
        return not (self.office or self.unit or self.area or self.level)


def add(wanted: Wanted, *, at: datetime) -> int:
    """Make an account, with its office if one was asked for, and print its password, which is kept nowhere.

    Raises:
        DeskError: office, unit, area or level do not exist or do not fit together, or the name cannot be had.
    """
    from django.core.exceptions import ValidationError
    from django.db import transaction
    from django.utils import translation

    from jiebang.people import services as people

    if not wanted.holds_none:
        refuse_what_does_not_fit(wanted)
    password = _new_password()
    try:
        with translation.override("en"), transaction.atomic():
            user = people.create_user(wanted.username, display_name=wanted.display, password=password)
            if not wanted.holds_none:
                # The day as the database counts it: that is what an office's first day is compared with.
                people.appoint(user, office=wanted.office, unit=wanted.unit, area=wanted.area, since=at.date())
    except ValidationError as wrong:
        raise DeskError(
            f"The account “{wanted.username}” can't be made: {' '.join(wrong.messages)}",
            next_step="Choose another name; those there are: jiebang account list",
        ) from None
    if wanted.holds_none:
        print(
            f"{wanted.username}: no office. It may raise matters and judge its own, and nothing else, until it has one:"
        )
        print(f"  jiebang account appoint {wanted.username} --office … --unit … --area …")
    else:
        print(f"{wanted.username}: {wanted.office} of {wanted.unit} at {wanted.area}")
    _say_password(password)
    return 0


def appoint(wanted: Wanted, *, at: datetime) -> int:
    """Give an account one more office. Its owner chooses on the desk which one to act from.

    Raises:
        DeskError: there is no such open account, or what is wanted does not exist or fit together.
    """
    from jiebang.people import services as people

    user = _open_account(wanted.username)
    refuse_what_does_not_fit(wanted)
    people.appoint(user, office=wanted.office, unit=wanted.unit, area=wanted.area, since=at.date())
    print(f"{wanted.username}: {_offices_of(wanted.username)}")
    print("It is one person still: what was done from one office excludes from all of them.")
    return 0


def relieve(wanted: Wanted, *, at: datetime) -> int:
    """End one office of an account, from tomorrow on if it began today. The account and its other offices stay.

    Raises:
        DeskError: there is no such open account, or it does not hold this office.
    """
    from jiebang.people import services as people

    user = _open_account(wanted.username)
    ended = people.end_appointment(user, office=wanted.office, unit=wanted.unit, area=wanted.area, until=at.date())
    if not ended:
        raise DeskError(
            f"{wanted.username} is not {wanted.office} of {wanted.unit} at {wanted.area}.",
            next_step=f"The offices held: {_offices_of(wanted.username)}",
        )
    print(f"{wanted.username}: {_offices_of(wanted.username)}")
    return 0


def _offices_of(username: str) -> str:
    from jiebang.people import queries

    held = next(one.offices for one in queries.accounts() if one.username == username)
    return "; ".join(f"{each.office} of {each.unit} at {each.area}" for each in held) or "no office"


def close(username: str) -> int:
    """Let nobody sign in to this account any more. What was done with it stays, under the same pseudonym."""
    from jiebang.people import services as people

    people.close_account(_open_account(username))
    print(f"{username} is closed. What was done with it stays.")
    return 0


def password(username: str) -> int:
    """Give an account a new password and print it; the old one and whoever is signed in with it end at once."""
    from jiebang.people import services as people

    made = _new_password()
    people.set_password(_open_account(username), made)
    print(f"{username} has a new password; the old one opens nothing any more.")
    _say_password(made)
    return 0


def show() -> int:
    """Print who can sign in, with their offices, and the accounts that are closed."""
    from jiebang.people import queries

    known = queries.accounts()
    for account in (one for one in known if one.has_password):
        held = "; ".join(f"{each.office} of {each.unit} at {each.area}" for each in account.offices)
        closed = "" if account.is_open else "closed; "
        print(f"{account.username:<20}{closed}{account.display_name}; {held or 'no office'}")
    silent = sum(not one.has_password for one in known)
    if silent:
        print(f"and {silent} invented people of the demonstration, whom nobody can sign in as")
    elif not known:
        print("There is no account yet. Make one: jiebang account add --help")
    return 0


# ── How many there are, for `jiebang up`, which asks no database itself ─────────────────────────────────────


def note(home: Home) -> None:
    """Leave in the home whether anybody can sign in."""
    from jiebang.people import queries

    there = any(one.is_open and one.has_password for one in queries.accounts())
    _note_file(home).write_text("yes\n" if there else "no\n", encoding="utf-8")


def somebody_can_sign_in(home: Home) -> bool:
    """Return what was noted last: at the start, or by an `account` command since."""
    file = _note_file(home)
    return file.exists() and file.read_text(encoding="utf-8").strip() == "yes"


def _note_file(home: Home) -> Path:
    return home.run / "staff.txt"


# ── What fits together ──────────────────────────────────────────────────────────────────────────────────────


def refuse_what_does_not_fit(wanted: Wanted) -> None:
    """Refuse half an office, one nobody asks for, a unit or an area there is not, and an office at the wrong level."""
    from jiebang.engine.parties import HANDLER
    from jiebang.people import queries

    given = {"--office": wanted.office, "--unit": wanted.unit, "--area": wanted.area}
    if missing := [option for option, word in given.items() if not word]:
        raise DeskError(
            f"An office is told by {_and(given)}; not said: {_and(missing)}.",
            next_step="Say all three, or none of them for an account without an office.",
        )
    offices = _offices()
    if wanted.office not in offices:
        raise _unknown("office", wanted.office, offices, titles={})
    unit = queries.unit(wanted.unit)
    if unit is None:
        titles = {view.slug: view.names["en"] for view in queries.units()}
        raise _unknown("unit", wanted.unit, titles, titles=titles)
    area = queries.area(wanted.area)
    if area is None:
        titles = {view.code: f"{view.names['en']}, {view.level}" for view in queries.areas()}
        meant = [view.code for view in queries.find_areas(wanted.area, NEAREST)] if wanted.area else []
        raise _unknown("area", wanted.area, titles, titles=titles, nearest=meant)
    if wanted.level and wanted.level != area.level:
        raise DeskError(
            f"{area.code} ({area.names['en']}) is a {area.level}, not a {wanted.level}.",
            next_step="Name the area you mean, or leave --level out: an office counts at its area's own level.",
        )
    levels = offices[wanted.office]
    if levels and area.level not in levels:
        above = queries.place(area.code)
        there = [above[level] for level in levels if level in above]
        raise DeskError(
            f"The office {wanted.office} is held at the level {_or(levels)}; "
            f"{area.code} ({area.names['en']}) is a {area.level}.",
            next_step=f"Give --area {there[0]}." if there else f"Give --area the code of a {_or(levels)}.",
        )
    if unit.area not in area.path:
        here = [view.slug for code in reversed(area.path) for view in queries.units_of(code)]
        raise DeskError(
            f"The unit {unit.slug} belongs to {unit.area}; {area.code} is not in it.",
            next_step=f"Units of {area.code} and above: {_some(here)}",
        )
    if wanted.office == HANDLER and unit.kind != "unit":
        raise DeskError(
            f"{unit.slug} does no work on the ground ({unit.kind}), so it has no handler.",
            next_step=f"Units that do: {_some([view.slug for view in queries.handling_units(area.code)])}",
        )


def _offices() -> dict[str, tuple[str, ...]]:
    """Return office → the levels at which the city's mechanisms ask for it; none: at any."""
    from jiebang.engine.parties import HANDLER
    from jiebang.rulebook import queries as rulebook
    from jiebang.rulebook import rights

    found: dict[str, tuple[str, ...]] = {rights.OFFICE: ()}
    for version in rulebook.mechanisms():
        for party in version.program.parties.values():
            if party.kind == "post":
                levels = found.get(party.office, ())
                found[party.office] = levels if party.level in levels else (*levels, party.level)
            elif party.kind in ("unit", "did"):
                found.setdefault(HANDLER, ())
    return found


def _open_account(username: str) -> int:
    from jiebang.people import queries

    known = {one.username: one for one in queries.accounts() if one.has_password}
    if username not in known:
        raise _unknown("account", username, known, titles={name: one.display_name for name, one in known.items()})
    if not known[username].is_open:
        raise DeskError(
            f"The account {username} is closed, and stays so.", next_step="Make another: jiebang account add --help"
        )
    return known[username].user_id


def _unknown(
    what: str, said: str, names: Iterable[str], *, titles: Mapping[str, str], nearest: Iterable[str] = ()
) -> DeskError:
    names = sorted(names)
    by_title = {title.casefold(): name for name, title in titles.items()}
    close = dict.fromkeys(
        [
            *nearest,
            *difflib.get_close_matches(said, names, NEAREST),
            *(by_title[title] for title in difflib.get_close_matches(said.casefold(), by_title, NEAREST)),
        ]
    )
    shown = [f"{name} ({titles[name]})" if name in titles else name for name in close]
    if shown:
        step = f"Did you mean {_or(shown)}?"
        step += f" There are {len(names)} in all." if len(names) > MOST_NAMED else f" There are: {_some(names)}."
    else:
        step = f"There are: {_some(names)}." if names else f"There is no {what} at all yet."
    return DeskError(f"There is no {what} “{said}”.", next_step=step)


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _or(words: Iterable[str]) -> str:
    return _joined(words, "or")


def _and(words: Iterable[str]) -> str:
    return _joined(words, "and")


def _joined(words: Iterable[str], last_by: str) -> str:
    *first, last = words
    return f"{', '.join(first)} {last_by} {last}" if first else last


# ── Passwords ───────────────────────────────────────────────────────────────────────────────────────────────


def _new_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))


def _say_password(made: str) -> None:
    print(f"password: {made}")
    print("It is shown once and kept nowhere. Hand it over in person; they change it after the first sign-in.")
