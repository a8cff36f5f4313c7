"""Messages between the processes of a case, and the limits that stop what would go on for ever."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.acts import MOST_HOPS
from engine.commands import messages
from engine.errors import BudgetExceeded, Conflict, EngineError, NotFound
from engine.store.tables import running
from tests.small_files import rules, service
from tests.unit.bpmn.diagrams import boundary, element, end, flows, message, user
from tests.worlds import World, build_world, model

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="test">'
)


def task(name: str) -> str:
    return user(name, camunda_candidateGroups="case_workers")


IDLE = model(task("rest"), way="start rest; rest end", key="idle")
LISTENS = model(
    element("intermediateCatchEvent", "hear", message("m_news")), task("act"), way="start hear; hear act; act end",
    key="listens",
)  # fmt: skip
SENDS = model(
    task("decide"), element("intermediateThrowEvent", "tell", message("m_news")),
    way="start decide; decide tell; tell end", key="sends",
)  # fmt: skip
INTERRUPTED = model(
    task("work"), task("instead"), boundary("stop", "work", message("m_news")),
    way="start work; work end; stop instead; instead end", key="interrupted",
)  # fmt: skip
BEGINS = model(
    element("startEvent", "begin", message("m_news")), task("begun"), way="start rest_here; begin begun; begun end; "
    "rest_here end", key="begins",
).replace(b'<endEvent id="end">', task("rest_here").encode() + b'<endEvent id="end">')  # fmt: skip


def world_with(*models: bytes, url: str | None = None) -> World:
    world = build_world(url, models={})
    world.deploy({f"{number}.bpmn": text for number, text in enumerate((IDLE, *models))})
    return world


def send(world: World, case_id: UUID, name: str = "news", by: str = "hana", **variables: object) -> None:
    messages.send(world.engine, actor=world.actor(by), case_id=case_id, name=name, variables=variables)


def elements(world: World, case_id: UUID) -> list[str]:
    return [name for name in world.open_elements(case_id) if name != "rest"]


def test_a_message_wakes_every_process_of_the_case_that_waits_for_it(database_url: str) -> None:
    world = world_with(LISTENS, INTERRUPTED, url=database_url)
    case_id, other = world.start_case(process_key="idle"), world.start_case(process_key="idle")
    for each in (case_id, other):
        world.start_process(each, "listens")
        world.start_process(each, "interrupted")
    send(world, case_id, weather="fine")
    assert elements(world, case_id) == ["act", "instead"]
    assert elements(world, other) == ["work"]
    assert world.task("act", case_id).variables["weather"] == "fine"
    assert [event.detail for event in world.history(case_id, "message_sent")] == [{"message": "news"}]
    assert not world.verified().findings
    world.close()


def test_a_process_wakes_another_in_the_same_act() -> None:
    world = world_with(LISTENS, SENDS)
    case_id = world.start_case(process_key="idle")
    world.start_process(case_id, "listens")
    world.start_process(case_id, "sends")
    before = world.case(case_id).version
    world.do("decide", "hana", case_id=case_id)
    assert elements(world, case_id) == ["act"]
    # Claimed, then completed: what the message set going belongs to the completing act.
    assert world.case(case_id).version == before + 2


def test_a_message_starts_a_process_on_the_case() -> None:
    world = world_with(BEGINS, SENDS)
    case_id = world.start_case(process_key="idle")
    send(world, case_id)
    assert elements(world, case_id) == ["begun"]
    world.start_process(case_id, "sends")
    world.do("decide", "hana", case_id=case_id)
    assert elements(world, case_id) == ["begun", "begun"]


def test_only_the_newest_version_s_message_starts() -> None:
    world = world_with(BEGINS)
    world.deploy({"1.bpmn": model(task("begun"), way="start begun; begun end", key="begins")})
    case_id = world.start_case(process_key="idle")
    send(world, case_id)
    assert elements(world, case_id) == []


def test_a_message_nobody_waits_for_is_only_remembered() -> None:
    world = world_with(LISTENS)
    case_id = world.start_case(process_key="idle")
    send(world, case_id, "call")
    world.start_process(case_id, "listens")
    assert elements(world, case_id) == []
    assert len(world.history(case_id, "message_sent")) == 1


def test_a_message_to_a_closed_or_hidden_case_goes_nowhere() -> None:
    world = world_with(LISTENS, model(service("close", "close_record"), way="start close; close end", key="shut"))
    case_id = world.start_case(process_key="idle")
    with pytest.raises(NotFound):
        send(world, case_id, by="ada")
    world.start_process(case_id, "shut")
    with pytest.raises(Conflict, match="closed"):
        send(world, case_id, by="cleo")
    with pytest.raises(NotFound):
        send(world, UUID(int=3))


def thrower(key: str, hears: str, tells: str) -> bytes:
    """Return a process that a message starts and that ends in another."""
    tables = "".join(f'<message id="m_{name}" name="{name}"/>' for name in {hears, tells})
    inside = (
        element("startEvent", "begin", message(f"m_{hears}"))
        + end(inside=message(f"m_{tells}")) + flows("begin end")
    )  # fmt: skip
    return f'{HEAD}{tables}<process id="{key}" isExecutable="true">{inside}</process></definitions>'.encode()


def test_processes_that_set_each_other_going_for_ever_are_stopped_and_nothing_is_kept() -> None:
    world = world_with(thrower("ping", "ping_now", "pong_now"), thrower("pong", "pong_now", "ping_now"))
    case_id = world.start_case(process_key="idle")
    before = len(world.history(case_id))
    with pytest.raises(BudgetExceeded, match=f"more than {MOST_HOPS} processes set each other going"):
        send(world, case_id, "ping_now")
    assert len(world.history(case_id)) == before
    assert world.rows(sa.select(sa.func.count()).select_from(running.instances))[0][0] == 1
    assert not world.verified().findings


def test_a_chain_of_ten_processes_is_let_through() -> None:
    chain = [thrower(f"step_{n}", f"go_{n}", f"go_{n + 1}") for n in range(MOST_HOPS)]
    world = world_with(*chain)
    case_id = world.start_case(process_key="idle")
    send(world, case_id, "go_1")
    assert len(world.history(case_id, "process_started")) == MOST_HOPS


LOOPS = model(
    task("go"), service("tell", "tell_line_manager"), element("exclusiveGateway", "again"),
    way="start go; go tell; tell again; again tell [true]; again end *", key="loops",
)  # fmt: skip


def test_a_loop_of_operations_is_rolled_back_and_becomes_an_incident() -> None:
    world = world_with(LOOPS)
    case_id = world.start_case(process_key="idle")
    world.start_process(case_id, "loops")
    history = len(world.history(case_id))
    with pytest.raises(EngineError) as stopped:
        world.do("go", "hana", case_id=case_id)
    assert "draw a task, a timer or another way out into the circle" in str(stopped.value)
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("step", "go")
    assert "draw a task, a timer or another way out into the circle" in incident.message
    assert elements(world, case_id) == ["go"]
    assert world.instance(case_id, "loops").status == "incident"
    assert len(world.history(case_id)) == history + 1  # the claim
    world.tick()
    assert world.mailbox.messages == []


def test_mended_rules_let_the_step_through_and_end_its_incident() -> None:
    """The diagram is pinned, so here it is a decision that stops the loop."""
    asks = element(
        "businessRuleTask", "choose", camunda_decisionRef="more", camunda_resultVariable="more",
        camunda_mapDecisionResult="singleEntry",
    )  # fmt: skip
    loops = model(
        task("go"), asks, element("exclusiveGateway", "again"),
        way="start go; go choose; choose again; again choose [more]; again end *", key="loops",
    )  # fmt: skip
    world = build_world(models={})
    world.deploy({"i.bpmn": IDLE, "l.bpmn": loops, "m.dmn": rules("more", ["1"], ["more"], [["-", "true"]])})
    case_id = world.start_case(process_key="idle")
    world.start_process(case_id, "loops")
    with pytest.raises(EngineError):
        world.do("go", "hana", case_id=case_id)
    assert len(world.incidents(case_id)) == 1
    world.deploy({"m.dmn": rules("more", ["1"], ["more"], [["-", "false"]])})
    world.do("go", "hana", case_id=case_id)
    assert world.incidents(case_id) == []
    assert world.instance(case_id, "loops").end == "completed"
