"""Who may propose and publish: the office, its reach, and never one person alone."""

from __future__ import annotations

import pytest

from jiebang.engine.model import Actor, Appointment, Refused
from jiebang.rulebook.rights import Matter, may

CITY, COUNTY, TOWN = "c", "c1", "c1t"
CITYWIDE = Actor("k1", (Appointment("rulebook", "rules", CITY, "city"),))
OF_THE_COUNTY = Actor("k2", (Appointment("rulebook", "rules-1", COUNTY, "county"),))
CLERK = Actor("k3", (Appointment("staff", "window", CITY, "city"),))
IN_TOWN = ((CITY, COUNTY, TOWN),)


def code(answer: Appointment | Refused) -> str:
    return answer.code if isinstance(answer, Refused) else "yes"


def test_only_the_rule_office_writes_rules():
    assert code(may("edit", CLERK, Matter("editing"), root=CITY)) == "no-rulebook-office"
    assert code(may("edit", CITYWIDE, Matter("editing"), root=CITY)) == "yes"


def test_whoever_proposed_a_version_never_publishes_it():
    mine = Matter("proposed", proposer="k1")

    assert code(may("publish", CITYWIDE, mine, root=CITY)) == "same-person"
    assert code(may("publish", Actor("k9", CITYWIDE.appointments), mine, root=CITY)) == "yes"


@pytest.mark.parametrize("step", ["propose", "publish"])
def test_an_office_reaches_what_lies_in_its_area(step):
    state = "editing" if step == "propose" else "proposed"

    assert code(may(step, OF_THE_COUNTY, Matter(state, IN_TOWN), root=CITY)) == "yes"
    assert code(may(step, OF_THE_COUNTY, Matter(state, (*IN_TOWN, (CITY, "c2"))), root=CITY)) == "beyond-office"
    assert code(may(step, OF_THE_COUNTY, Matter(state), root=CITY)) == "beyond-office"
    assert code(may(step, CITYWIDE, Matter(state, IN_TOWN), root=CITY)) == "yes"


def test_a_county_that_does_not_exist_is_nobodys():
    assert code(may("propose", CITYWIDE, Matter("editing", ((),)), root=CITY)) == "beyond-office"


def test_a_proposed_text_is_frozen_and_a_published_one_for_good():
    for state in ("proposed", "published", "dropped"):
        assert code(may("edit", CITYWIDE, Matter(state), root=CITY)) == "not-now"
    assert code(may("publish", CITYWIDE, Matter("editing"), root=CITY)) == "not-now"
