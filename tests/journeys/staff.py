"""Appoint the journeys' people in a running city: `python tests/journeys/staff.py` with JIEBANG_HOME set.

A program of its own: the journeys' city has another database than the tests around it.
"""

from __future__ import annotations

from datetime import date

from jiebang.desk.context import django_with_database

PASSWORD = "lamp-post-7431"
COMMUNITY = "511102008012"
# Name → office, level of the area, end of the unit's slug.
PEOPLE = {
    "clerk": ("staff", "community", "community"),
    "lamps": ("handler", "county", "lighting"),
    "works": ("handler", "county", "works"),
    "office": ("board-office", "county", "board-office"),
    "author": ("rulebook", "city", "rulebook"),
}


def main() -> None:
    with django_with_database(role="owner"):
        from jiebang.people import queries, services

        place = queries.place(COMMUNITY)
        for name, (office, level, ending) in PEOPLE.items():
            area = place[level]
            unit = next(unit.slug for unit in queries.units_of(area) if unit.slug.endswith(ending))
            user = services.create_user(name, display_name=name.title(), password=PASSWORD)
            services.appoint(user, office=office, unit=unit, area=area, since=date(2026, 1, 1))


if __name__ == "__main__":
    main()
