"""The tutorial of the street lamp, walked: a finding asks for each edit, and at the end a resident raises a lamp."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings

from jiebang.boards.audit import audit
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.people.services import Post
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import services
from jiebang.web import context
from tests.web.atown import Browser, signed_in

TUTORIAL = Path(__file__).parents[2] / "docs/tutorial/street-lamp.md"
EDIT = re.compile(r"^> (?P<said>.+?)\n(?:\n```diff\n(?P<diff>.*?)```)?", re.M | re.S)
BEFORE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST_DAY = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def millbrook(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setattr(settings, "JIEBANG_HOME", tmp_path)
    monkeypatch.setattr(settings, "JIEBANG_FILES", tmp_path / "files")
    (tmp_path / "static").mkdir()
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    monkeypatch.setattr(settings, "JIEBANG_CITY", "millbrook")
    monkeypatch.setattr("django.utils.timezone.now", lambda: BEFORE)
    _forget()
    services.publish_pack("millbrook", at=BEFORE)
    office = ("rulebook", "millbrook-rulebook", "millbrook")
    people_services.enlist([Post(name, name, *office) for name in ("author", "second")], since=date(2026, 1, 1))
    yield monkeypatch
    assert audit().findings == ()
    _forget()


def _forget() -> None:
    context.city.cache_clear()
    for room in (people, rulebook):
        room.forget_caches()


def edits() -> list[tuple[str, str, str]]:
    """Return what the page says, what is taken out, what is put in; the last one says that nothing is wrong."""
    found = []
    for match in EDIT.finditer(TUTORIAL.read_text(encoding="utf-8")):
        rows = (match["diff"] or "").splitlines()
        old, new = ("\n".join(row[1:] for row in rows if row.startswith(sign)) for sign in "-+")
        found.append((match["said"], old, new))
    return found


def text_of(page: Browser) -> str:
    found = re.search(r'<textarea id="text"[^>]*>(.*?)</textarea>', page.page, re.S)
    assert found, page.words
    return unescape(found[1]).removeprefix("\n")


def test_from_the_template_and_the_findings_alone_to_a_published_board(millbrook):
    author, second = signed_in("author"), signed_in("second")
    author.opens("/desk/rules/").sends("/desk/rules/begin", template="report-and-mend", version="", **author.token())
    *mended, (last, _, _) = edits()

    for said, old, new in mended:
        assert said in author.words, said
        text = text_of(author)
        assert old in text, old
        hidden = {"edits": author.hidden()["edits"], **author.token()}
        author.sends(author.at, text=text.replace(old, new, 1), go="save", **hidden)
        assert text_of(author) != text
    assert len(mended) <= 15
    assert last in author.words
    assert "51" in author.words

    hidden = {"edits": author.hidden()["edits"], **author.token()}
    author.sends(author.at, text=text_of(author), go="propose", **hidden)
    at = author.at
    second.opens(at).sends(f"{at}decide", step="publish", **second.token())
    assert "Published. It stands in the public log." in second.words

    millbrook.setattr("django.utils.timezone.now", lambda: FIRST_DAY)
    resident = Browser().opens("/b/lamps/")
    assert "/raise/?board=lamps" in resident.page
    resident.opens("/raise/", board="lamps", area="north-oldmill")
    assert "Which lamp is out?" in resident.words
    resident.sends("/raise/", go="next", **{"a.what": "The lamp at Mill Lane is dark.", "a.spot": "At the corner"})
    resident.sends("/raise/", go="send")
    assert "MB-26-000001" in resident.page
    assert "Street lamp out" in Browser().opens("/e/MB-26-000001").words
