"""A condition of a form that cannot be worked out hides nothing, and is told as an incident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.store.tables import keeping
from tests.small_files import asking, form
from tests.worlds import World, open_world


def question(key: str, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "id": key, "key": key, "label": key, **more}


PLAN = form(
    "plan",
    {"type": "number", "id": "rooms", "key": "rooms", "label": "Rooms"},
    question("walls", conditional={"hide": "=rooms > 3"}),
    question("roof", conditional={"hide": "=rooms / 0 > 3"}),
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={"small.bpmn": asking("plan"), "plan.form": PLAN}) as world:
        yield world


def test_what_a_faulty_condition_would_hide_is_shown_and_told_once(world: World) -> None:
    case_id = world.start_case(process_key="small")
    world.do("ask", "hana", case_id=case_id, rooms=4, roof="slate")
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("rule", "ask")
    assert incident.message.startswith("An expression of the form plan could not be worked out: ")
    (event,) = world.history(case_id, "task_completed")
    payloads = keeping.history_payloads
    (kept,) = world.rows(sa.select(payloads.c.body).where(payloads.c.event_id == event.id))
    assert (kept.body["roof"], "walls" in kept.body) == ("slate", False)


def test_what_is_not_answered_or_not_set_yet_is_no_fault_of_the_form(world: World) -> None:
    sound = PLAN.replace(b"rooms / 0", b"rooms * storeys")
    world.deploy({"plan.form": sound})
    case_id = world.start_case(process_key="small")
    world.do("ask", "hana", case_id=case_id, walls="brick")
    assert world.incidents(case_id) == []
