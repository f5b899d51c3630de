"""Titles that were cut at forty characters stand whole: the ones somebody wrote, and those made of a text's first line.

What they are made of is kept; the audit, which makes them anew, would else object to each.
"""

from django.db import migrations

from jiebang.boards.bigrams import bigrams
from jiebang.boards.titling import title_of

_CUT = """
SELECT t.entry_id, t.title, t.text,
       (SELECT p.value->>'public-title' FROM boards_private p
         WHERE p.entry_id = t.entry_id AND p.name = 'told' AND p.value ? 'public-title' ORDER BY p.seq DESC LIMIT 1)
  FROM boards_text t WHERE char_length(t.title) = 40 AND right(t.title, 1) = '…' AND t.entry_id > %s
 ORDER BY t.entry_id LIMIT 1000
"""


def make_whole(apps: object, schema_editor: object) -> None:
    with schema_editor.connection.cursor() as cursor:  # type: ignore[attr-defined]  # Django's schema editor
        last = 0
        while True:
            cursor.execute(_CUT, [last])
            rows = cursor.fetchall()
            if not rows:
                return
            for id_, title, text, own in rows:
                whole = own.split("\n", 1)[0] if own else title_of(text)
                if whole[:39] == title[:39]:
                    cursor.execute(
                        "UPDATE boards_text SET title = %s, bigrams = %s WHERE entry_id = %s",
                        [whole, bigrams(f"{whole}\n{text}"), id_],
                    )
            last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("boards", "0007_recheck")]

    operations = [migrations.RunPython(make_whole, migrations.RunPython.noop)]
