"""Running matters of a draft's board: which versions they run under, and by which map they would be carried over."""

from __future__ import annotations

import re
from typing import Any

from django.http import QueryDict

from jiebang.boards import queries as boards
from jiebang.engine.model import Program
from jiebang.rulebook import transfers
from jiebang.rulebook.proposals import DraftView
from jiebang.rulebook.queries import VersionView
from jiebang.web import versions
from jiebang.web.views.desk.rules import room
from jiebang.web.words import listed, said

_HASH = re.compile(r"[0-9a-f]{64}")
MOST_SOURCES, MOST_STATES = 20, 200


def chosen(sent: QueryDict) -> dict[str, dict[str, str]]:
    """Return the maps a form holds: for each version chosen, where the entries of each state go on."""
    hashes = [one for one in sent.getlist("over") if _HASH.fullmatch(one)][:MOST_SOURCES]
    return {one: _states(sent, f"to-{one}-") for one in hashes}


def _states(sent: QueryDict, prefix: str) -> dict[str, str]:
    pairs = ((name.removeprefix(prefix), str(sent[name])) for name in sent if name.startswith(prefix))
    found = {old[:60]: new[:60] for old, new in pairs if new and old != new}
    return dict(list(found.items())[:MOST_STATES])


def running(draft: DraftView, maps: transfers.Maps, program: Program | None) -> list[dict[str, Any]]:
    """Return each version that entries run under, how many of them, and what stands against carrying them over."""
    found = []
    for version in transfers.sources(draft.mechanism)[:MOST_SOURCES]:
        counts = boards.running_under(version.program_hash, draft.areas)
        if counts or version.program_hash in maps:
            found.append(_source(draft, version, dict(counts), maps, program))
    return found


def _source(
    draft: DraftView, version: VersionView, counts: dict[str, int], maps: transfers.Maps, program: Program | None
) -> dict[str, Any]:
    given, old = maps.get(version.program_hash), version.program
    against = transfers.against(version.program_hash, given, program) if given is not None and program else []
    states = [_state(name, old, counts.get(name, 0), given or {}, program) for name in old.states]
    return {
        **versions.version_words(version),
        "program": version.program_hash,
        "n": sum(counts.values()),
        "chosen": given is not None,
        "states": states,
        "moved": listed(f"{one['title']} → {one['to_title']}" for one in states if one["title"] != one["to_title"]),
        "problems": [
            {"what": room.in_language(one.zh, one.en), "mend": room.in_language(one.mend_zh, one.mend_en)}
            for one in against
        ],
    }


def _state(name: str, old: Program, n: int, given: transfers.States, new: Program | None) -> dict[str, Any]:
    title = said(old.states[name].title) or name
    options = [{"name": one.name, "title": said(one.title) or one.name} for one in new.states.values()] if new else []
    named = {one["name"] for one in options}
    # A state under another name mostly keeps its title: it is offered, and the author sees it.
    like = name if name in named else next((one["name"] for one in options if one["title"] == title), name)
    to = given.get(name, like)
    return {
        "name": name,
        "title": title,
        "n": n,
        "to": to,
        "to_title": next((one["title"] for one in options if one["name"] == to), to),
        "known": to in named,
        "options": options,
    }
