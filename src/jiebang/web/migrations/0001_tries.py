"""The counters of `ratelimit`: unlogged, because losing them in a crash harms nobody."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE UNLOGGED TABLE web_try (what text NOT NULL, who text NOT NULL, hour timestamptz NOT NULL,"
                " n integer NOT NULL, PRIMARY KEY (what, who, hour))",
                "CREATE INDEX web_try_hour ON web_try (hour)",
            ],
            reverse_sql="DROP TABLE web_try",
        )
    ]
