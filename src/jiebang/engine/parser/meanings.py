"""What each key of a mechanism file is for, and which of them must be there.

The reference page and the published schema read this table; the keys themselves are the parser's, from `keys`.
"""

from __future__ import annotations

from collections.abc import Mapping

from jiebang.engine.parser import keys

# What each key of a mechanism file is for. `*` after a key: it must be there.
KEYS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "file": (
        keys.TOP,
        {
            "mechanism*": "Its id: the folder's name and a part of the board's address.",
            "since*": "The day it takes effect, in quotes: `'2026-01-01'`. The file is named by the same day.",
            "title*": "The board's name, per language. Every other title speaks the same languages.",
            "purpose": "One sentence, per language.",
            "source": "Where the numbers come from that name no source of their own.",
            "log*": "How much the public log says: see below.",
            "titles": "Names of parties, moves, states, duties, finals and proofs, kept apart from the rules.",
            "parties": "Who may act, relative to the entry.",
            "fields": "The questions, by name.",
            "opening*": "The ways to raise an entry, each a move.",
            "states": "What an entry passes, and the routes.",
            "finals*": "How it ends.",
            "spans": "Limits across states and returns.",
            "separate": "Moves that no one person may both make, whoever may make either: see below.",
            "taken": "How the word of a raiser without telephone or code is taken down: `window`, `proxy`.",
        },
    ),
    "taking": (
        keys.TAKING,
        {
            "by*": "Who may take it down; officials only.",
            "of*": "Which moves of the raiser: `[verdict, reply]`.",
            "ask": "What is asked before the move's own questions: which document was seen; which relative.",
        },
    ),
    "field": (
        keys.FIELD,
        {
            "type*": "What kind of answer: see below.",
            "title*": "The question, per language.",
            "hint": "A line below it.",
            "choices": "Of a `choice`: id → title, two or more. A choice may carry `marks: [visible-work]`.",
            "choices from": "Instead: the pack's list, `categories/residents`.",
            "visible": "Who may ever read the answer; `public` if not said.",
            "logged": "`true`: the answer stands in the log in clear. What conditions or limits read always does.",
            "many": "Of a `text`: so many answers at most, one a line.",
            "level": "Of an `account` or a `standing`: of which area around the entry, one of the city's `levels`.",
            "most": "Characters of a text (2000 at most), files of a `photo`, or the largest `number`.",
        },
    ),
    "party": (
        keys.PARTY,
        {
            "staff of": "`area` (the staff at the entry's area, at `level`), another party, or `unit that did claim`.",
            "office": "Whoever holds that office; with `of: area` and `level`.",
            "of": "`area`, the only one there is.",
            "level": "Of the area: one of the city's `levels`.",
            "body": "The members of a body that decides together; with `of: area` and `level`.",
            "member of": "A body, as another party names it; with `duty` only who holds that duty in it.",
            "duty": "Of a member: `chair`. Who is appointed to it holds the office `village-committee.chair`.",
            "unit that did": "The unit of a move, the last of several: `claim or assign`.",
            "role": "`named`: the unit the move named; `doer`: the one that did it. Not said: the named one, if any.",
            "never": "Who is shut out: `whoever did finish` (a person), `unit of finish`, `member of committee`.",
            "title": "Its name, here or under `titles`.",
        },
    ),
    "state": (
        keys.STATE,
        {
            "title": "Its name, here or under `titles`.",
            "held by": "The party that owes the next move. Only a notice (`lasts`) can do without.",
            "within": "A limit that is owed; past it the entry is overdue.",
            "lasts": "A notice or a pause; its end is the good way.",
            "waits for": "Something elsewhere: see below. One of the three, never two.",
            "else": "With `within` and `waits for`: the state the clock moves it to when the time is over.",
            "then": "With `lasts`: likewise. With `waits for`: where it leads when that has come.",
            "may": "The moves, by name.",
            "duties": "Obligations beside the limit.",
            "extend": "How the limit may grow.",
            "opens": "An entry on another board, opened on entering the state: see below.",
            "route": "Instead of all this: a fork.",
            "objections": "With `lasts`: what may be said against the notice, and who answers: see below.",
            "source": "Where the number comes from.",
        },
    ),
    "objections": (
        keys.OBJECTIONS,
        {
            "by*": "Who may object; `anyone` is everybody, without an account.",
            "within": "How long, from the beginning of the notice; as long as it lasts if not said.",
            "ask": "What an objection says, as in a move. Of strangers' words nothing should be `public`.",
            "answered by*": "Who answers, each with their time: `[committee 3 d, township 10 d]`. Past a limit the "
            "next one owes the answer.",
            "answer": "What an answer says, as in a move.",
            "hold up": "`true`: the notice does not end while an objection is open. Else all of them must fit into it.",
            "each person": "How many objections one person has to this notice; `1` if not said.",
            "else*": "Where the clock leads when the last of those who answer stayed silent.",
            "title": "What objecting is called, here or as the move `object` under `titles`.",
            "source": "Where the numbers come from.",
        },
    ),
    "limit": (
        keys.LIMIT,
        {
            "amount": "`3 wd`, `5 d`, `2 h`, `8 wh`, `20 min`. Alone, it may stand behind `within:` itself.",
            "until": "Instead: a question of type `date`; it ends with that day's last closing.",
            "policy": "Instead: a row of the pack's `policies/`; its number counts that holds on the day, see below.",
            "at most": "The ceiling of `until` and `policy`: without it nothing could be promised.",
            "during": "Shorter in a season: `{flood-season: 1 d}`, see below.",
            "since": "Counted from a move, or from `raised`, not from entering the state.",
            "source": "Law, document and clause, or “the town's own”.",
        },
    ),
    "limit by": (
        keys.LIMIT_BY,
        {
            "by*": "Instead: a `choice` or `yes-no` question. Its answers stand beside it: `{by: kind, urgent: 4 h, "
            "complaint or report: 5 wd}`. Every answer has one length, and may give it with its `source`.",
            "else": "The length of all other answers, and when nothing was answered.",
            "since": "As above.",
            "during": "As above.",
            "source": "As above, for the lengths that name none of their own.",
        },
    ),
    "length": (
        keys.LENGTH,
        {
            "amount": "`4 h`. Alone, it may stand behind the answer itself.",
            "policy": "Instead: a row of `policies/`,",
            "at most": "and its ceiling.",
            "source": "Where this length comes from.",
        },
    ),
    "match": (
        keys.MATCH,
        {
            "by*": "The other question, a `choice` or `yes-no`. Its answers stand beside it, each with the answer "
            "wanted here: `{by: matter, land or funds: assembly, else: reps}`.",
            "else": "What is wanted with all other answers.",
        },
    ),
    "season": (
        keys.SEASON,
        {
            "amount*": "The length, no longer than any outside the season. Alone, it may stand behind its name itself.",
            "title": "The season's name, here or under `titles`.",
            "source": "Where this length comes from.",
        },
    ),
    "move": (
        keys.MOVE,
        {
            "by": "Who may make it; the state's holder if not said.",
            "to*": "A state, final or route; or `{solved is yes: struck, solved is no: reinstating}`. No answer leads "
            "nowhere, and none leads two ways.",
            "ask": "Questions in order. `remark?` may stay empty; `solved: if reached` is asked only then.",
            "show": "Proof: `photo`, `document`, `signature`; `photo before`; `{photo: if visible-work}`.",
            "if": "The condition under which it is offered.",
            "at most": "How many times in the entry's life.",
            "then": "Where it leads once that is used up; not said: it is offered no more.",
            "verifies": "`true`: a verdict of the raiser. `call-back` or `officer`: an official's word, shown as such.",
            "finishes": "`true`: it claims that the work is done, so it needs proof.",
            "joins": "`true`: it merges the entry into the one that was named.",
            "collect": "Several raisers: the question that is counted. See below.",
            "agreed by": "A party that must agree first, in a state of its own; asked once, or `at most` so often.",
            "agreed within": "Its limit; silence is a no.",
            "second": "Instead, `1 wd`: another person of the same party must agree, within so long.",
            "title": "Its name, here or under `titles`.",
            "opens": "An entry on another board: see below. With `agreed by`, once it was agreed to.",
            "require": "What the answers must be: `{meeting-date: at least 10 d from now}`, see below.",
            "source": "Where the number of `agreed within` or `second` comes from.",
        },
    ),
    "opens": (
        keys.OPENS,
        {
            "on*": "The mechanism. Alone, it may stand behind `opens:` itself.",
            "as": "Its opening; `opened` if not said.",
            "one for each": "A question of `many` answers: an entry for each line, else a single one.",
            "with": "What is told there: its question → ours; or `item`, the line; or `number`, our public number.",
        },
    ),
    "final": (
        keys.FINAL,
        {
            "means*": "What it counts as: see below.",
            "title": "Its name, here or under `titles`.",
            "recheck": "A share of those that end so is looked at again: see below.",
            "raised again": "Whoever is named may raise it again, as a new entry: see below.",
        },
    ),
    "again": (
        keys.AGAIN,
        {
            "by*": "Who may: `anyone`, `raiser`, an office.",
            "within*": "How long after the end.",
            "as*": "The opening of this mechanism by which it is raised then.",
            "with": "What stands in its form already: its question → a public one of the closed entry.",
            "source": "Where the number comes from.",
        },
    ),
    "recheck": (
        keys.RECHECK,
        {
            "share*": "How many in a hundred: `10`.",
            "after*": "How long after the end.",
            "opens*": "The entry that is opened then, as in a move, but one alone.",
            "source": "Where the numbers come from.",
        },
    ),
    "waits": (
        keys.WAITS,
        {
            "all opened": "Nothing behind it: all entries this one opened last have closed.",
            "entry": "Instead: the entry named in answer to this question has.",
            "facts": "Instead: somebody answers these questions, in a move `report`.",
            "from": "With `facts`: who tells them.",
            "until": "A question of type `date`: no longer than to the end of that day.",
            "at most*": "The longest it waits.",
            "source": "Where the number comes from.",
        },
    ),
    "collect": (
        keys.COLLECT,
        {
            "count*": "The question. More than half of those who answered decide; a tie is `no`.",
            "yes": "The answers that mean yes, best first (`[yes]`).",
            "no": "The answer that means no (`no`).",
            "enough": "Instead of the majority of raisers: so many like answers, of whoever the move is `by`; or a "
            "share of a number told before: `more than 1/2 of present`.",
        },
    ),
    "route": (
        keys.ROUTE,
        {
            "at most*": "So many times …",
            "to*": "… it leads here,",
            "then*": "afterwards there.",
        },
    ),
    "duty": (
        keys.DUTY,
        {
            "title": "Its name, here or under `titles`.",
            "of*": "The party that owes it.",
            "ask": "As in a move.",
            "show": "As in a move.",
            "within": "Its limit; late is marked late, and nothing else happens.",
            "every": "Instead: `quarter` or `month`, with `by`; or `24 h`, so long after it was done last.",
            "by": "`day 15 of next month`.",
            "runs on": "`true`: it lives on when the state is left.",
            "source": "Where the number comes from.",
        },
    ),
    "extend": (
        keys.EXTEND,
        {
            "ask by*": "Who asks.",
            "decided by*": "Who decides.",
            "ask before due*": "How long before the end it must be asked.",
            "decide within*": "How long the answer may take.",
            "no answer*": "`refused`, the only one there is.",
            "by at most*": "How much the limit may grow.",
            "times*": "How often.",
            "source": "Where the numbers come from.",
        },
    ),
    "span": (
        keys.SPAN,
        {
            "from*": "A move, or `raised`.",
            "to*": "The state that ends it.",
            "within*": "Its length.",
            "else*": "Where the clock leads.",
            "source": "Where the number comes from.",
        },
    ),
}
