"""One grammar in two tongues: a file may be written with English keys or with Chinese ones, and means the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiebang.engine import canonical, checker, nodes, places
from jiebang.engine.findings import MechanismError
from jiebang.engine.objections import OBJECTIONS
from jiebang.engine.parser import hearing, keys, parse, schema
from jiebang.engine.tongues import tongue
from jiebang.engine.tongues.phrases import PHRASES, Asked
from jiebang.engine.tongues.words import FLAGS, PARTIES, TABLES, WORDS, chinese_words
from tests.engine import written
from tests.engine.calendars import PACKS
from tests.engine.shipped import compiled

TEXTS = sorted(path for path in PACKS.glob("*/mechanisms/*/2*.yaml") if not path.name.endswith(".cases.yaml"))
TEXTS += sorted(PACKS.glob("*/templates/*.yaml"))
NAMES = {"state", "move", "question"}  # what an author names stays as it is in both tongues


def named(path: Any) -> str:
    return f"{path.parts[-4]}-{path.parts[-2]}" if path.parts[-2] != "templates" else f"{path.parts[-3]}-{path.stem}"


def tables() -> dict[str, dict[str, Any]]:
    """The keys of each table of the schema."""
    said = schema.schema()
    parts = {"file": said, **said["definitions"]}
    parts["texts"] = next(one for one in parts["texts"]["anyOf"] if "properties" in one)
    return {name: part["properties"] for name, part in parts.items()}


def kinds() -> Iterator[Mapping[str, Any]]:
    """Everything the schema says about a value."""
    waiting: list[Any] = [schema.schema()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


# ── Every word has its word ──


@pytest.mark.parametrize("table", tables())
def test_every_key_has_a_chinese_word_and_a_meaning(table: str) -> None:
    """Whoever adds a key adds its word to `engine/tongues/keys_zh.py`."""
    said = TABLES.get(table, {})
    wanted = tables()[table]

    assert [key for key in wanted if key not in said] == []
    assert table in ("fork",) or [key for key in said if key not in wanted] == []
    chosen = [word for word, _ in said.values()]
    assert len(set(chosen)) == len(chosen), "two keys of one table share a word"
    assert all(re.search(r"[\u4e00-\u9fff]", word) for word in chosen)
    assert all(meaning.endswith(("。", "，", "……")) for _, meaning in said.values())


def test_every_fixed_word_has_a_chinese_word() -> None:
    """Whoever adds a fixed word adds its word to `engine/tongues/words.py`."""
    sets = [kind["enum"] for kind in kinds() if isinstance(kind.get("enum"), list)]

    assert len(sets) >= 9
    assert [each for each in sets if set(chinese_words(each)) != set(each)] == []
    for words in (*WORDS.values(), FLAGS, PARTIES):
        assert len(set(words.values())) == len(words)


def test_every_sort_of_sentence_is_known_in_both_tongues() -> None:
    sorts = {kind["$comment"] for kind in kinds() if isinstance(kind.get("$comment"), str)}

    assert sorts - NAMES <= set(PHRASES)
    assert set(PHRASES) - sorts == {"flag"}


def test_the_built_in_parties_are_called_what_their_titles_say() -> None:
    assert {name: zh for name, (_, zh, _) in keys.BUILT_IN.items()} == PARTIES


def test_no_key_of_the_file_is_the_same_word_in_both_tongues() -> None:
    """By its own keys a file is known to be in one or the other."""
    assert not set(TABLES["file"]) & {word for word, _ in TABLES["file"].values()}


# ── Both mean the same ──


@pytest.mark.parametrize("path", TEXTS, ids=named)
def test_a_file_turned_into_the_other_tongue_and_back_is_the_same_text(path: Any) -> None:
    text = path.read_text("utf-8")
    english, chinese = hearing.turned(text, "en"), hearing.turned(text, "zh")

    assert text in (english, chinese)
    assert english != chinese
    assert hearing.turned(chinese, "en") == english
    assert hearing.turned(english, "zh") == chinese
    assert comments(chinese) == comments(english)


def comments(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if line.lstrip().startswith("#")]


@pytest.mark.parametrize("path", [path for path in TEXTS if path.parts[-2] != "templates"], ids=named)
def test_both_tongues_compile_to_the_same_program_on_the_same_lines(path: Any) -> None:
    text, pack = path.read_text("utf-8"), path.parts[-4]
    english, chinese = hearing.turned(text, "en"), hearing.turned(text, "zh")

    hashes = {canonical.program_hash(compiled(said, pack)) for said in (english, chinese)}

    assert len(hashes) == 1
    assert places.lines_of(english) == places.lines_of(chinese)
    left = {word.en for word in hearing.read(chinese).words} & {
        scalar.text for scalar in scalars(nodes.read(chinese)) if not scalar.quoted
    }
    assert left & set(FLAGS) == set()


def scalars(node: nodes.Node) -> Iterator[nodes.Scalar]:
    if isinstance(node, nodes.Scalar):
        yield node
    elif isinstance(node, nodes.Sequence):
        for item in node.items:
            yield from scalars(item)
    else:
        yield from node.keys.values()
        for value in node.items.values():
            yield from scalars(value)


@settings(max_examples=40)
@given(written.texts())
def test_random_mechanisms_mean_the_same_in_both_tongues(text: str) -> None:
    chinese = hearing.turned(text, "zh")

    assert canonical.program_hash(parse(chinese)) == canonical.program_hash(parse(text))
    assert hearing.turned(chinese, "en") == text


names = st.from_regex(r"[a-z\u4e00-\u9fff][a-z0-9\u4e00-\u9fff-]{0,8}", fullmatch=True).filter(
    lambda name: (
        name
        not in {
            *PARTIES.values(),
            "提出",
            "raised",
            "或",
            "为",
            "不为",
            "且",
            "非",
            "若",
            "其余",
            "not",
            "is",
            "是",
            "否",
        }
        and not set(name) & set("为或且非若自起的过")
    )
)
values = st.lists(names, min_size=1, max_size=3)
units = st.sampled_from(["wd", "d", "h", "wh", "min"])
amounts = st.builds(lambda n, unit: f"{n} {unit}", st.integers(1, 9999), units)
limits = st.builds(lambda amount, name: f"{amount} since {name}", amounts, st.one_of(names, st.just("raised")))
tests = st.one_of(
    names,
    names.map("not {}".format),
    st.builds(lambda f, v: f"{f} is {' or '.join(v)}", names, values),
    st.builds(lambda f, v: f"{f} is not {' or '.join(v)}", names, values),
    st.builds(
        lambda f, side, n: f"{f} is {side} {n}", names, st.sampled_from(["at least", "above", "at most", "below"]),
        st.integers(0, 10**9),
    ),
    st.just("all duties done"),
    values.map(lambda but: f"all duties done but {', '.join(but)}"),
)  # fmt: skip
conditions = st.lists(tests, min_size=1, max_size=3).map(" and ".join)
SENTENCES = {
    "amount": amounts,
    "limit": st.one_of(amounts, limits),
    "share": st.builds("{}{}/{} of {}".format, st.sampled_from(["", "more than "]), st.integers(1, 99),
                       st.integers(1, 9999), names),
    "answerer": st.builds("{} {}".format, st.one_of(names, st.sampled_from(list(PARTIES))), amounts),
    "month-day": st.integers(1, 28).map("day {} of next month".format),
    "distance": st.builds(
        "at {} {} from {}".format, st.sampled_from(["least", "most"]), amounts, st.one_of(names, st.just("now"))
    ),
    "deed": st.one_of(
        values.map(lambda said: f"whoever did {' or '.join(said)}"),
        values.map(lambda said: f"unit of {' or '.join(said)}"),
        names.map("member of {}".format),
    ),
    "deeds": values.map(" or ".join),
    "staff": st.one_of(names, st.just("area"), values.map(lambda said: f"unit that did {' or '.join(said)}")),
    "condition": st.one_of(conditions, conditions.map("if {}".format)),
    "way": st.one_of(conditions, st.just("else")),
    "outcome": st.builds(
        lambda how, means: how + " or ".join(means), st.sampled_from(["", "all ", "any "]),
        st.lists(st.sampled_from(list(WORDS["means"])), min_size=1, max_size=3),
    ),
    "party": st.one_of(names, st.sampled_from(list(PARTIES))),
    "anchor": st.one_of(names, st.just("raised")),
    "told": st.one_of(names, st.sampled_from(["item", "number"])),
    "answers": values.map(" or ".join),
    "counted": st.sampled_from(["yes", "no", "partly"]),
    "asked": names.map("{}?".format),
    "proof": st.builds("{} {}".format, st.sampled_from(["photo", "document", "signature"]), names),
    "flag": st.sampled_from(["true", "false"]),
}  # fmt: skip


@pytest.mark.parametrize("sort", PHRASES)
@given(data=st.data())
def test_every_sentence_comes_back_from_the_other_tongue(sort: str, data: st.DataObject) -> None:
    said = data.draw(SENTENCES[sort])
    asked = Asked(frozenset({"solved"}), "solved")
    chinese = PHRASES[sort].turned(said, "zh", asked)

    assert chinese is not None
    assert PHRASES[sort].turned(chinese, "en", asked) == said


@pytest.mark.parametrize(
    ("sort", "chinese", "english"),
    [
        ("limit", "自提出起15个工作日", "15 wd since raised"),
        ("limit", "3 个工作日(自 认领 起)", "3 wd since 认领"),
        ("amount", "5日", "5 d"),
        ("amount", "8办公小时", "8 wh"),
        ("condition", "若 solved 为 是", "if solved is yes"),
        ("asked", "备注？", "备注?"),
        ("outcome", "全部已解决", "all solved"),
        ("deed", "做过认领的人", "whoever did 认领"),
    ],
)
def test_chinese_may_be_written_as_an_official_would(sort: str, chinese: str, english: str) -> None:
    assert PHRASES[sort].turned(chinese, "en", Asked(frozenset({"solved"}))) == english


# ── A file is in one of them ──


def chinese(states: str) -> str:
    return f"""\
机制: 试
生效日: '2026-01-01'
名称: {{中文: 试}}
日志: 公开
出处: 本市自定
问题:
  事由: {{类型: 文字, 名称: 事由}}
角色:
  办: {{岗位: board-office, 所在: 本地, 级别: county, 名称: 办}}
立项:
  提: {{由: 任何人, 填报: 事由, 转: 待办, 名称: 提}}
状态:
{states}
终态:
  销: {{计为: 已说明, 名称: 销}}
  未: {{计为: 未兑现, 名称: 未}}
"""


FINE = "  待办: {名称: 待办, 由: 办, 限: 3个工作日, 逾期转: 未, 可: {销号: {转: 销, 填报: 事由, 名称: 销号}}}"


def findings(text: str) -> list[str]:
    with pytest.raises(MechanismError) as wrong:
        parse(text)
    return [finding.sentence(lang) for finding in wrong.value.findings for lang in ("zh", "en")]


def test_a_number_may_be_asked_under_a_chinese_name() -> None:
    text = chinese(FINE.replace("填报: 事由, 名称", "条件: 金额 至少为 500, 名称"))
    text = text.replace("问题:\n", "问题:\n  金额: {类型: 数字, 名称: 金额}\n").replace(
        "填报: 事由", "填报: [事由, 金额]"
    )

    assert parse(text).states["待办"].moves["销号"].when.tests[0].at_least == 500


def test_a_file_may_be_chinese_from_its_first_key_to_its_last_name() -> None:
    program = parse(chinese(FINE))

    assert program.states["待办"].limit.amount is not None
    assert program.states["待办"].moves["销号"].by == ("办",)


@pytest.mark.parametrize(
    ("right", "wrong", "mend"),
    [
        ("限: 3个工作日", "within: 3个工作日", "限"),
        ("限: 3个工作日", "限: 3 wd", "3个工作日"),
        ("由: 任何人", "由: anyone", "任何人"),
        ("计为: 已说明", "计为: explained", "已说明"),
        ("类型: 文字", "type: 文字", "类型"),
    ],
)
def test_a_word_of_the_other_tongue_is_named_with_the_right_one(right: str, wrong: str, mend: str) -> None:
    said = findings(chinese(FINE).replace(right, wrong))

    assert len(said) == 2, said
    assert "英文写法" in said[0]
    assert f"“{mend}”" in said[0]
    assert "is English" in said[1]


def test_a_chinese_word_in_an_english_file_is_named_too() -> None:
    text = hearing.turned(chinese(FINE), "en")

    assert "请写“within”" in findings(text.replace("within: 3 wd", "限: 3 wd"))[0]
    assert "请写“3 wd”" in findings(text.replace("3 wd", "3个工作日"))[0]


def test_a_mixed_file_is_made_one_by_formatting_it() -> None:
    mixed = chinese(FINE).replace("限: 3个工作日", "within: 3 wd").replace("任何人", "anyone")

    assert hearing.turned(mixed, "zh") == chinese(FINE)


def test_the_same_key_in_both_tongues_is_written_twice() -> None:
    said = findings(chinese(FINE).replace("限: 3个工作日", "限: 3个工作日, within: 3 wd"))

    assert any("Y4" in sentence for sentence in said)


def test_a_name_that_is_a_word_of_the_other_tongue_is_not_converted_in_silence() -> None:
    """An English file may call a party 提出人; in Chinese that is the raiser."""
    text = hearing.turned(chinese(FINE), "en").replace("办", "提出人")

    parse(text)
    with pytest.raises(MechanismError) as wrong:
        hearing.turned(text, "zh")
    assert wrong.value.findings[0].line > 0


# ── Findings speak the file's words ──


@cache
def english_words() -> re.Pattern[str]:
    known = {key for table in TABLES.values() for key in table} | {word for each in WORDS.values() for word in each}
    return re.compile(
        rf"(?<![\w{{-])({'|'.join(sorted(known - {'zh', 'en'}, key=len, reverse=True))})(?![\w}}-])", re.ASCII
    )


@pytest.mark.parametrize("code", OBJECTIONS)
def test_every_objection_can_be_said_with_chinese_keys(code: str) -> None:
    said = tongue.spoken(code)

    assert english_words().findall(f"{said.zh} {said.mend_zh}") == []
    assert english_words().findall(" ".join(re.findall(r"`[^`]*`", f"{said.en} {said.mend_en}"))) == []


@pytest.mark.parametrize(
    ("right", "wrong", "zh", "en"),
    [
        ("限: 3个工作日, ", "", "请写“限”（由人负责）", "Write `限` (somebody owes it)"),
        (", 逾期转: 未", "", "缺少“逾期转”。 请写上 逾期转: …。", "“逾期转” is missing. Add 逾期转: …."),
        ("逾期转: 未", "逾期: 未", "是不是“逾期转”", "Did you mean “逾期转”?"),
        ("由: 办", "由: 班", "已有的：", "Known: "),
        ("类型: 文字", "类型: 文", "是不是“文字”？", "Did you mean “文字”?"),
        ("限: 3个工作日", "限: 三天", "“三天”不是时限。", "“三天” is no length of time."),
        ("限: 3个工作日", "持续: 3个工作日", "这里用 届时转，不用 逾期转。", "`届时转` belongs here, not `逾期转`."),
    ],
)
def test_findings_name_the_keys_as_the_file_writes_them(right: str, wrong: str, zh: str, en: str) -> None:
    said = findings(chinese(FINE).replace(right, wrong))

    assert any(zh in sentence for sentence in said), said
    assert any(en in sentence for sentence in said), said


def test_what_the_checker_says_is_in_the_words_of_the_file() -> None:
    """An official's silence must not end as the raiser's: the mend names the key the file has."""
    text = chinese(FINE).replace("计为: 未兑现", "计为: 提出人未答复")
    report = checker.check(parse(text), calendar=None, lines=places.lines_of(text), filename="")
    told = places.tongue_of(text).told(report.findings)

    assert any(finding.rule == "V3" for finding in told)
    for finding in told:
        outside = re.sub(r"“[^”]*”", "", f"{finding.zh} {finding.mend_zh}")
        assert english_words().findall(outside) == []
    assert places.tongue_of(hearing.turned(text, "en")).told(report.findings) == [*report.findings]
