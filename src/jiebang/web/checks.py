"""What Django's system check says of this room: `manage check`, `jiebang doctor` and every start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from jiebang.rulebook.packs import PackError
from jiebang.web import tiles

VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
MAP_FILES = ("maplibre-gl-csp.js", "maplibre-gl-csp-worker.js", "maplibre-gl.css")


def map_files(app_configs: Sequence[AppConfig] | None = None, **_more: Any) -> list[CheckMessage]:
    missing = [name for name in MAP_FILES if not (VENDOR / name).exists()]
    if not missing:
        return []
    return [
        Warning(
            f"The map's script is missing ({', '.join(missing)}); maps are drawn without it and cannot be moved.",
            hint="make assets",
            id="web.W001",
        )
    ]


def map_tiles(app_configs: Sequence[AppConfig] | None = None, **_more: Any) -> list[CheckMessage]:
    try:
        return [Error(one.what, hint=one.mend, id="web.E001") for one in tiles.problems()]
    except (PackError, ImproperlyConfigured) as wrong:
        return [Error(str(wrong), hint="Mend the pack's map.yaml.", id="web.E002")]
