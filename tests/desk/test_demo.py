"""The demonstration player: through the door, in order, found again after a kill, and never in a real city."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import connection, transaction

from jiebang.boards import audit as board_audit
from jiebang.boards import queries as board_queries
from jiebang.desk import demo, demo_boards, demo_plan
from jiebang.engine.model import Facts
from jiebang.people import queries as people
from jiebang.rulebook import packs
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import services as rulebook_services

TODAY = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
START_OF_TODAY = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
SMALL = {"entries": 40, "days": 30, "seed": 7}

Standing = dict[tuple[datetime, str], tuple[str, int]]


class Killed(Exception):
    """Stands for a player that dies."""


@pytest.fixture(autouse=True)
def _own_caches(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a strong one takes a second a play
    _forget()
    yield
    _forget()


def _forget() -> None:
    people.forget_caches()
    rulebook.forget_caches()


def _play(folder: Path, **more: Any) -> demo.Played:
    return demo.play(at=TODAY, accounts=folder / "accounts.txt", **{**SMALL, **more})


def _standing() -> Standing:
    level = rulebook.city().levels[-1]

    def origin(facts: Facts) -> tuple[datetime, str]:
        return facts.raised_at, facts.place[level]

    facts = board_queries.standing(rulebook.city().raise_mechanism).values()
    return {origin(each): (each.state, each.seq) for each in facts}


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


# ── Playing ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_city_is_played_in_the_order_of_its_days_and_the_audit_is_clean(tmp_path):
    rulebook_services.publish_pack("leshan", at=TODAY)
    told: list[tuple[int, int]] = []

    played = _play(tmp_path, tell=lambda done, of: told.append((done, of)))

    assert played.entries == 40
    assert played.moves > 60
    assert told[-1] == (40, 40)
    moments = [row[0] for row in _rows("SELECT at FROM boards_event ORDER BY leaf_id")]
    assert moments == sorted(moments)
    assert START_OF_TODAY - timedelta(days=30) <= moments[0]
    assert moments[-1] < START_OF_TODAY
    assert list(board_audit.audit(at=START_OF_TODAY).findings) == []


@pytest.mark.django_db
def test_a_player_that_was_killed_is_started_again_and_ends_with_the_same_city(tmp_path):
    rulebook_services.publish_pack("millbrook", at=TODAY)
    with transaction.atomic():
        _play(tmp_path)
        undisturbed = _standing()
        transaction.set_rollback(True)

    def die(done: int, of: int) -> None:
        if done >= 20:
            raise Killed

    with pytest.raises(Killed):
        _play(tmp_path, tell=die)
    halfway = _standing()
    played = _play(tmp_path)

    assert 20 <= len(halfway) < 40
    assert played.entries == 40
    assert _standing() == undisturbed


@pytest.mark.django_db
def test_playing_again_changes_nothing(tmp_path):
    rulebook_services.publish_pack("millbrook", at=TODAY)
    _play(tmp_path)
    before = _rows("SELECT count(*), max(id) FROM boards_event")

    again = _play(tmp_path)

    assert again.moves == 0
    assert _rows("SELECT count(*), max(id) FROM boards_event") == before


@pytest.mark.django_db
def test_no_past_is_invented_for_a_real_city(tmp_path, monkeypatch):
    copy = tmp_path / "packs"
    shutil.copytree(packs.root(), copy)
    monkeypatch.setenv("JIEBANG_PACKS", str(copy))
    city = copy / "generic" / "city.yaml"
    city.write_text(city.read_text("utf-8").replace("demonstration: true", "demonstration: false"), "utf-8")
    rulebook_services.publish_pack("millbrook", at=TODAY)

    with pytest.raises(demo.NotADemonstration, match="Millbrook is a real city"):
        _play(tmp_path)

    assert _rows("SELECT count(*) FROM people_user") == [(0,)]


@pytest.mark.django_db
def test_the_invented_town_plays_without_a_chinese_character(tmp_path):
    rulebook_services.publish_pack("millbrook", at=TODAY)

    played = _play(tmp_path)

    assert played.entries == 40
    said = _rows("SELECT value::text FROM boards_private") + _rows("SELECT title || text FROM boards_text")
    assert not re.search("[\u2e80-\u9fff]", json.dumps(said, ensure_ascii=False))


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_accounts_to_try_are_written_for_the_owner_alone_and_open_the_door(tmp_path):
    rulebook_services.publish_pack("leshan", at=TODAY)

    played = _play(tmp_path, entries=2)

    file = tmp_path / "accounts.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [account.username for account in played.accounts] == [
        *("clerk", "officer", "caller", "handler", "duty", "flood", "commander", "author", "second")
    ]
    for account in played.accounts:
        assert account.password in file.read_text("utf-8")
    clerk = played.accounts[0]
    user = authenticate(None, username=clerk.username, password=clerk.password)
    assert user is not None
    assert [held.area for held in people.actor(user.pk).appointments] == ["511112100005"]


@pytest.mark.django_db
def test_accounts_printed_before_still_hold_after_a_second_start(tmp_path):
    rulebook_services.publish_pack("millbrook", at=TODAY)

    first = _play(tmp_path, entries=2).accounts
    second = _play(tmp_path, entries=2).accounts

    assert first == second


@pytest.mark.django_db
def test_the_accounts_have_done_nothing_yet_so_the_caller_may_call(tmp_path):
    rulebook_services.publish_pack("millbrook", at=TODAY)

    _play(tmp_path)

    tried = {row[0] for row in _rows("SELECT 'k' || key_id FROM people_user WHERE username IN ('caller', 'clerk')")}
    acted = {row[0] for row in _rows("SELECT DISTINCT person FROM boards_event")}
    assert tried.isdisjoint(acted)


@pytest.mark.django_db
def test_no_phone_could_be_a_persons(tmp_path):
    rulebook_services.publish_pack("leshan", at=TODAY)

    _play(tmp_path)

    kept = " ".join(row[0] for row in _rows("SELECT value::text FROM boards_private WHERE name = 'kept'"))
    told = " ".join(row[0] for row in _rows("SELECT value::text FROM boards_private WHERE name = 'told'"))
    assert re.search(r'"100\d{8}"', kept)
    assert not re.search(r"\b1[3-9]\d{9}\b", kept + told)
    assert not re.search(r"100\d{8}", told)


# ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("city", ["leshan", "millbrook"])
def test_every_text_of_a_pack_can_be_said(city):
    pack = packs.city(city)
    folder = packs.find(pack, "demo")
    assert folder is not None
    texts = packs.read_yaml(folder / "texts.yaml")
    words = {name: pool[0] for name, pool in texts["words"].items()} | dict.fromkeys(demo_plan.NUMBERS, "3")

    for topic in texts["topics"]:
        for done in topic["done"]:
            assert done.format_map(words)
        used: set[int] = set()
        for entry in topic["entries"]:
            title, ends, rest = entry["post"].format_map(words).partition(texts["title-ends"])
            assert entry["say"].format_map(words)
            assert title
            assert ends
            assert rest
            assert len(title) <= 60
            used.update(entry["done"])
        assert used == set(range(len(topic["done"]))), topic["id"]


def test_leshan_has_words_enough_for_half_a_year():
    folder = packs.find(packs.city("leshan"), "demo")
    assert folder is not None

    topics = packs.read_yaml(folder / "texts.yaml")["topics"]

    assert len(topics) >= 14
    assert sum(len(topic["entries"]) for topic in topics) >= 150


# ── The other boards ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(("city", "first"), [("leshan", "residents"), ("millbrook", "report")])
def test_every_other_board_has_matters_that_are_moved_on(tmp_path, city, first):
    rulebook_services.publish_pack(city, at=TODAY)

    played = _play(tmp_path, entries=demo_boards.FROM, days=182)

    moved = dict(_rows("SELECT mechanism, max(seq) FROM boards_entry GROUP BY mechanism"))
    boards = set(demo.manner_of(city).boards["boards"])
    assert boards | {first} == set(packs.city(city).mechanisms)
    by_lot_or_chance = {"recheck", "task"}
    assert boards - by_lot_or_chance <= set(moved)
    assert all(seq > 1 for seq in moved.values()), moved
    # A merge may overtake a move of the same visit; nothing is answered wrongly, and nobody tries what is not theirs.
    assert [tried for tried in played.refused if not tried.endswith(": overtaken")] == []


@pytest.mark.django_db
def test_what_was_played_on_other_boards_is_found_again(tmp_path):
    rulebook_services.publish_pack("leshan", at=TODAY)
    _play(tmp_path, entries=demo_boards.FROM, days=60)
    before = _rows("SELECT count(*), max(id) FROM boards_event")

    again = _play(tmp_path, entries=demo_boards.FROM, days=60)

    assert again.moves == 0
    assert _rows("SELECT count(*), max(id) FROM boards_event") == before
