"""Collecting styles, scripts and pictures under names that carry their hash: browsers may keep them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STAMP = "collected-from"


def collect() -> int:
    """Collect all static files into the home's cache; return how many, 0 when nothing has changed."""
    found = {name: storage for finder in get_finders() for name, storage in finder.list([])}
    root = Path(settings.STATIC_ROOT)
    stamp = _stamp(found)
    if (root / STAMP).exists() and (root / STAMP).read_text() == stamp:
        return 0
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    target = CompressedManifestStaticFilesStorage(location=str(root), base_url=settings.STATIC_URL)
    for name, storage in found.items():
        with storage.open(name) as file:
            target.save(name, file)
    for _, _, processed in target.post_process({name: (target, name) for name in found}):
        if isinstance(processed, Exception):
            raise processed
    # Last: a collection that was interrupted is done again.
    (root / STAMP).write_text(stamp)
    return len(found)


def _stamp(found: dict[str, Storage]) -> str:
    seen = hashlib.sha256()
    for name, storage in sorted(found.items()):
        facts = Path(storage.path(name)).stat()
        seen.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
