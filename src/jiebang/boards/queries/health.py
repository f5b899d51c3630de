"""What the doctor asks about entries, as statements: it looks at a database without Django, from outside."""

from __future__ import annotations

# How many entries the clock had to put aside, and one of them with its reason.
STUCK = "SELECT count(*), min(number), (array_agg(stuck ORDER BY number))[1] FROM boards_entry WHERE stuck <> ''"

# The programs that open entries still follow, however old their versions are.
RUNNING_PROGRAMS = "SELECT DISTINCT program_hash FROM boards_entry WHERE due_at IS NOT NULL"
