"""A small town for the tests of the boards: three communities, ten people, the boards `residents` and `hazard`."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO

from django.db import connection
from PIL import Image

from jiebang.boards import services as boards
from jiebang.boards.services import Command, Done, Opened, Opening, Upload
from jiebang.engine import canonical, checker, parser, worktime
from jiebang.engine.model import ANYONE, Actor, Program, Refused
from jiebang.people import queries as people
from jiebang.people import services as people_services
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook

MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Leshan
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

CITY, COUNTY, TOWNSHIP, COMMUNITY = "511100000000", "511102000000", "511102001000", "511102001001"
NEIGHBOUR, OTHER_COUNTY, OTHER_COMMUNITY = "511102001002", "511112000000", "511112100001"

_AREAS = [
    (CITY, "", "city", "city", "乐山市", "Leshan"),
    (COUNTY, CITY, "county", "district", "市中区", "Shizhong"),
    (TOWNSHIP, COUNTY, "township", "street", "泊水街道", "Boshui"),
    (COMMUNITY, TOWNSHIP, "community", "community", "板厂街社区", "Banchangjie"),
    (NEIGHBOUR, TOWNSHIP, "community", "community", "人民西路社区", "Renmin Xilu"),
    (OTHER_COUNTY, CITY, "county", "district", "五通桥区", "Wutongqiao"),
    ("511112100000", OTHER_COUNTY, "township", "town", "竹根镇", "Zhugen"),
    (OTHER_COMMUNITY, "511112100000", "community", "community", "涌江社区", "Yongjiang"),
]
_UNITS = [
    ("duty", "office", CITY, "市政府值班室", "Duty office"),
    ("office", "office", COUNTY, "市中区民声榜办公室", "Board office"),
    ("lighting", "unit", COUNTY, "市中区路灯管护单位", "Street lighting"),
    ("works", "unit", COUNTY, "市中区城建管理单位", "Urban works"),
    ("window", "community", COMMUNITY, "板厂街社区窗口", "Service window"),
]
_PEOPLE = {
    "community": ("staff", "window", COMMUNITY),
    "office": ("board-office", "office", COUNTY),
    "caller": ("staff", "office", COUNTY),
    "caller2": ("staff", "office", COUNTY),
    "lighting": ("handler", "lighting", COUNTY),
    "works": ("handler", "works", COUNTY),
    "safety": ("safety-committee", "office", COUNTY),
    "duty": ("government-duty", "duty", CITY),
    "resident": None,
}

PUBLIC = {
    "public-title": "路灯不亮",
    "public-text": "板厂街12号路口的路灯三天不亮,晚上走路看不清。",
    "category": "street-light",
}
WHAT = {"what": "我家门口的路灯坏了,老人摔了一跤。", "where": COMMUNITY}


@dataclass(slots=True)
class Town:
    """The people of the town, as the engine knows them, and what they do."""

    people: dict[str, Actor]
    is_damaged: bool = False  # a test broke something on purpose, so the audit at its end may find it

    def __getattr__(self, name: str) -> Actor:
        return self.people[name]

    def raises(self, *, at: datetime = MONDAY_NINE, key: str = "", **more: object) -> Opened:
        """Raise a street lamp and return the receipt."""
        opened = boards.open_entry(an_opening(key=key, **more), at=at)
        assert isinstance(opened, Opened), opened
        return opened

    def does(self, who: str | Actor, move: str, number: str, *, at: datetime = MONDAY_NINE, **more: object) -> Done:
        answer = self.tries(who, move, number, at=at, **more)
        assert isinstance(answer, Done), answer
        return answer

    def tries(
        self, who: str | Actor, move: str, number: str, *, at: datetime = MONDAY_NINE, **more: object
    ) -> Done | Refused:
        actor = self.people[who] if isinstance(who, str) else who
        return boards.act(Command(number, move, actor, **more), at=at)  # type: ignore[arg-type]  # passed on as named

    def posted(self, *, at: datetime = MONDAY_NINE, **more: object) -> Opened:
        opened = self.raises(at=at, **more)
        self.does("community", "post", opened.number, at=at, answers=PUBLIC)
        return opened

    def claimed(self, *, at: datetime = MONDAY_NINE) -> Opened:
        opened = self.posted(at=at)
        self.does("lighting", "claim", opened.number, at=at, answers=promise(at))
        return opened

    def finished(self, *, at: datetime = MONDAY_NINE) -> Opened:
        opened = self.claimed(at=at)
        self.does(
            "lighting",
            "finish",
            opened.number,
            at=at,
            answers={"what-was-done": "换了灯泡,已经亮了。"},
            files=[a_photo()],
        )
        return opened

    def comes_back(self, opened: Opened, *, at: datetime = MONDAY_NINE, beside: str = "") -> Actor:
        back = boards.raiser_by_code(opened.code, address="203.0.113.7", at=at, beside=beside)
        assert isinstance(back, boards.ComeBack), back
        return back.actor


def an_opening(*, key: str = "", **more: object) -> Opening:
    given: dict[str, object] = {
        "mechanism": "residents",
        "opening": "raise",
        "actor": ANYONE,
        "area": COMMUNITY,
        "answers": WHAT,
        "key": key or secrets.token_hex(16),
    }
    return Opening(**given | more)  # type: ignore[arg-type]  # passed on as named


def promise(at: datetime, *, days: int = 4) -> dict[str, str]:
    return {"promised-date": (at + days * DAY).date().isoformat(), "contact": "王师傅 13800000000"}


def a_photo(
    *, label: str = "", size: tuple[int, int] = (640, 480), format: str = "JPEG", colour: str = "navy"
) -> Upload:
    written = BytesIO()
    Image.new("RGB", size, colour).save(written, format)
    return Upload("photo", label, "lamp.jpg", written.getvalue())


@contextmanager
def a_town() -> Iterator[Town]:
    """Have the town in an empty database; what this process remembers of other towns is forgotten before and after."""
    people.forget_caches()
    rulebook.forget_caches()
    yield found_town()
    people.forget_caches()
    rulebook.forget_caches()


def found_town() -> Town:
    """Fill an empty database with the town; by rows, because publishing the whole city takes a second."""
    columns = ("code", "parent", "level", "kind", "zh", "en")
    people_services.load_areas([dict(zip(columns, row, strict=True)) for row in _AREAS])
    people_services.load_units([dict(zip(("slug", "kind", "area", "zh", "en"), row, strict=True)) for row in _UNITS])
    _publish()
    known = {}
    for name, appointment in _PEOPLE.items():
        user = people_services.create_user(name, display_name=name, password=None)
        if appointment is not None:
            office, unit, area = appointment
            people_services.appoint(user, office=office, unit=unit, area=area, since=date(2026, 1, 1))
        known[name] = people.actor(user)
    rulebook.forget_caches()
    rulebook.city()  # read once, as a running process has
    return Town(known)


def _publish() -> None:
    documents, versions = _published()
    with connection.cursor() as cursor:
        for kind, name, data in documents:
            cursor.execute(
                "INSERT INTO rulebook_document (kind, name, data, sha256, published_at)"
                " VALUES (%s, %s, %s::jsonb, '', %s)",
                [kind, name, data, MONDAY_NINE],
            )
    for version in versions:
        _insert_version(version)
    rulebook.forget_caches()


def publish_text(text: str) -> None:
    """Put a mechanism in force that stands in no pack."""
    _insert_version(_version(parser.parse(text)))
    rulebook.forget_caches()


def _insert_version(version: tuple[str, str, str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rulebook_version (mechanism, since, scope, text, text_sha256, program, program_hash,"
            " published_at, published_by, report)"
            " VALUES (%s, '2026-01-01', '', '', '', %s::jsonb, %s, %s, 'founding', %s::jsonb)",
            [*version[:3], MONDAY_NINE, version[3]],
        )


def _version(program: Program) -> tuple[str, str, str, str]:
    bounds = checker.check(program).bounds
    return (
        program.id,
        json.dumps(canonical.program_to_json(program)),
        canonical.program_hash(program),
        json.dumps({"bounds": asdict(bounds) if bounds else {}}),
    )


@cache
def _published() -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str, str]]]:
    pack = packs.city("leshan")
    facts = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(pack).items()}
    calendar = packs.calendar(pack)
    documents = [
        ("calendar", calendar.id, json.dumps(worktime.calendar_to_data(calendar))),
        ("city", pack.id, json.dumps(facts)),
        *(("policy", name, json.dumps(table)) for name, table in packs.policy_tables(pack).items()),
    ]
    versions = [
        _version(parser.parse(file.text, vocabulary=packs.categories(pack))) for file in packs.mechanism_files(pack)
    ]
    return documents, versions


def fingerprint() -> str:
    """Return a hash of every row of this room and the log's leaves: equal before and after means nothing changed."""
    parts = []
    with connection.cursor() as cursor:
        for table in (
            "entry",
            "event",
            "private",
            "attachment",
            "text",
            "raiser",
            "request",
            "limit",
            "counter",
            "link",
        ):
            cursor.execute(
                f"SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text), '[]')::text FROM boards_{table} t"
            )
            parts.append(cursor.fetchone()[0])
        cursor.execute("SELECT coalesce(jsonb_agg(id ORDER BY id), '[]')::text FROM ledger_leaf")
        parts.append(cursor.fetchone()[0])
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
