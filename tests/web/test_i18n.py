"""Every sentence is said in Chinese, and a town that writes English alone sees no Chinese character."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django.fixtures import Settings

from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import services as publishing
from jiebang.web import context
from jiebang.web.locale import build
from tests.boards.city import MONDAY_NINE, PUBLIC, Town
from tests.web.atown import Browser
from tests.web.atown import town as town
from tests.web.walk import Said, walked

CJK = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]")
TOWN = "millbrook"


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_nothing_is_missing_fuzzy_unused_or_with_other_placeholders(language: str):
    assert build.problems(language) == []


def test_messages_are_found_in_templates_with_plural_context_and_filters():
    source = """{% load i18n %}{% translate "One" %}{% translate "Two" context "shop" %}{{ x|default:_("Three") }}
        {% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}"""

    found = [(message, context) for _line, message, context in build.in_template(source)]

    assert found == [("One", None), ("Two", "shop"), ("Three", None), (("%(n)s day", "%(n)s days"), None)]


def test_messages_are_found_in_python_with_plural_and_context():
    source = b'_("One"); pgettext("shop", "Two"); ngettext("%(n)s day", "%(n)s days", n)'

    found = [(message, context) for _line, message, context in build.in_python(source)]

    assert found == [("One", None), ("Two", "shop"), (("%(n)s day", "%(n)s days"), None)]


@pytest.fixture
def millbrook(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """The invented town of `packs/generic`; gives the codes of its areas by level."""
    settings.JIEBANG_CITY = TOWN
    settings.LANGUAGES = [("en", "English")]
    settings.LANGUAGE_CODE = "en"
    settings.JIEBANG_HOME = tmp_path
    settings.JIEBANG_FILES = tmp_path / "files"
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY_NINE)
    _forget()
    publishing.publish_pack(TOWN, at=MONDAY_NINE)
    last = next(area for area in people.areas_at(rulebook.city().levels[-1]))
    yield dict(people.place(last.code))
    _forget()


def _forget() -> None:
    """A process serves one city all its life; this one serves two."""
    people.forget_caches()
    rulebook.forget_caches()
    context.city.cache_clear()


def a_person(name: str, office: str, unit: str, area: str) -> Browser:
    user = people_services.create_user(name, display_name=name.title(), password="a lamp over every door")
    people_services.appoint(user, office=office, unit=unit, area=area, since=date(2026, 1, 1))
    browser = Browser()
    browser.client.force_login(get_user_model().objects.get(pk=user))
    return browser


def in_english(browser: Browser) -> Browser:
    found = CJK.findall(browser.page)
    assert found == [], f"{browser.at}: {''.join(found)[:80]}"
    assert '<html lang="en"' in browser.page, browser.at
    return browser


def test_a_town_that_writes_english_sees_no_chinese_character(millbrook: dict[str, str]):
    ward = millbrook[rulebook.city().levels[-1]]
    resident = Browser(language="fr")
    mechanism = rulebook.city().raise_mechanism
    for path in (
        "/",
        f"/b/{mechanism}/",
        f"/b/{mechanism}/about",
        "/follow",
        "/verify",
        "/accounts/login/",
        "/nowhere",
    ):
        in_english(resident.opens(path))

    in_english(resident.opens("/raise/"))
    in_english(resident.sends(go="next"))
    in_english(resident.sends(go="next", **answers(resident)))
    in_english(resident.sends(go="search", q="a"))
    in_english(resident.sends(go="", place=ward))
    in_english(resident.sends(go="send"))
    number, code = resident.number, resident.code
    in_english(resident.opens(f"/r/{code}"))
    in_english(resident.opens("/follow").sends(code="0000000000"))

    for area in millbrook.values():
        for unit in people.units_of(area):
            for office in ("staff", "handler", "board-office", "government-duty"):
                desk = a_person(f"{unit.slug}-{office}", office, unit.slug, area)
                in_english(desk.opens("/desk/"))
                in_english(desk.opens("/desk/window/"))
                in_english(desk.opens(f"/desk/e/{number}"))
    in_english(Browser().opens(f"/e/{number}"))


def answers(browser: Browser) -> dict[str, str]:
    """A line for every text question of the page."""
    return dict.fromkeys(re.findall(r'<textarea[^>]* name="(a\.[^"]+)"', browser.page), "The lamp is out.")


# ── A third language ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def esperanto(settings: Settings, tmp_path: Path) -> Settings:
    """A third language: a folder with a catalogue, every sentence marked, and its name among the languages."""
    catalogue = Catalog(locale="eo", domain="django", charset="utf-8")
    for message in build.wanted():
        if message.id:
            marked = tuple(f"«{each}»" for each in message.id) if message.pluralizable else f"«{message.id}»"
            catalogue.add(message.id, marked, context=message.context)
    folder = tmp_path / "locale" / "eo" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path / "locale", *settings.LOCALE_PATHS]
    settings.LANGUAGES = [*settings.LANGUAGES, ("eo", "Esperanto")]
    return settings


def test_a_third_language_needs_a_catalogue_and_falls_back_to_no_chinese(town: Town, esperanto: Settings):
    town.claimed()
    town.finished(at=MONDAY_NINE)
    reader = Client(HTTP_ACCEPT_LANGUAGE="eo")

    pages = dict(walked(reader, "/", "/patterns"))

    assert len(pages) > 40
    own = {path: page for path, page in pages.items() if not path.startswith("/embed")}
    assert {path for path, page in own.items() if page.language != "eo"} == set()
    assert {path for path, page in own.items() if not any(text.startswith("«") for text in page.pieces)} == set()
    assert {path: found for path, page in pages.items() if (found := foreign(page, CJK, but=WROTE))} == {}


WROTE = (
    PUBLIC["public-title"],
    PUBLIC["public-text"],
    "换了灯泡,已经亮了。",
    "路灯照明",
)  # what people wrote or searched for stays as it is


def foreign(page: Said, looked_for: re.Pattern[str], *, but: tuple[str, ...] = ()) -> list[str]:
    """What was said in letters that were not asked for, `but` for these words."""
    kept = re.compile("|".join(map(re.escape, but)) or r"(?!)")
    return [text for text in page.pieces if looked_for.search(kept.sub("", text))]


# ── All of one language ─────────────────────────────────────────────────────────────────────────────────────


def test_a_town_that_writes_english_sees_no_chinese_on_any_page_of_staff_or_public(millbrook: dict[str, str]):
    ward = millbrook[rulebook.city().levels[-1]]
    resident = Browser(language="zh-CN")
    resident.opens("/raise/", area=ward)
    resident.sends(go="next", **answers(resident))
    resident.sends(go="send")
    routes: set[str] = set()

    for starts, browser in _everybody(millbrook, resident):
        for path, page in walked(browser.client, *starts):
            routes.add(re.sub(r"[A-Z]{2}-26-\d+|\w*\d\w*", "…", path.partition("?")[0]))
            assert (path, foreign(page, CJK), page.language or "en") == (path, [], "en")

    for wanted in ("/desk/list", "/desk/window/", "/desk/print", "/field/", "/patterns", "/verify"):
        assert any(route.startswith(wanted) for route in routes), (wanted, sorted(routes))


def _everybody(areas: dict[str, str], resident: Browser) -> Iterator[tuple[tuple[str, ...], Browser]]:
    yield ("/", "/patterns", f"/r/{resident.code}"), Browser()
    ends = list(areas.values())[-1:]
    for area in ends:
        for unit in people.units_of(area):
            for office in ("staff", "handler", "board-office", "government-duty"):
                desk = a_person(f"{unit.slug}-{office}-all", office, unit.slug, area)
                yield ("/desk/", "/desk/list", "/desk/window/", "/desk/print/", "/field/"), desk


ENGLISH = re.compile(r"\b[A-Za-z][a-z']+(?:,? [A-Za-z][a-z']*){2,}")
QUOTED = "All of it holds"  # what /verify.py prints, which speaks English alone


def test_a_city_that_writes_chinese_shows_no_english_sentence(town: Town):
    town.claimed()
    town.finished(at=MONDAY_NINE)
    reader = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")

    pages = dict(walked(reader, "/", "/patterns"))

    assert len(pages) > 40
    assert {path: found for path, page in pages.items() if (found := foreign(page, ENGLISH, but=(QUOTED,)))} == {}
