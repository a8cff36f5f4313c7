"""Multi-instance activities and loops, as the standard and as Camunda 7 write them."""

from __future__ import annotations

import pytest

from engine.bpmn.environment import Limits
from engine.errors import BudgetExceeded, Invalid
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, start, timer, user
from tests.unit.bpmn.driving import Walk

CAMUNDA = (
    '<multiInstanceLoopCharacteristics {} camunda:collection="people" camunda:elementVariable="person">'
    "{}</multiInstanceLoopCharacteristics>"
)
STANDARD = (
    "<multiInstanceLoopCharacteristics {}><loopDataInputRef>people</loopDataInputRef>"
    '<inputDataItem id="i1" name="person"/>{}</multiInstanceLoopCharacteristics>'
)
PEOPLE = ["ana", "ben", "cas"]


def invite(loop: str, **variables: object) -> Walk:
    return Walk(
        define(start(), user("invite", loop), user("after"), end(), way="start invite; invite after; after end"),
        **variables,
    )


@pytest.mark.parametrize("form", [CAMUNDA, STANDARD])
def test_one_task_for_each_person_at_once(form: str) -> None:
    walk = invite(form.format("", ""), people=PEOPLE)
    assert walk.names == ["invite"] * 3
    assert [walk.seen[task]["person"] for task in walk.open] == PEOPLE
    assert walk.last.current == ("invite",)
    walk.complete("invite", reply="no").complete("invite").complete("invite", reply="yes")
    assert walk.names == ["after"]
    assert dict(walk.variables) == {"people": PEOPLE, "reply": "yes"}


@pytest.mark.parametrize("form", [CAMUNDA, STANDARD])
def test_one_person_after_the_other(form: str) -> None:
    walk = invite(form.format('isSequential="true"', ""), people=PEOPLE, person="outside")
    for name in PEOPLE:
        assert walk.names == ["invite"]
        assert walk.seen[walk.task("invite")]["person"] == name
        walk.complete("invite", people=[])
    assert walk.names == ["after"]
    assert walk.variables["person"] == "outside"


@pytest.mark.parametrize("order", ["", 'isSequential="true"'])
def test_a_count_instead_of_a_collection(order: str) -> None:
    loop = (
        f"<multiInstanceLoopCharacteristics {order}><loopCardinality>=n + 1</loopCardinality>"
        f"</multiInstanceLoopCharacteristics>"
    )
    walk = invite(loop, n=2)
    counters = set()
    while "invite" in walk.names:
        counters.add(walk.seen[walk.task("invite")]["loopCounter"])
        walk.complete("invite")
    assert (counters, walk.names) == ({0, 1, 2}, ["after"])


@pytest.mark.parametrize("order", ["", 'isSequential="true"'])
def test_none_to_do_goes_straight_on(order: str) -> None:
    assert invite(CAMUNDA.format(order, ""), people=[]).names == ["after"]


def test_completion_condition_sees_the_counts_and_the_item_and_withdraws_the_rest() -> None:
    formula = "${nrOfCompletedInstances / nrOfInstances >= 0.5 || person == 'ana'}"
    condition = f"<completionCondition>{formula.replace('>', '&gt;')}</completionCondition>"
    walk = invite(CAMUNDA.format("", condition), people=["x", *PEOPLE])
    walk.complete("invite")
    assert walk.names == ["invite"] * 3
    walk.complete("invite")
    assert walk.names == ["after"]
    assert sorted(task.completed for task in walk.last.closed) == [False, False, True]


def test_outputs_are_collected_in_the_order_of_the_items() -> None:
    walk = invite(
        "<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef>"
        "<loopDataOutputRef>answers</loopDataOutputRef>"
        '<inputDataItem id="i1" name="person"/><outputDataItem id="o1" name="answer"/>'
        "</multiInstanceLoopCharacteristics>",
        people=PEOPLE,
    )
    for task_id, answer in zip(list(walk.open)[::-1], (3, 2, 1), strict=True):
        walk.act(lambda instance, task_id=task_id, answer=answer: instance.complete(task_id, {"answer": answer}))
    assert walk.variables["answers"] == [1, 2, 3]


def test_a_boundary_timer_belongs_to_the_whole_not_to_each() -> None:
    walk = Walk(
        define(
            start(),
            user("invite", CAMUNDA.format("", "")),
            boundary("late", "invite", timer("P5D")),
            user("after"),
            end(),
            end("end2"),
            way="start invite; invite end; late after; after end2",
        ),
        people=PEOPLE,
    )
    assert len(walk.timers) == 1
    walk.complete("invite").fire("late")
    assert walk.names == ["after"]


def bodies(order: str = "") -> Walk:
    body = inside(
        start("s2"),
        user("ask"),
        element("exclusiveGateway", "g"),
        user("why"),
        end("e2"),
        way='s2 ask; ask g; g why [reply = "no"]; g e2 *; why e2',
    )
    sub = element("subProcess", "each", CAMUNDA.format(order, "") + body)
    return Walk(define(start(), sub, user("after"), end(), way="start each; each after; after end"), people=PEOPLE)


def test_bodies_with_a_process_inside_do_not_see_each_others_answers() -> None:
    walk = bodies()
    assert walk.names == ["ask"] * 3
    walk.complete("ask", reply="no").complete("ask", reply="yes").complete("ask", reply="no")
    assert walk.names == ["why", "why"]
    assert {walk.seen[task]["person"] for task in walk.open} == {"ana", "cas"}
    walk.complete("why").complete("why")
    assert walk.names == ["after"]
    assert (walk.variables["reply"], "person" in walk.variables) == ("no", False)


def test_bodies_with_a_process_inside_one_after_the_other() -> None:
    walk = bodies('isSequential="true"')
    for name in PEOPLE:
        assert walk.seen[walk.task("ask")]["person"] == name
        walk.complete("ask", reply="yes")
    assert walk.names == ["after"]


def test_service_tasks_for_each_person_are_pending_together() -> None:
    walk = Walk(
        define(start(), element("serviceTask", "tell", CAMUNDA.format("", "")), end(), way="start tell; tell end"),
        people=PEOPLE,
    )
    assert [work.variables["person"] for work in walk._live.pending()] == PEOPLE
    assert walk.answer("tell").answer("tell").answer("tell").last.ended


@pytest.mark.parametrize(
    ("loop", "variables"),
    [
        (CAMUNDA.format("", ""), {"people": "ana"}),
        (CAMUNDA.format("", ""), {}),
        (
            "<multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality></multiInstanceLoopCharacteristics>",
            {"n": -1},
        ),
        (
            "<multiInstanceLoopCharacteristics><loopCardinality>n</loopCardinality></multiInstanceLoopCharacteristics>",
            {"n": "3"},
        ),
    ],
)
def test_what_is_no_list_and_no_count_is_refused_by_element(loop: str, variables: dict[str, object]) -> None:
    with pytest.raises(Invalid, match="invite"):
        invite(loop, **variables)


@pytest.mark.parametrize("order", ["", 'isSequential="true"'])
def test_ten_million_are_refused_before_the_first_is_made(order: str) -> None:
    loop = (
        f"<multiInstanceLoopCharacteristics {order}><loopCardinality>10000000</loopCardinality>"
        f"</multiInstanceLoopCharacteristics>"
    )
    with pytest.raises(BudgetExceeded, match="invite: it would be done more than 500 times"):
        invite(loop)


def test_the_limit_itself_is_allowed() -> None:
    walk = invite(CAMUNDA.format("", ""), people=["x"] * 500)
    assert len(walk.open) == 500
    with pytest.raises(BudgetExceeded):
        invite(CAMUNDA.format("", ""), people=["x"] * 501)


def test_standard_loop_goes_on_while_its_condition_is_true() -> None:
    loop = "<standardLoopCharacteristics><loopCondition>again</loopCondition></standardLoopCharacteristics>"
    walk = invite(loop).complete("invite", again=True).complete("invite", again=True)
    assert walk.names == ["invite"]
    assert walk.complete("invite", again=False).names == ["after"]


def test_standard_loop_tested_before_and_with_a_maximum() -> None:
    before = (
        '<standardLoopCharacteristics testBefore="true"><loopCondition>again</loopCondition>'
        "</standardLoopCharacteristics>"
    )
    assert invite(before, again=False).names == ["after"]
    walk = invite('<standardLoopCharacteristics loopMaximum="2"/>').complete("invite")
    assert walk.names == ["invite"]
    assert walk.complete("invite").names == ["after"]


def test_too_many_live_sub_processes_are_refused() -> None:
    body = element(
        "subProcess", "each", CAMUNDA.format("", "") + inside(start("s2"), user("ask"), end("e2"), way="s2 ask; ask e2")
    )
    definition = define(start(), body, end(), way="start each; each end")
    with pytest.raises(BudgetExceeded, match="each: more than 2 sub-processes"):
        Walk(definition, limits=Limits(subprocesses=2), people=PEOPLE)
