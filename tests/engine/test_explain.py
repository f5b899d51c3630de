import pytest

from jiebang.engine.bounds import bounds_of
from jiebang.engine.explain import Target, explained, promises
from jiebang.engine.model import Amount, Span
from jiebang.engine.places import lines_of
from jiebang.engine.plain import explain
from tests.engine.builders import loop, move, program, state
from tests.engine.calendars import china
from tests.engine.shipped import residents, residents_text


def test_every_state_says_who_by_when_and_then_what() -> None:
    rows = {row.name: row for row in explained(residents(), "zh-hans").rows}

    claimed = rows["claimed"]

    assert (claimed.title, claimed.holder, claimed.kind) == ("办理中", "承办单位", "owed")
    assert claimed.limit == "到“承诺办结日期”为止，最多 15 个工作日"
    assert claimed.source == "sc12345.complaint"
    assert claimed.then == (Target("late", "逾期办理"),)
    assert set(rows) == set(residents().states)


def test_a_step_says_what_it_asks_and_where_it_leads() -> None:
    rows = {row.name: row for row in explained(residents(), "en").rows}
    steps = {step.name: step for step in rows["finished"].steps}

    verdict = steps["verdict"]

    assert verdict.who == "the person who raised it"
    assert verdict.needs == ("Is it solved?", "How satisfied are you? (optional)", "Anything to add (optional)")
    assert [(target.name, target.when) for target in verdict.to] == [
        ("struck", "answered “Yes” or “Partly”"),
        ("reinstated", "answered “No”, the first 2 times"),
        ("escalated", "answered “No”, after that"),
    ]
    assert "verifies the result" in verdict.notes


def test_lap_limits_and_notices_are_said() -> None:
    rows = {row.name: row for row in explained(loop(), "en").rows}

    assert rows["notice"].kind == "notice"
    assert rows["notice"].steps[0].notes == ("at most 1 time, then → explained",)
    assert rows["raised"].left.startswith("99 working days + 10 days")


@pytest.mark.parametrize(("lang", "said"), [("zh-hans", "最坏的情况"), ("en", "At the very worst")])
def test_the_three_closing_times_are_published_as_sentences(lang: str, said: str) -> None:
    sentences = list(promises(residents(), bounds_of(residents(), china()), lang))

    assert len(sentences) == 4
    assert said in sentences[2]
    assert ("无人办结" if lang == "zh-hans" else "Failed") in sentences[0]


def test_without_a_calendar_no_calendar_days_are_promised() -> None:
    assert all("calendar day" not in sentence.lower() for sentence in promises(loop(), bounds_of(loop()), "en"))


def test_a_mechanism_without_bounds_is_still_explained() -> None:
    endless = program(
        state("a", "office", "1 wd", "failed", move("go", "b")),
        state("b", "office", "1 wd", "failed", move("back", "a")),
    )

    assert explained(endless, "en").promises == ()
    assert "■ a" in explain(endless, "en")


def test_spans_are_said() -> None:
    term = Span("term", "raised", "struck", Amount(60, "d"), "upstairs")
    under = program(*loop().states.values(), routes=tuple(loop().routes.values()), spans=(term,))

    assert explained(under, "en").spans == (
        "From being raised to “struck” it takes 60 days at most, however often it is sent back; then “upstairs”.",
    )
    assert "60 天" in explained(under, "zh").spans[0]


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_text_names_every_state_and_final(lang: str) -> None:
    text = explain(residents(), lang, calendar=china())

    for named in [*residents().states.values(), *residents().finals.values()]:
        assert named.title["zh" if lang == "zh-hans" else "en"] in text


def test_english_text_of_an_english_mechanism_has_no_chinese() -> None:
    assert not any("\u4e00" <= character <= "\u9fff" for character in explain(loop(), "en"))


def test_places_know_their_lines() -> None:
    lines = lines_of(residents_text())
    text = residents_text().splitlines()

    assert text[lines["states.raised.may.post"] - 1].strip().startswith("post:")
    assert text[lines["states.claimed.within"] - 1].strip().startswith("within:")
    assert text[lines["finals.failed"] - 1].strip().startswith("failed:")
