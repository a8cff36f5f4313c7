"""Decisions that a diagram asks: what they saw, which rows matched, what became of the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import incidents, user_tasks
from engine.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted
from engine.store.tables import record
from tests.small_files import escalation, rules
from tests.unit.bpmn.diagrams import element, user
from tests.worlds import World, build_world, model

TABLE = rules(
    "paint", ["colour", "consent"], ["tins"], [['"red"', "-", "1"], ["-", '"not_asked"', "2"], ["-", "-", "3"]]
)

NOWHERE = '=if days_silent >= 0 then "nowhere" else null'
"""A process that only the judging finds is not there."""


def deciding(world: World, table: bytes, how: str = "singleEntry", result: str = "tins") -> None:
    asks = {"camunda_decisionRef": "paint"} | ({"camunda_resultVariable": result} if result else {})
    asks |= {"camunda_mapDecisionResult": how} if how else {}
    look = user("look", camunda_candidateGroups="case_workers")
    steps = (
        user("ask", camunda_candidateGroups="case_workers"), element("businessRuleTask", "decide", **asks),
        element("exclusiveGateway", "fork"), look,
    )  # fmt: skip
    way = 'start ask; ask decide; decide fork; fork end [colour = "none"]; fork look *; look end'
    world.deploy({"small.bpmn": model(*steps, way=way), "paint.dmn": table})


def run(world: World, **answers: Any) -> UUID:
    case_id = world.start_case(process_key="small")
    world.do("ask", "hana", case_id=case_id, **answers)
    return case_id


def seen(world: World, case_id: UUID) -> dict[str, Any]:
    return dict(world.task("look", case_id).variables)


def evaluations(world: World, case_id: UUID) -> list[Any]:
    table = record.evaluations
    return list(world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.at)))


@pytest.mark.parametrize(("colour", "tins", "row"), [("red", 1, 1), ("blue", 2, 2)])
def test_a_decision_sees_answers_and_facts_and_says_which_row_it_was(
    database_url: str, colour: str, tins: int, row: int
) -> None:
    world = build_world(database_url, models={})
    deciding(world, TABLE)
    case_id = run(world, colour=colour)
    assert seen(world, case_id)["tins"] == tins
    (kept,) = evaluations(world, case_id)
    assert (kept.decision, kept.result["result"]) == ("paint", tins)
    assert [each["row"] for each in kept.result["matched"]] == [row]
    (event,) = world.history(case_id, "decision_made")
    assert (event.detail, event.subject_id) == ({"decision": "paint", "rows": [row]}, kept.definition_id)
    assert not world.verified().findings
    world.close()


def test_an_answer_goes_before_a_fact_of_the_same_name() -> None:
    world = build_world(models={})
    deciding(world, rules("paint", ["consent"], ["tins"], [['"given"', "1"], ["-", "2"]]))
    case_id = world.start_case(process_key="small")
    world.start_process(case_id, "small", consent="given")
    for task in world.tasks(case_id, element="ask"):
        user_tasks.complete(world.engine, actor=world.actor("hana"), task_id=task.id, answers={"colour": "red"})
    assert sorted(task.variables["tins"] for task in world.tasks(case_id, element="look")) == [1, 2]


TWO = rules("paint", ["colour"], ["tins", "brush"], [["-", "1", '"flat"']])
MANY = rules("paint", ["colour"], ["tins"], [["-", "1"], ["-", "2"]], policy="COLLECT")


@pytest.mark.parametrize(
    ("table", "how", "result", "expected"),
    [
        (TWO, "singleResult", "", {"tins": 1, "brush": "flat"}),
        (MANY, "collectEntries", "tins", {"tins": [1, 2]}),
        (TABLE, "singleEntry", "tins", {"tins": 1}),
    ],
)
def test_the_answer_becomes_variables_as_the_diagram_asks(
    table: bytes, how: str, result: str, expected: dict[str, Any]
) -> None:
    world = build_world(models={})
    deciding(world, table, how, result)
    variables = seen(world, run(world, colour="red"))
    assert {name: variables[name] for name in expected} == expected


def test_more_values_than_one_where_one_is_expected_stop_the_step_in_words() -> None:
    world = build_world(models={})
    deciding(world, MANY)
    with pytest.raises(Invalid, match=r"\(decide\): the decision gave 2 values where one was expected"):
        run(world, colour="red")
    (incident,) = world.incidents()
    assert (incident.kind, incident.element_id) == ("step", "ask")


def test_a_decision_that_could_not_be_judged_in_full_goes_on_and_is_an_incident() -> None:
    world = build_world(models={})
    deciding(world, rules("paint", ["colour", "size + 1"], ["tins"], [["-", "-", "4"]]))
    case_id = run(world, colour="red")
    assert seen(world, case_id)["tins"] == 4
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("rule", "decide")
    assert "The decision 'paint' could not be judged in full" in incident.message
    assert evaluations(world, case_id)[0].result["warnings"]


def test_the_nightly_judgement_does_not_wipe_out_what_a_diagram_s_decision_met() -> None:
    world = build_world(models={})
    deciding(world, rules("paint", ["colour", "size + 1"], ["tins"], [["-", "-", "4"]]))
    world.deploy({"escalation.dmn": escalation((">= 1", "silent", "remind", "assessor", ""))})
    case_id = run(world, colour="red")
    world.pass_days(2)
    assert [row.element_id for row in world.incidents(case_id)] == ["decide"]


def test_incidents_are_retried_by_those_who_may_and_once() -> None:
    world = build_world(models={})
    world.deploy({"escalation.dmn": escalation((">= 0", "silent", "remind", "assessor", NOWHERE))})
    deciding(world, TABLE)
    case_id = run(world, colour="red")
    world.tick()
    (incident,) = world.incidents(case_id)

    def retry(by: str) -> None:
        incidents.retry(world.engine, actor=world.actor(by), incident_id=incident.id, why="Deployed it")

    for by in ("hana", "morgan", "ada"):
        with pytest.raises(NotPermitted):
            retry(by)
    go = model(user("go", camunda_candidateGroups="case_workers"), way="start go; go end", key="nowhere")
    world.deploy({"nowhere.bpmn": go})
    retry("cleo")
    assert len(world.history(case_id, "incident_retried")) == 1
    with pytest.raises(Conflict, match="dealt with already"):
        retry("piet")
    world.tick()
    assert world.incidents(case_id) == []
    assert "go" in world.open_elements(case_id)
    with pytest.raises(NotFound):
        incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=UUID(int=1))


def test_a_retry_that_fails_again_is_a_new_incident() -> None:
    world = build_world(models={})
    world.deploy({"escalation.dmn": escalation((">= 0", "silent", "remind", "assessor", NOWHERE))})
    deciding(world, TABLE)
    case_id = run(world, colour="red")
    world.tick()
    (first,) = world.incidents(case_id)
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=first.id)
    world.tick()
    (second,) = world.incidents(case_id)
    assert first.id != second.id


def test_a_failed_timer_is_tried_again_when_somebody_says_so() -> None:
    wait = element(
        "intermediateCatchEvent", "wait",
        "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    )  # fmt: skip
    decide = element(
        "businessRuleTask", "decide", camunda_decisionRef="paint", camunda_resultVariable="tins",
        camunda_mapDecisionResult="singleEntry",
    )  # fmt: skip
    world = build_world(models={})
    never = escalation(("< 0", "never", "remind", "assessor", ""))
    small = model(wait, decide, user("look", camunda_candidateGroups="case_workers"),
                  way="start wait; wait decide; decide look; look end")  # fmt: skip
    world.deploy({"small.bpmn": small, "paint.dmn": MANY, "escalation.dmn": never})
    case_id = world.start_case(process_key="small")
    world.pass_days(1)
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.element_id) == ("timer", "wait")
    assert world.instance(case_id, "small").status == "incident"
    world.deploy({"paint.dmn": TABLE})
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id)
    world.tick()
    assert world.open_elements(case_id) == ["look"]
    assert (world.incidents(case_id), world.instance(case_id, "small").status) == ([], "running")


def test_a_decision_nobody_deployed_any_more_is_an_error_in_words() -> None:
    world = build_world(models={})
    deciding(world, TABLE)
    case_id = world.start_case(process_key="small")  # keeps the diagram that asks
    without = model(user("ask", camunda_candidateGroups="case_workers"), way="start ask; ask end")
    world.deploy(
        {"small.bpmn": without, "paint.dmn": rules("brush", ["colour"], ["tins"], [["-", "1"]], key="paint")}
    )
    with pytest.raises(EngineError, match="No deployed rules file has a decision 'paint'"):
        world.do("ask", "hana", case_id=case_id, colour="red")


def test_an_evaluation_is_kept_when_its_answer_changes_and_not_before() -> None:
    world = build_world(models={})
    deciding(world, TABLE)
    case_id = run(world, colour="blue")
    for colour, kept in (("green", 1), ("red", 2), ("blue", 3), ("green", 3)):
        world.clock.advance(timedelta(minutes=1))
        world.start_process(case_id, "small")
        world.do("ask", "hana", case_id=case_id, colour=colour)
        assert len(evaluations(world, case_id)) == kept, colour
    assert [row.result["result"] for row in evaluations(world, case_id)] == [2, 1, 2]
    assert len(world.history(case_id, "decision_made")) == 5
    # The same answer of other rules is explained anew.
    deciding(world, rules("paint", ["colour"], ["tins"], [["-", "2"]]))
    world.start_process(case_id, "small")
    world.do("ask", "hana", case_id=case_id, colour="green")
    assert len(evaluations(world, case_id)) == 4
