"""How a case stands to the steps that a new version changes: at one, before one, or past all of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import StepEnvironment
from engine.bpmn.migration import carry_over
from engine.bpmn.touching import Touched
from engine.clock import FakeClock
from engine.ids import SeededIds
from tests.unit.bpmn.diagrams import boundary, define, element, end, start, subprocess, timer, user
from tests.unit.bpmn.driving import LONDON, NOON, Walk

LINE = "start a; a b; b c; c end"
STEPS = (start(), user("a"), user("b"), user("c"), end())
OLD = define(*STEPS, way=LINE)


def meets(old: ProcessDefinition, new: ProcessDefinition, *done: str, targets: Mapping[str, str] | None = None) -> str:
    """Return how a case stands in which `done` are done, and compare each place that it stands at."""
    walk = Walk(old)
    for step in done:
        walk.complete(step)
    given = {old.key: dict(targets or {})}
    world = StepEnvironment(now=NOON, zone=LONDON, ids=SeededIds(FakeClock(NOON), 3))
    carried = carry_over(old, new, walk.last.state, world, targets=given)
    return touched(old, new, given).meets(carried.places)


def touched(
    old: ProcessDefinition, new: ProcessDefinition, targets: Mapping[str, Mapping[str, str]] | None = None,
    forms: Mapping[str, str] | None = None,
) -> Touched:  # fmt: skip
    return Touched(
        old, new, targets=targets or {}, old_form=lambda info: info.form,
        new_form=lambda info: (forms or {}).get(info.form or "", info.form),
    )  # fmt: skip


def steps(old: ProcessDefinition, new: ProcessDefinition) -> list[tuple[str, str]]:
    return sorted((each.element_id, each.how) for each in touched(old, new).steps)


@pytest.mark.parametrize(
    ("new", "found", "what"),
    [
        (define(*STEPS, way=LINE), ["past", "past", "past"], []),
        (
            define(start(), user("a"), user("b", name="Ask"), user("c"), end(), way=LINE),
            ["ahead", "at", "past"], [("b", "changed")],
        ),
        (
            define(start(), user("a"), user("b", camunda_candidateGroups="managers"), user("c"), end(), way=LINE),
            ["ahead", "at", "past"], [("b", "changed")],
        ),
        (
            define(*STEPS, user("n"), way="start a; a b; b n; n c; c end"),
            ["ahead", "ahead", "past"], [("n", "new")],
        ),
        (
            define(start(), user("a"), user("c"), end(), way="start a; a c; c end"),
            ["ahead", "at", "past"], [("b", "gone")],
        ),
        (
            define(*STEPS, boundary("late", "b", timer("P5D"), interrupting=False), end("told"),
                   way=f"{LINE}; late told"),
            ["ahead", "at", "past"], [("b", "changed"), ("late", "new"), ("told", "new")],
        ),
        (
            define(*STEPS, way="start a; a b; b end; c end"),
            ["ahead", "at", "past"], [("b", "changed")],
        ),
    ],
    ids=["nothing", "renamed", "asks others", "new step", "gone step", "new timer", "goes elsewhere"],
)  # fmt: skip
def test_a_case_is_before_a_changed_step_at_it_or_past_it(
    new: ProcessDefinition, found: list[str], what: list[tuple[str, str]]
) -> None:
    assert [meets(OLD, new, *done) for done in ((), ("a",), ("a", "b"))] == found
    assert steps(OLD, new) == what


def test_a_loop_leads_back_to_a_changed_step() -> None:
    gate = element("exclusiveGateway", "again")
    way = "start a; a b; b again; again a [x = 1]; again c *; c end"
    old = define(*STEPS, gate, way=way)
    new = define(start(), user("a", name="Ask"), user("b"), user("c"), end(), gate, way=way)
    found = touched(old, new)
    assert [found.meets([(each,)]) for each in ("a", "b", "c")] == ["at", "ahead", "past"]


ROUND = "start a; a b; b c; c again; again a [x = 1]; again end *"
DONE = frozenset({("p", "a"), ("p", "b"), ("p", "c")})


def standing(new: ProcessDefinition, old: ProcessDefinition, done: frozenset[tuple[str, str]]) -> list[str]:
    return [touched(old, new).meets([(each,)], done) for each in ("a", "b", "c")]


@pytest.mark.parametrize("after", ["b", "a"])
def test_a_case_that_has_been_there_comes_again_only_if_its_way_leads_back(after: str) -> None:
    gate = element("exclusiveGateway", "again")
    old = define(*STEPS, gate, way=ROUND)
    follows = {"a": "b", "b": "c"}[after]
    way = ROUND.replace(f"{after} {follows}", f"{after} n; n {follows}")
    new = define(*STEPS, user("n"), gate, way=way)
    here = {"a": ["ahead", "again", "again"], "b": ["ahead", "ahead", "again"]}[after]
    first = [touched(old, new).meets([(each,)], frozenset(sorted(DONE)[:at])) for at, each in enumerate("abc")]
    assert first == here, "in the first round"
    assert standing(new, old, DONE) == here, "and in the next"
    changed = define(start(), user("a"), user("b", name="Ask"), user("c"), end(), gate, way=ROUND)
    assert standing(changed, old, DONE) == ["ahead", "at", "again"]
    gone = define(start(), user("a"), user("c"), end(), gate, way=ROUND.replace("a b; b c", "a c"))
    assert standing(gone, old, DONE)[1:] == ["at", "again"]


def test_a_way_back_that_is_sure_leads_to_the_step_again() -> None:
    way = "start a; a b; b which; which c [x = 1]; which end *; c a"
    gate = element("exclusiveGateway", "which")
    old, new = define(*STEPS, gate, way=way), define(*STEPS, gate, user("n"), way=way.replace("a b", "a n; n b"))
    assert standing(new, old, DONE) == ["ahead", "again", "ahead"]


def test_another_branch_and_a_call_are_no_way_there_but_back() -> None:
    part = subprocess(start("s"), user("x"), user("y"), end("e"), way="s x; x y; y e", element_id="part")
    gates = (element("exclusiveGateway", "which"), element("exclusiveGateway", "again"))
    way = "start part; part which; which b [x = 1]; which c *; b again; c again; again part [y = 1]; again end *"
    old = define(start(), part, user("b"), user("c"), *gates, end(), way=way)
    asks = define(start(), part, user("b", name="Ask"), user("c"), *gates, end(), way=way)
    found = touched(old, asks)
    inside = {("p", "x"), ("p", "y")}
    assert found.meets([("c",)], frozenset(inside)) == "again"
    assert found.meets([("part", "y")], frozenset({("p", "x")})) == "ahead"


def test_a_step_that_takes_the_place_of_another_is_one_changed_only_if_it_is_another() -> None:
    new = define(start(), user("a"), user("d"), user("c"), end(), way="start a; a d; d c; c end")
    assert meets(OLD, new, "a", targets={"b": "d"}) == "past"
    assert meets(OLD, new, "a") == "at"


def test_a_timer_changes_if_it_waits_at_another_step_and_not_if_its_step_has_another_id() -> None:
    def waiting_at(host: str, first: str = "a") -> ProcessDefinition:
        late = boundary("late", host, timer("P5D"), interrupting=False)
        way = f"start {first}; {first} b; b end; late told"
        return define(start(), user(first), user("b"), late, end(), end("told"), way=way)

    assert steps(waiting_at("a"), waiting_at("first", "first")) == [("a", "gone"), ("first", "new")]
    renamed = touched(waiting_at("a"), waiting_at("first", "first"), {waiting_at("a").key: {"a": "first"}})
    assert renamed.steps == ()
    assert steps(waiting_at("a"), waiting_at("b")) == [("late", "changed")]


def test_inside_a_sub_process_what_comes_after_it_is_still_to_come() -> None:
    part = subprocess(start("s"), user("x"), user("y"), end("e"), way="s x; x y; y e", element_id="part")
    old = define(start(), part, user("c"), end(), way="start part; part c; c end")
    later = define(start(), part, user("c", name="Call"), end(), way="start part; part c; c end")
    assert touched(old, later).meets([("part", "y")]) == "ahead"
    other = part.replace('id="y"', 'id="y" name="Write"')
    within = define(start(), other, user("c"), end(), way="start part; part c; c end")
    found = touched(old, within)
    assert [found.meets([each]) for each in (("part", "x"), ("part", "y"), ("c",))] == ["ahead", "at", "past"]


def test_a_form_that_has_changed_changes_its_step() -> None:
    old = define(start(), user("a", camunda_formRef="note"), user("b"), end(), way="start a; a b; b end")
    found = touched(old, old, forms={"note": "other"})
    assert [found.meets([(each,)]) for each in ("a", "b")] == ["at", "past"]
    assert [(each.element_id, each.how) for each in found.steps] == [("a", "changed")]
