"""The write path as it is sent to PostgreSQL: one statement to lock, one to write, named and with their reasons.

An idiomatic ORM makes 11 statements of a move and reaches a fifth of what the database can do; these texts are
prepared on every connection and make a move two statements of this room. Rows travel as JSON
(`json_to_recordset`): one parameter a table whether one entry is written or two hundred, so a batch and a single
move share their texts and their plans.
"""

from __future__ import annotations

from functools import lru_cache

from jiebang.people import queries as people

_ENTRY_COLUMNS = """
    e.id, e.uid, e.number, e.mechanism, e.program_hash, e.log, e.key_id, e.category, e.overdue,
    e.solved, e.satisfied, e.verified, e.facts, e.joined_into_id, e.stuck
"""

# Everything `decide` needs, locked. By id, always: two batches that want the same entries then wait for each
# other instead of deadlocking, and the entry a duplicate is merged into stands in the same order.
# NO KEY UPDATE: inserting events that point here must not wait for other readers of the key.
# The entry's person key (its foreign key leads there) and the actor's come along: fetching them apart would be a
# fifth statement in every move, a seventh of its time. The arrays come through a SELECT so that PostgreSQL does not
# see how short they are: for each short array it would plan anew, which takes twice as long as the look-up.
LOCK = f"""
SELECT {_ENTRY_COLUMNS}, own.key, asked.person, who.key
  FROM unnest((SELECT %(numbers)s::text[]), (SELECT %(persons)s::bigint[])) AS asked(number, person)
  JOIN boards_entry e ON e.number = asked.number
  JOIN {people.PERSON_KEYS} own ON own.id = e.key_id
  LEFT JOIN {people.PERSON_KEYS} who ON who.id = asked.person
 ORDER BY e.id
   FOR NO KEY UPDATE OF e
"""

# The entries whose clock has run out. SKIP LOCKED: two ticks, or a tick and a late person, may both see a row;
# only one takes it, and the other passes by. By due_at, because that has the index; waiting never happens here,
# so the order cannot deadlock with LOCK.
TAKE_DUE = f"""
SELECT {_ENTRY_COLUMNS}, own.key, NULL::bigint, NULL::bytea
  FROM boards_entry e JOIN {people.PERSON_KEYS} own ON own.id = e.key_id
 WHERE e.due_at <= %(at)s AND e.stuck = ''
 ORDER BY e.due_at
 LIMIT %(limit)s
   FOR NO KEY UPDATE OF e SKIP LOCKED
"""

# The same for one entry, when a batch failed and each is tried alone.
TAKE_ONE = f"""
SELECT {_ENTRY_COLUMNS}, own.key, NULL::bigint, NULL::bytea
  FROM boards_entry e JOIN {people.PERSON_KEYS} own ON own.id = e.key_id
 WHERE e.id = %(id)s AND e.due_at <= %(at)s AND e.stuck = ''
   FOR NO KEY UPDATE OF e SKIP LOCKED
"""

DUE_IDS = "SELECT id FROM boards_entry WHERE due_at <= %(at)s AND stuck = '' ORDER BY due_at LIMIT %(limit)s"

# Out of the clock's way, so that one broken row cannot keep the others waiting; `audit` and `doctor` name it.
MARK_STUCK = "UPDATE boards_entry SET stuck = %(why)s WHERE id = %(id)s"

TRY_AGAIN = "UPDATE boards_entry SET stuck = '' WHERE stuck <> ''"

# A duty's timer only marks it late. The inner select takes the rows, so any number of ticks mark each once.
MARK_LATE = """
UPDATE boards_limit SET late_at = %(at)s
 WHERE id IN (SELECT id FROM boards_limit
               WHERE due_at <= %(at)s AND late_at IS NULL AND kind <> 'recheck'
               ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""

# ── The one write statement, in parts ───────────────────────────────────────────────────────────────────────
# The parts see the same snapshot and touch different rows; foreign keys are checked at commit.

_NEW_ENTRIES = """
entry AS (
  INSERT INTO boards_entry (uid, number, mechanism, program_hash, log, key_id, area_id, area_1, area_2, area_3,
         category, state, meaning, seq, holder_party, holder_unit, holder_key, due_at, due_span, provisional,
         overdue, raised_at, entered_at, closed_at, solved, satisfied, verified, facts, erased_seq, stuck)
  SELECT uid, number, mechanism, program_hash, log, key_id, area_id, area_1, area_2, area_3,
         category, state, meaning, seq, holder_party, holder_unit, holder_key, due_at, due_span, provisional,
         overdue, raised_at, entered_at, closed_at, solved, satisfied, verified, facts, 0, ''
    FROM json_to_recordset(%(entries)s::json) AS new(
         uid bytea, number text, mechanism text, program_hash text, log text, key_id bigint, area_id text,
         area_1 text, area_2 text, area_3 text, category text, state text, meaning text, seq int,
         holder_party text, holder_unit text, holder_key text, due_at timestamptz, due_span text,
         provisional boolean, overdue boolean, raised_at timestamptz, entered_at timestamptz,
         closed_at timestamptz, solved text, satisfied text, verified text, facts jsonb)
  RETURNING id, uid)"""

# seq is compared although the row is locked: if it ever differed, this would write nothing, and the caller, who
# counts the rows, stops.
_CHANGED_ENTRIES = """
entry AS (
  UPDATE boards_entry e
     SET category = new.category, state = new.state, meaning = new.meaning, seq = new.seq,
         holder_party = new.holder_party, holder_unit = new.holder_unit, holder_key = new.holder_key,
         due_at = new.due_at, due_span = new.due_span, provisional = new.provisional, overdue = new.overdue,
         entered_at = new.entered_at, closed_at = new.closed_at, solved = new.solved, satisfied = new.satisfied,
         verified = new.verified, facts = new.facts, joined_into_id = new.joined_into_id, stuck = ''
    FROM json_to_recordset(%(entries)s::json) AS new(
         id bigint, seq_before int, category text, state text, meaning text, seq int, holder_party text,
         holder_unit text, holder_key text, due_at timestamptz, due_span text, provisional boolean,
         overdue boolean, entered_at timestamptz, closed_at timestamptz, solved text, satisfied text,
         verified text, facts jsonb, joined_into_id bigint)
   WHERE e.id = new.id AND e.seq = new.seq_before
     -- Says nothing new, but lets the primary key be used: of JSON PostgreSQL expects a hundred rows, and for a
     -- hundred it would read a small table from end to end.
     AND e.id = ANY(%(ids)s::bigint[])
  RETURNING e.id, e.uid)"""

_PARTS = {
    "events": """
event AS (
  INSERT INTO boards_event (entry_id, seq, kind, move, from_state, to_state, at, missed, due, party, person, unit,
         verified, rest, leaf_id)
  SELECT entry.id, seq, kind, move, from_state, to_state, at, missed, due, party, person, unit, verified, rest, leaf_id
    FROM json_to_recordset(%(events)s::json) AS new(
         entry_uid bytea, seq int, kind text, move text, from_state text, to_state text, at timestamptz,
         missed timestamptz, due timestamptz, party text, person text, unit text, verified text, rest jsonb,
         leaf_id bigint)
    JOIN entry ON entry.uid = new.entry_uid)""",
    "private": """
private AS (
  INSERT INTO boards_private (entry_id, seq, name, value)
  SELECT entry.id, seq, name, value
    FROM json_to_recordset(%(private)s::json) AS new(entry_uid bytea, seq int, name text, value jsonb)
    JOIN entry ON entry.uid = new.entry_uid)""",
    "attachments": """
attachment AS (
  INSERT INTO boards_attachment (entry_id, seq, place, field, label, file, sha256, salt, width, height, released_by)
  SELECT entry.id, seq, place, field, label, file, sha256, salt, width, height, ''
    FROM json_to_recordset(%(attachments)s::json) AS new(
         entry_uid bytea, seq int, place smallint, field text, label text, file text, sha256 text, salt bytea,
         width int, height int)
    JOIN entry ON entry.uid = new.entry_uid)""",
    "texts": """
text AS (
  INSERT INTO boards_text (entry_id, title, text, bigrams)
  SELECT entry.id, title, text, bigrams
    FROM json_to_recordset(%(texts)s::json) AS new(entry_uid bytea, title text, text text, bigrams text[])
    JOIN entry ON entry.uid = new.entry_uid
  ON CONFLICT (entry_id) DO UPDATE
     SET title = excluded.title, text = excluded.text, bigrams = excluded.bigrams)""",
    # What runs is named; whatever else ran before has ended. A timer whose moment did not change stays late if it was.
    "limits": """
ended AS (
  DELETE FROM boards_limit gone USING entry
   WHERE gone.entry_id = entry.id AND NOT EXISTS (
         SELECT FROM json_to_recordset(%(limits)s::json) AS kept(entry_uid bytea, kind text, name text)
          WHERE kept.entry_uid = entry.uid AND kept.kind = gone.kind AND kept.name = gone.name)),
started AS (
  INSERT INTO boards_limit AS old (entry_id, kind, name, due_at)
  SELECT entry.id, kind, name, due_at
    FROM json_to_recordset(%(limits)s::json) AS new(entry_uid bytea, kind text, name text, due_at timestamptz)
    JOIN entry ON entry.uid = new.entry_uid
  ON CONFLICT (entry_id, kind, name) DO UPDATE
     SET due_at = excluded.due_at,
         late_at = CASE WHEN old.due_at = excluded.due_at THEN old.late_at END)""",
    "raisers": """
raiser AS (
  INSERT INTO boards_raiser (entry_id, person, secret, is_pin, lang)
  SELECT entry.id, person, secret, is_pin, lang
    FROM json_to_recordset(%(raisers)s::json) AS new(
         entry_uid bytea, person text, secret bytea, is_pin boolean, lang text)
    JOIN entry ON entry.uid = new.entry_uid)""",
}


@lru_cache(maxsize=64)
def write(*parts: str, opens: bool) -> str:
    """Return the write statement with these parts. Parts that have nothing to write are left out: each costs time."""
    texts = [_NEW_ENTRIES if opens else _CHANGED_ENTRIES, *(_PARTS[part] for part in parts)]
    return "WITH " + ",".join(texts) + "\nSELECT count(*) FROM entry"


# ── Raising ─────────────────────────────────────────────────────────────────────────────────────────────────

# One statement for what every new entry needs before it can be written: the claim of its form, the raiser's key, the
# number. A second sending of the same form waits at the claim until the first has committed, then gets no row, thus
# neither key nor number, and is shown the first one's receipt. Numbers have no gaps, so a number may only be given
# out by a transaction that keeps it: a row to lock, not a sequence. It is locked when all claims stand (the count needs
# them all), so two batches that share a form wait for each other at the claim, in the order of the forms, and never
# crosswise.
BEGIN_ENTRIES = f"""
WITH claimed AS (
  INSERT INTO boards_request (key, uid, at)
  SELECT key, uid, %(at)s FROM json_to_recordset(%(requests)s::json) AS new(key text, uid bytea)
  ON CONFLICT (key) DO NOTHING
  RETURNING key),
asked AS (
  SELECT row_number() OVER (ORDER BY r.place) AS place, c.key, r.secret
    FROM claimed c JOIN json_to_recordset(%(requests)s::json) AS r(key text, place int, secret bytea) ON r.key = c.key),
person AS ({people.MAKE_KEYS.format(of="(SELECT secret AS key FROM asked)")}),
number AS (
  INSERT INTO boards_counter (name, value)
  SELECT %(name)s, count(*) FROM claimed HAVING count(*) > 0
  ON CONFLICT (name) DO UPDATE SET value = boards_counter.value + excluded.value
  RETURNING value)
SELECT asked.key, person.id, (number.value - (SELECT count(*) FROM claimed) + asked.place)::bigint
  FROM asked JOIN person ON person.key = asked.secret CROSS JOIN number
 ORDER BY asked.place
"""

RECEIPTS = """
SELECT r.key, e.number, e.uid, v.due, v.at, coalesce(p.is_pin, false)
  FROM boards_request r
  JOIN boards_entry e ON e.uid = r.uid
  JOIN boards_event v ON v.entry_id = e.id AND v.seq = 1
  LEFT JOIN boards_raiser p ON p.entry_id = e.id
 WHERE r.key = ANY(%(keys)s)
"""

FORGET_REQUESTS = "DELETE FROM boards_request WHERE at < %(before)s"

# ── Codes ───────────────────────────────────────────────────────────────────────────────────────────────────

# Counted before the look-up: a thousand tries at once cannot all slip in under the limit.
COUNT_TRY = """
INSERT INTO boards_try (subject, hour, count)
SELECT subject, %(hour)s, 1 FROM unnest(%(subjects)s::text[]) AS subject ORDER BY subject
ON CONFLICT (subject, hour) DO UPDATE SET count = boards_try.count + 1
RETURNING subject, count
"""

FORGIVE_TRY = (
    "UPDATE boards_try SET count = count - 1 WHERE subject = ANY(%(subjects)s) AND hour = %(hour)s AND count > 0"
)
FORGET_TRIES = "DELETE FROM boards_try WHERE hour < %(before)s"

# A merged entry's raiser comes back to the entry theirs was merged into; merges can follow one another.
WHO_HAS_IT = """
WITH RECURSIVE chain AS (
  SELECT e.id, e.number, e.joined_into_id, r.person, e.number AS own, 0 AS depth
    FROM boards_raiser r JOIN boards_entry e ON e.id = r.entry_id
   WHERE r.secret = %(secret)s
  UNION ALL
  SELECT e.id, e.number, e.joined_into_id, chain.person, chain.own, depth + 1
    FROM chain JOIN boards_entry e ON e.id = chain.joined_into_id
   WHERE depth < 20)
SELECT number, own, person FROM chain ORDER BY depth DESC LIMIT 1
"""

# The raiser of this very number, and where the matter stands now, through every merge that followed.
WHO_RAISED_IT = """
WITH RECURSIVE chain AS (
  SELECT e.id, e.number, e.joined_into_id, r.person, 0 AS depth
    FROM boards_raiser r JOIN boards_entry e ON e.id = r.entry_id
   WHERE e.number = %(number)s
  UNION ALL
  SELECT e.id, e.number, e.joined_into_id, chain.person, depth + 1
    FROM chain JOIN boards_entry e ON e.id = chain.joined_into_id
   WHERE depth < 20)
SELECT number, person FROM chain ORDER BY depth DESC LIMIT 1
"""

UID_OF = "SELECT uid FROM boards_entry WHERE number = %(number)s"

# ── Entries that belong together ────────────────────────────────────────────────────────────────────────────

# The latest public answer to a question that is told beside the log.
TOLD = """
SELECT (p.value->%(name)s)::text FROM boards_private p
 WHERE p.entry_id = %(id)s AND p.name = 'told' AND p.value ? %(name)s ORDER BY p.seq DESC LIMIT 1
"""

LINK = """
INSERT INTO boards_link (from_entry_id, slot, to_entry_id, kind, heard_seq)
SELECT f.id, new.slot, t.id, new.kind, CASE WHEN new.kind IN ('opened', 'named') THEN NULL ELSE 0 END
  FROM json_to_recordset(%(links)s::json) AS new(from_uid bytea, slot text, number text, kind text)
  JOIN boards_entry f ON f.uid = new.from_uid JOIN boards_entry t ON t.number = new.number
ON CONFLICT (from_entry_id, slot) DO UPDATE SET heard_seq = NULL
"""

CLOSED = "SELECT mechanism, program_hash, facts FROM boards_entry WHERE number = %(number)s AND log <> 'veiled'"

# A closed entry and the one that raises it again. Nobody waits to hear of it.
LINK_AGAIN = """
INSERT INTO boards_link (from_entry_id, slot, to_entry_id, kind, heard_seq)
SELECT f.id, 'again ' || t.number, t.id, 'again', 0
  FROM json_to_recordset(%(links)s::json) AS new(number text, "to" text)
  JOIN boards_entry f ON f.number = new.number JOIN boards_entry t ON t.number = new."to"
"""

# What has closed and was not heard of. SKIP LOCKED: another follower takes the next ones. Only the links are locked
# here: an entry that has closed stays closed, and the one that hears is locked next.
ENDED = """
SELECT l.id, f.number, l.slot, t.meaning
  FROM boards_link l JOIN boards_entry t ON t.id = l.to_entry_id JOIN boards_entry f ON f.id = l.from_entry_id
 WHERE l.heard_seq IS NULL AND t.meaning IS NOT NULL AND f.stuck = ''
 ORDER BY l.id LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED
"""

# Closed entries that are to be looked at again. Their rows go with the transaction that opens the new entries.
RECHECKS = """
DELETE FROM boards_limit WHERE id IN (
       SELECT l.id FROM boards_limit l JOIN boards_entry e ON e.id = l.entry_id
        WHERE l.kind = 'recheck' AND l.due_at <= %(at)s AND l.late_at IS NULL AND e.stuck = ''
        ORDER BY l.due_at LIMIT %(limit)s FOR UPDATE OF l SKIP LOCKED)
RETURNING (SELECT number FROM boards_entry e WHERE e.id = entry_id)
"""

HEARD = """
UPDATE boards_link l SET heard_seq = new.seq
  FROM json_to_recordset(%(heard)s::json) AS new(id bigint, seq int) WHERE l.id = new.id
"""

# ── Another version of the rules ────────────────────────────────────────────────────────────────────────────

_UNDER = """
    e.program_hash = %(before)s AND e.meaning IS NULL
    AND (%(areas)s::text[] = '{}' OR ARRAY[e.area_id, e.area_1, e.area_2, e.area_3] && %(areas)s::text[])
"""

# What still runs under a program and is not overdue: the clock moves that first. SKIP LOCKED: whoever is acted on now
# comes with a later batch. Every running entry has a due, so the clock's own index finds them.
TAKE_TO_TRANSFER = f"""
SELECT {_ENTRY_COLUMNS}, own.key, NULL::bigint, NULL::bytea
  FROM boards_entry e JOIN {people.PERSON_KEYS} own ON own.id = e.key_id
 WHERE {_UNDER} AND e.due_at > %(at)s AND e.stuck = ''
 ORDER BY e.due_at LIMIT %(limit)s
   FOR NO KEY UPDATE OF e SKIP LOCKED
"""

STILL_UNDER = f"SELECT EXISTS (SELECT FROM boards_entry e WHERE {_UNDER})"

RUNNING_BY_STATE = f"SELECT e.state, count(*) FROM boards_entry e WHERE {_UNDER} GROUP BY 1"

UNDER_ANOTHER = "UPDATE boards_entry SET program_hash = %(after)s WHERE id = ANY(%(ids)s)"

# ── Erasing ─────────────────────────────────────────────────────────────────────────────────────────────────

ERASE_VALUES = """
WITH private AS (DELETE FROM boards_private WHERE entry_id = %(id)s RETURNING 1),
     photo AS (DELETE FROM boards_attachment WHERE entry_id = %(id)s RETURNING file),
     text AS (DELETE FROM boards_text WHERE entry_id = %(id)s),
     raiser AS (DELETE FROM boards_raiser WHERE entry_id = %(id)s),
     tries AS (DELETE FROM boards_try WHERE subject = %(subject)s)
SELECT (SELECT count(*) FROM private), (SELECT coalesce(json_agg(file), '[]') FROM photo)
"""

# An account's key closes everything its owner ever did and is not ours to delete here. Instead the account's
# person is replaced by the entry's own, forgotten one, wherever this entry or the one it was merged into names it.
REPLACE_PERSON_IN_EVENTS = """
UPDATE boards_event
   SET person = CASE WHEN person = %(person)s THEN %(instead)s ELSE person END,
       rest = CASE WHEN rest->'raisers' ? %(person)s
                   THEN jsonb_set(rest, '{raisers}', (
                        SELECT jsonb_agg(CASE WHEN who = %(person)s THEN %(instead)s::text ELSE who END)
                          FROM jsonb_array_elements_text(rest->'raisers') AS who))
                   ELSE rest END
 WHERE entry_id = ANY(%(ids)s) AND (person = %(person)s OR rest->'raisers' ? %(person)s)
"""

CLOSE_ERASED = """
UPDATE boards_entry SET facts = %(facts)s::jsonb, key_id = %(key_id)s, erased_seq = %(erased_seq)s WHERE id = %(id)s
"""

RAISER_OF = "SELECT person FROM boards_raiser WHERE entry_id = %(id)s"

# A merged entry's raisers went along, through every merge that followed.
PARENTS_OF = """
WITH RECURSIVE chain AS (
  SELECT joined_into_id AS id, 0 AS depth FROM boards_entry WHERE id = %(id)s AND joined_into_id IS NOT NULL
  UNION ALL
  SELECT e.joined_into_id, depth + 1 FROM chain JOIN boards_entry e ON e.id = chain.id
   WHERE e.joined_into_id IS NOT NULL AND depth < 20)
SELECT id FROM chain
"""

FACTS_OF = "SELECT id, facts FROM boards_entry WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"

REPLACE_FACTS = "UPDATE boards_entry SET facts = %(facts)s::jsonb WHERE id = %(id)s"

# ── Photos ──────────────────────────────────────────────────────────────────────────────────────────────────

RELEASE = """
UPDATE boards_attachment SET released_at = %(at)s, released_by = %(by)s
 WHERE id = %(id)s AND entry_id = %(entry_id)s AND released_at IS NULL
"""

WITHDRAW_RELEASE = """
UPDATE boards_attachment SET released_at = NULL, released_by = '' WHERE id = %(id)s AND entry_id = %(entry_id)s
"""

FILES_KEPT = "SELECT file FROM boards_attachment WHERE file = ANY(%(files)s)"
