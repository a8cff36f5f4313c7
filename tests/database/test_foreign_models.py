"""Models as Camunda 7's and Operaton's tools write them, deployed unchanged and run on a case to their end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine.commands import cases, messages, timers
from engine.commands.deployments import DeploymentRefused
from tests.small_files import form, rules
from tests.unit.bpmn.diagrams import element, timer, user
from tests.worlds import World, build_world, model

MODELS = Path(__file__).parent.parent / "models"
HELPER = rules(
    "helper", ["need"], ["helper"], [['"both"', '"both"'], ['"school"', '"school"'], ["-", '"nobody"']], key="help"
)

EQUIPMENT = form(
    "equipment", {"type": "number", "key": "price", "label": "Price"}, "kind", title="What is needed",
)  # fmt: skip


def foreign(*names: str) -> dict[str, bytes]:
    return {f"{name}.bpmn": (MODELS / f"{name}.bpmn").read_bytes() for name in names}


def world_with(*names: str, **others: bytes) -> World:
    ending = {name: "form" if text.startswith(b"{") else "dmn" for name, text in others.items()}
    return build_world(models={**foreign(*names), **{f"{name}.{ending[name]}": others[name] for name in others}})


def begin(world: World, process_key: str, **variables: Any) -> UUID:
    """Start a process on a fresh case; the case's first process is a single task left open."""
    case_id = quiet_case(world)
    cases.start_process_on(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key=process_key, variables=variables
    )
    return case_id


def quiet_case(world: World) -> UUID:
    idle = model(user("rest", camunda_candidateGroups="case_workers"), way="start rest; rest end", key="idle")
    world.deploy({"idle.bpmn": idle})
    return world.start_case(process_key="idle")


def open_now(world: World, case_id: UUID) -> list[str]:
    return [name for name in world.open_elements(case_id) if name != "rest"]


def ended(world: World, case_id: UUID, process_key: str) -> str:
    instance = world.instance(case_id, process_key)
    assert instance.status == "ended", instance.current
    assert not world.timers(case_id)
    assert open_now(world, case_id) == []
    return str(instance.end)


def pass_time(world: World, **step: float) -> int:
    """Let time pass and fire what is due; return how many timers fired."""
    world.clock.advance(timedelta(**step))
    return timers.fire_due(world.engine).fired


@pytest.mark.parametrize(
    ("answers", "next_open"),
    [
        ({"price": 101, "kind": "buy"}, ["Activity_check"]),
        ({"price": 100, "kind": "buy"}, []),
        ({"price": 500, "kind": "loan"}, []),
    ],
)
def test_conditions_as_camunda_writes_them(answers: dict[str, Any], next_open: list[str]) -> None:
    world = world_with("equipment_request", equipment=EQUIPMENT)
    case_id = begin(world, "equipment_request")
    task = world.task("Activity_ask", case_id)
    assert task.candidate_groups == ["case_workers", "coordinators"]
    assert (task.due_on, task.follow_up_on) == (date(2026, 3, 5), date(2026, 3, 2))
    assert task.form_id is not None
    world.do("Activity_ask", "hana", case_id=case_id, **answers)
    assert open_now(world, case_id) == next_open
    if not next_open:
        assert ended(world, case_id, "equipment_request") == "completed"


def test_a_loop_back_until_it_is_agreed() -> None:
    world = world_with("equipment_request", equipment=EQUIPMENT)
    case_id = begin(world, "equipment_request")
    for agreed in (False, True):
        world.do("Activity_ask", "hana", case_id=case_id, price=200, kind="buy")
        world.do("Activity_check", "morgan", case_id=case_id, agreed=agreed)
    assert ended(world, case_id, "equipment_request") == "completed"


def test_one_task_for_each_member_of_a_list_until_enough_have_answered() -> None:
    world = world_with("round_of_opinions")
    members = [str(world.ids[name]) for name in ("hana", "idris", "noor")]
    case_id = begin(world, "round_of_opinions", members=members, visits=2)
    world.agree(case_id)
    assert {str(task.assignee_id) for task in world.tasks(case_id, element="Activity_opinion")} == set(members)
    world.do("Activity_opinion", "noor", case_id=case_id)
    world.do("Activity_opinion", "hana", case_id=case_id)
    (left,) = [task for task in world.tasks(case_id, state="cancelled") if task.element_id == "Activity_opinion"]
    assert str(left.assignee_id) == members[1]
    for _ in range(2):
        assert open_now(world, case_id) == ["Activity_visit"]
        world.do("Activity_visit", "hana", case_id=case_id)
    assert ended(world, case_id, "round_of_opinions") == "completed"


def ask_school(world: World) -> UUID:
    case_id = quiet_case(world)
    messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="school asked")
    return case_id


def test_a_message_starts_and_the_message_that_comes_first_wins() -> None:
    world = world_with("wait_for_school")
    case_id = ask_school(world)
    assert world.instance(case_id, "wait_for_school").messages == ["school answered"]
    messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="school answered")
    assert ended(world, case_id, "wait_for_school") == "completed"
    assert pass_time(world, days=30) == 0


def test_or_the_timer_wins_and_the_message_comes_too_late() -> None:
    world = world_with("wait_for_school")
    case_id = ask_school(world)
    assert pass_time(world, days=13, hours=23) == 0
    assert pass_time(world, hours=1) == 1
    assert open_now(world, case_id) == ["Activity_ring"]
    messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="school answered")
    assert open_now(world, case_id) == ["Activity_ring"]
    world.do("Activity_ring", "hana", case_id=case_id)
    assert ended(world, case_id, "wait_for_school") == "completed"


def report(world: World, **variables: Any) -> UUID:
    return begin(world, "write_report", limit="P20D", **variables)


def test_reminders_repeat_beside_the_task_and_stop_with_it() -> None:
    world = world_with("write_report")
    case_id = report(world)
    assert world.task("Activity_write", case_id).due_on == date(2026, 3, 12)
    assert [pass_time(world, days=5) for _ in range(3)] == [1, 1, 0]
    assert len(world.history(case_id, "line_manager_told")) == 2
    world.do("Activity_write", "hana", case_id=case_id)
    assert ended(world, case_id, "write_report") == "completed"
    assert pass_time(world, days=30) == 0


def test_an_interrupting_timer_ends_the_task_and_the_process_in_its_error() -> None:
    world = world_with("write_report")
    case_id = report(world)
    world.clock.advance(timedelta(days=20))
    while timers.fire_due(world.engine).fired:
        pass
    assert ended(world, case_id, "write_report") == "error REPORT_LATE"
    assert [task.element_id for task in world.tasks(case_id, state="cancelled")] == ["Activity_write"]


@pytest.mark.parametrize(("verdict", "then"), [("worried", ["Activity_talk"]), ("fine", [])])
def test_a_called_process_gets_and_gives_what_its_mappings_say(verdict: str, then: list[str]) -> None:
    world = world_with("write_report", "child_and_school")
    case_id = begin(world, "child_and_school", deadline="P20D", months=3)
    seen = world.task("Activity_write", case_id).variables
    assert (seen["limit"], seen["unused"], "deadline" in seen) == ("P20D", 3, False)
    world.do("Activity_write", "hana", case_id=case_id, verdict=verdict)
    assert open_now(world, case_id) == then
    for name in then:
        world.do(name, "hana", case_id=case_id)
    assert ended(world, case_id, "child_and_school") == "completed"


def test_a_called_process_s_error_is_caught_by_its_caller() -> None:
    world = world_with("write_report", "child_and_school")
    case_id = begin(world, "child_and_school", deadline="P20D", months=3)
    world.clock.advance(timedelta(days=20))
    while timers.fire_due(world.engine).fired:
        pass
    assert open_now(world, case_id) == ["Activity_talk"]
    world.do("Activity_talk", "hana", case_id=case_id)
    assert ended(world, case_id, "child_and_school") == "completed"


@pytest.mark.parametrize(("worry", "told"), [("much", True), ("none", False), ("", False)])
def test_an_operaton_model_escalates_beside_its_sub_process_and_asks_another_process(worry: str, told: bool) -> None:
    world = world_with("home_visit", "wait_for_school")
    case_id = begin(world, "home_visit")
    world.do("Activity_morning", "hana", case_id=case_id, worry=worry)
    assert open_now(world, case_id) == ["Activity_evening"]
    world.do("Activity_evening", "idris", case_id=case_id)
    if told:
        assert str(world.task("Activity_tell", case_id).assignee_id) == str(world.ids["morgan"])
        world.do("Activity_tell", "morgan", case_id=case_id)
    assert world.instance(case_id, "home_visit").end == "completed"
    messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="school answered")
    assert ended(world, case_id, "wait_for_school") == "completed"


@pytest.mark.parametrize(
    ("need", "helpers"), [("both", ["Activity_nurse", "Activity_school"]), ("school", ["Activity_school"]), ("x", [])]
)
def test_a_decision_a_choice_of_several_ways_a_day_and_a_message(need: str, helpers: list[str]) -> None:
    world = world_with("choose_helper", helper=HELPER)
    case_id = begin(world, "choose_helper", need=need)
    assert open_now(world, case_id) == helpers
    for name in helpers:
        world.do(name, "hana", case_id=case_id)
    (waiting,) = world.timers(case_id)
    # Nine o'clock on the authority's own clock, the day after it went forward.
    assert waiting.due_at == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    world.restart()
    assert pass_time(world, days=28) == 1
    assert world.instance(case_id, "choose_helper").current == ["Activity_receive"]
    messages.send(world.engine, actor=world.actor("hana"), case_id=case_id, name="helper heard")
    assert ended(world, case_id, "choose_helper") == "terminated"


def test_notices_tell_the_designer_what_was_read_in_another_way() -> None:
    world = build_world(models={})
    deployed = world.deploy({**foreign("equipment_request"), "equipment.form": EQUIPMENT})
    said = [str(notice) for notice in deployed.notices]
    assert any("Activity_ask" in line and "now() + duration" in line for line in said), said
    assert any("Flow_dear" in line and 'price > 100 and kind != "loan"' in line for line in said), said
    assert any("Gateway_agreed" in line and "no default flow" in line for line in said), said


REFUSED = {
    "form in HTML": (user("odd", camunda_assignee="=lead_professional", camunda_formKey="embedded:a.html"), "form"),
    "script task": (element("scriptTask", "odd", "<script>1</script>", scriptFormat="javascript"), "script"),
    "Java class": (element("serviceTask", "odd", camunda_class="org.example.Send"), "code in Camunda"),
    "delegate expression": (element("serviceTask", "odd", camunda_delegateExpression="${bean}"), "code in Camunda"),
    "bean in a condition": (user("odd", camunda_assignee="${userService.pick(x)}"), "FEEL"),
    "bean in a date": (user("odd", camunda_candidateGroups="case_workers", camunda_dueDate="${dates.next()}"), "FEEL"),
    "unknown topic": (element("serviceTask", "odd", camunda_type="external", camunda_topic="bake_cake"), "bake_cake"),
    "unknown group": (user("odd", camunda_candidateGroups="bakers"), "bakers"),
    "listener": (
        user("odd", '<extensionElements><camunda:taskListener event="create" class="x.Y"/></extensionElements>',
             camunda_candidateGroups="case_workers"), "listener",
    ),
    "cron": (element("intermediateCatchEvent", "odd", timer("0 0 * * * ?", "timeCycle")), "odd"),
    "signal": (element("intermediateCatchEvent", "odd", '<signalEventDefinition signalRef="s_bell"/>'), "message"),
    "unknown callee": (element("callActivity", "odd", calledElement="nowhere"), "nowhere"),
    "unknown decision": (
        element("businessRuleTask", "odd", camunda_decisionRef="nowhere", camunda_resultVariable="x"), "nowhere",
    ),
    "compensation": (element("intermediateThrowEvent", "odd", "<compensateEventDefinition/>"), "odd"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_not_run_as_drawn_is_refused_with_advice(name: str) -> None:
    odd, word = REFUSED[name]
    world = build_world(models={})
    with pytest.raises(DeploymentRefused) as refusal:
        world.deploy({"odd.bpmn": model(odd, way="start odd; odd end")})
    about = [found for found in refusal.value.findings if found.element_id == "odd"]
    assert any(word in str(found) for found in about), refusal.value.findings
    assert all(found.advice for found in about)
