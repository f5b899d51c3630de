"""Photos: checked from the header, made small, stripped of everything but the picture, kept under a random name.

A photo arrives from strangers. Its header is read before anything is decoded, so that a bomb of a few kilobytes
cannot ask for gigabytes; what is kept is our own new JPEG, so neither the place nor the telephone nor a hidden
program in the file survives. The original is not kept.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from jiebang.engine.model import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
MOST_PER_STEP = 3
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
SHARP_ENOUGH = 85  # JPEG quality

# A photo of 50 million pixels takes up to 200 MB while it is open: one at a time, however many threads serve.
_one_at_a_time = threading.Lock()

_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, OverflowError, IndexError)


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A photo as it will be kept: a JPEG with no metadata, its longer side at most 1,600 pixels."""

    content: bytes
    width: int
    height: int
    sha256: str


def clean(content: bytes, *, field: str = "") -> CleanPhoto | Refused:
    """Return the photo made safe and small, or why it cannot be taken."""
    if len(content) > MOST_BYTES:
        return too_large(len(content), field)
    try:
        with _one_at_a_time, Image.open(io.BytesIO(content), formats=FORMATS) as photo:
            width, height = photo.size
            if width * height > MOST_PIXELS:
                return _too_many_pixels(field)
            return _made_small(photo)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_many_pixels(field)
    except (UnidentifiedImageError, *_UNREADABLE):
        return _not_a_photo(field)


def _made_small(photo: Image.Image) -> CleanPhoto:
    # draft: the JPEG decoder itself decodes at a half, a quarter or an eighth; other formats ignore it.
    photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    photo.load()
    upright = ImageOps.exif_transpose(photo)
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright.getchannel("A"))
        upright = paper
    else:
        upright = upright.convert("RGB")
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A fresh image carries no EXIF, no comment, no colour profile into the file.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    written = io.BytesIO()
    bare.save(written, "JPEG", quality=SHARP_ENOUGH, optimize=True)
    made = written.getvalue()
    return CleanPhoto(made, bare.width, bare.height, hashlib.sha256(made).hexdigest())


def keep(photo: CleanPhoto, *, folder: Path) -> str:
    """Write the photo under a random name and return the name. It is on the disk, directory too, when this returns.

    Called before the transaction commits: a crash leaves at worst a file that no row names, and `sweep` takes it.
    """
    name = secrets.token_hex(16) + ".jpg"
    place = path_of(name, folder=folder)
    is_new_folder = not place.parent.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        file.write(photo.content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(place.parent)
    if is_new_folder:
        _sync_folder(folder)
    return name


def path_of(name: str, *, folder: Path) -> Path:
    """Return where a photo of this name is kept."""
    return folder / name[:2] / name


def remove(names: list[str], *, folder: Path) -> None:
    """Delete photos; one that is already gone is fine."""
    for name in names:
        path_of(name, folder=folder).unlink(missing_ok=True)


def older_than_a_day(folder: Path, *, at: datetime) -> list[str]:
    """Return the names of photos written more than a day before `at`: old enough for their row to be committed."""
    before = (at - timedelta(days=1)).timestamp()
    return [file.name for file in folder.glob("??/*.jpg") if file.stat().st_mtime < before]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def too_large(size: int, field: str) -> Refused:
    """Return the refusal of a photo of `size` bytes, more than `MOST_BYTES`."""
    megabytes = size // 1_000_000
    return Refused(
        "photo-too-large",
        rule="P23",
        what={
            "zh": f"这张照片有 {megabytes} MB，最多 20 MB。",
            "en": f"This photo has {megabytes} MB; at most 20 MB can be taken.",
        },
        next_step={
            "zh": "请用手机的普通画质重拍，或截图后再传。",
            "en": "Take it again in normal quality, or send a screenshot of it.",
        },
        field=field,
    )


def _too_many_pixels(field: str) -> Refused:
    return Refused(
        "photo-too-many-pixels",
        rule="P23",
        what={
            "zh": "这张照片的像素太多，最多 5,000 万像素。",
            "en": "This photo has too many pixels; at most 50 million can be taken.",
        },
        next_step={"zh": "请用手机的普通画质重拍后再传。", "en": "Take it again in normal quality, then send it."},
        field=field,
    )


def _not_a_photo(field: str) -> Refused:
    return Refused(
        "not-a-photo",
        rule="P23",
        what={
            "zh": "这个文件打不开，或不是 JPEG、PNG、WebP 照片。",
            "en": "This file cannot be read, or is not a JPEG, PNG or WebP photo.",
        },
        next_step={
            "zh": "请用手机拍照或截图后再传。",
            "en": "Take a photo or a screenshot with your phone, then send that.",
        },
        field=field,
    )


def too_many(field: str) -> Refused:
    """Return the refusal of a fourth photo in one step."""
    return Refused(
        "too-many-photos",
        rule="P23",
        what={"zh": "一次最多传 3 张照片。", "en": "At most 3 photos can be sent in one step."},
        next_step={"zh": "请留下最能说明问题的 3 张。", "en": "Keep the 3 that show it best."},
        field=field,
    )
