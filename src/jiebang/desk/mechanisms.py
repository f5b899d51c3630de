"""`jiebang mechanisms check|explain|draw|diff`: for whoever writes a mechanism. Needs no database."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jiebang.desk.home import DeskError
from jiebang.engine import canonical, cases, checker, parser, places, plain
from jiebang.engine import draw as drawing
from jiebang.engine.checker import moving
from jiebang.engine.differences import differences
from jiebang.engine.findings import Finding, MechanismError
from jiebang.engine.model import Program
from jiebang.engine.parser import schema_zh
from jiebang.engine.refusals import in_language
from jiebang.engine.worktime import Calendar
from jiebang.rulebook import defining, packs, policies, ruletext
from jiebang.rulebook.packs import CityPack


def check(files: Sequence[Path], *, everything: bool) -> int:
    """Check mechanism files and play their cases; return 1 if anything is an error."""
    wanted = [*((path, _pack_of(path)) for path in files), *(_all_files() if everything else ())]
    if not wanted:
        raise DeskError("No file is named.", next_step="Name one, or check every pack: jiebang mechanisms check --all")
    errors = sum(_check_one(path, pack) for path, pack in wanted)
    errors += sum(_check_shelf(pack) for pack in _cities()) if everything else 0
    return 1 if errors else 0


def _check_shelf(pack: CityPack) -> int:
    """Check the registers and rounds of a city, beside its boards; return how many findings there are."""
    shelf = defining.shelf(pack, defining.boards_of(pack))
    for file, _ in shelf.compiled:
        print(f"{_shown(file.path)}: fine; {file.what}")
    return _tell(packs.root() / pack.packs[0], shelf.findings)


def _check_one(path: Path, pack: CityPack | None) -> int:
    calendar = packs.calendar(pack) if pack else None
    try:
        program = _parsed(path, pack)
    except MechanismError as wrong:
        return _tell(path, wrong.findings)
    lines = places.lines_of(path.read_bytes(), str(path))
    report = checker.check(program, calendar=calendar, lines=lines, filename=str(path))
    findings = [*report.findings]
    if pack:
        known = packs.policies(pack)
        findings += policies.findings(program, known, calendar=calendar, lines=lines, filename=str(path))
        if any(checker.opens_of(program)):
            boards = {**_boards(pack, calendar), program.id: checker.Board(program, report.bounds)}
            findings += checker.check_together(program, boards, calendar=calendar, lines=lines, filename=str(path))
    errors = _tell(path, places.tongue_of(path.read_bytes()).told(findings))
    stories = packs.stories_of(path)
    played = 0
    if stories and calendar and not errors:
        teller = packs.told_by(path, pack) if pack else None
        results = cases.run(stories.read_bytes(), program, packs.calendar(teller) if teller else calendar)
        played = len(results)
        for failed in cases.failures(results):
            errors += 1
            print(f"{stories}: {failed.name}: {failed.why}", file=sys.stderr)
    if not errors:
        said = f"{_shown(path)}: fine"
        if report.bounds:
            silent, main, worst = (
                one.sums("en") for one in (report.bounds.silent, report.bounds.main, report.bounds.worst)
            )
            said += f"; silent {silent}, main path {main}, worst case {worst}"
        print(f"{said}; {played} cases; {canonical.program_hash(program)[:16]}")
    return errors


def explain(path: Path, *, lang: str) -> int:
    """Print what a mechanism does in plain words, and where its numbers come from."""
    pack, program = _pack_of(path), _compiled(path)
    sources = _Sources(program, packs.policies(pack) if pack else {})
    calendar = packs.calendar(pack) if pack else None
    opens = pack is not None and any(checker.opens_of(program))
    boards = {name: board.program.title for name, board in _boards(pack, calendar).items()} if pack and opens else {}
    print(plain.explain(program, lang, calendar=calendar, cite=sources.cite, boards=boards))
    print("\n".join(sources.said(lang)))
    return 0


def docx(path: Path, target: Path, *, lang: str) -> int:
    """Write a mechanism as the text of a rule, in articles, as a Word file."""
    pack, program = _pack_of(path), _compiled(path)
    sources = _Sources(program, packs.policies(pack) if pack else {})
    calendar = packs.calendar(pack) if pack else None
    opens = pack is not None and any(checker.opens_of(program))
    rule = ruletext.rule_text(
        program,
        lang,
        program_hash=canonical.program_hash(program),
        calendar=calendar,
        boards={name: board.program.title for name, board in _boards(pack, calendar).items()} if pack and opens else {},
        cite=sources.cite,
        sources=[line for line in sources.said(lang) if line.startswith("[")],
    )
    target.write_bytes(ruletext.written(rule))
    print(f"{target} is written.")
    return 0


class _Sources:
    """The sources a mechanism cites, numbered in the order of its text. A policy's key is said as its row says it."""

    def __init__(self, program: Program, known: policies.Policies) -> None:
        self._known = known
        cited = (key for source in policies.sources_of(program) for key in self._parts(source))
        self._numbers = {key: n for n, key in enumerate(dict.fromkeys(cited), 1)}

    def _parts(self, source: str) -> tuple[str, ...]:
        return policies.named(source, self._known) or (source,)

    def cite(self, source: str) -> str:
        return "".join(f"[{self._numbers[key]}]" for key in self._parts(source))

    def said(self, lang: str) -> Iterator[str]:
        if self._numbers:
            yield "\n出处" if lang == "zh" else "\nSources"
        for key, number in self._numbers.items():
            policy = self._known.get(key)
            if policy is None:
                yield f"[{number}] {key}"
                continue
            text, place = (in_language(texts, lang) for texts in (policy.source, policy.place))
            if lang == "zh":
                yield f"[{number}] {text}（{place}，自 {policy.since}，可靠程度 {policy.grade}；{key}）"
            else:
                yield f"[{number}] {text} ({place}, since {policy.since}, grade {policy.grade}; {key})"


def draw(path: Path, *, lang: str) -> int:
    """Print the picture that stands on the mechanism's page, as SVG: `… draw FILE > picture.svg`."""
    print(drawing.draw(_compiled(path), lang).svg)
    return 0


def diff(old: Path, new: Path, *, pairs: Sequence[str], lang: str) -> int:
    """Print what changed between two versions, and what stands against moving running entries; 1 if anything does.

    Raises:
        DeskError: a pair is no OLD=NEW, or a file can't be read or compiled.
    """
    states = {}
    for pair in pairs:
        name, sign, to = pair.partition("=")
        if not (name and sign and to):
            raise DeskError(f"“{pair}” is no pair of states.", next_step="Write OLD=NEW, such as --map late=overdue.")
        states[name] = to
    pack = _pack_of(new) or _pack_of(old)
    calendar = packs.calendar(pack) if pack else None
    before, after = _compiled(old), _compiled(new)
    chinese = lang == "zh"
    said = [texts[lang] for texts in differences(before, after, calendar=calendar)]
    for line in said or ["两个版本作出的决定相同。" if chinese else "The two versions decide the same."]:
        print(line)
    findings = moving.moved(before, after, states, calendar=calendar)
    errors = [finding for finding in findings if finding.severity == "error"]
    print()
    if not errors:
        print("正在办的事项可以移到新版。" if chinese else "Running entries can be moved to the new version.")
    else:
        print("正在办的事项还不能移到新版：" if chinese else "Running entries cannot be moved to the new version yet:")
    for finding in findings:
        print(f"  {finding.sentence(lang)}")
    return 1 if errors else 0


def schema(lang: str) -> int:
    """Print the JSON Schema of the language, the same that stands at /schema/mechanism.json (mechanism.zh.json)."""
    sys.stdout.write(schema_zh.written(lang))
    return 0


def compiles_to(text: str, program_hash: str) -> bool:
    """Return whether a published text compiles to the program of that hash, with the categories of some city."""
    for vocabulary in [None, *(packs.categories(pack) for pack in _cities())]:
        try:
            if canonical.program_hash(parser.parse(text, vocabulary=vocabulary)) == program_hash:
                return True
        except MechanismError:
            continue  # it names categories that this city does not have
    return False


def _boards(pack: CityPack, calendar: Calendar | None) -> dict[str, checker.Board]:
    """Return the newest version of each of the city's mechanisms that compiles."""
    boards: dict[str, checker.Board] = {}
    for file in packs.mechanism_files(pack):
        try:
            program = _parsed(file.path, pack)
        except MechanismError:
            continue  # its own check says so
        boards[file.mechanism] = checker.Board(program, checker.check(program, calendar=calendar).bounds)
    return boards


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


# ── Files and their cities ──────────────────────────────────────────────────────────────────────────────────


def _compiled(path: Path) -> Program:
    try:
        return _parsed(path, _pack_of(path))
    except MechanismError as wrong:
        _tell(path, wrong.findings)
        raise DeskError(f"{path} can't be compiled.", next_step="Mend what is said above, line by line.") from None


def _parsed(path: Path, pack: CityPack | None) -> Program:
    try:
        text = path.read_bytes()
    except OSError as wrong:
        raise DeskError(
            f"{path} can't be read: {wrong.strerror}.", next_step="Name a mechanism file (….yaml)."
        ) from None
    return parser.parse(text, filename=str(path), vocabulary=packs.categories(pack) if pack else None)


def _tell(path: Path, findings: Iterable[Finding]) -> int:
    """Print findings and return how many are errors."""
    errors = 0
    for finding in findings:
        errors += finding.severity == "error"
        where = "" if finding.file else f"{path}:"
        print(f"{where}{finding.sentence('en')}", file=sys.stderr)
    return errors


def _cities() -> list[CityPack]:
    return packs.cities()


def _all_files() -> list[tuple[Path, CityPack]]:
    return [(file.path, pack) for pack in _cities() for file in packs.mechanism_files(pack)]


def _pack_of(path: Path) -> CityPack | None:
    """Return the city whose pack a file stands in: its calendar and its categories are needed to check it."""
    for pack in _cities():
        for folder in pack.packs:
            if path.resolve().is_relative_to(packs.place(folder)):
                return pack
    return None
