"""`jiebang mechanisms staffing`: where the people appointed cannot do what a mechanism keeps apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from jiebang.desk.home import DeskError

if TYPE_CHECKING:
    from jiebang.engine.checker.staffing import Staffing
    from jiebang.rulebook.queries import VersionView
    from jiebang.rulebook.staffing import AreaStaffing

MOST_AREAS = 6  # named in one line; more are only counted


def report(mechanism: str | None, *, area: str | None, lang: str, at: datetime) -> int:
    """Print what is missing where; return 1 if a matter cannot be closed in some area.

    Raises:
        DeskError: there is no such mechanism or area.
    """
    from jiebang.people import queries as people
    from jiebang.rulebook import staffing

    if area is not None and people.area(area) is None:
        raise DeskError(f"There is no area {area}.", next_step="Use a code of the pack's areas.csv.")
    codes = None if area is None else staffing.areas_below(area)
    failing = 0
    for version in _versions(mechanism, at):
        found = staffing.of_areas(version.program, codes)
        failing += sum(not one.staffing.closes for one in found)
        for line in _said(version, found, lang):
            print(line)
    return 1 if failing else 0


def _versions(mechanism: str | None, at: datetime) -> list[VersionView]:
    from jiebang.rulebook import queries

    if mechanism is None:
        return queries.mechanisms()
    found = [version for version in queries.mechanisms() if version.mechanism == mechanism]
    if not found:
        known = ", ".join(version.mechanism for version in queries.mechanisms())
        raise DeskError(f"No mechanism “{mechanism}” is published.", next_step=f"Name one of: {known}.")
    return found


def _said(version: VersionView, found: Sequence[AreaStaffing], lang: str) -> Iterator[str]:
    from jiebang.engine.refusals import in_language
    from jiebang.rulebook.staffing import groups

    title = in_language(version.program.title, lang)
    able = sum(one.staffing.closes for one in found)
    if lang == "zh":
        yield f"{title}（{version.since}）：{len(found)} 个地区中，{able} 个有人能把事办成。"
    else:
        yield f"{title} ({version.since}): in {able} of {len(found)} areas there are people to close a matter."
    if any(not one.staffing.complete for one in found):
        yield "  " + _pick(lang, "走法太多，只试了较短的。", "It has too many ways; the shorter ones were tried.")
    for staffing, areas in groups(found):
        if staffing.gaps or staffing.absences:
            yield from _group(version, staffing, areas, lang)


def _group(version: VersionView, staffing: Staffing, areas: Sequence[str], lang: str) -> Iterator[str]:
    from jiebang.people import queries as people
    from jiebang.rulebook.staffing import said_of_absence, said_of_gaps, together

    verdict = (
        _pick(lang, "能办成，但：", "a matter can be closed, but:")
        if staffing.closes
        else _pick(lang, "没有人能把事办成：", "no matter can be closed:")
    )
    yield f"  {_areas(areas, lang)}{_pick(lang, '：', ': ')}{verdict}"
    for gaps in together(staffing.gaps):
        yield f"    - {said_of_gaps(version.program, gaps)[lang]}"
    for absence in staffing.absences:
        name = people.display_name(absence.person) or absence.person
        yield f"    - {said_of_absence(version.program, absence, name, closed=staffing.closes)[lang]}"


def _areas(codes: Sequence[str], lang: str) -> str:
    from jiebang.engine.refusals import in_language
    from jiebang.people import queries as people

    views = [view for code in codes[:MOST_AREAS] if (view := people.area(code))]
    named = _pick(lang, "、", ", ").join(f"{in_language(view.names, lang)} ({view.code})" for view in views)
    more = len(codes) - MOST_AREAS
    return named if more <= 0 else named + _pick(lang, f" 等 {len(codes)} 个地区", f" and {more} more areas")


def _pick(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en
