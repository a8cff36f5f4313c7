"""Small processes for tests of the engine: short to run, each with what one kind of test needs."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from tests.unit.bpmn.diagrams import boundary, element, end, timer, user
from tests.worlds import model

WORKERS = "case_workers"


def properties(**values: str) -> str:
    """Return an element's extension properties."""
    listed = "".join(f'<camunda:property name="{name}" value={quoteattr(text)}/>' for name, text in values.items())
    return f"<extensionElements><camunda:properties>{listed}</camunda:properties></extensionElements>"


def ask(element_id: str, inside: str = "", **attributes: str) -> str:
    """Return a user task offered to the case workers, without a form: it takes scalars as they are."""
    return user(element_id, inside, camunda_candidateGroups=WORKERS, **attributes)


def serve(element_id: str, operation: str) -> str:
    """Return a service task that does one of the engine's operations."""
    return element("serviceTask", element_id, camunda_type="external", camunda_topic=operation)


PEERS = model(
    ask("a"),
    element("exclusiveGateway", "gate"),
    ask("b"),
    boundary("late", "b", timer("P1D"), interrupting=False),
    ask("chase"),
    end("chased"),
    ask("c"),
    way="start a; a gate; gate b [ok = true]; gate end *; b c; c end; late chase; chase chased",
    key="peers",
)
"""The model on which this engine is compared with others: three people's tasks, a choice and a timer."""

LETTERS = model(
    ask("appoint", properties(record="appoint_lead_professional")),
    ask("visit"),
    boundary("late", "visit", timer("P1D"), interrupting=False),
    serve("tell", "tell_line_manager"),
    ask("chase"),
    end("chased"),
    way="start appoint; appoint visit; visit end; late tell; tell chase; chase chased",
    key="letters",
)
"""Completing `appoint` writes the record, queues a message, opens a task and arms a timer; so does the timer."""

LOOP = model(
    ask("review"),
    element("exclusiveGateway", "again"),
    way="start review; review again; again review [more = true]; again end *",
    key="loop",
)
"""One task that comes round for as long as `more` is true."""

TWO_TIMERS = model(
    ask("work"),
    boundary("remind", "work", timer("P1D"), interrupting=False),
    ask("reminded"),
    end("end_reminded"),
    boundary("stop", "work", timer("P2D")),
    ask("stopped"),
    end("end_stopped"),
    way="start work; work end; remind reminded; reminded end_reminded; stop stopped; stopped end_stopped",
    key="two_timers",
)
"""A task with a reminder after a day and an end after two."""
