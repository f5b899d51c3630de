"""The keys of a register's and of a round's file, and what each is for. `*`: it must be there."""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.parser import keys

REGISTER = ("register", "since", "title", "purpose", "source", "about", "key", "name", "area", "owner", "fields",
            "wanted")  # fmt: skip
ROUND = ("round", "since", "title", "purpose", "source", "register", "log", "subjects", "when", "opened by", "done by",
         "within", "else", "fields", "answers", "by link", "erase after")  # fmt: skip
POST = ("staff of", "office", "unit", "level", "title")
SUBJECTS = ("where", "sample")
WHEN = ("every", "on", "during")
SEASON = ("from", "to")
ELSE = ("to", "within")
ANSWERS = ("normal", "abnormal", "tried")
ANSWER = ("title", "ask", "show", "opens")
OPENS = ("on", "as", "with")
FIELD = tuple(key for key in keys.FIELD if key not in ("logged", "many"))
ABOUT = ("things", "people")

KEYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "register": (
        REGISTER,
        {
            "register*": "Its id: the folder's name and a part of its address.",
            "since*": "The day it takes effect, in quotes. The file is named by the same day.",
            "title*": "Its name, per language. Every other title speaks the same languages.",
            "purpose": "One sentence, per language.",
            "source": "Where the list comes from.",
            "about*": "`things`, or `people`: of people nothing is ever public but numbers.",
            "key*": "The field that tells the rows apart; each value stands once.",
            "name*": "The field a subject is called by.",
            "area*": "The field that says in which area it lies.",
            "owner*": "Who keeps the list, and may import it.",
            "fields*": "The columns, by name.",
            "wanted": "Fields no row may leave empty, besides key, name and area.",
        },
    ),
    "round": (
        ROUND,
        {
            "round*": "Its id: the folder's name and a part of its address.",
            "since*": "The day it takes effect, in quotes. The file is named by the same day.",
            "title*": "Its name, per language. Every other title speaks the same languages.",
            "purpose": "One sentence, per language.",
            "source": "The law or document it follows.",
            "register*": "The register whose subjects are asked about.",
            "log*": "How much the public log says; of people `veiled`.",
            "subjects*": "`all`, or which of them.",
            "when": "What opens it besides a hand.",
            "opened by*": "Who may open it by hand, and press its triggers.",
            "done by*": "Who owes each subject its answer.",
            "within*": "How long they have.",
            "else": "Who owes it next. Without it, or when that has passed too, the subject is missed for ever.",
            "fields": "The questions, by name.",
            "answers*": "`normal`, `abnormal`, `tried`.",
            "by link": "`true`: of people, each may answer for themselves by a link of their own.",
            "erase after": "How long after its closing all it knows of people is destroyed; of people it must stand.",
        },
    ),
    "post": (
        POST,
        {
            "staff of": "`area`: the staff at the subject's area at `level`.",
            "office": "Instead: whoever holds that office there.",
            "unit": "Instead: whoever acts for the unit of that name in `units.yaml`.",
            "level*": "At which level of the city.",
            "title*": "What they are called, per language.",
        },
    ),
    "subjects": (
        SUBJECTS,
        {
            "where": "A condition over public choices, yes-no and numbers of the register: `kind is led or sodium`.",
            "sample": "So many in a hundred, drawn by a seed committed in the log beforehand.",
        },
    ),
    "when": (
        WHEN,
        {
            "every": "So many days or hours after it was opened last: `7 d`.",
            "on": "The triggers that open it: id → title.",
            "during": "The part of the year in which the clock and triggers open it.",
        },
    ),
    "season": (SEASON, {"from*": "The first day, in quotes: `'05-01'`.", "to*": "The last day: `'09-30'`."}),
    "else": (ELSE, {"to*": "Who.", "within*": "How long they have."}),
    "answer": (
        ANSWER,
        {
            "title*": "The button, per language.",
            "ask": "Questions; none for one tap.",
            "show": "What has to be shown: `photo`.",
            "opens": "Of `abnormal`: the entry it opens on a board.",
        },
    ),
    "opens": (
        OPENS,
        {
            "on*": "The board.",
            "as*": "The opening there.",
            "with": "Its question → ours, a public field of the register, `subject` or `key`. Area and photo go along.",
        },
    ),
}
