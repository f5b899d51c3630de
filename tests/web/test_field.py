"""The app's server: the list for the phone, items sent once, photos by themselves, the files that make it an app."""

from __future__ import annotations

import json
import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from io import BytesIO
from threading import Thread
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from PIL import Image

from jiebang.boards import queries as boards
from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.people import services
from jiebang.web.views.field import icons, receipts, today
from jiebang.web.views.field.version import modules, script, version
from tests.boards.city import COMMUNITY, MONDAY_NINE, WHAT, Town, found_town
from tests.web.atown import town

__all__ = ["town"]  # a fixture

DONE = {"what-was-done": ["换了灯泡,已经亮了。"]}


@dataclass(slots=True)
class Phone:
    """A phone with the app: its session, and what the list told it."""

    account: str
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    told: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.signs_in(self.account)

    def signs_in(self, account: str) -> None:
        self.client.force_login(get_user_model().objects.get(username=account))

    def loads(self, office: str = "") -> dict:
        response = self.client.get("/field/today", headers={"X-Field-Office": quote(office)} if office else {})
        self.told = response.json()
        self.told["status"] = response.status_code
        return self.told

    def entry(self, number: str) -> dict:
        return next(entry for entry in self.told["entries"] if entry["number"] == number)

    def forms(self, number: str) -> dict[str, dict]:
        return {form["name"]: form for mark in self.entry(number)["forms"] for form in [self.told["forms"][mark]]}

    def sends(self, *, office: str = "", **item: object) -> tuple[int, dict]:
        item = {"key": secrets.token_hex(16), "answers": {}, "photos": []} | item
        response = self.client.post(
            "/field/send",
            json.dumps(item),
            content_type="application/json",
            headers=self._headers() | ({"X-Field-Office": quote(office)} if office else {}),
        )
        return response.status_code, response.json()

    def sends_photo(self, key: str, content: bytes, *, question: str = "photo") -> tuple[str, int, dict]:
        id_ = sha256(content).hexdigest()[:16]
        body = {"key": key, "question": question, "id": id_, "photo": SimpleUploadedFile("p.jpg", content)}
        response = self.client.post("/field/photo", body, headers=self._headers())
        return id_, response.status_code, response.json()

    def finishes(self, number: str, **more: object) -> tuple[int, dict]:
        """Send the move that the lighting unit owes, its photo first."""
        key = str(more.pop("key", "")) or secrets.token_hex(16)
        id_, status, _ = self.sends_photo(key, a_picture())
        assert status == 200
        item = {"number": number, "move": "finish", "seq": self.entry(number)["seq"], "answers": DONE, "photos": [id_]}
        return self.sends(**item | more, key=key)

    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self.told.get("token", ""), "X-Field-Who": self.told.get("who", "")}


def a_picture(colour: str = "navy") -> bytes:
    written = BytesIO()
    Image.new("RGB", (640, 480), colour).save(written, "JPEG")
    return written.getvalue()


def a_matter(**more: object) -> dict[str, object]:
    words = {"what": [WHAT["what"]]}
    return {"mechanism": "residents", "opening": "raise", "place": COMMUNITY, "answers": words} | more


@pytest.fixture
def phone(town: Town) -> Phone:
    """The lighting unit's phone, its list loaded; one claimed lamp is on it."""
    town.claimed()
    made = Phone("lighting")
    made.loads()
    return made


def entries() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM boards_entry")
        return int(cursor.fetchone()[0])


# ── The list ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_list_has_what_waits_with_its_forms_and_the_next_due_first(town: Town):
    one, two = town.claimed(), town.claimed()

    phone = Phone("lighting")
    told = phone.loads()

    assert [entry["number"] for entry in told["entries"]] == [one.number, two.number]
    assert told["entries"][0]["title"] == "路灯不亮"
    assert told["entries"][0]["due"] == "due Fri 6 Mar 17:30"
    assert phone.forms(one.number)["finish"]["asked"]
    assert told["entries"][0]["forms"] == told["entries"][1]["forms"]  # the same forms are sent once
    assert told["forget_after"] == 72 * 3600 * 1000


@pytest.mark.django_db
def test_a_form_comes_drawn_with_the_sentences_for_its_gaps(phone: Phone):
    form = phone.forms(phone.told["entries"][0]["number"])["finish"]

    questions = {question["name"]: question for question in form["questions"]}

    assert 'name="a.what-was-done"' in form["html"]
    assert questions["what-was-done"]["missing"].endswith("is empty. Fill it in.")
    assert questions["photo"]["files"]
    assert not questions["photo"]["optional"]


@pytest.mark.django_db
def test_nothing_a_raiser_wrote_goes_onto_a_phone_before_it_is_screened(town: Town):
    number = town.raises().number

    phone = Phone("community")
    phone.loads()
    entry = phone.entry(number)

    assert WHAT["what"] not in json.dumps(phone.told, ensure_ascii=False)
    assert not entry["is_screened"]
    assert (entry["title"], entry["forms"], entry["told"]) == ("New, to be read and screened", [], [])


@pytest.mark.django_db
def test_a_telephone_number_never_goes_onto_a_phone(town: Town):
    opened = town.raises(answers=WHAT | {"phone": "13912345678"})
    town.does(
        "community", "post", opened.number, answers={"public-title": "灯", "public-text": "灯", "category": "other"}
    )
    for account in ("community", "lighting", "office"):
        assert "13912345678" not in json.dumps(Phone(account).loads(), ensure_ascii=False)


@pytest.mark.django_db
def test_a_stranger_gets_401_and_an_account_without_office_403(town: Town):
    assert Client().get("/field/today").status_code == 401
    assert Phone("resident").loads()["status"] == 403


@pytest.mark.django_db
def test_the_key_is_the_accounts_own_and_the_same_at_every_signing_in(town: Town):
    first, again, other = (Phone(account).loads() for account in ("lighting", "lighting", "community"))

    assert len(b64decode(first["key"])) == 32
    assert (first["key"], first["who"]) == (again["key"], again["who"])
    assert first["key"] != other["key"]
    assert first["who"] != other["who"]


@pytest.mark.django_db
def test_somebody_with_several_offices_gets_the_list_of_the_one_they_act_from(town: Town):
    claimed, new = town.claimed(), town.raises()
    lighting = get_user_model().objects.get(username="lighting")
    services.appoint(lighting.pk, office="staff", unit="window", area=COMMUNITY, since=date(2026, 1, 1))
    phone = Phone("lighting")

    both = phone.loads()
    (unit, window) = (key for key, _ in both["offices"])
    at_the_window = phone.loads(window)

    assert {entry["number"] for entry in both["entries"]} == {claimed.number, new.number}
    assert [entry["number"] for entry in at_the_window["entries"]] == [new.number]
    assert (both["office"], at_the_window["office"]) == ("", window)
    assert [entry["number"] for entry in phone.loads(unit)["entries"]] == [claimed.number]
    assert phone.loads("handler:gone:nowhere")["office"] == ""
    assert Phone("works").loads()["offices"] == []


def test_what_is_sent_counts_from_the_office_it_was_done_from(town: Town):
    claimed = town.claimed()
    lighting = get_user_model().objects.get(username="lighting")
    services.appoint(lighting.pk, office="staff", unit="window", area=COMMUNITY, since=date(2026, 1, 1))
    phone = Phone("lighting")
    (unit, window) = (key for key, _ in phone.loads()["offices"])
    phone.loads(unit)

    for office in (window, "handler:gone:nowhere"):
        status, told = phone.finishes(claimed.number, office=office)
        assert status in (400, 404), told
    status, told = phone.finishes(claimed.number, office=unit)

    assert status == 200, told


def test_places_to_raise_at_lie_below_the_areas_of_ones_offices(phone: Phone):
    codes = [code for code, _ in phone.told["places"]]

    assert COMMUNITY in codes
    assert all(not people.children(code) for code in codes)


def test_a_city_without_the_number_forgets_after_72_hours(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jiebang.rulebook.queries.policy", lambda key: None)

    assert today.forget_after() == today.FORGET_AFTER


# ── Sending ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_move_arrives_with_its_photo_and_counts_from_its_arrival(phone: Phone):
    number = phone.told["entries"][0]["number"]

    status, told = phone.finishes(number)

    view = boards.entry_for(number, an_actor("lighting")).entry
    assert (status, told["number"], told["seq"]) == (200, number, view.seq)
    assert view.events[-1].at == MONDAY_NINE
    assert len(boards.entry_for(number, an_actor("lighting")).attachments) == 1


def an_actor(account: str) -> Actor:
    return people.actor(get_user_model().objects.get(username=account).pk)


@pytest.mark.django_db
def test_a_move_sent_twice_is_made_once_and_answered_with_its_first_receipt(phone: Phone):
    number, key = phone.told["entries"][0]["number"], secrets.token_hex(16)
    _, first = phone.finishes(number, key=key)

    status, again = phone.sends(
        key=key, number=number, move="finish", seq=first["seq"] - 1, answers=DONE, photos=["0" * 16]
    )

    assert status == 200
    assert again == first | {"repeated": True}
    assert boards.entry(number).seq == first["seq"]


@pytest.mark.django_db
def test_a_matter_sent_twice_is_raised_once(phone: Phone):
    before, key = entries(), secrets.token_hex(16)
    status, first = phone.sends(**a_matter(), key=key)

    again = phone.sends(**a_matter(answers={"what": ["something else"]}), key=key)

    assert status == 200
    assert again == (200, first | {"repeated": True})
    assert entries() == before + 1


@pytest.mark.django_db
def test_a_matter_is_the_accounts_own_and_its_answer_holds_no_code(phone: Phone):
    _, told = phone.sends(**a_matter())

    assert "code" not in told
    assert boards.entry_for_raiser(told["number"], an_actor("lighting").person) is not None


@pytest.mark.django_db
def test_a_key_belongs_to_the_account_that_used_it(phone: Phone):
    key = secrets.token_hex(16)
    phone.sends(**a_matter(), key=key)
    other = Phone("community")
    other.loads()

    status, told = other.sends(**a_matter(), key=key)

    assert (status, told["code"]) == (400, "unreadable")


@pytest.mark.django_db
def test_the_photos_an_item_has_are_asked_for_until_they_are_here(phone: Phone):
    number, key = phone.told["entries"][0]["number"], secrets.token_hex(16)
    id_ = sha256(a_picture()).hexdigest()[:16]
    item = {"number": number, "move": "finish", "seq": phone.entry(number)["seq"], "answers": DONE, "photos": [id_]}

    assert phone.sends(**item, key=key) == (202, {"missing": [id_]})
    assert phone.sends_photo(key, a_picture())[1] == 200
    assert phone.sends_photo(key, a_picture())[1] == 200  # its answer was lost: sent again it is still one
    status, _ = phone.sends(**item, key=key)

    assert status == 200
    assert len(boards.entry_for(number, an_actor("lighting")).attachments) == 1


@pytest.mark.django_db
def test_a_photo_taken_out_when_mending_does_not_come_along(phone: Phone):
    number, key = phone.told["entries"][0]["number"], secrets.token_hex(16)
    phone.sends_photo(key, a_picture("red"))
    status, _ = phone.finishes(number, key=key)

    assert status == 200
    assert len(boards.entry_for(number, an_actor("lighting")).attachments) == 1


@pytest.mark.django_db
def test_what_is_no_photo_is_refused_with_a_sentence(phone: Phone):
    _, status, told = phone.sends_photo(secrets.token_hex(16), b"GIF89a no")

    assert status == 400
    assert told["what"]
    assert told["next_step"]


@pytest.mark.django_db
def test_a_gap_is_refused_with_the_sentence_and_its_place_and_the_key_stays_free(phone: Phone):
    number, key = phone.told["entries"][0]["number"], secrets.token_hex(16)

    status, told = phone.sends(number=number, move="finish", seq=phone.entry(number)["seq"], key=key)

    assert status == 400
    assert told["problems"][0]["anchor"] == "q-finish-what-was-done"
    assert told["next_step"] == "Open it, mend it, and send it again."
    assert phone.finishes(number, key=key)[0] == 200


def test_a_personal_number_gets_onto_no_public_page_from_a_phone(phone: Phone):
    number = phone.told["entries"][0]["number"]
    done = {"what-was-done": ["灯修好了，有事打13800138000。"]}

    status, told = phone.finishes(number, answers=done)

    assert status == 400
    assert told["problems"][0]["anchor"] == "q-finish-what-was-done"
    assert "personal number in it (138****00)" in told["what"]


@pytest.mark.django_db
def test_a_matter_without_a_place_is_refused(phone: Phone):
    status, told = phone.sends(**a_matter(place=""))

    assert (status, told["problems"][0]["anchor"]) == (400, "place")


@pytest.mark.django_db
def test_whoever_was_overtaken_learns_what_happened(town: Town, phone: Phone):
    number = phone.told["entries"][0]["number"]
    rival = Phone("lighting")
    rival.loads()
    rival.finishes(number)

    status, told = phone.finishes(number)

    assert (status, told["code"]) == (409, "overtaken")
    assert "It stands now at" in told["what"]
    assert "Nothing you wrote is lost" in told["next_step"]


@pytest.mark.django_db
def test_an_entry_that_is_not_theirs_looks_like_none(town: Town, phone: Phone):
    number = town.raises().number

    theirs = phone.sends(number=number, move="post", seq=1)
    none = phone.sends(number="LS-26-999999", move="post", seq=1)

    assert theirs == none
    assert theirs[0] == 404


@pytest.mark.django_db
def test_nothing_goes_out_under_the_name_of_another_account(phone: Phone):
    before = entries()
    phone.signs_in("community")  # on the same phone, while the app still holds the list of the first
    phone.told["token"] = phone.client.get("/field/today").json()["token"]

    status, told = phone.sends(**a_matter())

    assert (status, told["code"]) == (401, "other-account")
    assert entries() == before


@pytest.mark.django_db
def test_sending_needs_the_session_and_its_token(phone: Phone):
    signed_out = Client()
    assert signed_out.post("/field/send", "{}", content_type="application/json").status_code == 401

    phone.told["token"] = "0" * 64
    response = phone.client.post("/field/send", json.dumps(a_matter()), content_type="application/json")

    assert response.status_code == 403
    assert "text/html" in response["Content-Type"]


@pytest.mark.django_db
def test_too_many_items_have_to_wait(phone: Phone, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jiebang.web.views.field.send.ITEMS_AN_HOUR", 1)
    key = secrets.token_hex(16)
    phone.sends(**a_matter(), key=key)

    response = phone.client.post(
        "/field/send",
        json.dumps(a_matter(key=secrets.token_hex(16))),
        content_type="application/json",
        headers=phone._headers(),
    )

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert phone.sends(**a_matter(), key=key)[0] == 200  # a receipt is never refused


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[]",
        b'{"key": "short"}',
        b'{"key": "%s", "answers": {"what": "no list"}}' % (b"a" * 32),
        b'{"key": "%s", "photos": ["../../etc"]}' % (b"a" * 32),
        b'{"key": "%s", "number": 7}' % (b"a" * 32),
        b'{"key": "%s", "seq": true}' % (b"a" * 32),
        b'{"key": "%s", "seq": 99999999999999999999}' % (b"a" * 32),
    ],
)
def test_what_no_app_would_send_is_refused_and_changes_nothing(phone: Phone, broken: bytes):
    response = phone.client.post("/field/send", broken, content_type="application/json", headers=phone._headers())

    assert response.status_code in (400, 404)
    assert response.json()["what"]


def test_two_sendings_at_once_make_one_matter(committed: str, tmp_path, monkeypatch: pytest.MonkeyPatch):
    """The first answer is slow, the phone gives up waiting and sends again: both arrive at the same moment."""
    monkeypatch.setattr("django.conf.settings.JIEBANG_HOME", tmp_path)
    monkeypatch.setattr("django.conf.settings.JIEBANG_FILES", tmp_path / "files")
    monkeypatch.setattr("django.conf.settings.STATIC_ROOT", tmp_path)
    people.forget_caches()
    found_town()
    phone = Phone("lighting")
    phone.loads()
    key, answers = secrets.token_hex(16), []

    def send() -> None:
        answers.append(phone.sends(**a_matter(), key=key))
        connections.close_all()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} == {200}
    assert len({told["number"] for _, told in answers}) == 1
    assert entries() == 1


@pytest.mark.django_db
def test_receipts_outlive_any_phone_and_are_swept_after_more_than_a_year(town: Town):
    old, new = secrets.token_hex(16), secrets.token_hex(16)
    receipts.claim(old, who="w", at=MONDAY_NINE)
    receipts.keep(old, receipts.Receipt("LS-26-000001", 1, MONDAY_NINE))
    assert receipts.find(old, who="w") == receipts.Receipt("LS-26-000001", 1, MONDAY_NINE)

    receipts.claim(new, who="w", at=MONDAY_NINE + receipts.KEPT_FOR * 1.01)

    assert receipts.find(old, who="w") is None


# ── What makes it an app ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_the_page_is_a_plain_list_for_browsers_that_know_no_more(phone: Phone):
    page = phone.client.get("/field/").content.decode()

    assert f'href="/desk/e/{phone.told["entries"][0]["number"]}"' in page
    assert "路灯不亮" in page


@pytest.mark.django_db
def test_the_shell_the_worker_keeps_says_nothing_about_anybody(phone: Phone):
    for client in (phone.client, Client(headers={"accept-language": "en"})):
        page = client.get("/field/shell").content.decode()
        assert "路灯不亮" not in page
        assert "csrf" not in page.lower()
    assert phone.client.get("/field/shell").content == client.get("/field/shell").content


@pytest.mark.django_db
def test_every_file_the_worker_keeps_is_there(town: Town):
    client = Client()
    response = client.get("/field/worker.js")
    told = json.loads(response.content.decode().split("const TOLD = ")[1].split(";\n")[0])

    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    for address in told["kept"]:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
        else:
            assert client.get(address).status_code == 200, address
    assert f"/field/app/{version()}/app.js" in told["kept"]


@pytest.mark.django_db
def test_only_the_apps_own_scripts_can_be_asked_for(town: Town):
    for name in ("settings", "../tasks", "%2e%2e/tasks"):
        assert Client().get(f"/field/app/{version()}/{name}.js").status_code == 404


def test_the_apps_scripts_load_nothing_but_each_other():
    for name in modules():
        text = script(name) or ""
        imports = [line.split('"')[1] for line in text.splitlines() if line.startswith("import ")]
        assert all(each.removeprefix("./").removesuffix(".js") in modules() for each in imports), name


@pytest.mark.django_db
def test_the_manifest_names_icons_that_are_what_they_say(town: Town):
    client = Client()
    manifest = client.get("/field/app.webmanifest").json()

    assert manifest["scope"] == manifest["start_url"] == "/field/"
    assert manifest["display"] == "standalone"
    for one in manifest["icons"]:
        picture = Image.open(BytesIO(client.get(one["src"]).content))
        assert f"{picture.width}x{picture.height}" == one["sizes"]
    assert {one["sizes"] for one in manifest["icons"]} == {"192x192", "512x512"}
    assert client.get("/field/icon-7.png").status_code == 404
    assert Image.open(BytesIO(icons.drawn(180))).size == (180, 180)
