"""A model that would run for ever or eat the machine is stopped and undone; an incident says so; others go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.bpmn import ProcessStuck
from engine.commands import case_processes, cases, messages
from engine.commands.deployments import DeploymentRefused
from engine.errors import BudgetExceeded, EngineError, Invalid
from tests.small_models import PEERS, ask, properties, serve
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, inside, message, process, start, timer
from tests.worlds import World, build_world, model, shipped_models

Start = Callable[[World, UUID], UUID]
GATE = element("exclusiveGateway", "gate")
MERGE = element("exclusiveGateway", "merge")


def several(characteristics: str, name: str = "several", **attributes: str) -> str:
    return element("multiInstanceLoopCharacteristics", name, characteristics, **attributes)


def count(text: str) -> str:
    return f"<loopCardinality>{text}</loopCardinality>"


NESTED = element(
    "subProcess",
    "outer",
    several(count("times"))
    + inside(start("s2"), ask("each", several(count("times"), "several_more")), end("e2"), way="s2 each; each e2"),
)
BOMBS: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "a loop without a person in it": (
        model(ask("a"), MERGE, GATE, way="start a; a merge; merge gate; gate merge [more = true]; gate end *"),
        {"more": True},
        "more than 1,000 steps",
    ),
    "a loop of operations": (
        model(
            ask("a"), MERGE, serve("tell", "tell_members"), GATE,
            way="start a; a merge; merge tell; tell gate; gate merge [more = true]; gate end *",
        ),
        {"more": True},
        "more than 200 decisions and operations",
    ),
    "ten million at once": (
        model(ask("a"), ask("b", several(count("times"))), way="start a; a b; b end"),
        {"times": 10_000_000},
        "more than 500 times",
    ),
    "ten million one after another": (
        model(ask("a"), ask("b", several(count("times"), isSequential="true")), way="start a; a b; b end"),
        {"times": 10_000_000},
        "more than 500 times",
    ),
    "four hundred times four hundred": (
        model(ask("a"), NESTED, way="start a; a outer; outer end"),
        {"times": 400},
        "The step was undone",
    ),
    "a list of ten million": (
        model(
            ask("a"),
            ask("b", several("", camunda_collection="=for i in 1..times return i", camunda_elementVariable="i")),
            way="start a; a b; b end",
        ),
        {"times": 10_000_000},
        "was stopped at the task without a name (b)",
    ),
    "a parallel flood": (
        model(
            ask("a"), MERGE, element("parallelGateway", "fork"), GATE, ask("b"),
            way="start a; a merge; merge fork; fork gate; fork b; b end; gate merge [more = true]; gate end *",
        ),
        {"more": True},
        "more than 1,000 steps",
    ),
    "a variable of six megabytes": (
        model(ask("a"), GATE, ask("b"), way="start a; a gate; gate b [more != null]; gate end *; b end"),
        {"more": "x" * 6_000_000},
        "longer than 100000 characters",
    ),
    "a process that calls itself": (
        file_of(
            process(
                start(), ask("a"), GATE, element("callActivity", "again", calledElement="helper"), end(),
                way="start a; a gate; gate again [more = true]; gate end *; again end", key="small",
            ),
            process(
                start("s1"), element("callActivity", "deeper", calledElement="other"), end("e1"),
                way="s1 deeper; deeper e1", key="helper",
            ),
            process(
                start("s2"), element("callActivity", "back", calledElement="helper"), end("e2"),
                way="s2 back; back e2", key="other",
            ),
        ),
        {"more": True},
        "call",
    ),
}  # fmt: skip


def world_with(bomb: bytes, url: str | None = None) -> World:
    return build_world(url, models={**shipped_models(), "peers.bpmn": PEERS, "bomb.bpmn": bomb})


def others_go_on(world: World) -> None:
    other = world.start_case(process_key="peers")
    world.do("a", "hana", case_id=other, ok=True)
    assert world.open_elements(other) == ["b"]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_set_off_by_a_person_is_undone_and_told(name: str) -> None:
    bomb, answers, said = BOMBS[name]
    try:
        world = world_with(bomb)
    except DeploymentRefused as refused:
        assert "call" in str(refused) and name == "a process that calls itself"
        return
    case_id = world.start_case(process_key="small")
    before = world.instance(case_id, "small"), world.case(case_id), len(world.history(case_id))
    with pytest.raises(Invalid) as caught:
        world.do("a", "hana", case_id=case_id, **answers)
    assert said in str(caught.value)
    assert world.open_elements(case_id) == ["a"]
    claimed = 1
    assert world.instance(case_id, "small").state == before[0].state
    assert world.instance(case_id, "small").status == "incident"
    assert len(world.history(case_id)) == before[2] + claimed
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("step", "a")
    assert said in incident.message
    assert "Traceback" not in incident.message
    others_go_on(world)
    assert world.verified().findings == ()


def test_a_person_can_go_on_after_the_bomb_with_other_answers(database_url: str) -> None:
    bomb, answers, _ = BOMBS["ten million at once"]
    world = world_with(bomb, database_url)
    case_id = world.start_case(process_key="small")
    with pytest.raises(BudgetExceeded):
        world.do("a", "hana", case_id=case_id, **answers)
    assert [incident.kind for incident in world.incidents(case_id)] == ["step"]
    world.do("a", "hana", case_id=case_id, times=3)
    assert world.open_elements(case_id) == ["b", "b", "b"]
    assert world.incidents(case_id) == []
    assert world.instance(case_id, "small").status == "running"
    world.close()


ROUND_AND_ROUND = "start merge; merge gate; gate merge [today() != null]; gate end *"


def test_a_bomb_at_the_very_start_opens_no_case_and_is_told() -> None:
    world = world_with(model(MERGE, GATE, way=ROUND_AND_ROUND))
    for _ in range(2):
        with pytest.raises(BudgetExceeded, match="more than 1,000 steps"):
            world.start_case(process_key="small")
    assert world.tasks() == []
    assert world.verified().cases == 1, "the authority's own chain"
    (incident,) = world.incidents()
    assert (incident.case_id, incident.kind, incident.element_id, incident.tries) == (None, "start", "small", 2)
    assert incident.message == (
        "A case could not be started: “small” was stopped at the gateway without a name (gate): more than 1,000 steps "
        "followed one another and nobody was asked. The step was undone. Whoever looks after the diagram can mend it: "
        "draw a task, a timer or another way out into the circle, and deploy it again."
    )
    others_go_on(world)


def test_an_incident_of_a_start_ends_when_the_diagram_is_deployed_put_right() -> None:
    world = world_with(model(MERGE, GATE, way=ROUND_AND_ROUND))
    with pytest.raises(BudgetExceeded):
        world.start_case(process_key="small")
    world.deploy({"peers.bpmn": PEERS})
    assert len(world.incidents()) == 1, "another diagram mends nothing"
    world.deploy({"bomb.bpmn": model(MERGE, ask("a"), way="start merge; merge a; a end")})
    assert world.incidents() == []


@pytest.mark.parametrize(
    ("start_it", "key"),
    [
        (
            lambda world, case_id: case_processes.start(
                world.engine, actor=world.actor("hana"), case_id=case_id, process_key="bomb", answers={}
            ),
            "bomb",
        ),
        (
            lambda world, case_id: cases.start_process_on(
                world.engine, actor=world.actor("hana"), case_id=case_id, process_key="bomb"
            ),
            "bomb",
        ),
    ],
    ids=["because something has changed", "by its name"],
)
def test_a_bomb_that_is_started_on_a_case_is_undone_and_told(start_it: Start, key: str) -> None:
    begins = properties(start_on_case="Something has changed", starters="lead, assessor")
    world = world_with(model(begins, MERGE, GATE, way=ROUND_AND_ROUND, key="bomb"))
    case_id = world.start_case(process_key="peers")
    for _ in range(2):
        with pytest.raises(BudgetExceeded, match="“bomb” was stopped at the gateway without a name"):
            start_it(world, case_id)
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id, incident.tries) == ("start", key, 2)
    assert "It could not be started on this case: “bomb”" in incident.message
    assert "more than 1,000 steps" in incident.message
    assert world.open_elements(case_id) == ["a"]
    assert world.verified().findings == ()


def test_an_element_is_named_by_its_name_and_one_without_by_its_kind_and_id() -> None:
    named = element("exclusiveGateway", "gate", name="Agreed?")
    files = model(ask("a"), named, ask("b"), way="start a; a gate; gate b [ok = true]; b end")
    world = world_with(files)
    case_id = world.start_case(process_key="small")
    with pytest.raises(ProcessStuck) as caught:
        world.do("a", "hana", case_id=case_id, ok=False)
    assert str(caught.value) == (
        "“small” was stopped at the gateway “Agreed?”: no condition is true and there is no default way out. The step "
        "was undone. Whoever looks after the diagram can mend it: draw one, and deploy it again."
    )


def test_a_bomb_set_off_by_a_timer_is_an_incident_and_other_timers_fire() -> None:
    bomb = model(
        ask("a"), boundary("late", "a", timer("P1D"), interrupting=False), MERGE, GATE, end("e2"),
        way="start a; a end; late merge; merge gate; gate merge [today() != null]; gate e2 *",
    )  # fmt: skip
    world = world_with(bomb)
    broken, whole = world.start_case(process_key="small"), world.start_case(process_key="peers")
    world.do("a", "hana", case_id=whole, ok=True)
    world.clock.advance(timedelta(days=1))
    done = world.tick()
    assert (done.fired, done.failed) == (1, 1)
    assert world.open_elements(whole) == ["b", "chase"]
    (incident,) = world.incidents()
    assert (incident.case_id, incident.kind, incident.element_id) == (broken, "timer", "late")
    assert "more than 1,000 steps" in incident.message
    assert world.open_elements(broken) == ["a"]
    for _ in range(3):
        world.clock.advance(timedelta(hours=2))
        world.tick()
    (incident,) = world.incidents()
    assert incident.tries == 4
    assert world.history(broken, "timer_fired") == []


def test_a_bomb_set_off_by_a_message_that_a_person_sends_is_undone_and_told() -> None:
    hears = model(
        element("intermediateCatchEvent", "hear", message("m_news")), MERGE, GATE, ask("on"),
        way="start hear; hear merge; merge gate; gate merge [deep = true]; gate on *; on end", key="hears",
    )  # fmt: skip
    world = world_with(hears)
    case_id = world.start_case(process_key="peers")
    world.start_process(case_id, "hears")
    before = len(world.history(case_id))
    sent = {"actor": world.actor("hana"), "case_id": case_id, "name": "news"}
    for _ in range(2):
        with pytest.raises(BudgetExceeded, match="“hears” was stopped"):
            messages.send(world.engine, **sent, variables={"deep": True})
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id, incident.tries) == ("step", "gate", 2)
    assert incident.message.startswith("“hears” was stopped at the gateway without a name (gate): more than 1,000")
    assert incident.instance_id == world.instance(case_id, "hears").id
    assert world.instance(case_id, "hears").status == "incident"
    assert len(world.history(case_id)) == before
    messages.send(world.engine, **sent, variables={"deep": False})
    assert (world.incidents(case_id), world.instance(case_id, "hears").status) == ([], "running")
    assert world.verified().findings == ()


def test_a_message_that_starts_a_bomb_is_told_as_a_start() -> None:
    begins = element("startEvent", "begin", message("m_news"))
    world = world_with(
        model(begins, MERGE, GATE, way=f"begin merge; {ROUND_AND_ROUND.partition('; ')[2]}; start end", key="bomb")
    )
    case_id = world.start_case(process_key="peers")
    with pytest.raises(BudgetExceeded):
        messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="news")
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id, incident.instance_id) == ("start", "bomb", None)


def test_a_case_set_up_wrongly_is_told_in_words() -> None:
    world = world_with(model(ask("a"), ask("b", several(count("times"))), way="start a; a b; b end"))
    case_id = world.start_case(process_key="small")
    with pytest.raises(EngineError, match="did not come to a whole number"):
        world.do("a", "hana", case_id=case_id, times="many")
    assert "did not come to a whole number" in world.incidents(case_id)[0].message
