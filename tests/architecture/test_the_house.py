"""What import-linter cannot see: keys written as strings, signals, saving by surprise, paths of one machine."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from tests.architecture.links import ROOT, broken, tracked

# From below upwards; a room may point to rooms earlier in this list. Neighbours on one floor share a number.
FLOORS = {
    "engine": 0,
    "ledger": 0,
    "verifier": 0,
    "people": 1,
    "rulebook": 2,
    "boards": 3,
    "rounds": 4,
    "scoring": 6,
    "web": 7,
}
SOURCES = [path for path in tracked("*.py") if path.is_relative_to(ROOT / "src")]


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("jiebang.")]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_room_with_tables_stands_on_a_floor() -> None:
    assert {model._meta.app_label for model in our_models()} <= FLOORS.keys()


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_keys_to_other_rooms_point_downward(model: type[Model]) -> None:
    here = model._meta.app_label
    pointed_at = {
        field.related_model._meta.app_label
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
    }

    upward = {there for there in pointed_at if there != here and FLOORS.get(there, 99) >= FLOORS[here]}

    assert not upward


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_a_table_is_called_after_its_room(model: type[Model]) -> None:
    assert model._meta.db_table.startswith(f"{model._meta.app_label}_")


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_statement_names_only_tables_of_its_own_room(path: Path) -> None:
    """Contracts of imports cannot look into SQL. A room above builds on a fragment the owner's `queries` offers."""
    room = path.relative_to(ROOT / "src" / "jiebang").parts[0]
    found = [
        f"line {line}: {table}"
        for line, text in _texts(ast.parse(path.read_text(encoding="utf-8")))
        for table in TABLE.findall(text)
        if table.partition("_")[0] != room
    ]

    assert found == []


# By the beginning, not from the list of tables: `ledger_` alone says whose a table is, and a dropped one counts too.
TABLE = re.compile(rf"\b(?:{'|'.join(FLOORS)})_\w*")


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return every piece of text a file holds, those of f-strings too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_nothing_is_sent_by_signal_and_no_model_saves_by_surprise() -> None:
    found = [
        f"{named(path)}: {surprise}"
        for path in SOURCES
        for surprise in _surprises(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == []


def _surprises(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("django.db.models.signals",)):
            yield f"line {node.lineno}: signals"
        if isinstance(node, ast.ImportFrom) and node.module in ("django.dispatch", "django.core.signals"):
            yield f"line {node.lineno}: signals"
        if isinstance(node, ast.ClassDef) and any(_is_model(base) for base in node.bases):
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and part.name in ("save", "delete", "__init__"):
                    yield f"line {part.lineno}: {node.name}.{part.name}"


def _is_model(base: ast.expr) -> bool:
    return ast.unparse(base) in ("models.Model", "Model", "AbstractUser", "AbstractBaseUser")


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    # Put together here, so that this file does not name them either.
    of_a_machine = re.compile("|".join(f"/{folder}/" for folder in ("work", "root", "home/[a-z]+", "Users")))
    named_in_docs = re.compile(r"/home/(you|user|jiebang)\b")
    found = [
        f"{named(path)}:{number}: {line.strip()[:100]}"
        for path in tracked("*")
        if path.suffix in TEXTS or path.name in ("Makefile", "run")
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if of_a_machine.search(named_in_docs.sub("", line)) and "http" not in line
    ]

    assert found == []


TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".css", ".js", ".json", ".csv", ".po", ".sql", ".txt"}


def test_every_link_leads_somewhere() -> None:
    assert list(broken()) == []


def test_the_stranger_reads_one_file_of_the_standard_library() -> None:
    rooms = [path for path in SOURCES if "verifier" in path.parts]
    imported = {
        name.partition(".")[0]
        for path in rooms
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imports(node)
    }

    assert imported - {"jiebang"} <= set(sys.stdlib_module_names)


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []
