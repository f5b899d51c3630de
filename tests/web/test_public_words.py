"""Moments and limits are said exactly, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from jiebang.engine.bounds import Length
from jiebang.web import seasons
from jiebang.web.longest import length_words
from jiebang.web.templatetags.components import tongue, tongues
from jiebang.web.words import LimitWords, language_of, limit_words, listed, moment_words, said

LESHAN = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 09:00 in Leshan
TUESDAY_CLOSING = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def limit(due: datetime, *, days: int | None, now: datetime = THURSDAY, **more: bool) -> LimitWords:
    return limit_words(due, now=now, zone=LESHAN, working_days=days, **more)


def test_a_limit_ahead_names_the_moment_and_what_is_left() -> None:
    with override("en"):
        words = limit(TUESDAY_CLOSING, days=3)

    assert (words.kind, words.text, words.left) == ("due", "due Tue 1 Dec 17:30", "in 3 working days")
    assert words.iso == "2026-12-01T17:30+08:00"


def test_a_limit_is_said_in_chinese_as_officials_say_it() -> None:
    with override("zh-hans"):
        assert moment_words(TUESDAY_CLOSING, now=THURSDAY, zone=LESHAN) == "12月1日 周二 17:30"


def test_a_limit_gone_by_says_how_late() -> None:
    with override("en"):
        words = limit(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), days=2)

    assert (words.kind, words.text, words.left) == ("late", "was due Tue 24 Nov 17:30", "2 working days late")


def test_on_the_day_itself_hours_count() -> None:
    with override("en"):
        assert limit(datetime(2026, 11, 26, 9, 30, tzinfo=UTC), days=0).left == "in 8 hours"
        assert limit(datetime(2026, 11, 26, 1, 30, tzinfo=UTC), days=0).left == "less than an hour left"


def test_a_notice_is_not_owed_and_never_late() -> None:
    with override("en"):
        words = limit(TUESDAY_CLOSING, days=3, notice=True)

    assert (words.kind, words.text, words.left) == ("notice", "until Tue 1 Dec 17:30", "")


def test_midnight_belongs_to_the_day_it_ends() -> None:
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # 00:00 on 1 December in Leshan

    with override("en"):
        assert moment_words(midnight, now=THURSDAY, zone=LESHAN) == "Mon 30 Nov 24:00"


def test_another_year_is_named() -> None:
    with override("en"):
        assert (
            moment_words(datetime(2027, 1, 4, 9, 30, tzinfo=UTC), now=THURSDAY, zone=LESHAN) == "Mon 4 Jan 2027 17:30"
        )


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "榜"), ("en", "board")])
def test_a_text_is_said_in_the_readers_language(language: str, words: str) -> None:
    with override(language):
        assert said({"zh": "榜", "en": "board"}) == words


def test_a_text_without_the_readers_language_is_said_in_english() -> None:
    with override("zh-hans"):
        assert said({"en": "board"}) == "board"
        assert said({}) == ""
        assert listed(["甲", "乙"]) == "甲、乙"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("巷口路灯不亮", "zh-Hans"),
        ("WiFi 太慢", "zh-Hans"),
        ("The lamp is out", "en"),
        ("LS-26-000123", ""),
        ("Python", ""),
        ("", ""),
    ],
)
def test_a_language_is_known_by_what_is_written(text: str, language: str) -> None:
    assert language_of(text) == language


def test_words_of_another_language_than_the_pages_are_marked() -> None:
    with override("en"):
        assert (tongue("巷口路灯不亮"), tongue("The lamp is out")) == (' lang="zh-Hans"', "")
    with override("zh-hans"):
        assert (tongue("巷口路灯不亮"), tongue("The lamp is out")) == ("", ' lang="en"')


def test_a_quotation_in_a_sentence_is_marked_and_nothing_gets_through_as_markup() -> None:
    with override("en"):
        said = tongues("You report: “路灯<b>不亮</b>”. & more")

    assert said == 'You report: <span lang="zh-Hans">“路灯&lt;b&gt;不亮&lt;/b&gt;”</span>. &amp; more'


def test_what_stands_around_may_be_in_another_language_than_the_page() -> None:
    with override("zh-hans"):
        assert tongue("巷口路灯不亮", "en") == ' lang="zh-Hans"'
        assert tongue("The lamp is out", "en") == ""


def test_a_closing_time_is_said_in_days_and_as_the_date_they_come_to_before_its_sum() -> None:
    worst = Length(wd=95, d=1415, calendar_days=1673)

    with override("en"):
        words = length_words(worst, today=date(2026, 11, 23))
        unmeasured = length_words(Length(wd=6), today=date(2026, 11, 23))

    assert (words.value, words.unit) == ("1,673", "days")
    assert words.until == "raised today, by Mon 23 Jun 2031 at the latest"
    assert words.sums == "95 working days + 1415 days"
    assert (unmeasured.days, unmeasured.until) == ("6 working days", "")
    with override("zh-hans"):
        assert length_words(worst, today=date(2026, 11, 23)).until == "今天提出，最迟到 2031年6月23日 周一"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh-hans", "冬季（12月1日至2月29日）内，部分时限较短。"),
        ("en", "Some limits are shorter in winter, 1 Dec to 29 Feb."),
    ],
)
def test_the_days_of_a_season_are_said_of_every_year(lang: str, said: str) -> None:
    with override(lang):
        words = seasons._words("冬季" if lang.startswith("zh") else "winter", "12-01", "02-29", False)
        of_one_year = seasons._words("x", "2026-05-01", "2026-05-09", True)

    assert words.text == said
    assert "2026" in of_one_year.text and of_one_year.holds
