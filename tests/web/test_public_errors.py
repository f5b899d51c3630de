"""A refusal is a page: what is wrong, what to do next, nothing typed is lost, no database needed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override

from jiebang.engine.model import Refused
from jiebang.web.views import errors

REFUSED = Refused(
    "not-yours",
    "P1",
    {"zh": "这件事不由您办。", "en": "This is not yours."},
    {"zh": "找承办单位。", "en": "Ask the unit."},
)


@pytest.fixture(autouse=True)
def no_collected_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path)


def words(response: HttpResponse) -> str:
    return response.content.decode()


def a_request(path: str = "/", **data: str) -> object:
    made = RequestFactory().post(path, data) if data else RequestFactory().get(path)
    made.LANGUAGE_CODE = "en"
    return made


@pytest.mark.parametrize(
    ("response", "status", "says"),
    [
        (lambda r: errors.bad_request(r), 400, "That could not be read"),
        (lambda r: errors.bad_request(r, RequestDataTooBig("x")), 413, "20 MB"),
        (lambda r: errors.forbidden(r), 403, "You may not do this"),
        (lambda r: errors.forged(r), 403, "This form is too old"),
        (lambda r: errors.not_found(r), 404, "Search"),
        (lambda r: errors.overtaken(r, what="Claimed by another.", href="/e/1"), 409, "Claimed by another."),
        (lambda r: errors.too_many(r, wait=timedelta(minutes=12)), 429, "Wait 12 minutes"),
        (lambda r: errors.server_error(r), 500, "It is our mistake"),
        (lambda r: errors.refused_page(r, 403, REFUSED), 403, "Ask the unit."),
    ],
)
def test_a_page_says_what_is_wrong_and_what_to_do(response: object, status: int, says: str) -> None:
    with override("en"):
        page = response(a_request())  # type: ignore[operator]  # a function of the request

    assert page.status_code == status
    assert says in words(page)


def test_a_refusal_carries_its_rule_and_speaks_chinese() -> None:
    with override("zh-hans"):
        page = errors.refused_page(a_request(), 403, REFUSED)  # type: ignore[arg-type]  # a request is all it needs

    assert "这件事不由您办。" in words(page)
    assert "P1" in words(page)


def test_without_a_database_a_form_comes_back_whole_in_both_languages() -> None:
    request = a_request("/raise/", csrfmiddlewaretoken="t0ken", what="路灯 <b>坏了", password="hidden")

    page = errors.out_of_reach(request)  # type: ignore[arg-type]  # same

    assert page.status_code == 503
    assert page["Retry-After"] == "10"
    assert "路灯 &lt;b&gt;坏了" in words(page)
    assert 'value="t0ken"' in words(page)
    assert 'name="password"' not in words(page)
    assert 'lang="zh-hans"' in words(page)
    assert 'lang="en"' in words(page)
    assert 'http-equiv="refresh"' not in words(page)


@pytest.mark.parametrize(("mine", "other"), [("en", "zh-hans"), ("zh-hans", "en")])
def test_without_a_database_everybody_reads_their_own_language_first(mine: str, other: str) -> None:
    with override(mine):
        page = words(errors.out_of_reach(a_request("/")))  # type: ignore[arg-type]  # same

    assert page.index(f'<section lang="{mine}"') < page.index(f'<section lang="{other}"')


def test_without_a_database_a_page_that_was_only_read_tries_again_by_itself() -> None:
    page = errors.out_of_reach(a_request("/b/residents/"))  # type: ignore[arg-type]  # same

    assert '<meta http-equiv="refresh" content="10">' in words(page)


def test_any_page_is_503_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("jiebang.web.views.public.home._context", gone)

    assert Client().get("/").status_code == 503


def test_an_error_page_asks_no_database() -> None:
    # pytest-django refuses the database here, so any question to it would fail the test.
    with override("en"):
        assert errors.not_found(a_request()).status_code == 404  # type: ignore[arg-type]  # same
