"""OCEL 2.0 and XES: what a tool for process mining demands of them, and that they tell what the boards tell."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from django.test import Client

from jiebang.boards import services as boards
from tests.boards.city import HOUR, MONDAY_NINE, PUBLIC, TOWNSHIP, WHAT, Town
from tests.web.atown import town as town

NAMED = {"type": "object", "required": ["name", "attributes"]}
TIE = {"type": "object", "required": ["objectId", "qualifier"], "additionalProperties": {"type": "string"}}
MOMENT = {"type": "string", "format": "date-time"}


def _valued(*names: str) -> dict[str, Any]:
    each = {"type": "object", "required": list(names), "properties": {name: {"type": "string"} for name in names}}
    return {"type": "array", "items": each | {"additionalProperties": False}}


# What section 8.2 of the OCEL 2.0 specification demands, and stricter: nothing it does not name.
OCEL = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "additionalProperties": False,
    "properties": {
        **{
            kind: {"type": "array", "items": NAMED | {"properties": {"attributes": _valued("name", "type")}}}
            for kind in ("eventTypes", "objectTypes")
        },
        "events": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "time", "attributes", "relationships"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "time": MOMENT,
                    "attributes": _valued("name", "value"),
                    "relationships": {"type": "array", "items": TIE},
                },
            },
        },
        "objects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "type", "attributes", "relationships"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "attributes": _valued("name", "value", "time"),
                    "relationships": {"type": "array", "items": TIE},
                },
            },
        },
    },
}
# The order of IEEE 1849's schema, and which element may carry what.
ORDER = ["extension", "global", "classifier", "string", "trace"]
TYPED = {"string": str, "date": datetime.fromisoformat}


def lived(town: Town) -> list[str]:
    """Play three matters: struck off, posted, just raised; return their numbers."""
    then = MONDAY_NINE - HOUR
    done = town.finished(at=then)
    answers = {"solved": "yes", "satisfied": "satisfied"}
    town.does(town.comes_back(done, at=then), "verdict", done.number, at=then, answers=answers)
    return [done.number, town.posted().number, town.raises().number]


def fetched(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]  # Django's test response


def ocel() -> dict[str, Any]:
    log: dict[str, Any] = json.loads(fetched("/data/residents.ocel.json"))
    jsonschema.Draft202012Validator(OCEL, format_checker=jsonschema.FormatChecker()).validate(log)
    return log


def xes() -> ElementTree.Element:
    log = ElementTree.fromstring(fetched("/data/residents.xes"))
    parts = [ORDER.index(part.tag) for part in log]
    assert parts == sorted(parts)
    assert float(log.attrib["xes.version"]) == 1849.2016
    for holder in log.iter():
        for part in holder:
            if part.tag in TYPED:
                assert set(part.attrib) == {"key", "value"}
                TYPED[part.tag](part.attrib["value"])
    return log


def keys(element: ElementTree.Element) -> dict[str, str]:
    return {part.attrib["key"]: part.attrib["value"] for part in element if part.tag in TYPED}


def test_every_event_and_object_of_ocel_is_of_a_declared_type_and_tied_to_what_is_there(town: Town) -> None:
    numbers = lived(town)
    log = ocel()

    declared = {
        kind: {each["name"]: {one["name"] for one in each["attributes"]} for each in log[kind]}
        for kind in ("eventTypes", "objectTypes")
    }
    objects = {each["id"]: each for each in log["objects"]}
    assert set(numbers) <= set(objects)
    assert len(objects) == len(log["objects"]) and len({each["id"] for each in log["events"]}) == len(log["events"])
    for each in log["events"]:
        assert {one["name"] for one in each["attributes"]} <= declared["eventTypes"][each["type"]]
        assert {tie["objectId"] for tie in each["relationships"]} <= set(objects)
        assert each["relationships"][0] == {"objectId": each["id"].split("/")[0], "qualifier": "of"}
    for each in log["objects"]:
        assert {one["name"] for one in each["attributes"]} <= declared["objectTypes"][each["type"]]
        assert {tie["objectId"] for tie in each["relationships"]} <= set(objects)


def test_both_tell_where_every_entry_stands_as_the_open_data_do(town: Town) -> None:
    lived(town)
    rows = {row["number"]: row for row in Client().get("/data/residents.json").json()["entries"]}
    of_ocel = {each["id"]: each for each in ocel()["objects"] if each["type"] == "residents"}
    of_xes = {keys(trace)["concept:name"]: trace for trace in xes().iter("trace")}

    assert set(rows) == set(of_ocel) == set(of_xes)
    for number, row in rows.items():
        states = [one["value"] for one in of_ocel[number]["attributes"] if one["name"] == "state"]
        steps = [keys(event) for event in of_xes[number].iter("event")]
        assert states[-1] == row["state"] == keys(of_xes[number])["state"] == steps[-1]["to"]
        assert steps[0]["time:timestamp"].startswith(row["raised"][:16])
        assert keys(of_xes[number]).get("means") == row["ended"]


def test_neither_tells_a_word_or_a_person(town: Town) -> None:
    lived(town)

    for text in (fetched("/data/residents.ocel.json"), fetched("/data/residents.xes")):
        assert PUBLIC["public-title"] not in text and WHAT["what"][:6] not in text
        assert "person" not in text


def test_of_an_erased_matter_both_keep_the_days_and_the_township(town: Town) -> None:
    opened = town.posted()
    erased = boards.erase(opened.number, ground="asked", by="desk", at=MONDAY_NINE)
    assert isinstance(erased, boards.Erased), erased

    (trace,) = xes().iter("trace")
    event = ocel()["events"][0]

    assert keys(trace)["area"] == TOWNSHIP
    assert event["time"] == keys(next(trace.iter("event")))["time:timestamp"] == "2026-03-02T00:00:00.000+08:00"
    assert {"name": "precision", "value": "day"} in event["attributes"]


def test_an_empty_board_is_a_log_without_events(town: Town) -> None:
    assert ocel()["events"] == []
    assert not list(xes().iter("trace"))


@pytest.mark.parametrize("ending", ["ocel.json", "xes"])
def test_a_board_nobody_may_see_has_none(town: Town, ending: str) -> None:
    assert Client().get(f"/data/poverty.{ending}").status_code == 404
    assert Client().get(f"/data/nowhere.{ending}").status_code == 404
