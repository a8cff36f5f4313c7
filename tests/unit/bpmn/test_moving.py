"""An instance is moved to another activity: what waited goes with its timers, and the other place is entered."""

from __future__ import annotations

import pytest

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.moving import enterable, move, places
from engine.bpmn.telling_apart import told_apart
from engine.errors import Conflict, Invalid, NotFound
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, timer, user
from tests.unit.bpmn.driving import Walk

EACH = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/>'


def at(walk: Walk) -> list[str]:
    return walk.act(lambda instance: [place.element_id for place in places(instance)])


def go(walk: Walk, source: str, target: str) -> Walk:
    token = walk.act(lambda instance: next(each.token_id for each in places(instance) if each.element_id == source))
    walk.act(lambda instance: move(instance, token, target))
    return walk


def whole() -> ProcessDefinition:
    """Return a task with a timer, a sub-process with two tasks side by side, a task for each of some people."""
    sub = inside(
        start("s2"), element("parallelGateway", "fork"), user("left"), user("right"), end("e2"), end("e3"),
        way="s2 fork; fork left; fork right; left e2; right e3",
    )  # fmt: skip
    return define(
        start(), user("first"), boundary("late", "first", timer("P1D")), element("subProcess", "sub", sub),
        boundary("slow", "sub", timer("P9D"), interrupting=False), user("each", EACH), end(), end("over"),
        element("eventBasedGateway", "gate"), element("intermediateCatchEvent", "news", message()),
        element("intermediateCatchEvent", "pause", timer("P1D")), end("last"),
        way="start first; first sub; sub each; each gate; gate news; gate pause; news end; pause last; late over",
    )  # fmt: skip


def test_what_waited_goes_and_the_other_place_is_entered() -> None:
    walk = Walk(whole(), people=["ana"])
    assert at(walk) == ["first"]
    go(walk, "first", "sub")
    assert (walk.names, [each.element_id for each in walk.timers.values()]) == (["left", "right"], ["slow"])
    assert at(walk) == ["left", "right"]


def test_a_step_inside_a_sub_process_is_entered_without_its_beginning() -> None:
    walk = go(Walk(whole(), people=["ana"]), "first", "right")
    assert (walk.names, [each.element_id for each in walk.timers.values()]) == (["right"], ["slow"])
    assert walk.complete("right").names == ["each"]


def test_leaving_a_sub_process_ends_all_that_runs_in_it() -> None:
    walk = go(Walk(whole(), people=["ana"]), "first", "sub")
    go(walk, "left", "first")
    assert (walk.names, [each.element_id for each in walk.timers.values()]) == (["first"], ["late"])


def test_what_is_done_several_times_and_what_is_called_move_as_a_whole() -> None:
    walk = go(Walk(whole(), people=["ana", "ben"]), "first", "each")
    assert walk.names == ["each", "each"] and at(walk) == ["each"]
    assert go(walk, "each", "first").names == ["first"]
    called = define(start(), user("inner"), user("next"), end(), way="start inner; inner next; next end", key="q")
    call = element("callActivity", "call", calledElement="q")
    outer = define(start(), call, user("after"), end(), way="start call; call after; after end", called={"q": called})
    assert at(Walk(outer)) == ["call", "inner"]
    assert go(Walk(outer), "call", "after").names == ["after"]
    assert go(Walk(outer), "inner", "next").complete("next").names == ["after"]
    with pytest.raises(Invalid):
        go(Walk(outer), "inner", "after")


def test_an_event_gateway_is_left_with_all_that_it_waits_for() -> None:
    walk = go(Walk(whole(), people=[]), "first", "each")
    assert at(walk) == ["gate"]
    go(walk, "gate", "first")
    assert not walk.last.waits and [each.element_id for each in walk.timers.values()] == ["late"]


def test_where_nothing_waits_and_what_cannot_be_entered_is_refused() -> None:
    definition = whole()
    names = [node.element_id for node in enterable(definition.spec)]
    assert names == ["first", "sub", "left", "right", "each"]
    walk = Walk(definition, people=["ana"])
    for target in ("gate", "news", "nowhere", "start"):
        with pytest.raises(Invalid):
            go(walk, "first", target)
    with pytest.raises(Conflict):
        go(walk, "first", "first")
    with pytest.raises(NotFound):
        walk.act(lambda instance: move(instance, walk.timer("late").task_id, "sub"))


def test_steps_of_one_name_are_told_apart_by_where_they_are() -> None:
    again = inside(start("s3"), user("tell_inside", name="Tell them"), end("e4"), way="s3 tell_inside; tell_inside e4")
    parts = define(
        start(), user("tell", name="Tell them"), element("subProcess", "sub", again, name="With the school"), end(),
        way="start tell; tell sub; sub end",
    )  # fmt: skip
    names = dict(told_apart(list(enterable(parts.spec))))
    assert names["tell_inside"] == "Tell them (in: With the school)" and names["tell"] != "Tell them"
    steps = [user("a", name="Ask"), user("b", name="Look"), *(user(f"wait_{each}", name="Wait") for each in "ab")]
    follow = define(
        start(), *steps, element("exclusiveGateway", "which"), end(),
        way="start a; a which; which wait_a; wait_a b; b wait_b; wait_b end",
    )  # fmt: skip
    names = dict(told_apart(list(enterable(follow.spec))))
    assert (names["wait_a"], names["wait_b"], names["a"]) == ("Wait (after: Ask)", "Wait (after: Look)", "Ask")
    twice = define(
        start(), user("a", name="Wait"), user("b", name="Wait"), end(), element("parallelGateway", "fork"), end("e2"),
        way="start fork; fork a; fork b; a end; b e2",
    )  # fmt: skip
    assert sorted(dict(told_apart(list(enterable(twice.spec)))).values()) == ["Wait (number 1)", "Wait (number 2)"]
