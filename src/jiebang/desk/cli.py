"""The command `jiebang`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from jiebang.desk.home import DeskError, Home, Role, this_home
from jiebang.ledger.shard import LogError
from jiebang.rulebook.packs import PackError

Command = Callable[[argparse.Namespace], int]

DESCRIPTION = """\
jiebang runs a city's boards: every promise gets an owner, a deadline, proof, and a verdict by whoever raised it.

Start here:  jiebang up        starts everything, on a database of its own
Trouble:     jiebang doctor    says what is wrong and how to mend it
"""

ENVIRONMENT = """\
environment:
  JIEBANG_HOME    the data folder (~/.local/share/jiebang; as root /var/lib/jiebang/home)
  JIEBANG_PORT    where to serve (8000); JIEBANG_BIND the address (127.0.0.1: this machine only)
  JIEBANG_CITY    which city of the packs (leshan); counts at the first start
  JIEBANG_DEMO    how many entries a demonstration city's invented past has (2000; 0 for none)
  JIEBANG_PACKS   folders of packs, with a colon between, if not those of the home and those that came along
  DATABASE_URL    a PostgreSQL 16 or newer of yours; without it jiebang runs its own
  See docs/reference/command-line.md for all of them.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 fine, 1 something to mend, 2 wrong words."""
    # Packs are looked for in the home too, also before there is a city in it.
    os.environ.setdefault("JIEBANG_HOME", str(this_home().root))
    parser = build_parser()
    options = parser.parse_args(arguments)
    run: Command = options.run
    try:
        return run(options)
    except (DeskError, LogError, PackError) as wrong:
        print(f"jiebang: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `jiebang … | head` closed the pipe; nothing is wrong, and there is nobody to tell.
        sys.stderr.close()
        return 0
    except Exception as wrong:  # psycopg and Django are imported only where a command needs them: named below
        if not _is_of_the_database(wrong):
            raise
        # Not where in a library it was heard, but what the server said; its first line says it.
        print(f"jiebang: the database: {str(wrong).strip().partition(chr(10))[0]}", file=sys.stderr)
        print("  → jiebang doctor looks for the cause.", file=sys.stderr)
        return 1


def _is_of_the_database(wrong: Exception) -> bool:
    """Return whether the database is away, refuses us or has no room: nothing that our code could mend."""
    import psycopg
    from django.db import InterfaceError, OperationalError

    if isinstance(wrong.__cause__ or wrong, psycopg.errors.UndefinedTable):
        return True  # jiebang migrate was forgotten, or a restore did not come to its end
    return isinstance(wrong, (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError))


def now() -> datetime:
    """Return this moment in whole milliseconds, as moments are written in the log."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


# ── The words ───────────────────────────────────────────────────────────────────────────────────────────────


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="jiebang",
        description=DESCRIPTION,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="command", required=True)

    def add(
        name: str, run: Command, help: str, *, to: argparse._SubParsersAction[argparse.ArgumentParser] = commands
    ) -> argparse.ArgumentParser:
        command = to.add_parser(name, help=help, description=help[:1].upper() + help[1:] + ".")
        command.set_defaults(run=run)
        return command

    command = add("init", _init, "write a pack for a town of your own: its areas, working days, boards")
    command.add_argument("--name", required=True, help="what people call the town")
    command.add_argument("--country", required=True, metavar="CC", help="two letters, as in ISO 3166: GB, DE, KE")
    command.add_argument("--areas", required=True, type=Path, metavar="FILE", help="a table of its areas (CSV UTF-8)")
    command.add_argument("--pack", default="generic", help="what it builds on (generic)")
    command.add_argument("--subdivision", default="", help="whose holidays, if parts of the country differ: SCT, BY")
    command.add_argument("--id", default="", help="short name in addresses; made of the name if not said")
    command.add_argument("--prefix", default="", metavar="AB", help="how the entries' numbers begin")
    command.add_argument("--zone", default="", help="its time zone, if the country has several")
    command.add_argument("--origin", default="", metavar="ADDRESS", help="the public log's name, for good")

    add("up", _up, "start everything and watch over it; Ctrl-C stops it")
    add("doctor", _doctor, "look for what is wrong and say how to mend it")

    command = add("backup", _backup, "write database, files, log and secrets to one file")
    command.add_argument("target", type=Path, metavar="DIR|FILE", help="a folder, or the file to write (….tar)")
    command.add_argument("--without-secrets", action="store_true", help="leave keys out; keep them elsewhere then")
    command = add("restore", _restore, "make a city from a backup, in an empty home")
    command.add_argument("source", type=Path, metavar="FILE", help="what jiebang backup wrote")
    command.add_argument(
        "--database-only",
        action="store_true",
        help="replace only the database of a home that is there; log, files and secrets stay",
    )

    add("audit", _audit, "derive everything again from its events and leaves, and name what differs")
    command = add("verify", _verify, "check a public log as a stranger would")
    command.add_argument("log", nargs="?", metavar="DIR|URL", help="a log's folder, or its address: http://host/log")
    command.add_argument("--key", metavar="VKEY", help="the log's key, from a source you trust")
    command.add_argument("--state", metavar="FILE", help="remember what was seen, and compare with it next time")
    command.add_argument("--receipt", metavar="FILE", help="check one .tlog-proof file")
    command.add_argument("--jobs", metavar="N", help="processes that fetch and hash ahead")
    command = add("erase", _erase, "forget a raiser: what they told and who they were; the log still verifies")
    command.add_argument("code", metavar="CODE|NUMBER", help="the raiser's secret code, or the entry's number")
    command.add_argument("--ground", required=True, help="why, in a few words; stands in the public log")

    accounts = commands.add_parser("account", help="the people who work on the boards").add_subparsers(
        metavar="what", required=True
    )
    command = add(
        "add", _account_add, "make an account, with or without an office; its password is printed once", to=accounts
    )
    command.add_argument("name", metavar="NAME", help="what they sign in with: small letters, digits, dots, hyphens")
    command.add_argument("--display", required=True, help="the name colleagues see")
    command.add_argument(
        "--office",
        default="",
        help="what they may do: an office of the city's mechanisms; not said: they hold none yet",
    )
    command.add_argument("--unit", default="", metavar="SLUG", help="the unit they act for in that office")
    command.add_argument("--area", default="", metavar="CODE", help="where they hold it")
    command.add_argument("--level", default="", help="the level you expect the area to be of; refused if it is not")
    for name, run, about in (
        ("appoint", _account_appoint, "give an account one more office"),
        ("relieve", _account_relieve, "end one office of an account; its others stay"),
    ):
        command = add(name, run, about, to=accounts)
        command.add_argument("name", metavar="NAME", help="the account")
        command.add_argument("--office", required=True, help="the office, as the city's mechanisms name it")
        command.add_argument("--unit", required=True, metavar="SLUG", help="the unit they act for")
        command.add_argument("--area", required=True, metavar="CODE", help="where they hold the office")
    add("list", _account_list, "say who can sign in, and which accounts are closed", to=accounts)
    command = add("close", _account_close, "let nobody sign in to an account any more", to=accounts)
    command.add_argument("name", metavar="NAME", help="the account")
    command = add("password", _account_password, "give an account a new password; it is printed once", to=accounts)
    command.add_argument("name", metavar="NAME", help="the account")

    mechanisms = commands.add_parser("mechanisms", help="check and explain mechanism files").add_subparsers(
        metavar="what", required=True
    )
    command = add("check", _mechanisms_check, "check mechanism files and play their cases", to=mechanisms)
    command.add_argument("files", nargs="*", type=Path, metavar="FILE")
    command.add_argument("--all", action="store_true", help="every mechanism of every city in the packs")
    for name, run, help in (
        ("explain", _mechanisms_explain, "say in plain words what a mechanism does"),
        ("draw", _mechanisms_draw, "draw a mechanism as an SVG picture"),
    ):
        command = add(name, run, help, to=mechanisms)
        command.add_argument("file", type=Path, metavar="FILE")
        command.add_argument("--lang", choices=["zh", "en"], default="en")
    command = add("diff", _mechanisms_diff, "say what changed, and whether running entries can be moved", to=mechanisms)
    command.add_argument("old", type=Path, metavar="OLD", help="the file of the version before")
    command.add_argument("new", type=Path, metavar="NEW", help="the file of the version to compare it with")
    command.add_argument(
        "--map", action="append", default=[], metavar="OLD=NEW", help="the new state for entries in an old one"
    )
    command.add_argument("--lang", choices=["zh", "en"], default="en")
    command = add("docx", _mechanisms_docx, "write a mechanism as the text of a rule, in a Word file", to=mechanisms)
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--lang", choices=["zh", "en"], default="en")
    command.add_argument("--out", type=Path, metavar="FILE.docx", help="not said: FILE with .docx, in this folder")
    command = add("format", _mechanisms_format, "write a mechanism with Chinese or English keys", to=mechanisms)
    command.add_argument("files", nargs="*", type=Path, metavar="FILE")
    command.add_argument("--lang", choices=["zh", "en"], help="not said: the language of most of its keys")
    command.add_argument("--check", action="store_true", help="change nothing; exit status 1 if something would")
    command = add("schema", _mechanisms_schema, "print the JSON Schema of the language, for editors", to=mechanisms)
    command.add_argument("--lang", choices=["zh", "en"], default="en", help="the language of the keys")
    command = add(
        "staffing", _mechanisms_staffing, "say where the people appointed cannot close a matter", to=mechanisms
    )
    command.add_argument("mechanism", nargs="?", metavar="MECHANISM", help="one of those published; else all of them")
    command.add_argument("--area", metavar="CODE", help="this area and those below it; else the whole city")
    command.add_argument("--lang", choices=["zh", "en"], default="en")

    registers = commands.add_parser("registers", help="lists that rounds ask about").add_subparsers(
        metavar="what", required=True
    )
    command = add("import", _registers_import, "look at a spreadsheet, and with --write import it", to=registers)
    command.add_argument("register", metavar="REGISTER", help="its id")
    command.add_argument("sheet", type=Path, metavar="FILE", help="an .xlsx or .csv file: the whole list of the city")
    command.add_argument("--write", action="store_true", help="write it as the register's next version")
    rounds = commands.add_parser("rounds", help="who is asked about what").add_subparsers(metavar="what", required=True)
    command = add("open", _rounds_open, "open a round, as when a warning has come", to=rounds)
    command.add_argument("round", metavar="ROUND", help="its id")
    command.add_argument("--area", metavar="CODE", default="", help="for this area; else the whole city")
    command.add_argument("--cause", default="hand", help="the trigger that was told, as the round names it")
    add("list", _rounds_list, "say which rounds run, and how they stand", to=rounds)

    command = add("reference", _reference, "write the tables of docs/reference that the program itself knows")
    command.add_argument("--check", action="store_true", help="only say which pages differ")

    add("migrate", _migrate, "bring the database's tables and rights up to date")
    logs = commands.add_parser("log", help="the public log").add_subparsers(metavar="what", required=True)
    add("init", _log_init, "begin the public log, once in a city's life", to=logs)
    add("rebuild", _log_rebuild, "write a lost log folder again from the database", to=logs)
    add("publish", _publish, "publish what the city's pack says: areas, units, calendars, mechanisms")
    command = add("demo", _demo, "play the demonstration city's invented past")
    command.add_argument("--entries", type=int, default=2000, help="how many (2000)")

    command = add("serve", _serve, "serve HTTP")
    for name, run, help in (
        ("tick", _tick, "make the clock's moves"),
        ("sequence", _sequence, "number waiting leaves and sign checkpoints"),
        ("follow", _follow, "hand new facts to the followers, such as the boards' figures"),
    ):
        command = add(name, run, help)
        command.add_argument("--once", action="store_true", help="stop when there is nothing left to do")
    return parser


# ── Running a city ──────────────────────────────────────────────────────────────────────────────────────────


def _init(options: argparse.Namespace) -> int:
    from jiebang.desk import new_town

    words = {name: value for name, value in vars(options).items() if name not in ("run",)}
    wanted = new_town.Wanted(**words)
    return new_town.init(wanted, this_home(), today=now().date())


def _up(_: argparse.Namespace) -> int:
    from jiebang.desk import context, up

    return up.up(this_home(), context.GIVEN)


def _serve(_: argparse.Namespace) -> int:
    from jiebang.desk import context, serve, up

    where = up.address(context.GIVEN)
    serve.serve(address=where.bind, port=where.port)
    return 0


def _tick(options: argparse.Namespace) -> int:
    from jiebang.desk import loops

    with _ready("app", once=options.once) as home:
        loops.run("tick", loops.tick(home), once=options.once, full=200)
    return 0


def _sequence(options: argparse.Namespace) -> int:
    from jiebang.desk import loops

    with _ready("sequencer", once=options.once) as home:
        loops.run("sequence", loops.sequence(home), once=options.once, full=2000)
    return 0


def _follow(options: argparse.Namespace) -> int:
    from jiebang.desk import loops

    with _ready("app", once=options.once):
        loops.run("follow", loops.follow(), once=options.once)
    return 0


@contextmanager
def _ready(role: Role, *, once: bool) -> Iterator[Home]:
    """Set Django up for a loop, which waits for its database by itself; for one round the database is started."""
    from jiebang.desk.context import django_with_database, prepare_django

    if once:
        with django_with_database(role=role) as home:
            yield home
        return
    home = this_home()
    prepare_django(home, role=role)
    yield home


def _migrate(_: argparse.Namespace) -> int:
    from jiebang.desk import founding
    from jiebang.desk.context import django_with_database

    with django_with_database(role="owner"):
        founding.migrate()
    return 0


def _log_init(_: argparse.Namespace) -> int:
    from jiebang.desk import founding

    return founding.begin_log(at=now())


def _log_rebuild(_: argparse.Namespace) -> int:
    from jiebang.desk import founding

    return founding.rebuild_log()


def _publish(_: argparse.Namespace) -> int:
    from jiebang.desk import accounts, founding
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app") as home:
        founding.publish(home, at=now())
        accounts.note(home)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from jiebang.desk import founding
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app") as home:
        founding.play_demonstration(home, entries=options.entries, at=now())
    return 0


# ── Looking after it ────────────────────────────────────────────────────────────────────────────────────────


def _doctor(_: argparse.Namespace) -> int:
    from jiebang.desk import context, doctor

    return doctor.report(doctor.examine(this_home(), context.GIVEN))


def _backup(options: argparse.Namespace) -> int:
    from jiebang.desk import backup
    from jiebang.desk.context import django_with_database

    with django_with_database(role="owner") as home:
        backup.backup(home, options.target, with_secrets=not options.without_secrets, at=now())
    return 0


def _restore(options: argparse.Namespace) -> int:
    from jiebang.desk import backup, context

    backup.restore(this_home(), options.source, given=context.GIVEN, database_only=options.database_only)
    return 0


def _audit(_: argparse.Namespace) -> int:
    from jiebang.desk import audit
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app") as home:
        return audit.report(audit.audit(home, at=now()))


def _verify(options: argparse.Namespace) -> int:
    from jiebang.desk import audit

    named = {"--key": options.key, "--state": options.state, "--receipt": options.receipt, "--jobs": options.jobs}
    arguments = [part for name, value in named.items() if value for part in (name, value)]
    return audit.verify([*([options.log] if options.log else []), *arguments], log=options.log)


def _erase(options: argparse.Namespace) -> int:
    from jiebang.desk import erasure
    from jiebang.desk.context import django_with_database

    # The application may not change what happened, not even to forget who did it.
    with django_with_database(role="owner"):
        return erasure.erase(options.code, ground=options.ground, at=now())


# ── Accounts ────────────────────────────────────────────────────────────────────────────────────────────────


def _account_add(options: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    wanted = accounts.Wanted(
        options.name, options.display, options.office, options.unit, options.area, level=options.level
    )
    with django_with_database(role="app") as home:
        status = accounts.add(wanted, at=now())
        accounts.note(home)
        return status


def _account_appoint(options: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        return accounts.appoint(accounts.Wanted(options.name, "", options.office, options.unit, options.area), at=now())


def _account_relieve(options: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        return accounts.relieve(accounts.Wanted(options.name, "", options.office, options.unit, options.area), at=now())


def _account_list(_: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        return accounts.show()


def _account_close(options: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app") as home:
        status = accounts.close(options.name)
        accounts.note(home)
        return status


def _account_password(options: argparse.Namespace) -> int:
    from jiebang.desk import accounts
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        return accounts.password(options.name)


# ── Mechanism files ─────────────────────────────────────────────────────────────────────────────────────────


def _mechanisms_check(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    return mechanisms.check(options.files, everything=options.all)


def _mechanisms_explain(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    return mechanisms.explain(options.file, lang=options.lang)


def _mechanisms_draw(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    return mechanisms.draw(options.file, lang=options.lang)


def _mechanisms_diff(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    return mechanisms.diff(options.old, options.new, pairs=options.map, lang=options.lang)


def _mechanisms_docx(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    target = options.out or Path(f"{options.file.resolve().parent.name}-{options.file.stem}.docx")
    return mechanisms.docx(options.file, target, lang=options.lang)


def _mechanisms_format(options: argparse.Namespace) -> int:
    from jiebang.desk import formatting

    return formatting.run(options.files, lang=options.lang, check=options.check)


def _mechanisms_schema(options: argparse.Namespace) -> int:
    from jiebang.desk import mechanisms

    return mechanisms.schema(options.lang)


def _mechanisms_staffing(options: argparse.Namespace) -> int:
    from jiebang.desk import staffing
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        return staffing.report(options.mechanism, area=options.area, lang=options.lang, at=now())


# ── Registers and rounds ────────────────────────────────────────────────────────────────────────────────────


def _registers_import(options: argparse.Namespace) -> int:
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        from jiebang.desk import rounds  # its tables need Django set up

        return rounds.import_sheet(options.register, options.sheet, write=options.write, at=now())


def _rounds_open(options: argparse.Namespace) -> int:
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        from jiebang.desk import rounds  # its tables need Django set up

        return rounds.open_one(options.round, area=options.area, cause=options.cause, at=now())


def _rounds_list(_: argparse.Namespace) -> int:
    from jiebang.desk.context import django_with_database

    with django_with_database(role="app"):
        from jiebang.desk import rounds  # its tables need Django set up

        return rounds.show()


def _reference(options: argparse.Namespace) -> int:
    from jiebang.desk import reference

    return reference.write(check=options.check)
