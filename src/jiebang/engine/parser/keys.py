"""The keys of a mechanism file: what may stand where. The reference page and the parser read the same tables."""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN: Mapping[str, tuple[str, str, str]] = {
    "anyone": ("anyone", "任何人", "anyone"),
    "raiser": ("raiser", "提出人", "the person who raised it"),
    "unit": ("unit", "承办单位", "a unit"),
    "instrument": ("instrument", "监测设备", "an instrument"),
    "boards": ("boards", "另一件事项", "another entry"),
    "clock": ("clock", "时限", "the clock"),
}

TOP = ("mechanism", "since", "title", "purpose", "source", "log", "titles", "parties", "fields", "opening",
        "states", "finals", "spans", "separate", "taken")  # fmt: skip
TITLES = ("parties", "moves", "states", "duties", "finals", "proofs", "seasons")
FIELD = ("type", "title", "hint", "choices", "choices from", "visible", "logged", "most", "many", "level")
PARTY = ("staff of", "office", "body", "member of", "duty", "of", "level", "unit that did", "role", "never", "title")
MOVE = ("by", "to", "ask", "show", "if", "at most", "then", "verifies", "finishes", "joins", "collect", "agreed by",
         "agreed within", "second", "opens", "require", "title", "source")  # fmt: skip
STATE = ("title", "held by", "within", "lasts", "waits for", "else", "then", "may", "duties", "extend", "opens",
         "route", "objections", "source")  # fmt: skip
OBJECTIONS = ("by", "within", "ask", "answered by", "answer", "hold up", "each person", "else", "title", "source")
ROUTE = ("at most", "to", "then")
FINAL = ("means", "title", "recheck", "raised again")
AGAIN = ("by", "within", "as", "with", "source")
RECHECK = ("share", "after", "opens", "source")
OPENS = ("on", "as", "one for each", "with")
WAITS = ("all opened", "entry", "facts", "from", "until", "at most", "source")
LIMIT = ("amount", "until", "policy", "at most", "since", "during", "source")
LIMIT_BY = ("by", "else", "since", "during", "source")  # what stands beside the answers
LENGTH = ("amount", "policy", "at most", "source")
MATCH = ("by", "else")  # what stands beside the answers
SEASON = ("amount", "title", "source")
# What events are called that nobody makes; the anchor of `since`.
RESERVED = ("clock", "join", "raised", "heard", "unanswered")
LIMIT_OF_AMOUNT = ("amount", "since", "during", "source")
LIMIT_OF_DATE = ("until", "at most", "since", "source")
LIMIT_OF_POLICY = ("policy", "at most", "since", "during", "source")
DUTY = ("title", "of", "ask", "show", "within", "every", "by", "runs on", "source")
SPAN = ("from", "to", "within", "else", "source")
EXTEND = ("ask by", "decided by", "ask before due", "decide within", "no answer", "by at most", "times", "source")
COLLECT = ("count", "yes", "no", "enough")
SEPARATE = ("by person", "by unit")
TAKEN = ("window", "proxy")
TAKING = ("by", "of", "ask")
MOST_LINES = 30  # answers to one question, each of which may open an entry
MOST_CELLS = 5000  # combinations of answers looked at for one move
MOST: Mapping[str, int] = {"photo": 3, "document": 3, "signature": 1, "number": 1_000_000_000}
