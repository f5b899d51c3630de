#!/usr/bin/env python3
"""Check a city's public log without trusting the city.

    python3 verify.py https://city.example/log --key 'NAME+0a1b2c3d+AX…'
    python3 verify.py ./copy-of-the-log --key KEY --state seen.json --lang zh
    python3 verify.py --receipt LS-26-000123.tlog-proof --key KEY

This file needs Python 3.9 or newer and nothing else. It shares no line with the city's own programs: it is a second
reading of the same published formats (docs/reference/log-format.md), so that a mistake or a lie has to be made twice.
Compare the key with the one printed on a receipt or a notice, not with the one the city's server shows you.

The steps, by the same numbers in the code below:

  1  Read the list of yearly logs.
  2  Decide which key to trust.
  3  Verify the signature of each checkpoint.
  4  Hash every leaf, compare every tile, compute the root, compare it with the signed one.
  5  Compare with what an earlier run of this program remembered: nothing may have vanished since.
  6  Read each leaf: one spelling, no unknown key.
  7  Put the logged mechanism texts and programs together, and check their hashes; with prove.py beside this file, see
     that each certificate shows what it says of its program.
  8  Replay each entry along its program: no gap, no leap, no move the mechanism does not have. Count each round again:
     every subject answered once or missed for ever, no more of them than were opened, a sample drawn as committed.
  9  Count the public numbers: unique, without a gap.
 10  Report. Exit code 0: all of it holds. 1: something is violated. 2: something could not be read.

What this cannot show: that an event is true, that none was withheld before logging, or who pressed the button.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import collections
import concurrent.futures
import datetime
import hashlib
import http.client
import importlib.util
import json
import re
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Check: TypeAlias = Callable[[Any], bool]
    Future: TypeAlias = "concurrent.futures.Future[Checked | dict[str, str]]"
    Leaf: TypeAlias = dict[str, Any]
    Place: TypeAlias = "Folder | Server"
    Point: TypeAlias = tuple[int, int, int, int]
    Previous: TypeAlias = "tuple[Shard, Checkpoint, Leaf | None] | None"
    Signatures: TypeAlias = list[tuple[str, bytes, bytes]]
    Way: TypeAlias = tuple[str, str, list[str]]  # where to, by which route, the lap counters used up
    Wrong: TypeAlias = Callable[[str, str, str], None]

WIDTH = 256
MOST_LEAVES = 20_000_000
MOST_NOTE = 64_000
MOST_SHARDS_FILE = 1_000_000
MOST_SHARDS = 100
MOST_ENTRY = 65_535
MOST_BUNDLE = WIDTH * (MOST_ENTRY + 2)
MOST_PROGRAM = 4_000_000
MOST_RECEIPT = 1_000_000
MOST_SHOWN = 25
MOST_AREAS = 400
ALONE = ("founding", "desk")  # who may publish without a second person: the first time, and the server's own pack
SECONDS_PER_FILE = 60
MINUTES_LATE = 15


class Unreadable(Exception):
    """Something is missing or is not what it should be, so that nothing can be said about it (exit code 2)."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.texts = {"en": en, "zh": zh}


class Malformed(Exception):
    """A leaf or program does not have its form. Becomes a violation with the leaf's place."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.texts = {"en": en, "zh": zh}


def clean(value: object, most: int = 120) -> str:
    """Return foreign text fit for a terminal: no control characters, not endless."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else "�" for c in text[: most + 1])
    return text if len(text) <= most else text[:most] + "…"


# ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────

RULES = {
    "L1": ("signature", "签名"),
    "L2": ("every leaf and tile gives the signed root", "叶与瓦片须得出已签名的根"),
    "L3": ("the log only grows", "日志只增不减"),
    "L4": ("one year follows from the other", "年度日志前后相接"),
    "F1": ("a leaf has its one form", "叶的格式"),
    "P1": ("what is published is complete", "公布内容完整"),
    "P2": ("two different people publish", "公布须由两人经手"),
    "C1": ("a certificate shows that matters close", "证书能证明事项必有结果"),
    "E1": ("an entry's events are numbered without a gap", "事项的记录连号"),
    "E2": ("an event starts where the last one ended", "前后状态相接"),
    "E3": ("the mechanism has this move", "机制中有此动作"),
    "E4": ("the move leads where the mechanism says", "动作的去向符合机制"),
    "E5": ("the move is made by whom the mechanism names", "动作由规定的一方作出"),
    "E6": ("time and limits", "时间与时限"),
    "E7": ("how it was verified is recorded", "记明如何核实"),
    "O1": ("opened entries and those that opened them agree", "开出的事项与开出它的事项相符"),
    "K1": ("a round is what was opened", "轮次与发起时一致"),
    "K2": ("a subject is answered once, or missed for ever", "一项只答一次，漏查不改写"),
    "K3": ("a round closes with the numbers its subjects give", "轮次结束的数字由逐项得出"),
    "K4": ("a veiled round keeps its veil", "隐去的轮次不泄露"),
    "K5": ("a sample is drawn as committed", "抽查依照承诺的种子"),
    "N1": ("public numbers are unique and without a gap", "编号唯一且连续"),
}


class Report:
    """Violations and remarks, with the place of each. Only the first few are kept word for word."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.violations: list[tuple[str, str, str, str, int | None, str]] = []
        self.more = 0
        self.remarks: dict[object, list[Any]] = {}
        self.lines: list[str] = []

    def say(self, en: str, zh: str) -> None:
        self.lines.append(zh if self.lang == "zh" else en)

    def violated(self, rule: str, en: str, zh: str, shard: str = "", index: int | None = None, entry: str = "") -> None:
        if len(self.violations) < MOST_SHOWN:
            self.violations.append((rule, en, zh, shard, index, entry))
        else:
            self.more += 1

    def remark(self, key: object, en: str, zh: str) -> None:
        """Count a remark of one kind; the first one's words are shown."""
        self.remarks.setdefault(key, [0, en, zh])[0] += 1

    @property
    def holds(self) -> bool:
        return not self.violations

    def text(self) -> str:
        zh = self.lang == "zh"
        lines = list(self.lines)
        for count, en, chinese in self.remarks.values():
            again = (f"（共 {count} 次）" if zh else f" (so {count} times)") if count > 1 else ""
            lines.append(("注意：" + chinese if zh else "Note: " + en) + again)
        for rule, en, chinese, shard, index, entry in self.violations:
            place = []
            if shard:
                place.append(shard)
            if index is not None:
                place.append(f"叶 {index}" if zh else f"leaf {index}")
            if entry:
                place.append(f"事项 {entry}" if zh else f"entry {entry}")
            name = RULES[rule][1 if zh else 0]
            where = f" [{', '.join(place)}]" if place else ""
            lines.append(f"✗ {rule} {name}{where}: {chinese if zh else en}")
        if self.more:
            lines.append(f"……另有 {self.more} 处。" if zh else f"… and {self.more} more.")
        return "\n".join(lines)


# ── Ed25519, after RFC 8032 section 5.1 ─────────────────────────────────────────────────────────────────────

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)


def _point_add(a: Point, b: Point) -> Point:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    g, h = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % _P, k * m % _P, j * k % _P, i * m % _P)


def _point_times(n: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = _point_add(result, point)
        point = _point_add(point, point)
        n >>= 1
    return result


def _point_bytes(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, _P - 2, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _point_from(data: bytes) -> Point | None:
    """Return the point 32 bytes spell, or None; only the canonical spelling counts."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _I % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


_ONE = (0, 1, 1, 0)
_BASE = _point_from((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ONE


def is_weak_key(public: bytes) -> bool:
    """Return whether a key is none at all, or one of the few of small order that anybody can sign for."""
    point = _point_from(public) if len(public) == 32 else None
    return point is None or _point_bytes(_point_times(8, point)) == _point_bytes(_ONE)


def ed25519_accepts(public: bytes, signature: bytes, text: bytes) -> bool:
    """Return whether the signature is the key's over this text."""
    key = _point_from(public) if len(public) == 32 else None
    if key is None or len(signature) != 64 or is_weak_key(public):
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % _L
    x, y, z, t = _point_times(h, key)
    return _point_bytes(_point_add(_point_times(s, _BASE), (-x % _P, y, z, -t % _P))) == signature[:32]


# ── Signed notes (C2SP signed-note, tlog-checkpoint) ────────────────────────────────────────────────────────


class Key(NamedTuple):
    name: str
    id: bytes
    public: bytes
    vkey: str


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes
    note: str


def b64(text: str, url: bool = False) -> bytes | None:
    """Return the bytes of base64 in its one spelling, else None."""
    padded = text + "=" * (-len(text) % 4) if url else text
    try:
        data = base64.b64decode(padded, altchars=b"-_" if url else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    again = base64.urlsafe_b64encode(data).rstrip(b"=") if url else base64.b64encode(data)
    return data if again.decode() == text else None


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and all(c.isprintable() and not c.isspace() for c in name)


def parse_key(vkey: object) -> Key | None:
    """Return the key a line name+id+base64 describes, or None."""
    if not isinstance(vkey, str) or len(vkey) > 1000:
        return None
    name, _, rest = vkey.partition("+")
    hex_id, _, encoded = rest.partition("+")
    data = b64(encoded)
    if not is_name(name) or data is None or len(data) != 33 or data[0] != 1:
        return None
    if hashlib.sha256(name.encode() + b"\n" + data).hexdigest()[:8] != hex_id or is_weak_key(data[1:]):
        return None
    return Key(name, bytes.fromhex(hex_id), data[1:], vkey)


def fingerprint(key: Key) -> str:
    """Return the key in groups that can be read aloud and compared."""
    digits = hashlib.sha256(key.public).hexdigest()[:32]
    return " ".join(digits[i : i + 4] for i in range(0, 32, 4))


def parse_checkpoint(data: bytes) -> tuple[Checkpoint, bytes, Signatures] | None:
    """Return what a checkpoint says and its signature lines, nothing verified yet; None if it is no checkpoint."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(ord(c) < 32 and c != "\n" for c in whole) or not whole.endswith("\n"):
        return None
    split = whole.rfind("\n\n")
    lines = whole[: max(split, 0)].split("\n")
    if split < 0 or len(lines) < 3 or not all(lines):
        return None
    root = b64(lines[2])
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or root is None or len(root) != 32:
        return None
    signatures = []
    for line in whole[split + 2 : -1].split("\n")[:100]:
        parts = line.split(" ")
        signed = b64(parts[2]) if len(parts) == 3 else None
        if len(parts) != 3 or parts[0] != "—" or not is_name(parts[1]) or signed is None or len(signed) < 5:
            return None
        signatures.append((parts[1], signed[:4], signed[4:]))
    return Checkpoint(lines[0], int(lines[1]), root, whole), whole[: split + 1].encode(), signatures


def is_signed(text: bytes, signatures: Signatures, key: Key) -> bool:
    """Return whether the key signed the text. One wrong signature of this key condemns it; others are not ours."""
    mine = [signature for name, id, signature in signatures if (name, id) == (key.name, key.id)]
    return bool(mine) and all(ed25519_accepts(key.public, signature, text) for signature in mine)


# ── Reading from a folder or a server nobody trusts ─────────────────────────────────────────────────────────


class Folder:
    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def close(self) -> None:
        """Nothing is kept open."""

    def read(self, path: str, most: int) -> bytes | None:
        """Return a file's bytes, or None when there is none."""
        name = self.root / path
        try:
            if not name.is_file():  # a pipe would keep us waiting for ever
                return None
            with name.open("rb") as file:
                data = file.read(most + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Unreadable(
                f"{clean(path)} cannot be read: {error.strerror}.", f"{clean(path)} 无法读取：{error.strerror}。"
            ) from None
        return bounded(data, path, most)


class Server:
    """A log over HTTP(S): one kept connection, no redirects, a limit of bytes and seconds for each file."""

    def __init__(self, address: str) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise Unreadable(
                f"{clean(address)} is no http or https address.", f"{clean(address)} 不是 http 或 https 地址。"
            )
        self.parts = parts
        self.connection: http.client.HTTPConnection | None = None

    def read(self, path: str, most: int) -> bytes | None:
        for attempt in (1, 2, 3):
            try:
                return self._read_once(path, most)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if attempt == 3:
                    reason = clean(str(error) or type(error).__name__)
                    raise Unreadable(
                        f"{clean(path)} could not be fetched: {reason}. Try again later.",
                        f"{clean(path)} 无法下载：{reason}。请稍后再试。",
                    ) from None
        return None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _read_once(self, path: str, most: int) -> bytes | None:
        if self.connection is None:
            kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
            self.connection = kind(self.parts.hostname or "", self.parts.port, timeout=20)
        deadline = time.monotonic() + SECONDS_PER_FILE
        address = self.parts.path.rstrip("/") + "/" + path
        self.connection.request("GET", address, headers={"Accept-Encoding": "identity", "User-Agent": "jiebang-verify"})
        answer = self.connection.getresponse()
        promised = answer.length
        data = bytearray()
        while True:
            part = answer.read1(65_536)
            if not part:
                break
            data += part
            if len(data) > most:
                self.close()
                break
            if time.monotonic() > deadline:
                raise TimeoutError("too slow")
        if promised is not None and len(data) < min(promised, most + 1):
            # A dropped connection must not look like a shortened log.
            raise TimeoutError("the connection broke off")
        if answer.status in (404, 410):
            return None
        if answer.status != 200:
            raise Unreadable(
                f"{clean(path)}: the server answers {answer.status} instead of the file.",
                f"{clean(path)}：服务器返回 {answer.status}，没有给出文件。",
            )
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise Unreadable(f"{clean(path)} came compressed, unasked.", f"{clean(path)} 未经要求被压缩。")
        return bounded(bytes(data), path, most)


def bounded(data: bytes, path: str, most: int) -> bytes:
    if len(data) > most:
        raise Unreadable(f"{clean(path)} is larger than {most} bytes.", f"{clean(path)} 超过 {most} 字节。")
    return data


def opened(source: str) -> Place:
    return Server(source) if re.match(r"https?://", source) else Folder(source)


def needed(data: bytes | None, path: str) -> bytes:
    if data is None:
        raise Unreadable(
            f"{clean(path)} is missing. A log must serve every file of what it signed: ask for it.",
            f"缺少 {clean(path)}。日志必须提供其签名范围内的每个文件：请向其索要。",
        )
    return data


# ── The tree (RFC 6962; C2SP tlog-tiles) ────────────────────────────────────────────────────────────────────


def tile_path(kind: str, n: int, width: int) -> str:
    last = f"{n % 1000:03d}"
    n //= 1000
    while n:
        last = f"x{n % 1000:03d}/{last}"
        n //= 1000
    return f"tile/{kind}/{last}" + (f".p/{width}" if width < WIDTH else "")


def read_tile(place: Place, shard: str, kind: str, n: int, width: int, most: int) -> tuple[bytes, str, int]:
    """Return a tile or bundle, its path and its width; where the partial one is gone, the full one serves."""
    path = f"{shard}/{tile_path(kind, n, width)}"
    data = place.read(path, most)
    if data is None and width < WIDTH:
        path, width = f"{shard}/{tile_path(kind, n, WIDTH)}", WIDTH
        data = place.read(path, most)
    return needed(data, path), path, width


def tile_differs(place: Place, shard: str, level: int, n: int, hashes: Sequence[bytes]) -> str:
    """Return the path of the tile if it does not hold exactly these hashes, else nothing."""
    data, path, width = read_tile(place, shard, str(level), n, len(hashes), WIDTH * 32)
    good = len(data) == width * 32 and data[: len(hashes) * 32] == b"".join(hashes)
    return "" if good else path


def entries_of(data: bytes, width: int) -> list[bytes] | None:
    """Return the entries of a bundle, or None when it is cut or does not hold exactly `width`."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            return None
        end = at + 2 + (data[at] << 8 | data[at + 1])
        if end > len(data):
            return None
        entries.append(data[at + 2 : end])
        at = end
    return entries if len(entries) == width else None


def read_entries(place: Place, shard: str, n: int, width: int) -> tuple[list[bytes] | None, str]:
    """Return the first `width` entries of a bundle (None when it is damaged) and its path."""
    data, path, stored = read_tile(place, shard, "entries", n, width, MOST_BUNDLE)
    entries = entries_of(data, stored)
    return (None if entries is None else entries[:width]), path


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    sha256 = hashlib.sha256
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def row_root(row: Sequence[bytes]) -> bytes:
    """Return the root over one row of hashes, pairing upward."""
    sha256 = hashlib.sha256
    while len(row) > 1:
        above = [sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)]
        if len(row) % 2:
            above.append(row[-1])
        row = above
    return row[0]


class Tree:
    """A tree grown from the left, remembering only its edge: for each level the hashes of the unfinished tile."""

    def __init__(self) -> None:
        self.size = 0
        self.rows: list[list[bytes]] = []

    def add(self, hashes: list[bytes], finished: Callable[[int, int, list[bytes]], None]) -> None:
        """Add up to one tile of leaf hashes; call `finished(level, n, row)` for each tile that became full."""
        self.size += len(hashes)
        level = 0
        while hashes:
            if level == len(self.rows):
                self.rows.append([])
            row = self.rows[level]
            row.extend(hashes)
            if len(row) < WIDTH:
                return
            self.rows[level] = []
            finished(level, (self.size >> 8 * level + 8) - 1, row)
            hashes = [row_root(row)]
            level += 1

    def root(self, extra: Sequence[bytes] = ()) -> bytes:
        """Return the root, as if the leaf hashes `extra` (fewer than fill the tile) stood at the end."""
        parts = []
        rows = [list(row) for row in self.rows] or [[]]
        rows[0] += extra
        for row in reversed(rows):
            start = 0
            for bit in range(8, -1, -1):
                if len(row) >> bit & 1:
                    parts.append(row_root(row[start : start + (1 << bit)]))
                    start += 1 << bit
        if not parts:
            return hashlib.sha256(b"").digest()
        result = parts.pop()
        while parts:
            result = hashlib.sha256(b"\x01" + parts.pop() + result).digest()
        return result


class Checked(NamedTuple):
    """One bundle after step 4. `problem` names a file that disagrees; `malformed` says which leaves have no form."""

    leaves: list[Leaf | None]
    hashes: list[bytes]
    problem: str
    malformed: dict[int, dict[str, str]]


def check_bundle(place: Place, shard: str, n: int, width: int) -> Checked:
    """Steps 4 and 6 for one bundle: fetch it and its tile, hash its entries, compare, read its leaves."""
    entries, path = read_entries(place, shard, n, width)
    if entries is None:
        return Checked([], [], path, {})
    hashes = leaf_hashes(entries)
    problem = tile_differs(place, shard, 0, n, hashes)
    leaves: list[Leaf | None] = []
    malformed = {}
    for i, entry in enumerate(entries):
        try:
            leaves.append(parse_leaf(entry))
        except Malformed as error:
            malformed[i] = error.texts
            leaves.append(None)
    return Checked(leaves, hashes, problem, malformed)


_worker_place: Place | None = None


def _worker_opens(source: str) -> None:
    global _worker_place
    _worker_place = opened(source)


def _worker_checks(shard: str, n: int, width: int) -> Checked | dict[str, str]:
    assert _worker_place is not None
    try:
        return check_bundle(_worker_place, shard, n, width)
    except Unreadable as error:
        return error.texts


def bundles(source: str, place: Place, shard: str, size: int, jobs: int) -> Iterator[Checked]:
    """Yield the checked bundles of a shard in order, with `jobs` processes fetching and hashing ahead."""
    widths = [WIDTH] * (size // WIDTH) + ([size % WIDTH] if size % WIDTH else [])
    if jobs <= 1 or len(widths) < 2 * jobs:
        for n, width in enumerate(widths):
            yield check_bundle(place, shard, n, width)
        return
    with concurrent.futures.ProcessPoolExecutor(jobs, initializer=_worker_opens, initargs=(source,)) as pool:
        ahead: collections.deque[Future] = collections.deque()
        for n, width in enumerate(widths):
            ahead.append(pool.submit(_worker_checks, shard, n, width))
            if len(ahead) >= 4 * jobs:
                yield _done(ahead.popleft())
        while ahead:
            yield _done(ahead.popleft())


def _done(future: Future) -> Checked:
    result = future.result()
    if isinstance(result, dict):
        raise Unreadable(result["en"], result["zh"])
    return result


# ── Step 6: the form of a leaf ──────────────────────────────────────────────────────────────────────────────

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEX = {n: re.compile(rf"[0-9a-f]{{{n}}}") for n in (16, 32, 64)}
_NUMBER = re.compile(r"([A-Z0-9]{1,12}-[0-9]{2})-([0-9]{6,9})")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")  # 32 bytes as base64url in their one spelling
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _no_float(text: str) -> None:
    raise ValueError(text)


_decode = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode


def is_whole(value: object, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 1 << 53


def is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 120 and value.isprintable()


def is_day(value: object) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        datetime.date(int(value[:4]), int(value[5:7]), int(value[8:]))
    except ValueError:
        return False
    return True


def is_moment(value: object) -> bool:
    return is_whole(value) or is_day(value)


def is_hex(digits: int) -> Check:
    return lambda value: isinstance(value, str) and _HEX[digits].fullmatch(value) is not None


def is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def is_digest(value: object) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def are_digests(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 4 or not all(isinstance(d, str) for d in value):
        return False
    # Sorted and each larger than the one before: so none stands twice.
    return value[0] < value[1] < value[2] < value[3] and all(map(is_digest, value))


def are_codes(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_AREAS and all(map(is_code, value))


def is_by(*optional: str) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not is_word(value.get("party")):
            return False
        rest = set(value) - {"party"}
        return rest <= set(optional) and is_word(value.get("unit", "x")) and is_hex(32)(value.get("p", "0" * 32))

    return check


def is_answer(value: object) -> bool:
    if isinstance(value, list):
        return 0 < len(value) <= 100 and all(isinstance(item, str) and len(item) <= 2000 for item in value)
    return isinstance(value, bool) or (isinstance(value, str) and len(value) <= 2000) or is_whole(value, -(1 << 53))


def are_answers(value: object) -> bool:
    return (
        isinstance(value, dict) and 0 < len(value) <= 100 and all(is_word(k) and is_answer(v) for k, v in value.items())
    )


def are_words(value: object) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 100 and all(map(is_word, value))


def is_taken(value: Any) -> bool:
    return isinstance(value, dict) and is_word(value.get("how")) and is_by("how", "unit", "p")(value)


def is_heard(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"slot", "means"} and all(map(is_word, value.values()))


def is_origin(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"entry", "seq", "n"}
        and is_hex(32)(value["entry"])
        and is_whole(value["seq"])
        and is_whole(value["n"])
    )


def are_texts(*keys: str) -> Check:
    def check(value: Any) -> bool:
        return isinstance(value, dict) and set(value) == set(keys) and all(map(is_text, value.values()))

    return check


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_flag(value: object) -> bool:
    return value is True or value is False


def is_object(value: object) -> bool:
    return isinstance(value, dict)


def are_names(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(is_word(k) and is_word(v) for k, v in value.items())


FORMS: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {  # kind: (keys that must be there, keys that may)
    "event": (
        {"entry": is_hex(32), "seq": lambda v: is_whole(v, 1), "mech": is_hex(16), "move": is_word, "to": is_word,
         "by": is_by("unit", "p"), "at": is_moment, "sd": are_digests},
        {"from": is_word, "via": is_word, "number": lambda v: isinstance(v, str) and bool(_NUMBER.fullmatch(v)),
         "area": is_code, "missed": is_moment, "due": is_moment, "owed": is_moment, "prov": lambda v: v is True,
         "answers": are_answers,
         "verified": is_word, "lap": are_words, "taken": is_taken, "opens": are_words,
         "awaits": lambda v: isinstance(v, str) and bool(_NUMBER.fullmatch(v)), "heard": is_heard,
         "origin": is_origin, "rows": are_words,
         "again": lambda v: isinstance(v, str) and bool(_NUMBER.fullmatch(v))},
    ),
    "veiled event": ({"commit": is_digest, "sd": are_digests}, {}),
    "publish": (
        {"mechanism": is_word, "since": is_day, "at": is_whole, "by": is_by("unit", "p"),
         "form": lambda v: v in ("text", "program", "certificate"), "sha256": is_hex(64),
         "part": lambda v: is_whole(v, 1), "of": lambda v: is_whole(v, 1), "chunk": is_text},
        {"scope": is_code, "areas": are_codes, "text": is_hex(64), "program": is_hex(64),
         "proposed": is_by("unit", "p"), "adopts": is_hex(64)},
    ),
    "withdraw": (
        {"mechanism": is_word, "scope": is_code, "areas": are_codes, "until": is_day, "at": is_whole,
         "by": is_by("unit", "p"), "proposed": is_by("unit", "p")},
        {},
    ),
    "transfer": (
        {"mechanism": is_word, "before": is_hex(64), "after": is_hex(64), "at": is_whole, "by": is_by("unit", "p"),
         "proposed": is_by("unit", "p")},
        {"states": are_names},
    ),
    "calendar": ({"id": is_word, "data": is_object, "at": is_whole}, {}),
    "policy": ({"id": is_word, "data": is_object, "at": is_whole}, {}),
    "city": (
        {"city": is_word, "name": are_names, "zone": is_word, "demonstration": is_flag, "origin": is_word,
         "at": is_whole},
        {"previous": are_texts("name", "checkpoint"), "next": are_texts("name", "origin", "vkey")},
    ),
    "erased": ({"entry": is_hex(32), "digests": is_whole, "ground": is_word, "by": is_by(), "at": is_day}, {}),
    "outage": ({"since": is_whole, "until": is_whole, "what": is_word}, {}),
    "definition": (
        {"what": lambda v: v in ("register", "round"), "id": is_word, "since": is_day, "sha256": is_hex(64),
         "text": is_text, "compiled": is_object, "at": is_whole, "by": is_by("unit", "p")},
        {"next": is_hex(64)},
    ),
    "register": (
        {"id": is_word, "mech": is_hex(16), "version": lambda v: is_whole(v, 1), "rows": is_whole, "added": is_whole,
         "changed": is_whole, "removed": is_whole, "at": is_whole, "by": is_by("unit", "p")},
        {"digest": is_hex(64)},
    ),
    "round": (
        {"what": lambda v: isinstance(v, str) and v in STEPS, "round": is_hex(32), "at": is_moment,
         "by": is_by("unit", "p")},
        {"id": is_word, "mech": is_hex(16), "version": lambda v: is_whole(v, 1), "n": is_whole, "due": is_moment,
         "cause": is_word, "area": is_code, "seed": is_hex(64), "next": is_hex(64), "subject": is_word,
         "abnormal": lambda v: v is True, "opens": lambda v: isinstance(v, str) and bool(_NUMBER.fullmatch(v)),
         "missed": is_moment, "done": is_whole, "ground": is_word},
    ),
}  # fmt: skip

# What a leaf of a round says besides what, round, at and by: the keys that must be there, and those that may.
STEPS: dict[str, tuple[set[str], set[str]]] = {
    "opened": ({"id", "mech", "version", "n", "due", "cause"}, {"area", "seed", "next"}),
    "done": ({"subject"}, {"area", "abnormal", "opens"}),
    "found": ({"subject"}, {"area", "abnormal", "opens"}),
    "tried": ({"subject"}, {"area"}),
    "escalated": ({"subject", "missed", "due"}, {"area"}),
    "missed": ({"subject", "missed"}, {"area"}),
    "closed": ({"n", "done", "missed"}, set()),
    "erased": ({"n", "ground"}, set()),
}


def parse_leaf(data: bytes) -> Leaf:
    """Return a leaf's value; exactly one spelling of each is accepted, and no unknown key."""
    try:
        leaf = _decode(data.decode("utf-8"))
        again = _encode(leaf).encode("utf-8")
    except (ValueError, RecursionError):
        raise Malformed("the leaf is not JSON of whole numbers in UTF-8", "叶不是只含整数的 UTF-8 JSON") from None
    if not isinstance(leaf, dict) or again != data:
        raise Malformed(
            "the leaf is not in its one spelling (keys sorted, once each, no spaces)",
            "叶不是唯一写法（键有序、不重复、无空格）",
        )
    kind = leaf.get("kind")
    if type(leaf.get("v")) is not int or leaf["v"] != 1 or not isinstance(kind, str) or kind not in FORMS:
        raise Malformed(f"no leaf of version 1 has the kind {clean(kind)}", f"第 1 版没有 {clean(kind)} 这种叶")
    required, optional = FORMS["veiled event" if kind == "event" and "commit" in leaf else kind]
    for key, value in leaf.items():
        if key in ("v", "kind"):
            continue
        check = required.get(key) or optional.get(key)
        if check is None:
            raise Malformed(f"a leaf “{kind}” has no key “{clean(key)}”", f"“{kind}”叶没有键“{clean(key)}”")
        if not check(value):
            raise Malformed(f"“{key}” does not have its form: {clean(value)}", f"“{key}”格式不对：{clean(value)}")
    for key in required:
        if key not in leaf:
            raise Malformed(f"“{key}” is missing", f"缺少“{key}”")
    if kind == "event" and "commit" not in leaf:
        first = leaf["seq"] == 1
        if first == ("from" in leaf) or first != ("number" in leaf) or (not first and "area" in leaf):
            raise Malformed(
                "only the first event of an entry comes from nowhere and carries number and area",
                "只有首条记录没有来处、带编号和区域",
            )
        if len({type(leaf[key]) for key in ("at", "missed", "due", "owed") if key in leaf}) > 1:
            raise Malformed("days and exact moments are mixed", "混用了日期与精确时间")
    # A program names its text, a certificate its program.
    if kind == "publish" and (
        leaf["part"] > leaf["of"]
        or ("text" in leaf) != (leaf["form"] == "program")
        or ("program" in leaf) != (leaf["form"] == "certificate")
    ):
        raise Malformed("the published part does not fit its whole", "公布的部分与整体不符")
    if kind == "round":
        must, may = STEPS[leaf["what"]]
        said = leaf.keys() - {"v", "kind", "what", "round", "at", "by"}
        if not must <= said <= must | may:
            raise Malformed("a step of a round has other keys", "轮次的一步有别的键")
        timed = {type(leaf[key]) for key in ("at", "due", "missed") if key in leaf and leaf["what"] != "closed"}
        if len(timed) > 1 or (leaf["what"] == "closed" and not is_whole(leaf["missed"])):
            raise Malformed("days and exact moments are mixed", "混用了日期与精确时间")
    if kind == "outage" and leaf["since"] > leaf["until"]:
        raise Malformed("an outage ends before it begins", "中断的结束早于开始")
    return leaf


# ── Step 7: programs ────────────────────────────────────────────────────────────────────────────────────────


class Move:
    def __init__(self, data: Any, parties: Any) -> None:
        expect(isinstance(data, dict))
        self.by = tuple(data.get("by", ()))
        self.to = [(branch.get("when", {}), branch["to"]) for branch in data.get("to", ())]
        self.when = data.get("when", {})
        self.asks = {ask["field"] for ask in data.get("ask", ())}
        self.opens = opens_in(data)
        self.at_most = data.get("at_most")
        self.then = data.get("then")
        self.verifies = data.get("verifies", False)
        self.require = data.get("require", [])
        expect(isinstance(self.require, list) and all(isinstance(one["field"], str) for one in self.require))
        self.finishes = data.get("finishes", False)
        collect = data.get("collect", {})
        self.collects = "collect" in data
        self.enough, self.counted = collect.get("enough", 0), collect.get("field", "")
        self.share = collect.get("share")
        if self.share is not None:
            expect(is_whole(self.share["n"], 1) and is_whole(self.share["of"], 1))
            expect(isinstance(self.share["question"], str))
        self.yes, self.no = collect.get("yes", []), collect.get("no", "")
        expect(is_whole(self.enough) and isinstance(self.counted, str) and isinstance(self.yes, list))
        tests = [test for when, _ in self.to for test in when.get("tests", ())] + list(self.when.get("tests", ()))
        expect(all(isinstance(test["field"], str) for test in tests))
        expect(all(name in parties for name in self.by) and all(isinstance(to, str) for _, to in self.to))
        expect(self.at_most is None or is_whole(self.at_most))

    @property
    def is_vote(self) -> bool:
        return bool(self.enough) or self.share is not None

    def needed(self, answers: Leaf) -> int | None:
        """How many like voices decide: a number, or a part of one that was told before; None: it never was."""
        if self.share is None:
            return int(self.enough)
        electorate = answers.get(self.share["question"])
        if type(electorate) is not int:
            return None
        part, of = self.share["n"] * electorate, self.share["of"]
        return int(max(part // of + 1 if self.share.get("over") else -(-part // of), 1))

    def has_enough(self, said: list[str], result: object, answers: Leaf) -> bool:
        """Whether so many voices agree as decide; the yes-like answers count together, best first."""
        if result == self.no:
            counting = [self.no]
        else:
            counting = self.yes[: self.yes.index(result) + 1] if result in self.yes else []
        needed = self.needed(answers)
        return bool(counting) and needed is not None and sum(map(said.count, counting)) >= needed

    @property
    def reads_own_answers(self) -> bool:
        return any(test["field"] in self.asks for test in self.when.get("tests", ()))


class Objections:
    """What may be said against a notice: by whom, who answers one after the other, where silence leads."""

    def __init__(self, data: Any, parties: Any) -> None:
        self.by, self.levels = tuple(data["by"]), [level["by"] for level in data["levels"]]
        self.to, self.hold_up, self.each = data["to"], data.get("hold_up", False), data.get("each", 1)
        expect(all(name in parties for name in (*self.by, *self.levels)) and bool(self.levels))
        expect(isinstance(self.to, str) and is_whole(self.each, 1))


class State:
    def __init__(self, data: Any, parties: Any) -> None:
        self.moves = {name: Move(move, parties) for name, move in data.get("moves", {}).items()}
        self.clock_to = data["clock_to"]
        self.duties = data.get("duties", {})
        self.extend = data.get("extend")
        self.opens = opens_in(data)
        self.objections = Objections(data["objections"], parties) if "objections" in data else None
        limit = data.get("limit", {})
        self.seasons = {one["season"] for one in limit.get("during", ())}
        policies = {limit.get("policy", ""), *(case.get("policy", "") for case in limit.get("cases", ()))} - {""}
        self.dated = self.seasons | policies  # what of the city's tables its limit is counted with
        self.surely_dated = self.seasons | (set() if limit.get("cases") else policies)
        expect(all(isinstance(key, str) for key in self.dated))
        waits = data.get("waits")
        self.waits = waits is not None
        self.waits_field = waits.get("field", "") if self.waits else ""
        self.outcomes = [
            (way.get("how", ""), way.get("means", ()), way["to"]) for way in (waits["ways"] if self.waits else ())
        ]
        expect(all(isinstance(to, str) for _, _, to in self.outcomes) and (not self.waits or bool(self.outcomes)))
        for name, duty in self.duties.items():
            expect(duty["of"] in parties and isinstance(name, str))
        if self.extend is not None:
            expect(self.extend["asked_by"] in parties and self.extend["decided_by"] in parties)


def days_of(at: object) -> list[str]:
    """Return the days a moment can lie in, wherever the city is."""
    if not isinstance(at, int):
        return [str(at)]
    moments = (at / 1000 - 12 * 3600, at / 1000 + 14 * 3600)
    return [time.strftime("%Y-%m-%d", time.gmtime(moment)) for moment in moments]


def was_known(row: Leaf, at: object) -> bool:
    """Whether a row was in the log well before that moment: who decides may have read the tables a minute ago."""
    published = row["published"] + MINUTES_LATE * 60_000
    return published <= at if isinstance(at, int) else max(days_of(published)) < str(at)


def is_of_day(row: Leaf, day: str) -> bool:
    """Whether a row of the tables holds on that day: it is in force, and of a season the day lies in it."""
    first, last = row.get("from"), row.get("to")
    if not isinstance(first, str) or not isinstance(last, str):
        return bool(row["since"] <= day)
    said = day[-len(first) :]
    within = first <= said <= last if first <= last else said >= first or said <= last
    return bool(within and row["since"] <= day)


def opens_in(data: Any) -> tuple[str, str]:
    """On which mechanism's board a move or state opens an entry, and for each line of which answer; "" for none."""
    opens = data.get("opens") or {}
    expect(isinstance(opens.get("mechanism", ""), str) and isinstance(opens.get("each", ""), str))
    return opens.get("mechanism", ""), opens.get("each", "")


def expect(true: bool) -> None:
    if not true:
        raise TypeError("a part of the program is of another kind")


class Program:
    """What replaying needs of a compiled mechanism. Empty values are left out of its JSON."""

    def __init__(self, data: Any) -> None:
        expect(isinstance(data, dict))
        self.id, self.since, self.log = data["id"], data["since"], data["log"]
        self.parties = data["parties"]
        for party in self.parties.values():
            expect(isinstance(party["kind"], str))
            expect(all(isinstance(never.get("moves", []), list) for never in party.get("never", ())))
        self.states = {name: State(state, self.parties) for name, state in data.get("states", {}).items()}
        self.finals = {name: final["means"] for name, final in data["finals"].items()}
        self.rechecks: dict[
            str, tuple[int, str]
        ] = {  # final → how many in a hundred are looked at again, on which board
            name: (final["recheck"]["share"], final["recheck"]["opens"]["mechanism"])
            for name, final in data["finals"].items()
            if "recheck" in final
        }
        expect(all(is_whole(share) and isinstance(on, str) for share, on in self.rechecks.values()))
        # final → the opening by which it may be raised again
        self.again = {name: final["again"]["opening"] for name, final in data["finals"].items() if "again" in final}
        self.openings = {name: Move(move, self.parties) for name, move in data["openings"].items()}
        self.routes = {
            name: (route.get("at_most", 0), route["to"], route["then"])
            for name, route in data.get("routes", {}).items()
        }
        self.span_ways = {span["clock_to"] for span in data.get("spans", {}).values()}
        self.marks: dict[tuple[str, str], set[str]] = {
            (field, choice["id"]): set(choice.get("marks", ()))
            for field, question in data.get("fields", {}).items()
            for choice in question.get("choices", ())
        }
        self.running = {
            name: duty for state in self.states.values() for name, duty in state.duties.items() if duty.get("runs_on")
        }
        self.finishing = {name for state in self.states.values() for name, move in state.moves.items() if move.finishes}
        # Only deeds somebody is excluded by are remembered, so that an entry costs little memory.
        self.watched: set[str] = self.finishing.union(
            *(never.get("moves", ()) for party in self.parties.values() for never in party.get("never", ()))
        )
        self.apart: dict[
            str, list[tuple[str, list[str]]]
        ] = {}  # move → by person or unit, whose makers it is apart from
        for one in data.get("separations", ()):
            expect(one["by"] in ("person", "unit") and all(isinstance(name, str) for name in one["moves"]))
            self.watched.update(one["moves"])
            for name in one["moves"]:
                others = [other for other in one["moves"] if other != name]
                self.apart.setdefault(name, []).append((one["by"], others))
        self.takings = {
            how: (tuple(taking["by"]), tuple(taking["of"])) for how, taking in data.get("takings", {}).items()
        }
        for parties, moves in self.takings.values():
            expect(all(name in self.parties for name in parties) and all(isinstance(name, str) for name in moves))
        if self.takings:
            self.watched.update(self.openings)
        expect(self.log in ("open", "coarse", "veiled"))
        expect(all(isinstance(way, str) for way in self.span_ways))
        for most, to, then in self.routes.values():
            expect(is_whole(most) and isinstance(to, str) and isinstance(then, str))
        for state in self.states.values():
            expect(isinstance(state.clock_to, str))

    def opened(self, move: Move | None, to: str, answers: Leaf) -> list[str]:
        """Return on which boards entries are opened by this move into that state."""
        found: list[str] = []
        entered = self.states.get(to)
        for mechanism, each in (part.opens for part in (move, entered) if part is not None):
            count = answers.get(each, 0) if each else 1
            found += [mechanism] * (count if isinstance(count, int) else 0) if mechanism else []
        return found

    def settled(self, state: State, opened: dict[str, str], answers: Leaf) -> str | None:
        """Return where the clock leads once all a state waits for has ended; None while something is open."""
        if not state.waits:
            return None
        if state.waits_field:
            ends = [opened[name] for name in [answers.get(state.waits_field)] if name in opened]
        else:  # those opened last, together
            last = max((int(slot.split(".")[0]) for slot in opened if "." in slot), default=0)
            ends = [end for slot, end in opened.items() if slot.startswith(f"{last}.")]
        if "" in ends:
            return None
        for how, means, to in state.outcomes:
            among = [end in means for end in ends]
            if not how or (how == "any" and any(among)) or (how == "all" and ends and all(among)):
                return str(to)
        return None

    def holds(self, when: Any, answers: Leaf) -> bool:
        return all(self._passes(test, answers) for test in when.get("tests", ()))

    def _passes(self, test: Any, answers: Leaf) -> bool:
        answer = answers.get(test["field"])
        mark, least, below = test.get("mark"), test.get("at_least"), test.get("below")
        if least is not None or below is not None:
            found = type(answer) is int and (least is None or answer >= least) and (below is None or answer < below)
        elif mark is None:
            found = isinstance(answer, str) and answer in test.get("values", ())
        else:
            found = isinstance(answer, str) and mark in self.marks.get((test["field"], answer), ())
        return bool(found != test.get("negated", False))

    def through_routes(self, target: str, laps: dict[str, int]) -> Way:
        via = ""
        passed: list[str] = []
        for _ in range(len(self.routes) + 1):
            if target not in self.routes:
                break
            via = via or target
            most, to, then = self.routes[target]
            if laps.get(target, 0) < most:
                passed.append(target)
                target = to
            else:
                target = then
        return target, via, passed

    def way(self, move: Move, name: str, state: str, answers: Leaf, laps: dict[str, int]) -> Way | None:
        """Return where a move leads, by which route, and the lap counters it uses up; None when nowhere."""
        target = next((to for when, to in move.to if self.holds(when, answers)), None)
        if target is None:
            return None
        counters = []
        if move.at_most is not None:
            counter = f"{state}.{name}"
            if laps.get(counter, 0) < move.at_most:
                counters = [counter]
            elif move.then is not None:
                target = move.then
            else:
                return None
        to, via, passed = self.through_routes(target, laps)
        return to, via, counters + passed


def prover_beside() -> Any:
    """Return the module of `prove.py` in this file's folder: whoever wants certificates checked puts it there."""
    path = Path(__file__).with_name("prove.py")
    spec = importlib.util.spec_from_file_location("prove", path) if path.is_file() else None
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROVER = prover_beside()


class Library:
    """Texts, programs and certificates as the log publishes them, part by part."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.parts: dict[tuple[str, str], list[Any]] = {}  # (form, sha256) → [next part, hash so far, text so far]
        self.texts: dict[str, tuple[str, str, str]] = {}  # sha256 → (mechanism, since)
        self.programs: dict[str, Program] = {}  # first 16 digits → Program
        self.versions: dict[tuple[str, str, str], str] = {}  # (mechanism, since, scope) → sha256 of its text
        self.transfers: dict[tuple[str, str], dict[str, str]] = {}  # (program before, after) → old state → new
        self.compiled: dict[str, Any] = {}  # sha256 → a program whose certificate has not come yet, as JSON
        self.proved: dict[str, Any] = {}  # mechanism and day → what its certificate shows
        self.unproved = 0  # certificates nobody could check: prove.py is not beside this file

    def take(self, leaf: Leaf, shard: str, index: int) -> None:
        def wrong(en: str, zh: str) -> None:
            self.report.violated("P1", en, zh, shard, index)

        self.signed(leaf, shard, index)
        form, sha256, name = leaf["form"], leaf["sha256"], clean(leaf["mechanism"])
        key = (form, sha256)
        if leaf["part"] == 1:
            self.parts[key] = [1, hashlib.sha256(), []]
        if key not in self.parts or self.parts[key][0] != leaf["part"]:
            wrong(
                f"part {leaf['part']} of {name} comes without the parts before it",
                f"{name} 的第 {leaf['part']} 部分之前有缺",
            )
            self.parts.pop(key, None)
            return
        part = self.parts[key]
        part[0] += 1
        part[1].update(leaf["chunk"].encode())
        if form != "text":
            part[2].append(leaf["chunk"])
            if sum(map(len, part[2])) > MOST_PROGRAM:
                wrong(f"the {form} of {name} is endless", f"{name} 的公布内容过长")
                del self.parts[key]
                return
        if leaf["part"] < leaf["of"]:
            return
        del self.parts[key]
        if part[1].hexdigest() != sha256:
            wrong(
                f"the {form} of {name} does not have the hash it is published under", f"{name} 的内容与公布的哈希不符"
            )
            return
        if form == "text":
            self._text(leaf)
        elif form == "program":
            self._program(leaf, "".join(part[2]), wrong)
        else:
            self._certificate(leaf, "".join(part[2]), shard, index)

    def signed(self, leaf: Leaf, shard: str, index: int) -> None:
        """One person proposes, another publishes; a pack is published by whoever runs the server, and says so."""
        name, by, proposed = clean(leaf["mechanism"]), leaf["by"], leaf.get("proposed")
        if proposed is None:
            if by["party"] not in ALONE:
                self.report.violated("P2", f"nobody proposed {name}", f"{name} 没有提议人", shard, index)
        elif "p" not in by or "p" not in proposed:
            self.report.violated("P2", f"it is not said who stood behind {name}", f"{name} 未记明经手人", shard, index)
        elif by["p"] == proposed["p"]:
            self.report.violated(
                "P2", f"{name} was proposed and published by one person", f"{name} 由同一人提议并公布", shard, index
            )

    def transfer(self, leaf: Leaf, shard: str, index: int) -> None:
        """Two people let running entries go on under another version: both must be there, and be of one mechanism."""
        self.signed(leaf, shard, index)
        pair = (leaf["before"][:16], leaf["after"][:16])
        if any(key not in self.programs or self.programs[key].id != leaf["mechanism"] for key in pair):
            name = clean(leaf["mechanism"])
            self.report.violated(
                "P1",
                f"entries of {name} are carried over between programs that are not in the log",
                f"{name} 的事项转版，所指程序不在日志中",
                shard,
                index,
            )
        self.transfers[pair] = leaf.get("states", {})

    def _text(self, leaf: Leaf) -> None:
        version = (leaf["mechanism"], leaf["since"], leaf.get("scope", ""))
        self.texts[leaf["sha256"]] = version
        if self.versions.setdefault(version, leaf["sha256"]) != leaf["sha256"]:
            name = clean(f"{version[0]} {version[1]}")
            self.report.remark(
                ("edited", version),
                f"{name} was published again with another text; the log keeps both.",
                f"{name} 以不同文本再次公布；日志保留两者。",
            )
            self.versions[version] = leaf["sha256"]

    def _program(self, leaf: Leaf, text: str, wrong: Callable[[str, str], None]) -> None:
        name = clean(leaf["mechanism"])
        if self.texts.get(leaf["text"]) != (leaf["mechanism"], leaf["since"], leaf.get("scope", "")):
            wrong(f"the program of {name} names a text that is not in the log", f"{name} 的程序所指文本不在日志中")
        try:
            compiled = _decode(text)
            program = Program(compiled)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            wrong(f"the program of {name} cannot be read", f"{name} 的程序无法读取")
            return
        if (program.id, program.since) != (leaf["mechanism"], leaf["since"]):
            wrong(f"the program of {name} says it is another one", f"{name} 的程序自称另一机制")
        self.programs[leaf["sha256"][:16]] = program
        self.compiled = {leaf["sha256"]: compiled}

    def _certificate(self, leaf: Leaf, text: str, shard: str, index: int) -> None:
        """Let the file beside this one see whether the certificate shows what it says of the program before it."""
        name = clean(f"{leaf['mechanism']} {leaf['since']}")

        def wrong(en: str, zh: str) -> None:
            self.report.violated("C1", f"the certificate of {name}: {en}", f"{name} 的证书：{zh}", shard, index)

        compiled = self.compiled.get(leaf["program"])
        if compiled is None:
            wrong("it does not follow its program", "没有紧随其程序")
        elif PROVER is None:
            self.unproved += 1
        else:
            try:
                self.proved[name] = PROVER.prove(compiled, _decode(text))
            except PROVER.NotProvedError as not_proved:
                wrong(clean(not_proved.texts["en"]), clean(not_proved.texts["zh"]))
            except (ValueError, RecursionError):
                wrong("it cannot be read", "无法读取")

    def end(self, shard: str) -> None:
        for form, sha256 in self.parts:
            self.report.violated(
                "P1",
                f"a {form} is never completed (hash {sha256[:16]}…）",
                f"有公布内容未完（哈希 {sha256[:16]}…）",
                shard,
            )


# ── Step 8: one entry's life ────────────────────────────────────────────────────────────────────────────────

VERIFIED = ("raiser-code", "raiser-account", "window", "proxy", "call-back", "officer", "raisers")
TAKEN = ("window", "proxy")  # an official took the raiser's word down: in person, or through a relative
TRANSFER = "transfer"  # an entry goes on under another version of its rules
STAYING = ("vote", "leave", "join", "duty", "ask", "heard")


class Entry:
    __slots__ = (
        "answers", "at", "deeds", "due", "duties", "ends", "laps", "mech", "objections", "opened", "seq", "state",
        "votes",
    )  # fmt: skip

    def __init__(self, mech: str) -> None:
        self.seq, self.state, self.mech = 0, "", mech
        self.at: Any = None
        self.due: Any = None
        self.laps: dict[str, int] = {}
        self.answers: Leaf = {}
        self.deeds: list[tuple[str, str | None, str | None]] = []
        self.duties: list[str] = []
        self.votes: list[tuple[str | None, str]] = []  # voices given in this state, where so many are enough
        self.opened: dict[str, str] = {}  # how what it opened or awaits has ended, "" while open
        self.ends: Any = None  # the limit the present state was given on entering, whatever holds it up
        # By the event that raised it: by whom, which level owes the answer, until when; None: it was answered.
        self.objections: dict[int, tuple[str | None, int, Any]] = {}

    def waiting(self) -> list[tuple[Any, int, int]]:
        """The objections not answered yet, the next due first: when, by which event, which level owes it."""
        return sorted((owed, seq, level) for seq, (_, level, owed) in self.objections.items() if owed is not None)


class Reading(NamedTuple):
    """One way to understand an event: its kind, where the mechanism leads it, by whom it may be made."""

    kind: str
    way: Way | None
    by: Sequence[str]
    move: Move | None


class Replay:
    def __init__(self, report: Report, library: Library) -> None:
        self.report = report
        self.library = library
        self.entries: dict[bytes, Entry | int] = {}  # uid → Entry, or for one that is over just its last number
        self.meanings: collections.Counter[str] = collections.Counter()
        self.verified: collections.Counter[str] = collections.Counter()
        self.outages: list[tuple[int, int]] = []
        self.to_open: dict[tuple[str, int, int], str] = {}  # opened, not seen yet: (entry, seq, n) → mechanism
        self.to_recheck: dict[tuple[str, int, int], str] = {}  # drawn to be looked at again some time, likewise
        self.ended: dict[str, str] = {}  # entries another one opened: how each ended, "" while open
        self.slots: dict[tuple[str, str], str] = {}  # (entry, slot) → the entry opened there
        self.rows: dict[str, Leaf] = {}  # rows of the city's tables, by the name events give them
        self.again: dict[str, tuple[str, str]] = {}  # closed, may be raised again: number → mechanism, opening
        self.numbers: dict[str, str] = {}  # entries that may come to such an end: uid → number
        self.events = self.veiled = self.erased = 0

    def policy(self, leaf: Leaf) -> None:
        """Remember the rows of a dated table: policies' numbers, and seasons."""
        rows = leaf["data"].get("rows", {})
        for key, said in rows.items() if isinstance(rows, dict) else ():
            for row in said if isinstance(said, list) else [said]:
                if isinstance(row, dict) and is_day(row.get("since")):
                    areas, season = row.get("areas"), row.get("season", "")
                    more = [areas[0]] if isinstance(areas, list) and areas else []
                    name = "@".join(str(part) for part in [key, row["since"], *more, *([season] if season else [])])
                    self.rows[name] = row | {"key": key, "published": leaf["at"]}

    def event(self, leaf: Leaf, shard: str, index: int) -> None:
        self.events += 1
        if "commit" in leaf:
            self.veiled += 1
            return
        uid = bytes.fromhex(leaf["entry"])

        def wrong(rule: str, en: str, zh: str) -> None:
            self.report.violated(rule, en, zh, shard, index, leaf["entry"])

        entry = self.entries.get(uid)
        if isinstance(entry, int):
            wrong("E2", "the entry had already ended; a final state has no way out", "该事项早已终结，终态不能再变")
            self.entries[uid] = leaf["seq"]
            return
        if entry is None:
            entry = self.entries[uid] = Entry(leaf["mech"])
        if leaf["seq"] != entry.seq + 1:
            wrong(
                "E1",
                f"event {leaf['seq']} follows event {entry.seq}: something in between is missing or repeated",
                f"第 {entry.seq} 条之后是第 {leaf['seq']} 条：中间有缺或重复",
            )
        elif leaf.get("from", "") != entry.state:
            wrong(
                "E2",
                f"it starts from “{clean(leaf.get('from', ''))}”, but the entry was in “{clean(entry.state)}”",
                f"此动作始于“{clean(leaf.get('from', ''))}”，而事项处于“{clean(entry.state)}”",
            )
        elif leaf["mech"] != entry.mech and (entry.mech, leaf["mech"]) not in self.library.transfers:
            wrong("E3", "the entry changes its mechanism's version on the way", "事项中途更换了机制版本")
        program = self.library.programs.get(leaf["mech"])
        if program is None:
            wrong(
                "E3", f"its program {leaf['mech']} is not in the log before it", f"此前日志中没有其程序 {leaf['mech']}"
            )
        elif leaf.get("from", "") == entry.state and leaf["seq"] == entry.seq + 1:
            try:
                if leaf["mech"] != entry.mech:
                    self._transferred(entry, leaf, program, wrong)
                else:
                    self._replay(entry, leaf, program, wrong)
            except (TypeError, KeyError, ValueError, AttributeError):
                wrong("P1", "its program cannot be replayed: a part of it is malformed", "其程序有残缺，无法重演")
        entry.seq, entry.state, entry.at, entry.due = leaf["seq"], leaf["to"], leaf["at"], leaf.get("due")
        entry.mech = leaf["mech"]
        if program is not None and leaf["to"] in program.finals:
            if leaf["entry"] in self.ended:
                self.ended[leaf["entry"]] = program.finals[leaf["to"]]
            if leaf["to"] in program.again and leaf["entry"] in self.numbers:
                self.again[self.numbers[leaf["entry"]]] = (program.id, program.again[leaf["to"]])
            if leaf["to"] in program.rechecks:
                self._drawn(leaf, *program.rechecks[leaf["to"]])
            self.meanings[clean(program.finals[leaf["to"]])] += 1
            self.entries[uid] = leaf["seq"]

    def _transferred(self, entry: Entry, leaf: Leaf, program: Program, wrong: Wrong) -> None:
        """An entry goes on under another version: in the state the map says, and with the limit it had."""
        to = self.library.transfers.get((entry.mech, leaf["mech"]), {}).get(entry.state, entry.state)
        if leaf["move"] != TRANSFER or leaf["by"]["party"] != "clock":
            wrong("E3", "a move of another version is made without a transfer", "未经转版就用了另一版的动作")
        elif leaf["to"] != to or to not in program.states:
            wrong(
                "E4",
                f"it is carried over to “{clean(leaf['to'])}”; the map says “{clean(to)}”",
                f"转到了“{clean(leaf['to'])}”，而对照表为“{clean(to)}”",
            )
        elif any(
            key in leaf
            for key in ("via", "lap", "answers", "missed", "verified", "opens", "heard", "taken", "owed", "rows")
        ):
            wrong("E3", "a transfer does nothing else", "转版时不得另有动作")
        if leaf.get("due") != entry.due:
            wrong(
                "E6",
                f"the limit changes from {show(entry.due)} to {show(leaf.get('due'))} with the version",
                f"转版时时限由 {show(entry.due)} 改为 {show(leaf.get('due'))}",
            )
        elif type(entry.at) is type(leaf["at"]) and leaf["at"] < entry.at:
            wrong("E6", "it happens before the event it follows", "时间早于前一条")

    def _replay(self, entry: Entry, leaf: Leaf, program: Program, wrong: Wrong) -> None:
        if program.log == "veiled" or (program.log == "open") != isinstance(leaf["at"], int):
            wrong(
                "F1",
                f"a leaf of a board of class “{program.log}” must not look like this",
                f"“{program.log}”类榜的叶不应如此",
            )
            return
        if leaf["to"] not in program.states and leaf["to"] not in program.finals:
            wrong("E4", f"the mechanism has no state “{clean(leaf['to'])}”", f"机制没有状态“{clean(leaf['to'])}”")
            return
        readings = self._readings(entry, leaf, program)
        if not readings:
            wrong(
                "E3",
                f"the mechanism has no move “{clean(leaf['move'])}” in “{clean(entry.state) or 'the opening'}”",
                f"在“{clean(entry.state) or '提出'}”中机制没有动作“{clean(leaf['move'])}”",
            )
            return
        reading = next((r for r in readings if r.way == (leaf["to"], leaf.get("via", ""), leaf.get("lap", []))), None)
        if reading is None:
            ways = " / ".join(sorted({clean(r.way[0]) for r in readings if r.way})) or "–"
            wrong(
                "E4",
                f"“{clean(leaf['move'])}” leads to “{clean(leaf['to'])}”, "
                f"but with these answers and laps the mechanism says {ways}",
                f"“{clean(leaf['move'])}”去了“{clean(leaf['to'])}”，而按答复与次数机制规定为 {ways}",
            )
            reading = readings[0]
        if leaf["by"]["party"] not in reading.by:
            wrong(
                "E5",
                f"made by “{clean(leaf['by']['party'])}”; the mechanism names {clean(', '.join(reading.by))}",
                f"由“{clean(leaf['by']['party'])}”作出；机制规定为 {clean(', '.join(reading.by))}",
            )
        self._times(entry, leaf, program, reading, wrong)
        self._rows(leaf, program, reading, wrong)
        self._required(entry, leaf, reading, wrong)
        self._persons(entry, leaf, program, reading, wrong)
        self._voices(entry, leaf, reading, wrong)
        self._objections(entry, leaf, program, reading, wrong)
        self._after(entry, leaf, program, reading)
        self._links(entry, leaf, program, reading, wrong)

    def _readings(self, entry: Entry, leaf: Leaf, program: Program) -> list[Reading]:
        """Return every way the mechanism allows this event to be understood; a leaf does not say its kind."""
        name, given = leaf["move"], leaf.get("answers", {})
        stays: Way = (entry.state, "", [])
        if leaf["seq"] == 1:
            move = program.openings.get(name)
            return [Reading("open", program.way(move, name, "", given, {}), move.by, move)] if move else []
        state = program.states.get(entry.state, None)
        if state is None:
            return []
        found = []
        if leaf["by"]["party"] == "clock":
            if name == "heard":
                return [Reading("heard", stays, ("clock",), None)]
            if name == "clock":
                own = program.settled(state, entry.opened, entry.answers) or state.clock_to
                for target in (own, *sorted(program.span_ways)):
                    found.append(Reading("clock", program.through_routes(target, entry.laps), ("clock",), None))
            elif name.startswith("pass:") and state.objections:
                found.append(Reading("objection", stays, ("clock",), None))
            elif name == "unanswered" and state.objections:
                to = program.through_routes(state.objections.to, entry.laps)
                found.append(Reading("clock", to, ("clock",), None))
            elif name in state.moves and state.moves[name].collects:
                way = program.way(state.moves[name], name, entry.state, {**entry.answers, **given}, entry.laps)
                found.append(Reading("clock", way, ("clock",), state.moves[name]))
            return found
        if name.startswith("duty:"):
            duty = state.duties.get(name[5:]) or program.running.get(name[5:])
            return [Reading("duty", stays, (duty["of"],), None)] if duty else []
        if state.objections and name == "object":
            return [Reading("objection", stays, state.objections.by, None)]
        if state.objections and name.startswith("answer:"):
            owing = [level for _, seq, level in entry.waiting() if name == f"answer:{seq}"]
            return [Reading("objection", stays, (state.objections.levels[level],), None) for level in owing]
        if name.startswith("extend:") and state.extend:
            who = state.extend["asked_by" if name == "extend:ask" else "decided_by"]
            kind = {"extend:ask": "ask", "extend:refuse": "ask", "extend:grant": "grant"}.get(name)
            return [Reading(kind, stays, (who,), None)] if kind else []
        if name == "join" and leaf["by"]["party"] == "raiser":
            found.append(Reading("join", stays, ("raiser",), None))
        move = state.moves.get(name)
        if move is None:
            return found
        known = {field: value for field, value in entry.answers.items() if field not in move.asks}
        known.update(given)
        open_duties = [d for d in state.duties if d not in entry.duties and d not in move.when.get("but", ())]
        allowed = program.holds(move.when, known) and not (move.when.get("duties_done") and open_duties)
        if not move.reads_own_answers:
            allowed = allowed and program.holds(move.when, entry.answers)
        way = program.way(move, name, entry.state, known, entry.laps) if allowed else None
        found.append(Reading("move", way, move.by, move))
        if move.collects:
            # One raiser's verdict stays; the one that settles it is followed by the move with the result.
            found.append(Reading("vote", stays if allowed else None, move.by, move))
            settled = program.way(move, name, entry.state, {**entry.answers, **given}, entry.laps)
            found.append(Reading("move", settled, move.by, move))
        if way is not None and program.finals.get(way[0]) == "withdrawn":
            found.append(Reading("leave", stays, move.by, move))  # one of several raisers withdraws
        return found

    def _times(self, entry: Entry, leaf: Leaf, program: Program, reading: Reading, wrong: Wrong) -> None:
        at, due, missed = leaf["at"], leaf.get("due"), leaf.get("missed")
        if entry.at is not None and type(entry.at) is type(at) and at < entry.at:
            wrong(
                "E6",
                f"it happens before the event it follows ({show(at)} after {show(entry.at)})",
                f"时间早于前一条（{show(at)} 在 {show(entry.at)} 之后）",
            )
        if leaf["to"] in program.finals:
            if due is not None:
                wrong("E6", "an entry that has ended still has a limit", "已终结的事项仍有时限")
        elif due is None:
            wrong("E6", "nobody is given a limit in this state", "此状态没有时限")
        elif reading.kind == "heard" and due == at:
            pass  # it may have been the last that was waited for: `_links` looks
        elif reading.kind == "objection":
            pass  # what is open decides: `_objections` looks
        elif reading.kind in STAYING and entry.due is not None and due != entry.due:
            wrong(
                "E6",
                f"the limit changes from {show(entry.due)} to {show(due)} without a move",
                f"未经动作，时限由 {show(entry.due)} 改为 {show(due)}",
            )
        elif reading.kind in ("open", "move", "clock") and type(due) is type(at) and due < at:
            wrong("E6", f"the new limit {show(due)} lies before the event", f"新时限 {show(due)} 早于此事")
        if reading.kind == "clock":
            if missed is None or missed != entry.due:
                wrong(
                    "E6",
                    f"the clock acts on a limit nobody was given ({show(missed)} instead of {show(entry.due)})",
                    f"时钟所依时限不符（{show(missed)}，应为 {show(entry.due)}）",
                )
            elif type(missed) is type(at) and at < missed:
                wrong("E6", f"the clock acts before the limit {show(missed)}", f"时钟在时限 {show(missed)} 之前动作")
            elif isinstance(at, int) and at - missed > MINUTES_LATE * 60_000 and not self._excused(missed, at):
                self.report.remark(
                    "late clock",
                    f"a clock move came more than {MINUTES_LATE} minutes after its limit, "
                    f"outside a logged outage (entry {leaf['entry']}).",
                    f"时钟动作晚于时限 {MINUTES_LATE} 分钟以上，且不在记录的中断内（事项 {leaf['entry']}）。",
                )
        elif missed is not None and reading.kind not in ("duty", "objection"):
            wrong("E6", "a missed limit is named, but it is not the clock's move", "写有逾期时限，却不是时钟的动作")
        if reading.kind == "move" and entry.due is not None and type(entry.due) is type(at) and at > entry.due:
            wrong(
                "E6",
                f"somebody moved after the limit {show(entry.due)} as if it had not passed",
                f"时限 {show(entry.due)} 已过，仍有人如常动作",
            )

    def _required(self, entry: Entry, leaf: Leaf, reading: Reading, wrong: Wrong) -> None:
        """A choice that follows from another answer does, and a date is so many days off. Working days need a calendar:
        `jiebang audit` counts them."""
        move, given = reading.move, leaf.get("answers", {})
        if move is None or reading.kind not in ("open", "move"):
            return
        known = {name: value for name, value in entry.answers.items() if name not in move.asks} | given
        for one in move.require:
            answer, amount = given.get(one["field"]), one.get("amount", {})
            if not isinstance(answer, str):
                continue
            if one["side"] == "match":
                other = known.get(one["by"])
                must = next(
                    (case["must"] for case in one.get("cases", ()) if other in case["values"]), one.get("other")
                )
                met = other is None or not must or answer == must
            elif amount.get("unit") == "d":
                starts = [known.get(one["since"])] if one.get("since") else days_of(leaf["at"])
                days = [datetime.date.fromisoformat(str(day)) for day in starts if is_day(day)]
                off = [(datetime.date.fromisoformat(answer) - day).days for day in days]
                met = not off or any(n >= amount["n"] if one["side"] == "at-least" else n <= amount["n"] for n in off)
            else:
                met = True
            if not met:
                wrong(
                    "E4",
                    f"“{clean(answer)}” is not what the mechanism requires of “{clean(one['field'])}”",
                    f"“{clean(one['field'])}”答“{clean(answer)}”，不合机制的要求",
                )

    def _rows(self, leaf: Leaf, program: Program, reading: Reading, wrong: Wrong) -> None:
        """The numbers and seasons a limit was counted with are the mechanism's, published, and of that day."""
        rows, state = leaf.get("rows", []), program.states.get(leaf["to"])
        entered = state if reading.kind in ("open", "move", "clock") else None
        days = days_of(leaf["at"])
        for name in rows:
            key, row = name.split("@")[0], self.rows.get(name)
            if entered is None or key not in entered.dated:
                wrong(
                    "E6",
                    f"the limit is counted with “{clean(name)}”, which the mechanism does not name here",
                    f"时限按“{clean(name)}”计，机制在此并未写明",
                )
            elif row is None:
                wrong(
                    "E6",
                    f"the limit is counted with “{clean(name)}”, which is not in the log before",
                    f"时限按“{clean(name)}”计，此前日志中没有",
                )
            elif not any(is_of_day(row, day) for day in days):
                wrong("E6", f"“{clean(name)}” did not hold on that day", f"“{clean(name)}”当天并不适用")
        if entered is None or not entered.surely_dated or program.span_ways or "due" not in leaf:
            return
        counted = {name.split("@")[0] for name in rows}
        for key in sorted(entered.surely_dated - counted):
            everywhere = [
                row
                for row in self.rows.values()
                if row["key"] == key and not row.get("areas") and not row.get("season") and was_known(row, leaf["at"])
            ]
            if any(all(is_of_day(row, day) for day in days) for row in everywhere):
                wrong(
                    "E6",
                    f"“{clean(key)}” held on that day, but the limit was counted without it",
                    f"“{clean(key)}”当天适用，时限却没有按它计",
                )

    def _voices(self, entry: Entry, leaf: Leaf, reading: Reading, wrong: Wrong) -> None:
        """Where so many voices are enough, each is given once, and no fewer decide."""
        move, p = reading.move, leaf["by"].get("p")
        answer = leaf.get("answers", {}).get(move.counted) if move is not None else None
        if move is not None and move.is_vote and reading.kind == "vote":
            if p is not None and any(p == other for other, _ in entry.votes):
                wrong("E5", "somebody gave two voices", "有人投了两票")
            entry.votes.append((p, str(answer)))
        elif (
            move is not None
            and move.is_vote
            and not move.has_enough([said for _, said in entry.votes], answer, entry.answers)
        ):
            wrong("E4", "too few voices for this", "票数不够")
        if reading.kind in ("open", "move", "clock"):
            entry.votes = []

    def _objections(self, entry: Entry, leaf: Leaf, program: Program, reading: Reading, wrong: Wrong) -> None:
        """Each objection to a notice is answered in its time or handed up; the notice waits for it."""
        name, owed, p = leaf["move"], leaf.get("owed"), leaf["by"].get("p")
        state = program.states.get(entry.state)
        clause = state.objections if state is not None else None
        waiting = entry.waiting()
        if reading.kind == "clock" and clause is not None:
            left = [one for one in waiting[:1] if one[2] + 1 == len(clause.levels) or entry.due != one[0]]
            if name == "unanswered" and not left:
                wrong("E4", "nobody was the last to owe an answer and silent", "并没有末级逾期未答复的异议")
            elif name == "clock" and waiting and not program.span_ways:
                wrong("E4", "the notice ends although an objection is open", "尚有异议未答复，公示却结束了")
        if reading.kind in ("open", "move", "clock"):
            entry.objections, entry.ends = {}, leaf.get("due")
        elif reading.kind == "objection" and clause is not None:
            if (owed is None) != name.startswith("answer:"):
                wrong("E6", "it does not say when the objection's answer is due", "没有记明异议答复的期限")
            if name == "object":
                if p is None or sum(p == other for other, _, _ in entry.objections.values()) >= clause.each:
                    wrong("E5", "somebody objected more often than each may", "有人提异议超过次数")
                if entry.ends is not None and leaf["at"] > entry.ends:
                    wrong("E6", "the time of the notice was over", "公示期已过")
                entry.objections[leaf["seq"]] = (p, 0, owed)
            else:
                self._about(entry, leaf, clause, wrong)
            waiting = entry.waiting()
            moments = [waiting[0][0]] if waiting else []
            moments += [] if waiting and clause.hold_up else [entry.ends]
            if not program.span_ways and leaf.get("due") != max(min(moments), leaf["at"]):
                wrong("E6", "the limit is not the next of the objections and the notice", "时限与异议或公示的期限不符")

    def _about(self, entry: Entry, leaf: Leaf, clause: Objections, wrong: Wrong) -> None:
        """One objection answered, or handed up to the next level."""
        name, _, number = leaf["move"].partition(":")
        seq = int(number) if number.isascii() and number.isdigit() else 0
        p, level, owed = entry.objections.get(seq, (None, 0, None))
        if owed is None:
            wrong("E4", f"objection {seq} does not wait for an answer", f"第 {seq} 条异议并未待答复")
        elif name == "answer":
            if "missed" in leaf:
                wrong("E6", "a missed limit is named, but it is not the clock's move", "写有逾期时限，却不是时钟的动作")
            entry.objections[seq] = (p, level, None)
        else:
            if owed != leaf.get("missed") or leaf["at"] < owed or level + 1 >= len(clause.levels):
                wrong("E4", "the objection is handed up before its limit, or to nobody", "异议未到期就上交，或无处可交")
            entry.objections[seq] = (p, level + 1, leaf.get("owed"))

    def _links(self, entry: Entry, leaf: Leaf, program: Program, reading: Reading, wrong: Wrong) -> None:
        """What it opens is what the mechanism says; what it hears has happened; what opened it says so as well."""
        uid, seq, opens, heard = leaf["entry"], leaf["seq"], leaf.get("opens", []), leaf.get("heard")
        entering = reading.kind in ("open", "move", "clock")
        expected = program.opened(reading.move, leaf["to"], entry.answers) if entering else []
        if opens != expected:
            wrong(
                "O1",
                f"it opens entries on {clean(', '.join(opens)) or 'no board'}, "
                f"but the mechanism says {clean(', '.join(expected)) or 'none'}",
                f"开出的事项（{clean('、'.join(opens)) or '无'}）与规定（{clean('、'.join(expected)) or '无'}）不符",
            )
        for n, mechanism in enumerate(opens):
            self.to_open[uid, seq, n] = mechanism
            entry.opened[f"{seq}.{n}"] = ""
        if "awaits" in leaf:
            entry.opened[leaf["awaits"]] = ""
        if (reading.kind == "heard") != (heard is not None):
            wrong("O1", "it does not say which entry has closed", "没有记明哪件事项已办结")
        elif heard is not None:
            self._heard(entry, leaf, heard, program, wrong)
        if program.again and "number" in leaf:
            self.numbers[uid] = leaf["number"]
        if "again" in leaf and (reading.kind != "open" or self.again.get(leaf["again"]) != (program.id, leaf["move"])):
            wrong(
                "O1",
                f"it says that it raises {clean(leaf['again'])} again, which has not ended so that it can be",
                f"自称再次提出 {clean(leaf['again'])}，而该事项没有以可再次提出的方式结束",
            )
        origin = leaf.get("origin")
        is_opened = program.parties[leaf["by"]["party"]]["kind"] == "boards" if reading.kind == "open" else False
        if is_opened != (origin is not None):
            wrong("O1", "it does not say which entry opened it", "没有记明由哪件事项开出")
        elif origin is not None:
            opener, slot = (origin["entry"], origin["seq"], origin["n"]), f"{origin['seq']}.{origin['n']}"
            if program.id not in (self.to_open.pop(opener, None), self.to_recheck.pop(opener, None)):
                wrong("O1", "the entry it names did not open it", "所称的来处没有开出此事项")
            self.slots[origin["entry"], slot] = uid
            self.ended[uid] = ""

    def _heard(self, entry: Entry, leaf: Leaf, heard: Any, program: Program, wrong: Wrong) -> None:
        """It was waiting to hear of that one; if another event of this log opened it, it has ended so."""
        slot, means = heard["slot"], heard["means"]
        child = self.slots.get((leaf["entry"], slot))
        if entry.opened.get(slot) != "":
            wrong("O1", f"it did not wait to hear of “{clean(slot)}”", f"它并未等待“{clean(slot)}”")
        elif child is not None and self.ended.get(child) != means:
            really = self.ended.get(child, "")
            wrong(
                "O1",
                f"it hears that “{clean(slot)}” ended as {clean(means)}; the log says {clean(really or 'it is open')}",
                f"记“{clean(slot)}”以 {clean(means)} 办结，而日志为 {clean(really or '未办结')}",
            )
        entry.opened[slot] = means
        state = program.states.get(leaf["to"])
        done = state is not None and program.settled(state, entry.opened, entry.answers) is not None
        if leaf.get("due") != (leaf["at"] if done else entry.due):
            wrong(
                "E6",
                "the limit ends with the last that was waited for, and only then",
                "时限应在最后一件办结时到期，且仅在那时",
            )

    def _drawn(self, leaf: Leaf, share: int, mechanism: str) -> None:
        """The closing leaf itself decides whether the entry is looked at again later, by an entry opened elsewhere."""
        draw = int.from_bytes(hashlib.sha256(_encode(leaf).encode()).digest()[:8], "big")
        if draw * 100 < share << 64:
            self.to_recheck[leaf["entry"], leaf["seq"], 0] = mechanism

    def end(self) -> None:
        """Entries said to be opened whose own leaves are not there: in a log that goes on they may still come."""
        veiled = {program.id for program in self.library.programs.values() if program.log == "veiled"}
        for (entry, seq, _), mechanism in self.to_open.items():
            if mechanism not in veiled:
                self.report.remark(
                    "opened",
                    f"an entry that event {seq} of {entry} opened on “{clean(mechanism)}” is not in the log (yet).",
                    f"事项 {entry} 第 {seq} 条在“{clean(mechanism)}”开出的事项（尚）不在日志中。",
                )

    def _excused(self, missed: int, at: int) -> bool:
        return any(since <= at and until >= missed for since, until in self.outages)

    def _persons(self, entry: Entry, leaf: Leaf, program: Program, reading: Reading, wrong: Wrong) -> None:
        verified, by = leaf.get("verified", ""), leaf["by"]
        verifies = reading.move is not None and reading.move.verifies
        if verifies and verified not in VERIFIED:
            wrong("E7", "a verdict does not say how it was verified", "确认结果没有记明如何核实")
        elif not verifies and verified:
            wrong("E7", "it claims to be a verdict, which the mechanism does not say", "机制并未规定此为确认结果")
        # A verdict of "not solved" and a call nobody answered are no verification that it is solved.
        if verified in VERIFIED and program.finals.get(leaf["to"]) == "solved":
            self.verified[verified] += 1
        own: list[Any] = [("person", program.finishing)] if verifies else []
        own += program.apart.get(leaf["move"], ())
        if "taken" in leaf or verified in TAKEN:
            taken = leaf.get("taken", {})
            self._taking(leaf, program, taken, verified if verifies else taken.get("how"), wrong)
            # Who wrote the matter down, or raised it, takes no verdict on it either.
            own_words = [("person", program.openings)] if verifies else []
            if self._excluded(entry, program, taken, [*own, *own_words], wrong):
                return
        self._excluded(entry, program, by, own, wrong)

    def _taking(self, leaf: Leaf, program: Program, taken: Any, how: Any, wrong: Wrong) -> None:
        """An official wrote down what the raiser said: the mechanism must name the way, the move and the official."""
        parties, moves = program.takings.get(taken.get("how"), ((), ()))
        if taken.get("how") != how:
            wrong("E7", "it does not say who took the raiser's word down, or how", "没有记明提出人的话由谁、如何代录")
        elif leaf["move"] not in moves or program.parties[leaf["by"]["party"]]["kind"] != "raiser":
            wrong(
                "E5",
                f"“{clean(leaf['move'])}” cannot be taken down for the raiser this way",
                f"“{clean(leaf['move'])}”不能这样代录",
            )
        elif taken.get("party") not in parties:
            wrong(
                "E5",
                f"taken down by “{clean(taken.get('party'))}”; the mechanism names {clean(', '.join(parties))}",
                f"由“{clean(taken.get('party'))}”代录；机制规定为 {clean(', '.join(parties))}",
            )

    def _excluded(self, entry: Entry, program: Program, who: Any, never: list[Any], wrong: Wrong) -> bool:
        """Whether this person or unit made an earlier move that shuts it out, which is then said."""
        p, unit = who.get("p"), who.get("unit")
        party = program.parties.get(who.get("party"), {})
        # Who is a member of a body is not in the log: outsiders cannot check `never: [member of …]`.
        every = [*never, *((exclusion.get("by"), exclusion.get("moves", ())) for exclusion in party.get("never", ()))]
        for kind, moves in every:
            for move, its_p, its_unit in entry.deeds:
                if move in moves and (
                    (kind == "person" and p and p == its_p) or (kind == "unit" and unit and unit == its_unit)
                ):
                    wrong(
                        "E5",
                        f"whoever made “{clean(move)}” may not make this move as well",
                        f"作出“{clean(move)}”者不得再作此动作",
                    )
                    return True
        return False

    def _after(self, entry: Entry, leaf: Leaf, program: Program, reading: Reading) -> None:
        for counter in leaf.get("lap", ()):
            entry.laps[counter] = entry.laps.get(counter, 0) + 1
        if reading.kind == "objection" and leaf["by"]["party"] != "clock":
            deed = leaf["move"].partition(":")[0]
            if deed in program.watched:
                entry.deeds.append((deed, leaf["by"].get("p"), leaf["by"].get("unit")))
        if reading.kind in ("vote", "join", "leave", "heard", "objection"):
            return  # one voice of several is not the entry's answer
        given = leaf.get("answers", {})
        asked = reading.move.asks if reading.move is not None and reading.kind != "open" else ()
        for field in asked:
            if field not in given:
                entry.answers.pop(field, None)
        entry.answers.update(given)
        if reading.kind == "duty":
            entry.duties.append(leaf["move"][5:])
        elif reading.kind in ("open", "move", "clock"):
            entry.duties = []
        if leaf["move"] in program.watched and reading.kind in ("open", "move", "duty", "ask", "grant"):
            entry.deeds.append((leaf["move"], leaf["by"].get("p"), leaf["by"].get("unit")))


def show(moment: object) -> str:
    if isinstance(moment, int):
        whole = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(milliseconds=moment)
        return whole.strftime("%Y-%m-%d %H:%M:%S") + "Z"
    return clean(str(moment))


# ── Step 9: numbers ─────────────────────────────────────────────────────────────────────────────────────────


class Rounds:
    """Step 8: every subject of a round is answered once or missed for ever, and what is closed was counted right."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.rounds: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, str] = {}  # hash of a published round: how much its leaves may say
        self.drawn: dict[str, str] = {}  # id of a drawn round: the digest committed to for its next sample
        self.versions: dict[str, int] = {}  # of registers
        self.done = self.missed = 0

    def defined(self, leaf: Leaf, shard: str, index: int) -> None:
        if hashlib.sha256(leaf["text"].encode("utf-8")).hexdigest() != leaf["sha256"]:
            self.report.violated("P1", "a text does not have the hash said", "文本与所写散列不符", shard, index)
        compiled = hashlib.sha256(_encode(leaf["compiled"]).encode("utf-8")).hexdigest()
        if leaf["what"] == "round":
            self.logs[compiled[:16]] = str(leaf["compiled"].get("log"))
            if "next" in leaf:
                self.drawn.setdefault(leaf["id"], leaf["next"])
        else:
            self.logs[compiled[:16]] = "register"

    def imported(self, leaf: Leaf, shard: str, index: int) -> None:
        if leaf["version"] != self.versions.get(leaf["id"], 0) + 1 or leaf["mech"] not in self.logs:
            self.report.violated(
                "K1", "a register's versions do not follow one another", "台账的版本不连续", shard, index
            )
        self.versions[leaf["id"]] = leaf["version"]

    def step(self, leaf: Leaf, shard: str, index: int) -> None:
        def wrong(rule: str, en: str, zh: str) -> None:
            self.report.violated(rule, en, zh, shard, index)

        what, now = leaf["what"], self.rounds.get(leaf["round"])
        if what == "opened":
            if now is not None:
                wrong("K1", "a round is opened twice", "一个轮次发起了两次")
            self._opened(leaf, wrong)
            return
        if now is None:
            wrong("K1", "something happens to a round that was never opened", "轮次没有发起就有了记录")
            return
        if now["log"] == "veiled" and (type(leaf["at"]) is int or {"area", "abnormal", "opens"} & leaf.keys()):
            wrong("K4", "a veiled round says more than it may", "隐去的轮次说得太多")
        if what == "erased":
            return
        if now["closed"]:
            if what != "found":
                wrong("K2", "something happens to a closed round", "轮次结束后还有变化")
            return
        if what == "closed":
            now["closed"] = True
            ends = collections.Counter(now["subjects"].values())
            if (leaf["n"], leaf["done"], leaf["missed"]) != (now["n"], ends["done"], ends["missed"]) or (
                leaf["done"] + leaf["missed"] != leaf["n"]
            ):
                wrong("K3", "a round closes with other numbers than its subjects give", "轮次结束时的数字与逐项不符")
            return
        self._subject(leaf, now, wrong)

    def _opened(self, leaf: Leaf, wrong: Callable[[str, str, str], None]) -> None:
        log = self.logs.get(leaf["mech"], "")
        if log in ("", "register"):
            wrong("K1", "a round runs under a text that is not in the log", "轮次依据的文本不在日志中")
        if leaf["version"] > max([0, *self.versions.values()]):
            wrong("K1", "a round asks about a register version not in the log", "轮次所查的台账版本不在日志中")
        if "seed" in leaf and hashlib.sha256(bytes.fromhex(leaf["seed"])).hexdigest() != self.drawn.get(leaf["id"]):
            wrong("K5", "a sample is drawn by another seed than the one committed to", "抽查所用种子与事先承诺的不同")
        if "next" in leaf:
            self.drawn[leaf["id"]] = leaf["next"]
        self.rounds[leaf["round"]] = {"n": leaf["n"], "log": log, "subjects": {}, "closed": False}

    def _subject(self, leaf: Leaf, now: dict[str, Any], wrong: Callable[[str, str, str], None]) -> None:
        what, subjects = leaf["what"], now["subjects"]
        before = subjects.setdefault(leaf["subject"], "due")
        if len(subjects) > now["n"]:
            wrong("K1", "a round has more subjects than it was opened with", "轮次的对象比发起时多")
        if before == "done" or (before == "missed") != (what == "found"):
            wrong("K2", "a subject is answered twice, or mended after it was missed", "一项被答复两次，或漏查后被改写")
        elif what in ("done", "missed"):
            subjects[leaf["subject"]] = what
            self.done += what == "done"
            self.missed += what == "missed"
        if "missed" in leaf and type(leaf["missed"]) is type(leaf["at"]) and leaf["missed"] > leaf["at"]:
            wrong("K2", "a subject is missed before its limit", "时限未到就算漏查")


class Numbers:
    """Public numbers by prefix and year. They may be logged a little out of order, so gaps are judged at the end."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.next: dict[str, int] = {}
        self.ahead: dict[str, set[int]] = {}

    def take(self, number: str, shard: str, index: int, entry: str) -> None:
        group, _, digits = number.rpartition("-")
        n, due = int(digits), self.next.setdefault(group, 1)
        ahead = self.ahead.setdefault(group, set())
        if n < due or n in ahead:
            self.report.violated(
                "N1", f"the number {number} is given twice", f"编号 {number} 用了两次", shard, index, entry
            )
            return
        ahead.add(n)
        while due in ahead:
            ahead.discard(due)
            due += 1
        self.next[group] = due

    def end(self, veiled: int) -> None:
        """Judge the gaps: no more numbers may be missing than veiled events there are, whose numbers nobody sees."""
        for group, ahead in self.ahead.items():
            if ahead:
                gaps = max(ahead) - self.next[group] + 1 - len(ahead)
                if gaps <= veiled:
                    self.report.remark(
                        ("veiled", group),
                        f"{gaps} numbers are not in sight; entries of veiled boards have numbers too",
                        f"有 {gaps} 个编号看不到；隐去的榜上的事项也占编号",
                    )
                    continue
                missing = [
                    n for n in range(self.next[group], min(max(ahead), self.next[group] + 1000)) if n not in ahead
                ]
                names = ", ".join(f"{group}-{n:06d}" for n in missing[:5])
                self.report.violated("N1", f"numbers are missing: {names} …", f"缺少编号：{names} ……")


# ── The whole log ───────────────────────────────────────────────────────────────────────────────────────────


class Shard(NamedTuple):
    name: str
    origin: str
    vkey: str


def read_shards(place: Place) -> list[Shard]:
    """Step 1."""
    data = needed(place.read("shards.json", MOST_SHARDS_FILE), "shards.json")
    try:
        shards = [Shard(s["name"], s["origin"], s["vkey"]) for s in _decode(data.decode("utf-8"))["shards"]]
        good = all(re.fullmatch(r"[0-9]{4}", s.name) and is_word(s.origin) and isinstance(s.vkey, str) for s in shards)
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good or not 0 < len(shards) <= MOST_SHARDS or [s.name for s in shards] != sorted({s.name for s in shards}):
        raise Unreadable("shards.json is not a list of yearly logs.", "shards.json 不是年度日志列表。")
    return shards


class Verification:
    def __init__(
        self,
        source: str,
        keys: Sequence[Key],
        remembered: dict[str, Any],
        report: Report,
        jobs: int = 1,
        most_leaves: int = MOST_LEAVES,
    ) -> None:
        self.source, self.place = source, opened(source)
        self.given = {key.name: key for key in keys}
        self.remembered = remembered
        self.report = report
        self.jobs, self.most_leaves = jobs, most_leaves
        self.library = Library(report)
        self.replay = Replay(report, self.library)
        self.numbers = Numbers(report)
        self.rounds = Rounds(report)
        self.kinds: collections.Counter[str] = collections.Counter()
        self.seen: dict[str, Any] = {}  # origin → {size, root, vkey}
        self.city: Leaf | None = None
        self.trusted: set[str] = set()

    def run(self) -> None:
        shards = read_shards(self.place)
        previous: Previous = None
        for shard in shards:
            key = self._key(shard, previous)
            point = self._checkpoint(shard, key)
            first, last = self._leaves(shard, point)
            self._join(shard, point, first, previous)
            self.seen[shard.origin] = {"size": point.size, "root": point.root.hex(), "vkey": shard.vkey}
            previous = (shard, point, last)
        self.library.end(shards[-1].name)
        self.numbers.end(self.replay.veiled)
        self.replay.end()
        self._vanished(shards)
        if self.given and not self.trusted:
            self.report.violated("L1", "no yearly log is signed by the key you gave", "没有任何年度日志由所给密钥签名")
        for shard in shards:
            if self.given and self.trusted and shard.origin not in self.trusted:
                self.report.violated(
                    "L4", "nothing ties this yearly log to the key you gave", "此年度日志与所给密钥无关联", shard.name
                )

    def _key(self, shard: Shard, previous: Previous) -> Key:
        """Step 2: the key given; else the one remembered; else the one the city shows, which proves only itself."""
        shown = parse_key(shard.vkey)
        if shown is None or shown.name != shard.origin:
            raise Unreadable(
                f"The key of {shard.name} in shards.json is none.", f"shards.json 中 {shard.name} 的密钥无效。"
            )
        given = self.given.get(shard.origin)
        if given is not None:
            self.trusted.add(shard.origin)
            if given.public != shown.public:
                self.report.violated(
                    "L1",
                    "shards.json shows another key than the one you gave",
                    "shards.json 中的密钥与所给不同",
                    shard.name,
                )
            return given
        known = self.remembered.get(shard.origin)
        if known is not None and known.get("vkey") != shard.vkey:
            self.report.violated(
                "L1", "the key is another one than at the last check", "密钥与上次核验时不同", shard.name
            )
        if previous is not None and previous[0].origin in self.trusted:
            closing = (previous[2] or {}).get("next") or {}
            if (closing.get("origin"), closing.get("vkey")) == (shard.origin, shard.vkey):
                self.trusted.add(shard.origin)
        return shown

    def _checkpoint(self, shard: Shard, key: Key) -> Checkpoint:
        """Step 3."""
        data = needed(self.place.read(f"{shard.name}/checkpoint", MOST_NOTE), f"{shard.name}/checkpoint")
        parsed = parse_checkpoint(data)
        if parsed is None:
            raise Unreadable(
                f"{shard.name}/checkpoint is not a signed checkpoint.", f"{shard.name}/checkpoint 不是已签名的检查点。"
            )
        point, text, signatures = parsed
        if point.origin != shard.origin:
            self.report.violated(
                "L1", f"the checkpoint is of {clean(point.origin)}", f"检查点属于 {clean(point.origin)}", shard.name
            )
        if not is_signed(text, signatures, key):
            self.report.violated(
                "L1", "the checkpoint is not signed by the key", "检查点没有该密钥的有效签名", shard.name
            )
        if point.size > self.most_leaves:
            raise Unreadable(
                f"{shard.name} claims {point.size} leaves; allow that many with --most-leaves.",
                f"{shard.name} 自称有 {point.size} 片叶；请用 --most-leaves 放行。",
            )
        return point

    def _leaves(self, shard: Shard, point: Checkpoint) -> tuple[Leaf | None, Leaf | None]:
        """Steps 4 to 9 for one year; returns its first and last leaf."""
        tree, index = Tree(), 0
        first: Leaf | None = None
        last: Leaf | None = None
        known = self._known(shard, point)
        wrong_tiles: list[str] = []

        def finished(level: int, n: int, row: list[bytes]) -> None:
            if level:  # level 0 was compared where the bundle was hashed
                wrong_tiles.append(tile_differs(self.place, shard.name, level, n, row))

        for leaves, hashes, problem, malformed in bundles(self.source, self.place, shard.name, point.size, self.jobs):
            wrong_tiles.append(problem)
            if not hashes:
                # Nothing after a bundle that cannot be cut into leaves has a known place: stop here.
                self.report.violated(
                    "L2", f"{clean(problem)} is damaged", f"{clean(problem)} 已损坏", shard.name, index
                )
                return first, None
            if known and tree.size < known[0] <= tree.size + len(hashes):
                self._compare_remembered(shard, known, tree.root(hashes[: known[0] - tree.size]))
            tree.add(hashes, finished)
            for i, leaf in enumerate(leaves):
                if leaf is None:
                    texts = malformed[i]
                    self.report.violated("F1", texts["en"], texts["zh"], shard.name, index)
                else:
                    self._leaf(leaf, shard, index, point.size)
                    first, last = (leaf if index == 0 else first), leaf
                index += 1
        for level, row in enumerate(tree.rows):
            if row and level:
                wrong_tiles.append(tile_differs(self.place, shard.name, level, point.size >> 8 * level + 8, row))
        for path in [path for path in wrong_tiles if path][:5]:
            self.report.violated(
                "L2",
                f"{clean(path)} does not hold the hashes of its leaves",
                f"{clean(path)} 与其叶的哈希不符",
                shard.name,
            )
        if tree.root() != point.root:
            self.report.violated(
                "L2",
                "the leaves do not give the signed root: something was changed, removed or reordered",
                "各叶得不出已签名的根：有改动、删除或换序",
                shard.name,
            )
        return first, last

    def _known(self, shard: Shard, point: Checkpoint) -> tuple[int, str] | None:
        """Step 5, first half: what was remembered of this year, if anything."""
        known = self.remembered.get(shard.origin)
        if known is None:
            return None
        if point.size < known["size"]:
            self.report.violated(
                "L3",
                f"it had {known['size']} leaves at the last check and has {point.size} now",
                f"上次核验有 {known['size']} 片叶，现在只有 {point.size}",
                shard.name,
            )
            return None
        return (known["size"], known["root"]) if known["size"] else None

    def _compare_remembered(self, shard: Shard, known: tuple[int, str], root: bytes) -> None:
        """Step 5, second half: the leaves of then still come first, unchanged."""
        if root.hex() != known[1]:
            self.report.violated(
                "L3",
                f"the first {known[0]} leaves are not those of the last check: history was rewritten",
                f"前 {known[0]} 片叶与上次核验不同：历史被改写",
                shard.name,
            )

    def _vanished(self, shards: Sequence[Shard]) -> None:
        """Step 5, last: a year that was there at the last check."""
        for origin in self.remembered:
            if origin not in {shard.origin for shard in shards} and any(
                origin.rpartition("/")[0] == shard.origin.rpartition("/")[0] for shard in shards
            ):
                self.report.violated(
                    "L3", f"the yearly log {clean(origin)} has vanished", f"年度日志 {clean(origin)} 不见了"
                )

    def _leaf(self, leaf: Leaf, shard: Shard, index: int, size: int) -> None:
        kind = leaf["kind"]
        self.kinds[kind] += 1
        if kind == "event":
            if "number" in leaf:
                self.numbers.take(leaf["number"], shard.name, index, leaf["entry"])
            self.replay.event(leaf, shard.name, index)
        elif kind == "publish":
            self.library.take(leaf, shard.name, index)
        elif kind == "transfer":
            self.library.transfer(leaf, shard.name, index)
        elif kind == "withdraw":
            self.library.signed(leaf, shard.name, index)
        elif kind == "policy":
            self.replay.policy(leaf)
        elif kind == "definition":
            self.rounds.defined(leaf, shard.name, index)
        elif kind == "register":
            self.rounds.imported(leaf, shard.name, index)
        elif kind == "round":
            self.rounds.step(leaf, shard.name, index)
        elif kind == "outage":
            self.replay.outages.append((leaf["since"], leaf["until"]))
        elif kind == "erased":
            self.replay.erased += 1
            if bytes.fromhex(leaf["entry"]) not in self.replay.entries and not self.replay.veiled:
                self.report.violated(
                    "E1",
                    "something is erased of an entry that is not in the log",
                    "被删除内容所属事项不在日志中",
                    shard.name,
                    index,
                    leaf["entry"],
                )
        if (kind == "city") != (index == 0) and not (kind == "city" and "next" in leaf and index == size - 1):
            self.report.violated(
                "L4",
                "a yearly log begins with its city leaf and has no other but the one that closes it",
                "年度日志以城市叶开头，除收尾外别无城市叶",
                shard.name,
                index,
            )

    def _join(self, shard: Shard, point: Checkpoint, first: Leaf | None, previous: Previous) -> None:
        """One year follows from the other: the first leaf quotes the last checkpoint of the year before."""
        if point.size == 0:
            self.report.violated("L4", "it is empty", "内容为空", shard.name)
            return
        if first is None or first["kind"] != "city":
            return  # said already
        if first["origin"] != shard.origin:
            self.report.violated("L4", "its first leaf names another log", "首叶所指为另一日志", shard.name, 0)
        if self.city is not None and (first["city"], first["demonstration"]) != (
            self.city["city"],
            self.city["demonstration"],
        ):
            self.report.violated(
                "L4", "it is of another city than the year before", "与上一年不是同一城市", shard.name, 0
            )
        self.city = first
        quoted = first.get("previous")
        if previous is None:
            if quoted is not None:
                self.report.violated(
                    "L4", "it quotes an earlier year that is not shown", "它引用了未列出的更早年度", shard.name, 0
                )
            return
        if quoted is None or quoted["name"] != previous[0].name or quoted["checkpoint"] != previous[1].note:
            self.report.violated(
                "L4",
                "it does not quote the final checkpoint of the year before as it is now",
                "未如实引用上一年的最终检查点",
                shard.name,
                0,
            )
        elif shard.origin in self.trusted:
            self.trusted.add(previous[0].origin)  # the trusted year vouches for the one it quotes
        closing = (previous[2] or {}).get("next")
        if closing is None or (closing["origin"], closing["vkey"]) != (shard.origin, shard.vkey):
            self.report.violated(
                "L4", "the year before was not closed with this year's key", "上一年未以本年密钥收尾", shard.name, 0
            )


# ── Receipts ────────────────────────────────────────────────────────────────────────────────────────────────


def inclusion_root(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root a proof leads to (RFC 9162 section 2.1.3.2), or None when it has the wrong length."""
    position, last, result = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return None
        if position & 1 or position == last:
            result = hashlib.sha256(b"\x01" + sibling + result).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\x01" + result + sibling).digest()
        position, last = position >> 1, last >> 1
    return None if last else result


def check_receipt(data: bytes, keys: Sequence[Key], place: Place | None, report: Report) -> None:
    """Verify one `.tlog-proof` file: its leaf is in the signed log, and its disclosures are the leaf's own."""
    refused = Unreadable("This is not a receipt (.tlog-proof) of this log.", "这不是本日志的回执（.tlog-proof）。")
    try:
        head, empty, note = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise refused from None
    lines = head.split("\n")
    if not empty or lines.pop(0) != "c2sp.org/tlog-proof@v1" or not lines:
        raise refused
    extra = b64(lines.pop(0)[6:]) if lines[0].startswith("extra ") else b""
    index = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines.pop(0)) if lines else None
    proof = [b64(line) or b"" for line in lines]
    parsed = parse_checkpoint(note.encode())
    if index is None or parsed is None or extra is None or len(proof) > 63 or any(len(h) != 32 for h in proof):
        raise refused
    try:
        carried = _decode(extra.decode("utf-8"))
        entry, disclosures = carried["leaf"].encode("utf-8"), list(carried["disclosures"])
        expect(all(isinstance(text, str) for text in disclosures))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("The receipt does not carry its leaf.", "回执没有附上它的叶。") from None
    point, signed, signatures = parsed
    number = int(index.group(1))
    leaf_hash = hashlib.sha256(b"\x00" + entry).digest()
    if number >= point.size or inclusion_root(leaf_hash, number, point.size, proof) != point.root:
        report.violated(
            "L2", "the leaf is not in the signed tree at this place", "该叶不在已签名的树的此处", "", number
        )
    key = next((key for key in keys if key.name == point.origin), None)
    if key is None:
        raise Unreadable(
            f"Give the key of {clean(point.origin)} with --key: without it anybody could have made this receipt.",
            f"请用 --key 给出 {clean(point.origin)} 的密钥：否则任何人都能伪造回执。",
        )
    if not is_signed(signed, signatures, key):
        report.violated("L1", "the receipt's checkpoint is not signed by the key", "回执的检查点没有该密钥的有效签名")
    try:
        leaf = parse_leaf(entry)
    except Malformed as error:
        report.violated("F1", error.texts["en"], error.texts["zh"], "", number)
        return
    report.say(
        f"The receipt shows leaf {number} of {clean(point.origin)}, signed when it had {point.size} leaves.",
        f"回执为 {clean(point.origin)} 的第 {number} 片叶，签名时共有 {point.size} 片叶。",
    )
    if leaf["kind"] == "event" and "entry" in leaf:
        by, at = clean(leaf["by"]["party"]), show(leaf["at"])
        report.say(
            f"Entry {leaf['entry']}, event {leaf['seq']}: “{clean(leaf['move'])}” "
            f"by {by} led to “{clean(leaf['to'])}” ({at}).",
            f"事项 {leaf['entry']} 第 {leaf['seq']} 条："
            f"{by}“{clean(leaf['move'])}”，转入“{clean(leaf['to'])}”（{at}）。",
        )
    digests = list(leaf.get("sd", ())) + ([leaf["commit"]] if "commit" in leaf else [])
    names: set[str] = set()
    for text in disclosures:
        name, value, problem = opened_disclosure(text, digests)
        if problem or name in names:
            report.violated("F1", "a disclosure does not belong to this leaf", "有披露不属于此叶", "", number)
            continue
        names.add(name)
        shown = clean(json.dumps(value, ensure_ascii=False), 600)
        report.say(f"Disclosed {clean(name)}: {shown}", f"披露 {clean(name)}：{shown}")
    if place is not None:
        compare_with_log(place, point, number, leaf_hash, report)


def opened_disclosure(text: str, digests: Sequence[str]) -> tuple[str, Any, bool]:
    """Return a disclosure's name and value, or that it opens none of the digests (RFC 9901 section 7.1)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).rstrip(b"=").decode()
    data = b64(text, url=True) if text.isascii() else None
    try:
        salt, name, value = json.loads((data or b"").decode("utf-8"))
    except (ValueError, TypeError, RecursionError):
        return "", None, True
    good = isinstance(salt, str) and isinstance(name, str) and name not in ("_sd", "...") and digest in digests
    return name, value, not good


def compare_with_log(place: Place, point: Checkpoint, number: int, leaf_hash: bytes, report: Report) -> None:
    """The receipt against the log as it is shown today: the same leaf must still stand at the same place."""
    for shard in read_shards(place):
        if shard.origin == point.origin:
            data = needed(place.read(f"{shard.name}/checkpoint", MOST_NOTE), f"{shard.name}/checkpoint")
            parsed = parse_checkpoint(data)
            if parsed is None:
                raise Unreadable(
                    f"{shard.name}/checkpoint is not a signed checkpoint.",
                    f"{shard.name}/checkpoint 不是已签名的检查点。",
                )
            size = parsed[0].size
            if size < point.size:
                report.violated(
                    "L3",
                    f"the log has {size} leaves now, the receipt saw {point.size}",
                    f"日志现有 {size} 片叶，回执时有 {point.size}",
                    shard.name,
                )
                return
            n = number // WIDTH
            tile, _, _ = read_tile(place, shard.name, "0", n, min(WIDTH, size - n * WIDTH), WIDTH * 32)
            if tile[number % WIDTH * 32 :][:32] != leaf_hash:
                report.violated(
                    "L3",
                    "the log shows another leaf at this place today",
                    "日志今天在此处显示的是另一片叶",
                    shard.name,
                    number,
                )
            else:
                report.say("The log still shows the same leaf at this place today.", "日志今天在此处仍是同一片叶。")
            return
    report.violated("L3", "the receipt's yearly log is not shown any more", "回执所属的年度日志已不在列")


# ── Remembering ─────────────────────────────────────────────────────────────────────────────────────────────


def remembered_in(path: str | None) -> tuple[dict[str, Any], int | None]:
    """Return what an earlier run saw, by origin, and when it looked; nothing and None for a first run."""
    if path is None or not Path(path).exists():
        return {}, None
    refused = Unreadable(f"{clean(path)} was not written by this program.", f"{clean(path)} 不是本程序所写。")
    try:
        kept = json.loads(Path(path).read_text(encoding="utf-8"))
        seen: dict[str, Any] = kept["seen"]
        for known in seen.values():
            if not is_whole(known["size"]) or not is_hex(64)(known["root"]) or not isinstance(known["vkey"], str):
                raise refused
        at = kept.get("at")
        if at is not None and not is_whole(at):
            raise refused
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise refused from None
    return seen, at


def remember(path: str, seen: dict[str, Any]) -> None:
    target = Path(path).absolute()
    try:
        with tempfile.NamedTemporaryFile("w", dir=target.parent, encoding="utf-8", delete=False) as file:
            json.dump({"seen": seen, "at": int(time.time() * 1000)}, file, indent=1)
        Path(file.name).replace(target)
    except OSError as error:
        raise Unreadable(
            f"{clean(path)} cannot be written: {error.strerror}.", f"{clean(path)} 无法写入：{error.strerror}。"
        ) from None


# ── Step 10: reporting ──────────────────────────────────────────────────────────────────────────────────────


CHINESE = {
    "solved": "已解决", "explained": "已说明", "withdrawn": "已撤回", "joined": "已并入",
    "lapsed": "提出人未回应", "failed": "未兑现", "raiser-code": "提出人凭码", "raiser-account": "提出人凭账号",
    "window": "窗口当面", "proxy": "亲属代办", "call-back": "回访", "officer": "工作人员", "raisers": "多位提出人",
}  # fmt: skip


def counted(numbers: collections.Counter[str], report: Report) -> str:
    names = CHINESE if report.lang == "zh" else {}
    return ("、" if names else ", ").join(f"{names.get(name, name)} {n}" for name, n in sorted(numbers.items()))


def summary(check: Verification, report: Report, seconds: float) -> None:
    if check.city is not None:
        name = check.city["name"]
        title = clean(name.get(report.lang) or next(iter(name.values())))
        report.say(f"City: {title} ({clean(check.city['city'])}).", f"城市：{title}（{clean(check.city['city'])}）。")
        if check.city["demonstration"]:
            report.say(
                "This is a DEMONSTRATION: its log may play the past, and its people are invented.",
                "这是演示：日志可以补演过去，人物均为虚构。",
            )
    leaves = sum(check.kinds.values())
    replay = check.replay
    years = ", ".join(sorted(origin.rpartition("/")[2] for origin in check.seen))
    report.say(
        f"Read {leaves} leaves of {clean(years)} in {seconds:.1f} s: "
        f"{replay.events} events of {len(replay.entries)} entries, "
        f"{len(check.library.programs)} mechanism programs, {replay.veiled} veiled events, {replay.erased} erasures.",
        f"用 {seconds:.1f} 秒读取 {clean(years)} 年 {leaves} 片叶："
        f"{len(replay.entries)} 个事项的 {replay.events} 条记录，"
        f"{len(check.library.programs)} 个机制程序，{replay.veiled} 条隐去的记录，{replay.erased} 次删除。",
    )
    certificates(check.library, report)
    if check.rounds.rounds:
        n, done, missed = len(check.rounds.rounds), check.rounds.done, check.rounds.missed
        report.say(
            f"Rounds: {n}, {done} subjects answered, {missed} missed, counted again from the log.",
            f"轮次：{n} 轮，已查 {done} 项，漏查 {missed} 项，均由日志重新数出。",
        )
    if replay.meanings:
        ended = counted(replay.meanings, report)
        report.say(f"Ended as: {ended}.", f"终结：{ended}。")
    if replay.verified:
        ways = counted(replay.verified, report)
        report.say(f"Solved, verified by: {ways}.", f"已解决，核实方式：{ways}。")


UNITS = {
    "count": ("working days", "个工作日"),
    "minutes": ("minutes", "分钟"),
    "closings": ("closings of the office", "次办公结束"),
}


def certificates(library: Library, report: Report) -> None:
    for name, shown in library.proved.items():
        en, zh = UNITS[shown["measure"]]
        days = shown["days"]
        report.say(
            f"Proved of {name}: it closes within {shown['bound']} {en}"
            + (f" ({clean(days)} calendar days by its calendar)" if days else "")
            + ", and nothing is solved unverified.",
            f"已证明 {name}：{shown['bound']} {zh}之内必有结果"
            + (f"（按其日历 {clean(days)} 天）" if days else "")
            + "，未经他人核实不算解决。",
        )
    if library.unproved:
        report.say(
            f"{library.unproved} certificates were not checked: put prove.py beside this file, then run it again.",
            f"有 {library.unproved} 份证书未核验：请把 prove.py 放在本文件旁，再运行一次。",
        )


def trust_lines(check: Verification, report: Report) -> None:
    shown = check.seen
    if check.given:
        if report.holds:
            report.say("The log is signed by the key you gave.", "日志由所给密钥签名。")
        return
    if shown and all(origin in check.remembered for origin in shown):
        report.say("The key is the one of the last check.", "密钥与上次核验相同。")
        return
    for origin in sorted(shown):
        key = parse_key(shown[origin]["vkey"])
        assert key is not None, "it was parsed before"
        report.say(f"Key of {clean(origin)}: {fingerprint(key)}", f"{clean(origin)} 的密钥：{fingerprint(key)}")
        report.say(f"  --key '{clean(key.vkey, 400)}'", f"  --key '{clean(key.vkey, 400)}'")
    report.say(
        "You gave no key, so this shows only that the log agrees with itself. Compare the key above with the printed "
        "one (on a receipt or a notice), then run again with --key.",
        "未给密钥，因此只能说明日志自身一致。请将上面的密钥与印在回执或公告上的核对，再用 --key 运行。",
    )


def memory_lines(check: Verification, report: Report, path: str, at: int | None) -> None:
    """Say what the comparison with the last check found; its violations are said by themselves."""
    if not report.holds:
        return
    if not check.remembered.keys() & check.seen.keys():
        report.say(
            f"{clean(path)} now remembers this log. The next run with the same --state says whether anything vanished.",
            f"{clean(path)} 已记下这份日志。下次用同样的 --state 运行，会说明有没有内容消失。",
        )
        return
    then = sum(known["size"] for origin, known in check.remembered.items() if origin in check.seen)
    new = sum(known["size"] for known in check.seen.values()) - then
    report.say(*nothing_vanished(then, new, at))


def nothing_vanished(then: int, new: int, at: int | None = None) -> tuple[str, str]:
    """What a second run says when all is well, in English and Chinese."""
    when, when_zh = (f" ({show(at)})", f"（{show(at)}）") if at is not None else ("", "")
    return (
        f"Since the last check{when} nothing has vanished: all {then} leaves of then are still there, unchanged and in "
        f"the same order; {new} are new.",
        f"自上次核验{when_zh}以来没有内容消失：当时的 {then} 片叶都在，内容和次序未变；新增 {new} 片。",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Check a city's public log without trusting the city."
    )
    parser.add_argument("source", nargs="?", help="http(s) address or folder of the log, ending in /log")
    parser.add_argument(
        "--key", action="append", default=[], metavar="VKEY", help="the log's key, from a printed notice"
    )
    parser.add_argument("--state", metavar="FILE", help="remember what was seen, and compare with it next time")
    parser.add_argument("--receipt", metavar="FILE", help="verify one .tlog-proof file, offline if no source is given")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that fetch and hash ahead")
    parser.add_argument("--most-leaves", type=int, default=MOST_LEAVES, metavar="N", help="refuse larger yearly logs")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the report")
    options = parser.parse_args(arguments)
    if not options.source and not options.receipt:
        parser.error("give the address or folder of a log, or --receipt FILE")
    report = Report(options.lang)
    try:
        code = run(options, report)
    except Unreadable as error:
        # What was found before the reading stopped is still said: a violation outweighs a missing file.
        report.say(error.texts["en"], error.texts["zh"])
        code = 1 if report.violations else 2
    except (MemoryError, RecursionError) as error:
        report.say(f"Too much to read: {type(error).__name__}.", f"内容过多：{type(error).__name__}。")
        code = 2
    verdict = {
        0: ("All of it holds.", "全部成立。"),
        1: ("VIOLATED: see above. Keep this output and tell others.", "不成立：见上。请保存此结果并告知他人。"),
        2: ("Could not be checked: see above.", "未能核验：见上。"),
    }[code]
    report.say(*verdict)
    lines = report.text().split("\n")
    # The verdict was said before the violations were listed; it reads best last.
    spoken = lines.index(report.lines[-1])
    print("\n".join([*lines[:spoken], *lines[spoken + 1 :], lines[spoken]]))
    return code


def run(options: argparse.Namespace, report: Report) -> int:
    keys = [key for key in map(parse_key, options.key) if key is not None]
    if len(keys) < len(options.key):
        raise Unreadable("--key is not a key: copy the whole line name+digits+base64.", "--key 不是密钥：请复制整行。")
    if options.receipt:
        try:
            with Path(options.receipt).open("rb") as file:
                data = file.read(MOST_RECEIPT + 1)
        except OSError as error:
            raise Unreadable(
                f"{clean(options.receipt)}: {error.strerror}.", f"{clean(options.receipt)}:{error.strerror}。"
            ) from None
        place = opened(options.source) if options.source else None
        try:
            check_receipt(bounded(data, options.receipt, MOST_RECEIPT), keys, place, report)
        finally:
            if place is not None:
                place.close()
        return 0 if report.holds else 1
    began = time.monotonic()
    remembered, looked_at = remembered_in(options.state)
    check = Verification(options.source, keys, remembered, report, options.jobs, options.most_leaves)
    try:
        check.run()
    finally:
        check.place.close()
        summary(check, report, time.monotonic() - began)
    trust_lines(check, report)
    if options.state:
        memory_lines(check, report, options.state, looked_at)
    if report.holds and options.state:
        remember(options.state, {**remembered, **check.seen})
    return 0 if report.holds else 1


if __name__ == "__main__":
    # A report in Chinese must not die of a terminal that speaks ASCII.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(2)
