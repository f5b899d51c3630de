"""A version's rule as a Word file: what is published, from its public page; what is written, from the author's desk."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from jiebang.engine import canonical
from jiebang.engine.bounds import Bounds
from jiebang.engine.model import Program
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook import ruletext
from jiebang.rulebook.policies import sources_of
from jiebang.rulebook.queries import VersionView
from jiebang.web import sources
from jiebang.web.versions import party_words, scope_words
from jiebang.web.words import language

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def published(request: HttpRequest, version: VersionView) -> HttpResponse:
    """The rule of a published version, with how to check it against the log."""
    facts = [
        (_("Holds in"), scope_words(version.scope, version.areas)),
        (_("Published by"), party_words(version.published_by, version.published_unit)),
    ]
    if version.proposed_by:
        facts.append((_("Proposed by"), party_words(version.proposed_by, version.proposed_unit)))
    address = request.build_absolute_uri(reverse("about", args=[version.mechanism]))
    data = _published(version.program_hash, language(), tuple(facts), address)
    return _file(data, f"{version.mechanism}-{version.since}")


def drafted(program: Program, bounds: Bounds, *, scope: str) -> HttpResponse:
    """The rule as a draft has it: for comments, and marked as not in force."""
    facts = ((_("Draft"), _("not published")), (_("Holds in"), scope))
    data = _written(program, canonical.program_hash(program), bounds, facts, "")
    return _file(data, f"{program.id}-{program.since}-draft")


@lru_cache(maxsize=64)
def _published(program_hash: str, _lang: str, facts: tuple[tuple[str, str], ...], address: str) -> bytes:
    """The bytes of a version's rule; they never change, so each is set once a process."""
    version = rulebook.version_named(program_hash)
    assert version is not None
    return _written(version.program, program_hash, version.bounds, facts, address)


def _written(
    program: Program, program_hash: str, bounds: Bounds, facts: tuple[tuple[str, str], ...], address: str
) -> bytes:
    cited = sources.lines(sources_of(program))
    rule = ruletext.rule_text(
        program,
        language(),
        program_hash=program_hash,
        bounds=bounds,
        boards={other.mechanism: other.program.title for other in rulebook.mechanisms()},
        facts=facts,
        cite=lambda source: "".join(f"[{number}]" for number in sources.numbers(source, cited)),
        sources=[_source(line) for line in cited],
        address=address,
    )
    return ruletext.written(rule)


def _source(line: sources.Line) -> str:
    said = f"[{line.number}] {line.text}"
    return said + "".join(
        f" ({part})" for part in (line.says, f"{line.grade}: {line.good}" if line.grade else "") if part
    )


def _file(data: bytes, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{name}.{language()}.docx")
    return HttpResponse(data, content_type=WORD, headers={"Content-Disposition": str(disposition)})
