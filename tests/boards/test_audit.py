from __future__ import annotations

import pytest
from django.db import connection

from jiebang.boards.audit import audit
from tests.boards.city import DAY, MONDAY_NINE, Town, a_photo

pytestmark = pytest.mark.django_db

DAMAGE = {
    "a state was changed": "UPDATE boards_entry SET state = 'claimed' WHERE number = '{}'",
    "a due moment was moved": "UPDATE boards_entry SET due_at = due_at + interval '1 day' WHERE number = '{}'",
    "an event's due was moved": "UPDATE boards_event SET due = due + interval '1 day' WHERE seq = 2",
    "an event was dated back": "UPDATE boards_event SET at = at - interval '1 day' WHERE seq = 2",
    "an event was deleted": "DELETE FROM boards_event WHERE seq = 2",
    "somebody else did it": "UPDATE boards_event SET person = 'k2' WHERE seq = 2",
    "what was told was rewritten": "UPDATE boards_private SET value = '{{\"reason\": \"x\"}}' WHERE name = 'told'",
    "what was kept was deleted": "DELETE FROM boards_private WHERE name = 'kept'",
    "the public text was rewritten": "UPDATE boards_text SET text = '没有的事'",
    "the search index was emptied": "UPDATE boards_text SET bigrams = '{{}}'",
    "a leaf was rewritten": "ALTER TABLE ledger_leaf DISABLE TRIGGER USER; UPDATE ledger_leaf SET body = '{{}}'"
    " WHERE id = (SELECT leaf_id FROM boards_event WHERE seq = 2)",
    "the code was deleted": "DELETE FROM boards_raiser",
    "a number was skipped": "UPDATE boards_counter SET value = value + 1",
    "a photo's file is gone": "UPDATE boards_attachment SET file = 'no.jpg'",
    "a photo was exchanged": "UPDATE boards_attachment SET sha256 = repeat('0', 64)",
    "overdue was hidden": "UPDATE boards_entry SET overdue = NOT overdue WHERE number = '{}'",
    "the verdict was improved": "UPDATE boards_entry SET satisfied = 'very-satisfied' WHERE number = '{}'",
    "the key is gone": "UPDATE people_personkey SET key = NULL, erased_at = now()"
    " WHERE id = (SELECT key_id FROM boards_entry WHERE number = '{}')",
    "a form key was lost": "UPDATE boards_request SET uid = 'x'",
    "the clock is stuck": "UPDATE boards_entry SET stuck = 'broken' WHERE number = '{}'",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_every_kind_of_damage_is_found(town: Town, statement: str) -> None:
    opened = town.posted(files=[a_photo()])
    assert audit().findings == ()
    town.is_damaged = True

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for one in statement.format(opened.number).split("; "):
            cursor.execute(one)

    assert audit().findings != ()


def test_a_clock_that_stands_still_is_found(town: Town) -> None:
    opened = town.raises()

    findings = audit(at=MONDAY_NINE + 5 * DAY).findings

    assert len(findings) == 1
    assert findings[0].startswith(opened.number)


def test_the_audit_counts_what_it_saw(town: Town) -> None:
    town.posted()
    town.raises()

    report = audit()

    assert (report.entries, report.events, report.erased_digests) == (2, 3, 0)
