"""The words of the command line."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from jiebang.config.logs import Discreet, cut
from jiebang.desk import cli, doctor
from jiebang.desk.home import Home
from jiebang.engine.parser.schema import schema
from tests.architecture.links import ROOT


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                deeper = list(commands(below, f"{before}{name} "))
                yield from deeper or [(f"{before}{name}", below)]


ALL = dict(commands(cli.build_parser()))


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(name: str) -> None:
    helped = ALL[name].format_help()

    assert ALL[name].description
    assert all(action.help for action in ALL[name]._actions if action.dest not in ("files", "file", "lang"))
    assert helped.startswith(f"usage: jiebang {name}")


@pytest.mark.parametrize("name", ALL)
def test_every_command_stands_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")

    assert f"`jiebang {name}" in page


def test_what_is_wrong_is_said_with_the_next_step(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("jiebang.desk.context.GIVEN", {"JIEBANG_HOME": str(tmp_path / "nothing")})

    status = cli.main(["audit"])

    assert status == 1
    assert capsys.readouterr().err == (
        f"jiebang: There is no city in {tmp_path / 'nothing'} yet.\n  → Start one: jiebang up — or set JIEBANG_HOME.\n"
    )


def test_mechanisms_are_checked_explained_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "packs" / "leshan" / "mechanisms" / "residents" / "2026-01-01.yaml")

    statuses = [
        cli.main(["mechanisms", "check", "--all"]),
        cli.main(["mechanisms", "explain", file, "--lang", "zh"]),
        cli.main(["mechanisms", "draw", file]),
    ]

    said = capsys.readouterr().out
    assert statuses == [0, 0, 0]
    assert said.count(": fine; ") >= 3
    picture = ElementTree.fromstring(said[said.index("<svg") :])  # noqa: S314  # our own picture
    assert "Residents' board: diagram" in (picture.findtext("{http://www.w3.org/2000/svg}title") or "")


def test_explaining_says_each_source_by_its_name_and_not_by_its_key_alone(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "packs" / "leshan" / "mechanisms" / "hazard" / "2026-01-01.yaml")

    cli.main(["mechanisms", "explain", file])

    body, sources = capsys.readouterr().out.split("\nSources\n")
    assert "Source: [1]" in body
    assert "hazard." not in body
    assert sources.startswith("[1] Work Safety Law (2021), articles 41")
    assert "(China, since 2021-09-01, grade A; hazard.law)" in sources
    assert "decided within 10 working days" in sources  # named with others in one line, where more time is asked for


def test_two_versions_with_different_limits_pass_with_stories_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packs = shutil.copytree(ROOT / "packs", tmp_path / "packs")
    monkeypatch.setenv("JIEBANG_PACKS", str(packs))
    old = packs / "generic" / "mechanisms" / "report" / "2026-01-01.yaml"
    text = old.read_text(encoding="utf-8")
    new = old.with_name("2026-12-01.yaml")
    new.write_text(text.replace("amount: 1 wd", "amount: 2 wd", 1), encoding="utf-8")

    shared = cli.main(["mechanisms", "check", str(old), str(new)])
    told = capsys.readouterr().err
    stories = (old.parent / "cases.yaml").read_text(encoding="utf-8")
    first = stories[: stories.index("  posted:")].replace("2026-03-03 17:00", "2026-03-04 17:00")
    new.with_suffix(".cases.yaml").write_text(first, encoding="utf-8")

    assert shared == 1
    assert told.count("due should be “2026-03-03 17:00”") == 1
    assert cli.main(["mechanisms", "check", str(old), str(new)]) == 0


def test_a_mechanism_file_with_a_mistake_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "2026-01-01.yaml"
    file.write_text("mechanism: lamp\nstates: [\n")

    assert cli.main(["mechanisms", "check", str(file)]) == 1
    assert str(file) in capsys.readouterr().err


def test_a_database_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    given = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JIEBANG_", "DJANGO_"))},
        "JIEBANG_HOME": str(tmp_path / "home"),
        "DATABASE_URL": f"postgresql:///jiebang?host={tmp_path}",
    }

    done = subprocess.run([sys.executable, "-m", "jiebang.desk", "migrate"], env=given, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("jiebang: the database: connection is bad: connection to server on socket")
    assert done.stderr.endswith("  → jiebang doctor looks for the cause.\n")
    assert "Traceback" not in done.stderr


# ── What a log must not say ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /r/7H2K9MPQ4X", "Not Found: /r/…"),
        ("GET /r/7H2K9MPQ4X?lang=en 200 3 ms", "GET /r/… 200 3 ms"),
        ("Not Found: /b/residents/", "Not Found: /b/residents/"),
        ('"POST /raised/LS-26-000123?t=abc:def" 404', '"POST /raised/…" 404'),
    ],
)
def test_the_path_of_a_raisers_page_is_cut(said: str, kept: str) -> None:
    assert cut(said) == kept


def test_a_traceback_carries_no_secret_path_either() -> None:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Discreet("%(message)s"))
    logger = logging.getLogger("of-this-test")
    logger.addHandler(handler)
    logger.propagate = False

    try:
        raise LookupError("/r/7H2K9MPQ4X")
    except LookupError:
        logger.exception("Internal Server Error: %s", "/r/7H2K9MPQ4X")

    assert "7H2K9MPQ4X" not in lines.getvalue()
    assert "LookupError: /r/…" in lines.getvalue()


# ── The doctor on a machine without a city ──────────────────────────────────────────────────────────────────


def test_the_doctor_names_a_taken_port_with_its_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE_S", 0.1)
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = somebody.getsockname()[1]
        home = Home(tmp_path)
        home.run.mkdir()
        # What a city that was killed left behind: it does not run any more.
        (home.run / "up.lock").write_text(f"1 http://localhost:{port}/\n")
        found = list(doctor._port(home, {"JIEBANG_PORT": str(port)}))

    assert [finding.how for finding in found] == ["bad"]
    assert f"JIEBANG_PORT={port + 1}" in found[0].mend


def test_the_doctor_names_a_database_that_does_not_answer(tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"postgresql:///jiebang?host={tmp_path}"}

    found = list(doctor._database(Home(tmp_path), given))

    assert found[0].how == "bad"
    assert "DATABASE_URL" in found[0].mend


def test_the_doctor_needs_no_django(tmp_path: Path) -> None:
    """It is asked when something is wrong, and settings that cannot be read may be what is wrong."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("JIEBANG_", "DJANGO_"))}
    command = [sys.executable, "-m", "jiebang.desk", "doctor"]

    done = subprocess.run(command, env=given | {"JIEBANG_HOME": str(tmp_path)}, capture_output=True, text=True)

    assert "Traceback" not in done.stderr
    assert "Python" in done.stdout


def test_every_finding_that_is_bad_has_a_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (home.root / "jiebang.toml").write_text('city = "leshan"\n')

    status = doctor.report(doctor.examine(home, {"JIEBANG_PORT": "x"}))

    said = capsys.readouterr().out.splitlines()
    bad = [number for number, line in enumerate(said) if line.startswith("✗")]
    assert status == 1
    assert len(bad) >= 2
    assert all(said[number + 1].startswith("    → ") for number in bad)


def test_the_schema_of_the_language_is_printed_as_it_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["mechanisms", "schema"]) == 0

    assert json.loads(capsys.readouterr().out) == schema()


def test_a_mechanism_is_written_with_other_keys_and_put_on_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = ROOT / "packs" / "leshan" / "mechanisms" / "residents" / "2026-01-01.yaml"
    file = Path(shutil.copy(shipped, tmp_path / "residents.yaml"))
    monkeypatch.chdir(tmp_path)

    asked = [
        ["format", str(file), "--lang", "zh", "--check"],
        ["format", str(file), "--lang", "zh"],
        ["format", str(file), "--check"],
        ["format", str(file), "--lang", "en"],
        ["docx", str(shipped), "--lang", "zh"],
        ["schema", "--lang", "zh"],
    ]
    statuses = [cli.main(["mechanisms", *words]) for words in asked]

    assert statuses == [1, 0, 0, 0, 0, 0]
    assert file.read_bytes() == shipped.read_bytes()
    assert (tmp_path / "residents-2026-01-01.docx").read_bytes().startswith(b"PK")
    said = capsys.readouterr().out
    assert "would be written with Chinese keys" in said
    assert json.loads(said[said.index("{") :])["required"][0] == "机制"


def test_a_file_that_cannot_be_converted_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("mechanism: [\n", encoding="utf-8")

    assert cli.main(["mechanisms", "format", str(file), "--lang", "zh"]) == 1
    assert "is not correct YAML" in capsys.readouterr().err
    assert cli.main(["mechanisms", "format"]) == 1
    assert file.read_text(encoding="utf-8") == "mechanism: [\n"
