from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from jiebang.boards import photos
from jiebang.boards.photos import CleanPhoto
from jiebang.engine.model import Refused

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def a_picture(*, size: tuple[int, int] = (800, 600), format: str = "JPEG", mode: str = "RGB", **more: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size, "red" if mode != "P" else 1).save(written, format, **more)
    return written.getvalue()


def a_png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes whose header asks for any number of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def code_of(answer: CleanPhoto | Refused) -> str:
    return answer.code if isinstance(answer, Refused) else "taken"


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_small_jpeg(format: str) -> None:
    answer = photos.clean(a_picture(size=(3000, 1500), format=format))

    assert isinstance(answer, CleanPhoto)
    assert (answer.width, answer.height) == (1600, 800)
    assert answer.content[:3] == b"\xff\xd8\xff"


def test_a_small_photo_is_not_made_larger() -> None:
    answer = photos.clean(a_picture(size=(200, 100)))

    assert isinstance(answer, CleanPhoto)
    assert (answer.width, answer.height) == (200, 100)


def test_nothing_but_the_picture_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # turned by 90°
    exif[0x8825] = {2: (29.0, 33.0, 0.0)}
    answer = photos.clean(a_picture(exif=exif, comment=b"home address"))

    assert isinstance(answer, CleanPhoto)
    assert (answer.width, answer.height) == (600, 800)
    for secret in (b"SecretPhone", b"home address", b"Exif"):
        assert secret not in answer.content


@pytest.mark.parametrize(
    ("format", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "1"), ("JPEG", "CMYK"), ("PNG", "I;16")]
)
def test_any_kind_of_pixel_is_taken(format: str, mode: str) -> None:
    if mode == "I;16":
        written = BytesIO()
        Image.new("I;16", (20, 20), 30000).save(written, "PNG")
        content = written.getvalue()
    else:
        written = BytesIO()
        Image.new(mode, (20, 20)).save(written, format)
        content = written.getvalue()

    assert code_of(photos.clean(content)) == "taken"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("60 MB", b"\xff\xd8\xff" + bytes(60_000_000), "photo-too-large"),
        ("a bomb of 900 million pixels", a_png_that_claims(30_000, 30_000), "photo-too-many-pixels"),
        ("100 million pixels", a_png_that_claims(10_000, 10_000), "photo-too-many-pixels"),
        ("60 million pixels", a_png_that_claims(10_000, 6_000), "photo-too-many-pixels"),
        ("a text", "不是照片".encode(), "not-a-photo"),
        ("nothing", b"", "not-a-photo"),
        ("a script with a photo's name", b"<svg onload=alert(1)>", "not-a-photo"),
        ("a GIF", b"GIF89a" + bytes(100), "not-a-photo"),
        ("half a photo", a_picture(size=(2000, 2000))[:5000], "not-a-photo"),
        ("a PNG without its pixels", a_png_that_claims(100, 100), "not-a-photo"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else None,
)
def test_what_is_no_photo_is_refused_with_a_sentence(name: str, content: bytes, code: str) -> None:
    answer = photos.clean(content, field="photo")

    assert isinstance(answer, Refused), name
    assert (answer.code, answer.field) == (code, "photo")
    assert answer.what["zh"]
    assert answer.next_step["en"]


def test_a_kept_photo_is_found_under_its_random_name(tmp_path: Path) -> None:
    photo = photos.clean(a_picture())
    assert isinstance(photo, CleanPhoto)

    first, second = photos.keep(photo, folder=tmp_path), photos.keep(photo, folder=tmp_path)

    assert first != second
    assert photos.path_of(first, folder=tmp_path).read_bytes() == photo.content
