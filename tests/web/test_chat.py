"""A pasted chat becomes matters: deterministic, without what tells who a person is, and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiebang.web.chat import MOST_MATTERS, MOST_READ, masked, split


def words(text: str) -> list[str]:
    return [matter.words for matter in split(text).matters]


def test_an_empty_line_a_number_and_besides_begin_a_new_matter():
    assert words("路灯坏了\n三天了\n\n垃圾没人收") == ["路灯坏了\n三天了", "垃圾没人收"]
    assert words("1. 路灯坏了\n2、垃圾没人收\n（3）井盖松了") == ["路灯坏了", "垃圾没人收", "井盖松了"]
    assert words("① 路灯坏了 ② 垃圾没人收") == ["路灯坏了", "垃圾没人收"]
    assert words("路灯坏了。另外，井盖松了") == ["路灯坏了。", "另外，井盖松了"]
    assert words("路灯坏了\n另外，井盖松了\n还有：停水了") == ["路灯坏了", "另外，井盖松了", "还有：停水了"]
    assert words("路灯坏了，还有三天就过节了") == ["路灯坏了，还有三天就过节了"]


def test_another_speaker_begins_a_new_matter_and_no_name_stays():
    chat = (
        "张三 10:21\n路灯坏了\n张三 10:22\n三天了\n李四：垃圾没人收\n[10:30] 王五: 停水了\n2026-03-01 10:31 - Ann: dark"
    )

    assert words(chat) == ["路灯坏了\n三天了", "垃圾没人收", "停水了", "dark"]


def test_a_number_behind_a_speakers_name_goes_with_the_name_into_its_own_question():
    chat = (
        "李大姐13900001111：路灯坏了\n王 13800138000: 垃圾没人收\n还有一件，井盖松了\n"
        "[10:30] 赵五（139-0000-2222）: 停水了\n孙六 13700003333 10:31\n楼道灯不亮\n13600004444：电梯停了"
    )

    matters = split(chat).matters

    assert [(matter.words, matter.phone) for matter in matters] == [
        ("路灯坏了", "13900001111"),
        ("垃圾没人收", "13800138000"),
        ("还有一件，井盖松了", "13800138000"),
        ("停水了", "13900002222"),
        ("楼道灯不亮", "13700003333"),
        ("电梯停了", "13600004444"),
    ]
    assert not any(matter.masked for matter in matters)


def test_names_of_several_words_go_with_what_stands_in_brackets_behind_them():
    chat = (
        "Mrs Doyle: the lamp at Mill Lane 14 is out, call 0161 496 0123\n"
        "Sam (ward 3): somebody dumped mattresses\nSam (ward 3): and the shelter is broken\n"
        "[23/11/2026, 10:21:05] Ann O’Hara: dark steps\n23/11/2026, 10:22 pm - J. P. Smith: +44 7911 123456 is mine\n"
        "李大姐（三号楼）：路灯坏了"
    )

    matters = split(chat).matters

    assert [(matter.words, matter.phone) for matter in matters] == [
        ("the lamp at Mill Lane 14 is out, call 016****23", "01614960123"),
        ("somebody dumped mattresses\nand the shelter is broken", ""),
        ("dark steps", ""),
        ("+44****56 is mine", "+447911123456"),
        ("路灯坏了", ""),
    ]


def test_a_place_before_a_colon_stays():
    assert words("Mill Lane: the lamp is out") == ["Mill Lane: the lamp is out"]
    assert words("Station Road: rubbish") == ["Station Road: rubbish"]


def test_whoever_speaks_again_keeps_the_number_they_gave_before():
    matters = split("王 13800138000: 路灯坏了\n李：垃圾没人收\n王：井盖松了").matters

    assert [matter.phone for matter in matters] == ["13800138000", "", "13800138000"]


def test_a_label_with_a_number_is_nobody():
    assert words("路灯坏了\n联系电话13900001111：白天打") == ["路灯坏了\n联系电话139****11：白天打"]
    assert split("路灯坏了\n联系电话13900001111：白天打").matters[0].phone == "13900001111"


def test_a_speakers_number_is_not_lost_with_the_matters_left_over():
    many = split("\n".join(f"张 1390000{n:04}：第{n}件\n李：别的{n}" for n in range(12)))

    again = split(many.rest)

    assert [matter.phone for matter in (*many.matters, *again.matters)][::2] == [f"1390000{n:04}" for n in range(9)]


def test_a_label_before_a_colon_is_nobodys_name():
    assert words("地点：茶花社区三栋\n问题：楼道灯不亮") == ["地点：茶花社区三栋\n问题：楼道灯不亮"]
    assert words("见 http://example.org/a") == ["见 http://example.org/a"]


def test_a_sum_or_a_date_is_no_numbering():
    assert words("1.5米深的坑\n2026.3.1 起没修") == ["1.5米深的坑\n2026.3.1 起没修"]


def test_numbers_move_or_are_hidden():
    matter = masked("姓名：王五，身份证511102199001011234，电话 138 0013 8000，卡号6222 0212 3456 7890 123，车川L12345")

    assert matter.phone == "13800138000"
    for secret in ("王五", "199001011234", "13800138000", "6222", "12345"):
        assert secret not in matter.words
    assert matter.masked >= 4


def test_what_is_over_nine_matters_or_too_long_is_left_over_and_not_lost():
    many = split("\n".join(f"{n}. 第{n}件" for n in range(1, 31)))
    assert len(many.matters) == MOST_MATTERS
    assert many.rest.split("\n\n") == [f"第{n}件" for n in range(10, 31)]

    long = split("灯" * MOST_READ + "尾巴")
    assert long.rest == "尾巴"


@pytest.mark.parametrize(
    "hostile",
    ["\x00" * 5000, "\u202e灯\x00坏\ufeff了", "a\n" * 10_000, "1" * 200_000, "另外" * 50_000, "a:" * 50_000, "\ud800",
     "张三 " * 30_000 + "10:21", "\n".join(f"{n}." for n in range(10_000))],
)  # fmt: skip
def test_hostile_text_is_taken_without_its_harm(hostile: str):
    for matter in split(hostile).matters:
        assert not any(harm in matter.words for harm in "\x00\u202e\ufeff\ud800")


@given(st.text(alphabet="路灯坏了 \n。1.2、①②:：张三另外还有12345678901\x00-", max_size=200))
def test_the_same_text_gives_the_same_matters_and_none_is_empty(text: str):
    first = split(text)

    assert first == split(text)
    assert all(matter.words.strip() for matter in first.matters)
