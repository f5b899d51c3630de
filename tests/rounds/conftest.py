"""The town with its registers imported; whatever was played, all must derive again at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from jiebang.boards.audit import audit as audit_boards
from jiebang.rounds.audit import audit
from tests.boards.city import Town, a_town
from tests.rounds.city import HOMES, PATROL, PEOPLE, POINTS, ROLL, SHEET, imported, publish


@pytest.fixture
def town(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setattr(settings, "JIEBANG_FILES", tmp_path)
    with a_town() as town:
        publish(POINTS, PATROL, HOMES, ROLL)
        imported("points", SHEET)
        imported("homes", PEOPLE)
        yield town
        assert audit().findings == () or town.is_damaged
        assert audit_boards().findings == ()
