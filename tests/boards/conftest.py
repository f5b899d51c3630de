"""The town, in a transaction that is rolled back (`town`) or really committed (`committed_town`).

Every test that leaves the town undamaged ends with an audit: whatever was played, all must derive again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.plugin import DjangoDbBlocker

from jiebang.boards.audit import audit
from tests.boards.city import Town, a_town


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Photos of a test lie in its own folder."""
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setattr(settings, "JIEBANG_FILES", folder)
    return folder


@pytest.fixture
def town(db: None) -> Iterator[Town]:
    yield from _town()


@pytest.fixture
def committed_town(committed: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    with django_db_blocker.unblock():
        yield from _town()


def _town() -> Iterator[Town]:
    with a_town() as town:
        yield town
        assert audit().findings == () or town.is_damaged
