"""An expression of a diagram that comes to null is told as an incident: nothing is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from engine.store.tables.running import incidents
from tests.small_models import ask
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, process, start, timer
from tests.worlds import World, model, open_world, shipped_models

SPLIT = model(
    ask("a"),
    element("exclusiveGateway", "gate"),
    ask("b"),
    ask("c"),
    way="start a; a gate; gate b [n / 0 > 5]; gate c *; b end; c a",
    key="split",
)
LATE = model(
    ask("a"), ask("b", camunda_dueDate="=today() + n", camunda_assignee="=n + 1"), way="start a; a b; b end", key="late"
)
TIMED = model(
    ask("a"),
    ask("b"),
    boundary("soon", "b", timer('=if n / 0 = null then duration("P1D") else null'), interrupting=False),
    ask("chase"),
    way="start a; a b; b end; soon chase; chase end",
    key="timed",
)
NULLS = model(
    ask("a"),
    element("exclusiveGateway", "gate"),
    ask("b"),
    way="start a; a gate; gate b [n != null and n > 5 or n = 5]; gate end *; b end",
    key="nulls",
)
CALLED = process(start("go"), ask("x"), end("gone"), way="go x; x gone", key="called")
CALLS = file_of(
    process(
        start(),
        element(
            "callActivity",
            "call",
            """<extensionElements><camunda:out source="never_set" target="kept"/>
            <camunda:out sourceExpression="n + 1" target="more"/></extensionElements>""",
            calledElement="called",
        ),
        end(),
        way="start call; call end",
        key="calls",
    ),
    CALLED,
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    named = {"split": SPLIT, "late": LATE, "timed": TIMED, "nulls": NULLS, "calls": CALLS}
    with open_world(
        database_url, models={**shipped_models(), **{f"{key}.bpmn": text for key, text in named.items()}}
    ) as world:
        yield world


def told(world: World) -> Sequence[Any]:
    return world.rows(sa.select(incidents).where(incidents.c.resolved_at.is_(None)).order_by(incidents.c.id))


def test_a_gateway_that_divides_by_nothing_takes_the_default_way_and_says_so(world: World) -> None:
    case_id = world.start_case(process_key="split")
    world.do("a", "hana", case_id=case_id, n=7)
    assert world.open_elements() == ["c"]
    (incident,) = told(world)
    assert (incident.kind, incident.case_id, incident.tries) == ("rule", case_id, 1)
    assert incident.message.startswith("An expression of the diagram could not be worked out: n / 0 > 5: ")


def test_one_place_has_one_incident_while_it_is_open(world: World) -> None:
    case_id = world.start_case(process_key="split")
    for element_id in ("a", "c", "a"):
        world.do(element_id, "hana", case_id=case_id, n=7)
    (incident,) = told(world)
    assert incident.tries == 2
    world.write(sa.update(incidents).values(resolved_at=world.clock.now()))
    world.do("c", "hana", case_id=case_id)
    world.do("a", "hana", case_id=case_id, n=7)
    assert len(told(world)) == 1


def test_so_do_who_is_asked_and_by_when(world: World) -> None:
    case_id = world.start_case(process_key="late")
    world.do("a", "hana", case_id=case_id, n="soon")
    (incident,) = told(world)
    assert (incident.element_id, incident.kind) == ("b", "rule")


def test_so_does_a_timer(world: World) -> None:
    case_id = world.start_case(process_key="timed")
    world.do("a", "hana", case_id=case_id, n=1)
    assert [incident.element_id for incident in told(world)] == ["soon"]


def test_asking_whether_a_value_is_null_is_no_fault(world: World) -> None:
    case_id = world.start_case(process_key="nulls")
    world.do("a", "hana", case_id=case_id, n=None)
    assert told(world) == []


def test_a_variable_passed_on_unset_is_no_fault_and_a_sum_with_it_is(world: World) -> None:
    case_id = world.start_case(process_key="calls")
    world.do("x", "hana", case_id=case_id)
    (incident,) = told(world)
    assert incident.element_id == "call"
    assert "n + 1: " in incident.message
    assert "never_set" not in incident.message
