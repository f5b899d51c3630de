"""The stories of every pack hold; and a story that does not hold says where and why."""

from pathlib import Path

import pytest

from jiebang.engine.cases import failures, run
from jiebang.engine.parser import parse
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import packs
from tests.engine.calendars import PACKS, china, england
from tests.engine.shipped import residents, vocabulary

FILES = sorted(PACKS.glob("*/mechanisms/*/cases.yaml"))

STORY = """
place: {city: '5111', county: c, township: t, community: m}
people:
  li: {}
  wang: {office: staff, level: community, unit: window}
stories:
  one:
    steps:
      - at: 2026-03-02 09:00
        who: li
        does: raise
        answers: {what: 灯, where: m}
        state: raised
        due: 2026-03-03 17:30
"""


def whole_year() -> Calendar:
    """The calendar as the city publishes it, its seasons included."""
    return packs.calendar(packs.city("leshan"))


@pytest.mark.parametrize("cases", FILES, ids=lambda file: f"{file.parts[-4]}-{file.parts[-2]}")
def test_every_story_of_the_packs_holds(cases: Path) -> None:
    pack = cases.parts[-4]
    program = parse(max(cases.parent.glob("2*.yaml")).read_bytes(), vocabulary=vocabulary("china", "leshan", "generic"))

    results = run(cases.read_bytes(), program, england() if pack == "generic" else whole_year())

    assert [result.why for result in results if not result.ok] == []
    assert len(results) >= 9


def test_residents_has_at_least_fifteen_stories() -> None:
    text = (PACKS / "leshan" / "mechanisms" / "residents" / "cases.yaml").read_bytes()

    assert len(run(text, residents(), china())) >= 15


def test_the_generic_pack_speaks_no_chinese() -> None:
    for file in (PACKS / "generic" / "mechanisms").rglob("*.yaml"):
        assert not [c for c in file.read_text("utf-8") if "\u2e80" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("state: raised", "state: posted", "state should be “posted”, but it is “raised”."),
        ("17:30", "17:31", "due should be “2026-03-03 17:31”, but it is “2026-03-03 17:30”."),
        ("what: 灯, ", "", "refused (answer-missing)"),
        ("state: raised", "refused: closed", "should be refused (closed), but it was done."),
        ("who: li", "who: mo", "There is no “mo” in `people`."),
        ("at: 2026-03-02 09:00", "at: 2026-13-02 09:00", "is no moment"),
        ("does: raise", "do: raise", "There is no key “do”"),
        ("steps:", "continues: two\n    steps:", "There is no story “two” to continue."),
        ("steps:", "continues: one\n    steps:", "There is no story “one” to continue."),
        ("      - at:", "        at:", "must be a list"),
        ("wang: {office: staff,", "wang: {", "“office” is missing."),
        ("place:", "place: &a", "Anchors"),
    ],
)
def test_a_story_that_fails_says_where_and_why(old: str, new: str, said: str) -> None:
    results = run(STORY.replace(old, new), residents(), china())

    assert not results[0].ok
    assert said in results[0].en
    assert results[0].line > 1 or "place" in old
    assert results[0].as_finding("cases.yaml").sentence("zh").startswith("cases.yaml:")


def test_a_wrong_line_is_told_once_however_many_stories_play_it() -> None:
    more = "".join(
        f"  {name}:\n    continues: one\n    steps:\n"
        "      - {at: 2026-03-02 10:00, who: wang, does: nothing, refused: no-such-move}\n"
        for name in ("two", "three")
    )

    results = run(STORY.replace("state: raised", "state: posted") + more, residents(), china())

    assert [result.ok for result in results] == [False, False, False]
    (wrong,) = failures(results)
    assert wrong.why.endswith("but it is “raised”. (also played by: two, three)")
    assert "（也用到这一步的：two、three）" in wrong.as_finding().sentence("zh")
