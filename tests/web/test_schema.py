"""The schema of the language, served for editors."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from jiebang.engine.parser.schema import schema


def test_the_schema_is_public_and_may_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path)

    response = Client().get("/schema/mechanism.json")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/schema+json"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json() == schema()


def test_the_schema_is_there_with_chinese_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path)

    response = Client().get("/schema/mechanism.zh.json")

    assert response.status_code == 200
    assert response.json()["properties"]["机制"]["type"] == "string"
