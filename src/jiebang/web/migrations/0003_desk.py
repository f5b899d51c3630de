"""What an account keeps at the desk: its saved lists, and when a community's paper board was last printed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("web", "0002_sent")]
    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE TABLE web_savedlist (account bigint NOT NULL,"
                " name text NOT NULL CHECK (name <> ''), query text NOT NULL, PRIMARY KEY (account, name))",
                "CREATE TABLE web_printed (area text NOT NULL, board text NOT NULL,"
                " at timestamptz NOT NULL, PRIMARY KEY (area, board))",
            ],
            reverse_sql="DROP TABLE web_printed; DROP TABLE web_savedlist",
        )
    ]
