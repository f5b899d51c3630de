"""A whole city under `jiebang up`, and a real browser in front of it.

The city is started once a run, with its own database, log and processes, and real commits. Whoever finishes a
journey calls `city.holds`: the city's own audit, and the stranger's file against the live log.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from jiebang.web.locale import build
from tests.journeys.fitting import misfits
from tests.journeys.reading import faults
from tests.journeys.staff import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PHONE, DESK = 360, 1440
READY_WITHIN_S = 90
NUMBER = re.compile(r"LS-\d\d-\d{6}")
JIEBANG = [sys.executable, "-m", "jiebang.desk"]


@dataclass
class City:
    """A city that is up."""

    home: Path
    url: str
    env: dict[str, str]

    def holds(self, page: Page, number: str) -> None:
        """The whole house derives again, and a stranger with one file and the key agrees."""
        self.has_logged(page, number)
        audit = subprocess.run([*JIEBANG, "audit"], env=self.env, capture_output=True, text=True, timeout=120)
        assert audit.returncode == 0, audit.stdout + audit.stderr
        file = self.home / "verify.py"
        with urllib.request.urlopen(f"{self.url}/verify.py") as served:
            file.write_bytes(served.read())
        command = [sys.executable, "-I", str(file), f"{self.url}/log", "--key", self.key]
        stranger = subprocess.run(command, capture_output=True, text=True, timeout=120, env={})
        assert stranger.returncode == 0, stranger.stdout + stranger.stderr

    def has_logged(self, page: Page, number: str) -> None:
        """Wait, in the browser, until the entry's page says that all its steps are in the log."""
        page.goto(f"{self.url}/e/{number}")
        page.wait_for_function(
            "async () => !/正在写入|on its way into|on their way into/.test(await (await fetch(location.href)).text())",
            polling=200,
            timeout=20_000,
        )

    def clock_has_moved(self, page: Page, number: str, state: str) -> None:
        """Wait, in the browser, until the entry's page names the state that is owed by the clock."""
        page.goto(f"{self.url}/e/{number}")
        page.wait_for_function(
            "async state => (await (await fetch(location.href)).text()).includes(state)",
            arg=state,
            polling=200,
            timeout=20_000,
        )

    def matters(self, *words: object) -> list[str]:
        """Put matters before the people, as `field_city` has them: `matters("claimed", 2)` returns their numbers."""
        command = [sys.executable, "-m", "tests.journeys.field_city", *map(str, words)]
        made = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stderr
        return NUMBER.findall(made.stdout)

    @property
    def key(self) -> str:
        """The key as the city would print it on paper: from its own folder, not from its pages."""
        shards = json.loads((self.home / "log" / "shards.json").read_text(encoding="utf-8"))
        return str(shards["shards"][-1]["vkey"])


@pytest.fixture(scope="session")
def city() -> Iterator[City]:
    build.compile_all()
    folder = Path(tempfile.mkdtemp(prefix="jiebang-journey-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own user must be able to walk in
    port = _free_port()
    # Nothing of the tests' own city may leak into this one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIEBANG", "DATABASE", "DJANGO"))}
    env = kept | {"JIEBANG_HOME": str(folder / "home"), "JIEBANG_PORT": str(port), "JIEBANG_DEMO": "0"}
    with (folder / "up.log").open("w+") as said:
        up = subprocess.Popen([*JIEBANG, "up"], env=env, stdout=said, stderr=subprocess.STDOUT)
        try:
            city = City(folder / "home", f"http://127.0.0.1:{port}", env)
            _wait_until_ready(city, up, folder / "up.log")
            subprocess.run([sys.executable, str(ROOT / "tests/journeys/staff.py")], env=env, check=True, timeout=60)
            yield city
        finally:
            up.terminate()
            up.wait(timeout=30)
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_ready(city: City, up: subprocess.Popen[bytes], said: Path) -> None:
    for _ in range(READY_WITHIN_S * 2):
        if up.poll() is not None:
            pytest.fail(f"jiebang up ended:\n{said.read_text(encoding='utf-8')}")
        try:
            with urllib.request.urlopen(f"{city.url}/healthz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            # Not up yet. Waiting for the process is the wait: it returns early if it dies.
            try:
                up.wait(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"no page after {READY_WITHIN_S} s:\n{said.read_text(encoding='utf-8')}")


# ── The browser ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Device:
    """Somebody's browser. Every page it comes to is looked over by axe, heard through, photographed, and may not
    complain."""

    page: Page
    city: City
    shots: Path
    name: str
    complaints: list[str] = field(default_factory=list)
    taken: int = 0
    has_script: bool = True

    def opens(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.city.url + path)
        return self.page

    def signs_in(self, account: str) -> Page:
        self.opens("/accounts/login/")
        self.looks("sign-in")
        self.page.fill("#id_login", account)
        self.page.fill("#id_password", PASSWORD)
        self.page.locator("form.steps button.primary").click()
        expect(self.page).to_have_url(f"{self.city.url}/desk/")
        return self.page

    def looks(self, at: str) -> None:
        """Photograph the page, let axe look it over, hear it through, and see that nothing is cut off."""
        self.taken += 1
        assert self.complaints == [], self.complaints
        if not self.has_script:
            assert [*faults(self.page), *misfits(self.page)] == [], f"{self.name}, {at}"
            return  # both the photographer and axe need one
        self.page.screenshot(path=self.shots / f"{self.name}-{self.taken:02d}-{at}.png", full_page=True)
        assert [*violations(self.page), *faults(self.page), *misfits(self.page)] == [], f"{self.name}, {at}"

    def moves(self, name: str, **answers: str | Path) -> None:
        """Unfold a move's form, answer its questions and send it."""
        form = self.page.locator(f"#move-{name}")
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        for question, answer in answers.items():
            self._answers(form, question.replace("_", "-"), answer)
        form.locator("form button.button").last.click()
        self.page.wait_for_url("**done**")

    def _answers(self, form: object, question: str, answer: str | Path) -> None:
        fields = form.locator(f"[name='a.{question}']")  # type: ignore[attr-defined]  # a Locator, which is not exported
        kind = fields.first.evaluate("e => e.tagName + ' ' + (e.type || '')")
        if isinstance(answer, Path):
            fields.set_input_files(answer)
        elif "radio" in kind:
            fields.and_(self.page.locator(f"[value='{answer}']")).check()
        elif "SELECT" in kind:
            fields.select_option(index=int(answer)) if answer.isdecimal() else fields.select_option(answer)
        else:
            fields.fill(answer)


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to, in lines a reader can act on."""
    if not AXE.exists():
        pytest.fail("axe-core is missing. Run: make assets")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']}))"
        ".violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.map(n => n.html).join(' | ').slice(0, 400))"
    )
    return [str(each) for each in found]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("There is no chromium. Run: make browser")
    with sync_playwright() as player:
        # Playwright's loop stays in this thread until the session ends, though nothing of ours is asynchronous. Tests
        # of other files that come later in this process would be told by Django not to use the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: `JIEBANG_SHOTS` if somebody wants to see them."""
    named = os.environ.get("JIEBANG_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def device(city: City, chromium: Chromium, shots: Path, request: pytest.FixtureRequest) -> Iterator[object]:
    """Give out devices: `device("resident")` is a phone, `device("clerk", width=DESK)` a desk."""
    contexts: list[BrowserContext] = []

    def give(name: str, *, width: int = PHONE, script: bool = True, language: str = "zh-CN") -> Device:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            locale=language,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        test = request.node.name.removeprefix("test_")[:24]
        made = Device(page, city, shots, f"{test}-{name}", has_script=script)
        page.on("console", lambda said: _listen(made, said.type, said.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        return made

    yield give
    for context in contexts:
        context.close()


def _listen(device: Device, kind: str, text: str) -> None:
    # A refused form has a status that the browser's console mentions; what a page itself does wrong stays.
    if kind == "error" and "Failed to load resource" not in text:
        device.complaints.append(text)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1200, 900), "#22262e")
    draw = ImageDraw.Draw(picture)
    draw.line((600, 900, 600, 250), fill="#8a8f98", width=22)
    draw.ellipse((500, 150, 700, 330), fill="#ffd97a")
    path = tmp_path_factory.mktemp("photo") / "lamp.jpg"
    picture.save(path, "JPEG")
    return path
