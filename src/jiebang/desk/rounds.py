"""`jiebang registers …` and `jiebang rounds …`: the operator's hand on lists and rounds, for the whole city."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from jiebang.desk.home import DeskError
from jiebang.engine.model import Refused
from jiebang.engine.rounds.rows import Plan
from jiebang.ledger.leaf import Signed
from jiebang.rounds import queries, services
from jiebang.rounds.services import SheetError
from jiebang.rulebook import defined
from jiebang.rulebook import queries as rulebook

SHOWN = 20  # refused cells and changes of each kind told on a terminal


def import_sheet(register: str, sheet: Path, *, write: bool, at: datetime) -> int:
    """Look at a file, and write it when asked to; return 1 when something cannot be taken.

    Raises:
        DeskError: there is no such file or register, or the file is no spreadsheet.
    """
    try:
        rows = services.read(sheet.read_bytes())
    except OSError as wrong:
        raise DeskError(f"{sheet} can't be read: {wrong.strerror}.", next_step="Name an .xlsx or .csv file.") from None
    except SheetError as refused:
        raise _refused(refused.refused) from None
    plan = services.look_for_the_city(register, rows, at=at)
    if isinstance(plan, Refused):
        raise _refused(plan)
    _tell(plan)
    if plan.refused:
        return 1
    if not write:
        print("Nothing was written. To write it: --write" if plan.does_something else "There is nothing to write.")
        return 0
    made = services.write_for_the_city(register, rows, at=at)
    if isinstance(made, Refused):
        raise _refused(made)
    print(f"{register} is at version {made.version}")
    return 0


def _tell(plan: Plan) -> None:
    print(
        f"{len(plan.added)} to add, {len(plan.changed)} to change, {len(plan.removed)} to remove, {plan.same} as before"
    )
    for change in plan.changed[:SHOWN]:
        print(f"  row {change.row}: {change.key} changes {', '.join(change.fields)}")
    for key in plan.removed[:SHOWN]:
        print(f"  {key} is not in the file")
    for wrong in plan.refused[:SHOWN]:
        where = f"row {wrong.row}, column {wrong.letter} ({wrong.heading})" if wrong.column else f"row {wrong.row}"
        print(f"  {where}: {wrong.what['en']}", file=sys.stderr)
    if len(plan.refused) > SHOWN:
        print(f"  and {len(plan.refused) - SHOWN} more cells", file=sys.stderr)


def open_one(ident: str, *, area: str, cause: str, at: datetime) -> int:
    """Open a round as the operator, because somebody or something said so.

    Raises:
        DeskError: there is no such round or cause, or it cannot be opened now.
    """
    asked = defined.round_(ident, on=rulebook.calendar().local_day(at))
    known = [services.HAND, *(asked.definition.on if asked else ())]
    if asked is None or cause not in known:
        listed = ", ".join(one.id for one in defined.rounds(on=rulebook.calendar().local_day(at)))
        raise DeskError(
            f"There is no round “{ident}” with the cause “{cause}”.",
            next_step=f"Rounds: {listed or 'none'}. Causes of this one: {', '.join(known)}.",
        )
    made = services.open_round(asked, area=area or services.root_code(), cause=cause, by=Signed("desk"), at=at)
    if isinstance(made, Refused):
        raise _refused(made)
    print(f"{made.ident} no. {made.ordinal} is open over {made.n} subjects")
    return 0


def show() -> int:
    """Print the rounds that run, and how many answers each still waits for."""
    running = queries.rounds(running=True)
    for view in running:
        counts = view.coverage
        print(
            f"{view.ident} no. {view.ordinal}: {counts.done} of {counts.n} answered, {counts.waiting} waited for,"
            f" {counts.missed} missed; due {view.due_at:%Y-%m-%d %H:%M} UTC"
        )
    if not running:
        print("No round runs.")
    return 0


def _refused(refused: Refused) -> DeskError:
    return DeskError(refused.what["en"], next_step=refused.next_step["en"])
