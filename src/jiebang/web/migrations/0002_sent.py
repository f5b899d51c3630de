"""What phones have sent, by the key of each item: a repeated sending is answered with the first receipt.

Logged, unlike the counters: a lost row could let a matter be raised twice. `who` is a keyed hash of the account.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("web", "0001_tries")]
    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE TABLE web_sent (key text PRIMARY KEY, who text NOT NULL, at timestamptz NOT NULL,"
                " number text NOT NULL DEFAULT '', seq integer NOT NULL DEFAULT 0)",
                "CREATE INDEX web_sent_at ON web_sent (at)",
            ],
            reverse_sql="DROP TABLE web_sent",
        )
    ]
