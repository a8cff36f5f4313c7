"""Tasks, sub-processes and the acts of the application, live and restored at every step (`Walk` does both)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import BudgetExceeded, Conflict, Invalid, NotFound
from tests.unit.bpmn.diagrams import boundary, define, element, end, start, subprocess, timer, user
from tests.unit.bpmn.driving import Walk


def test_a_task_waits_then_the_process_ends() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"), child="c1")
    assert (walk.names, walk.last.current, walk.last.ended) == (["ask"], ("ask",), False)
    walk.complete("ask", answer="yes")
    assert (walk.last.ended, walk.last.end, walk.last.flows) == (True, "completed", ("ask_end",))
    assert dict(walk.variables) == {"child": "c1", "answer": "yes"}
    assert [task.completed for task in walk.last.closed] == [True]


@pytest.mark.parametrize("kind", ["manualTask", "task"])
def test_manual_and_plain_tasks_wait_for_a_person(kind: str) -> None:
    walk = Walk(define(start(), element(kind, "do"), end(), way="start do; do end"))
    assert walk.names == ["do"]
    assert walk.complete("do").last.ended


@pytest.mark.parametrize(
    ("kind", "what"), [("serviceTask", "operation"), ("businessRuleTask", "decision"), ("sendTask", "operation")]
)
def test_work_for_the_application_stops_the_step_until_it_is_answered(kind: str, what: str) -> None:
    walk = Walk(define(start(), element(kind, "do"), user("after"), end(), way="start do; do after; after end"), x=1)
    (work,) = walk._live.pending()
    assert (work.kind, work.element_id, dict(work.variables), work.process_key) == (what, "do", {"x": 1}, "p")
    walk.answer("do", result=3)
    assert (walk.names, walk.pending(), walk.variables["result"]) == (["after"], [], 3)


def test_an_answer_nobody_asked_for_is_refused() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"))
    task_id = walk.task("ask")
    with pytest.raises(Conflict, match="ask is not waiting for an answer"):
        walk.act(lambda instance: instance.answer(task_id, {}))


def test_an_expression_past_its_budget_names_its_element() -> None:
    gate = element("exclusiveGateway", "g")
    big = "count(for i in 1..100000, j in 1..100000 return i) > 0"
    definition = define(start(), gate, user("a"), end(), way=f"start g; g a [{big}]; g end *; a end")
    with pytest.raises(BudgetExceeded, match="^g_a: "):
        Walk(definition)


def test_embedded_subprocess_shares_variables_and_goes_on() -> None:
    sub = subprocess(start("s2"), user("in"), end("e2"), way="s2 in; in e2")
    walk = Walk(define(start(), sub, user("out"), end(), way="start sub; sub out; out end"), x=1)
    assert (walk.names, walk.last.current) == (["in"], ("sub", "in"))
    walk.complete("in", y=2)
    assert (walk.names, dict(walk.variables)) == (["out"], {"x": 1, "y": 2})


def test_inputs_are_the_tasks_own_and_outputs_are_written_when_it_completes() -> None:
    given = (
        "<extensionElements><camunda:inputOutput><camunda:inputParameter name='who'>${lead}</camunda:inputParameter>"
        "<camunda:outputParameter name='told'>= who + \" \" + answer</camunda:outputParameter>"
        "</camunda:inputOutput></extensionElements>"
    )
    walk = Walk(define(start(), user("ask", given), end(), way="start ask; ask end"), lead="Ana")
    assert dict(walk.seen[walk.task("ask")]) == {"lead": "Ana", "who": "Ana"}
    walk.complete("ask", answer="ok")
    assert dict(walk.variables) == {"lead": "Ana", "answer": "ok", "told": "Ana ok"}


def test_elements_called_start_and_end_are_elements_like_any_other() -> None:
    walk = Walk(define(start("Start"), user("End"), end("Root"), way="Start End; End Root"))
    assert walk.names == ["End"]
    assert walk.complete("End").last.ended


def test_cancel_ends_the_instance() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"))
    walk.act(lambda instance: instance.cancel())
    assert (walk.last.ended, walk.last.end, walk.names) == (True, "cancelled", [])
    with pytest.raises(Conflict):
        walk.act(lambda instance: instance.cancel())


def test_acts_on_what_is_not_open_are_refused() -> None:
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("late", "ask", timer("P1D")),
            end(),
            end("end2"),
            way="start ask; ask end; late end2",
        )
    )
    timer_id, task_id = walk.timer("late").task_id, walk.task("ask")
    with pytest.raises(Conflict, match="late"):
        walk.act(lambda instance: instance.complete(timer_id, {}))
    with pytest.raises(Conflict, match="ask"):
        walk.act(lambda instance: instance.fire(task_id))
    walk = Walk(walk.definition).complete("ask")
    with pytest.raises(NotFound):
        walk.act(lambda instance: instance.complete(task_id, {}))


def test_values_a_process_cannot_hold_are_refused_by_name() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"))
    for bad in ({"a": 1}, object(), float("nan"), b"x", [[1]], "\ud800", 10**40, Decimal("1." + "1" * 40)):
        with pytest.raises(Invalid):
            walk.complete("ask", thing=bad)
