"""Call activities: only what is mapped passes, in either direction; errors come back out."""

from __future__ import annotations

import pytest

from engine.bpmn.definitions import parse_process, process_calls
from engine.errors import BudgetExceeded, Invalid, NotFound
from tests.unit.bpmn.diagrams import boundary, define, element, end, file_of, process, start, timer, user
from tests.unit.bpmn.driving import Walk


def called(*elements: str, way: str) -> str:
    return process(*elements, way=way, key="child")


CHILD = define(start(), user("inner"), end(), way="start inner; inner end", key="child")
MAPPINGS = (
    '<extensionElements><camunda:in source="x" target="y"/><camunda:in sourceExpression="${x + 1}" target="z"/>'
    '<camunda:out source="answer" target="told"/></extensionElements>'
)


def calling(mappings: str, **variables: object) -> Walk:
    call = element("callActivity", "call", mappings, calledElement="child")
    definition = define(
        start(), call, user("after"), end(), way="start call; call after; after end", called={"child": CHILD}
    )
    return Walk(definition, **variables)


def test_mapped_variables_pass_and_others_do_not() -> None:
    walk = calling(MAPPINGS, x=1, secret=2)
    (opened,) = walk.last.opened
    assert (opened.element_id, opened.process_key, dict(opened.variables)) == ("inner", "child", {"y": 1, "z": 2})
    walk.complete("inner", answer="yes", x=9)
    assert (walk.names, dict(walk.variables)) == (["after"], {"x": 1, "secret": 2, "told": "yes"})


def test_nothing_passes_without_mappings_and_all_when_so_mapped() -> None:
    assert dict(calling("", x=1).last.opened[0].variables) == {}
    everything = '<extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'
    walk = calling(everything, x=1)
    assert dict(walk.last.opened[0].variables) == {"x": 1}
    assert dict(walk.complete("inner", x=2, y=3).variables) == {"x": 2, "y": 3}


def test_the_caller_knows_the_called_elements_names_and_hash() -> None:
    walk = calling(MAPPINGS)
    assert walk.definition.element("child", "inner").kind == "userTask"
    assert walk.definition.element("p", "after").process_key == "p"
    assert walk.definition.calls == {"child"}
    assert "x" in walk.definition.names_used
    with pytest.raises(NotFound):
        walk.definition.element("child", "after")
    other = define(start(), user("inner", name="changed"), end(), way="start inner; inner end", key="child")
    call = element("callActivity", "call", "", calledElement="child")
    hashes = {
        define(start(), call, end(), way="start call; call end", called={"child": each}).hash for each in (CHILD, other)
    }
    assert len(hashes) == 2


def test_elements_of_a_process_called_by_a_called_one_are_known_too() -> None:
    middle = define(
        start(),
        element("callActivity", "deeper", "", calledElement="child"),
        end(),
        way="start deeper; deeper end",
        called={"child": CHILD},
        key="middle",
    )
    call = element("callActivity", "call", "", calledElement="middle")
    top = define(start(), call, end(), way="start call; call end", called={"middle": middle})
    walk = Walk(top)
    assert (walk.names, walk.last.current) == (["inner"], ("call", "deeper", "inner"))
    assert top.element("child", "inner").process_key == "child"
    assert walk.complete("inner").last.ended


def test_a_boundary_timer_takes_the_called_process_away() -> None:
    call = element("callActivity", "call", "", calledElement="child")
    definition = define(
        start(),
        call,
        boundary("late", "call", timer("P1D")),
        user("chase"),
        end(),
        way="start call; call end; late chase; chase end",
        called={"child": CHILD},
    )
    walk = Walk(definition).fire("late")
    assert (walk.names, walk.tokens) == (["chase"], 1)


def test_an_error_in_the_called_process_is_caught_on_the_call() -> None:
    failing = define(
        start(),
        user("inner"),
        end("bad", '<errorEventDefinition errorRef="e_broken"/>'),
        way="start inner; inner bad",
        key="child",
    )
    call = element("callActivity", "call", "", calledElement="child")
    definition = define(
        start(),
        call,
        boundary("caught", "call", '<errorEventDefinition errorRef="e_broken"/>'),
        user("fix"),
        end(),
        way="start call; call end; caught fix; fix end",
        called={"child": failing},
    )
    assert Walk(definition).complete("inner").names == ["fix"]


def test_processes_of_one_file_call_each_other() -> None:
    call = element("callActivity", "call", "", calledElement="second")
    source = file_of(
        process(start(), call, end(), way="start call; call end", key="first"),
        process(start(), user("ask"), end(), way="start ask; ask end", key="second"),
    )
    first, second = parse_process(source, name="two.bpmn")
    assert (first.key, second.key) == ("first", "second")
    assert first.element("second", "ask").id == "ask"
    assert Walk(first).complete("ask").last.ended
    assert dict(process_calls(source, name="two.bpmn")) == {"first": {"second"}, "second": frozenset()}


def test_a_process_that_calls_itself_for_ever_is_stopped() -> None:
    source = file_of(
        process(start(), element("callActivity", "again", "", calledElement="p"), end(), way="start again; again end")
    )
    (definition,) = parse_process(source, name="self.bpmn")
    with pytest.raises(BudgetExceeded, match="again: processes call each other more than 10 deep"):
        Walk(definition)


def test_a_callee_that_is_not_there_is_refused() -> None:
    with pytest.raises(Invalid, match=r"test\.bpmn:call: the process 'child'"):
        define(start(), element("callActivity", "call", "", calledElement="child"), end(), way="start call; call end")
