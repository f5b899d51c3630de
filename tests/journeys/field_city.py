"""Put work before the city's people: `python -m tests.journeys.field_city claimed 2 called` in a running city.

A program of its own, like `staff.py`. It prints what it made, a line each: `lamps LS-26-000001`.

| word | what |
|---|---|
| `people` | the safety committee, a second unit's patroller, one whose telephone will be lost, one with two offices |
| `raised N` | N matters nobody has read yet |
| `posted N` | N matters posted by the community, which no unit has claimed |
| `claimed N` | N matters posted by the community and claimed by the lighting unit |
| `called` | a matter done three weeks ago, whose raiser never answered: the clock makes it a call-back |
| `hung` | a hazard the lighting unit has to remove: several duties side by side |
| `settled` | the same with its five duties done, so that the next step asks nothing |
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

from PIL import Image

from jiebang.desk.context import django_with_database
from jiebang.engine.model import Actor, Json
from tests.journeys.staff import COMMUNITY, PASSWORD

# Name → office and end of the unit's slug, for each office they hold; all of the county.
PEOPLE = {
    "committee": [("safety-committee", "board-office")],
    "patrol": [("handler", "drainage")],
    "loser": [("handler", "sanitation")],
    "both": [("handler", "lighting"), ("safety-committee", "board-office")],
}


def main(*words: str) -> None:
    with django_with_database(role="owner"):
        for word, after in zip(words, [*words[1:], "1"], strict=True):
            if word.isdecimal():
                continue
            if word == "people":
                appoint()
            else:
                for _ in range(int(after) if after.isdecimal() else 1):
                    print(word, WISHES[word]())


def appoint() -> None:
    from jiebang.people import queries, services

    county = queries.place(COMMUNITY)["county"]
    for name, offices in PEOPLE.items():
        user = services.create_user(name, display_name=name.title(), password=PASSWORD)
        for office, ending in offices:
            unit = next(unit.slug for unit in queries.units_of(county) if unit.slug.endswith(ending))
            services.appoint(user, office=office, unit=unit, area=county, since=date(2026, 1, 1))


def raised(at: datetime | None = None) -> str:
    return _raise("residents", "raise", {"what": "灯又坏了。", "where": COMMUNITY}, at or datetime.now(UTC))


def posted(at: datetime | None = None) -> str:
    number = raised(at)
    lamp = {"public-title": "白塔街口路灯不亮", "public-text": "灯坏了三天。", "category": "street-light"}
    assert _act(number, "post", "clerk", lamp, at or datetime.now(UTC))
    return number


def claimed(at: datetime | None = None) -> str:
    number, at = posted(at), at or datetime.now(UTC)
    # Four days ahead there is a working day within the longest promise, whatever day the tests run on.
    for days in range(1, 15):
        promise = {"promised-date": (at + timedelta(days=days)).date().isoformat(), "contact": "王师傅 2430000"}
        if _act(number, "claim", "lamps", promise, at):
            return number
    raise SystemExit("no working day to promise")


def called() -> str:
    then = datetime.now(UTC) - timedelta(days=21)
    number = claimed(then)
    assert _act(number, "finish", "lamps", {"what-was-done": "换了灯泡。"}, then, shows="photo")
    return number


def hung() -> str:
    at = datetime.now(UTC)
    number = _raise("hazard", "report", {"what": "配电箱没有门，水会进去。", "where": COMMUNITY}, at)
    unit = _actor("lamps").appointments[0].unit
    assert _act(number, "hang", "committee", {"grade": "major", "unit": unit}, at)
    return number


def settled() -> str:
    number, at = hung(), datetime.now(UTC)
    by = (at + timedelta(days=30)).date().isoformat()
    for duty, answers in {
        "responsible": {"post": "站长"},
        "measures": {"measures": "先断电，再装门"},
        "money": {"amount": 3000, "source-of-money": "养护费"},
        "term": {"plan-ends": by},
    }.items():
        assert _act(number, f"duty:{duty}", "lamps", answers, at), duty
    assert _act(number, "duty:emergency", "lamps", {}, at, shows="document")
    return number


def _raise(mechanism: str, opening: str, answers: dict[str, str], at: datetime) -> str:
    from jiebang.boards import services
    from jiebang.engine import ANYONE

    asked = services.Opening(mechanism, opening, ANYONE, COMMUNITY, answers, secrets.token_hex(16))
    opened = services.open_entry(asked, at=at)
    assert isinstance(opened, services.Opened), opened
    return opened.number


def _act(number: str, move: str, who: str, answers: Mapping[str, Json], at: datetime, *, shows: str = "") -> bool:
    from jiebang.boards import services

    page = BytesIO()
    Image.new("RGB", (64, 90), "white").save(page, "JPEG")
    files = [services.Upload(shows, "", "plan.jpg", page.getvalue())] if shows else []
    command = services.Command(number, move, _actor(who), answers, files)
    return isinstance(services.act(command, at=at), services.Done)


def _actor(name: str) -> Actor:
    from django.contrib.auth import get_user_model

    from jiebang.people import queries

    return queries.actor(get_user_model().objects.get(username=name).pk)


WISHES = {
    "raised": raised,
    "posted": posted,
    "claimed": claimed,
    "called": called,
    "hung": hung,
    "settled": settled,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
