"""The log is served as it lies in its folder, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "log"
    for path, data in {
        "shards.json": b"{}",
        "2026/checkpoint": b"origin\n1\n",
        "2026/tile/0/000": b"t" * 8192,
        "2026/tile/0/x001/234.p/5": b"p" * 160,
        "2026/tile/entries/000.p/1": b"\x00\x01e",
        "2026/secret": b"no file of a log",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (tmp_path / "secrets").write_bytes(b"the seed")
    (tmp_path / "static").mkdir()
    monkeypatch.setattr(settings, "STATIC_ROOT", tmp_path / "static")
    monkeypatch.setattr(settings, "JIEBANG_LOG", folder)
    return folder


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("shards.json", "application/json", "public, max-age=2"),
        ("2026/checkpoint", "text/plain; charset=utf-8", "public, max-age=2"),
        ("2026/tile/0/000", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("2026/tile/0/x001/234.p/5", "application/octet-stream", "public, max-age=86400"),
        ("2026/tile/entries/000.p/1", "application/octet-stream", "public, max-age=86400"),
    ],
)
def test_a_file_of_the_log_is_served_for_every_site(log: Path, path: str, kind: str, cache: str) -> None:
    response = Client().get(f"/log/{path}")

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == (log / path).read_bytes()  # type: ignore[attr-defined]  # a FileResponse
    assert (response["Content-Type"], response["Cache-Control"]) == (kind, cache)
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "../secrets",
        "2026/../../secrets",
        "%2e%2e/secrets",
        "2026/secret",
        "2026/tile/0/../../../../secrets",
        "2026//checkpoint",
        "2026/checkpoint/",
        "2026/tile/64/000",
        "2026/tile/0/00",
        "２０２６/checkpoint",
        "2026/checkpoint%0a",
        "/etc/passwd",
        "2026/tile/0/000.p/999/..",
        "2026/tile/0/001",
        "",
        "x" * 5000,
    ],
)
def test_nothing_else_is(log: Path, path: str) -> None:
    response = Client().get(f"/log/{path}")

    assert response.status_code == 404
    assert b"seed" not in response.content


def test_the_log_is_read_only(log: Path) -> None:
    assert Client().post("/log/2026/checkpoint").status_code == 405
