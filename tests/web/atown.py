"""The boards' little town seen through a browser without script: requests, forms, people signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.plugin import DjangoDbBlocker

from jiebang.boards.audit import audit
from tests.boards.city import COMMUNITY, MONDAY_NINE, Town, a_town

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
WORDS = {"a.what": "路灯坏了三天，晚上很黑。", "a.spot": "12号楼旁"}


@dataclass(slots=True)
class Browser:
    """One device: its cookies and the page it shows."""

    client: Client = field(default_factory=Client)
    language: str = "en"
    page: str = ""
    status: int = 0
    at: str = ""

    def __post_init__(self) -> None:
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = self.language

    def opens(self, path: str, **query: str) -> Browser:
        self._shows(self.client.get(path, query, follow=True))
        return self

    def sends(self, path: str = "", *, form: str = "", **values: object) -> Browser:
        """Send the page's form with its hidden fields, `form` naming the move when there are several."""
        self._shows(self.client.post(path or self.at, self.hidden(form) | values, follow=True))
        return self

    def hidden(self, form: str = "") -> dict[str, object]:
        """What the form sends unseen."""
        return {unescape(name): unescape(value) for name, value in HIDDEN.findall(self._part(form))}

    def token(self) -> dict[str, str]:
        """The form's token."""
        return dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]+)"', self.page))

    def _part(self, form: str) -> str:
        start = self.page.find(f'id="move-{form}"') if form else 0
        assert start >= 0, f"there is no form for {form}"
        return self.page[start : self.page.find("</form>", start)] if form else self.page

    def _shows(self, response: object) -> None:
        self.page = response.content.decode()  # type: ignore[attr-defined]  # Django's test response
        self.status = response.status_code  # type: ignore[attr-defined]  # same
        self.at = response.request["PATH_INFO"]  # type: ignore[attr-defined]  # same

    @property
    def words(self) -> str:
        """The page's text, as a reader sees it."""
        text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", self.page, flags=re.S)
        text = re.sub(r'<span lang="[^"]+">(“[^<]*”)</span>', r"\1", text)  # a quotation in a sentence
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()).replace(" ,", ",")

    @property
    def code(self) -> str:
        return "".join(re.findall(r"<span>([0-9A-Z]{5})</span>", self.page)[:2])

    @property
    def number(self) -> str:
        found = re.search(r"[A-Z]{2}-26-\d{6}", self.page)
        assert found, self.words
        return found[0]


def signed_in(name: str) -> Browser:
    browser = Browser()
    browser.client.force_login(get_user_model().objects.get(username=name))
    return browser


def a_file(name: str = "lamp.jpg", *, size: tuple[int, int] = (64, 48)) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def raises(browser: Browser, *, photo: bool = False, **words: object) -> Browser:
    """Go through the three pages, the community picked beforehand."""
    browser.opens("/raise/", area=COMMUNITY)
    browser.sends(go="next", **WORDS | ({"a.photo": a_file()} if photo else {}))
    return browser.sends(go="send", **words)


@pytest.fixture
def town(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The town on a Monday at nine; whatever was done through the pages must derive again at the end."""
    with _town(tmp_path, monkeypatch) as town:
        yield town


@pytest.fixture
def committed_town(
    committed: str, django_db_blocker: DjangoDbBlocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """The same in a database with real commits: a follower sees only what is committed."""
    with django_db_blocker.unblock(), _town(tmp_path, monkeypatch) as town:
        yield town


@contextmanager
def _town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(settings, "JIEBANG_HOME", tmp_path)
    monkeypatch.setattr(settings, "JIEBANG_FILES", tmp_path / "files")
    (tmp_path / "static").mkdir()
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")  # whitenoise warns when it is not there
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY_NINE)
    with a_town() as town:
        yield town
        assert audit().findings == ()
