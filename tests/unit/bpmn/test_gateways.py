"""Gateways, live and with the state stored and restored at every step (`Walk` does both)."""

from __future__ import annotations

import pytest

from engine.bpmn.environment import ProcessStuck
from tests.unit.bpmn.diagrams import define, element, end, message, start, subprocess, timer, user
from tests.unit.bpmn.driving import Walk


def test_exclusive_gateway_takes_the_first_true_way_and_else_the_default() -> None:
    definition = define(
        start(),
        element("exclusiveGateway", "g"),
        user("low"),
        user("high"),
        user("other"),
        way="start g; g low [n < 5]; g high [n < 50]; g other *",
    )
    assert [Walk(definition, n=n).names for n in (1, 10, 99)] == [["low"], ["high"], ["other"]]
    assert Walk(definition, n=1).last.flows == ("start_g", "g_low")


def test_exclusive_gateway_with_no_way_is_refused_in_words() -> None:
    definition = define(
        start(), element("exclusiveGateway", "g"), user("a"), user("b"), way="start g; g a [n = 1]; g b [n = 2]"
    )
    with pytest.raises(ProcessStuck, match="g: no condition is true"):
        Walk(definition, n=3)


def test_a_null_condition_is_not_true_and_is_told() -> None:
    definition = define(
        start(), element("exclusiveGateway", "g"), user("a"), user("b"), way="start g; g a [n > 1]; g b *"
    )
    walk = Walk(definition)
    assert walk.names == ["b"]
    assert {warning.element_id for warning in walk.last.warnings} == {"g_a"}


def parallel() -> Walk:
    return Walk(
        define(
            start(),
            element("parallelGateway", "split"),
            user("a"),
            user("b"),
            element("parallelGateway", "join"),
            user("after"),
            end(),
            way="start split; split a; split b; a join; b join; join after; after end",
        ),
        v=1,
        note="first",
    )


def test_parallel_join_keeps_what_both_branches_wrote() -> None:
    walk = parallel()
    assert walk.names == ["a", "b"]
    walk.complete("a", v=5, from_a=[1])
    assert (walk.names, walk.last.current) == (["b"], ("b", "join"))
    walk.complete("b", note="second")
    assert walk.names == ["after"]
    assert dict(walk.variables) == {"v": 5, "note": "second", "from_a": [1]}


def test_parallel_gateway_in_a_loop_waits_for_both_each_time() -> None:
    walk = Walk(
        define(
            start(),
            element("exclusiveGateway", "again"),
            element("parallelGateway", "split"),
            user("a"),
            user("b"),
            element("parallelGateway", "join"),
            element("exclusiveGateway", "done"),
            end(),
            way=(
                "start again; again split; split a; split b; a join; b join; join done; done end [stop = true]; "
                "done again *"
            ),
        )
    )
    for _ in range(3):
        assert walk.complete("b").names == ["a"]
        assert walk.complete("a").names == ["a", "b"]
    assert walk.complete("a").complete("b", stop=True).last.ended


def test_parallel_join_keeps_an_excess_token_for_the_next_time() -> None:
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "split"),
            user("a"),
            user("b"),
            user("c"),
            element("exclusiveGateway", "merge"),
            element("parallelGateway", "join"),
            user("after"),
            end(),
            way="start split; split a; split b; split c; a merge; b merge; merge join; c join; join after; after end",
        )
    )
    walk.complete("a").complete("b")
    assert walk.names == ["c"]
    walk.complete("c")
    assert walk.names == ["after"]
    with pytest.raises(ProcessStuck, match="join"):
        walk.complete("after")


def inclusive() -> Walk:
    return Walk(
        define(
            start(),
            user("choose"),
            element("inclusiveGateway", "split"),
            user("a"),
            user("b"),
            user("c"),
            element("inclusiveGateway", "join"),
            user("after"),
            end(),
            way=(
                "start choose; choose split; split a [a]; split b [b]; split c *; a join; b join; c join; join "
                "after; after end"
            ),
        )
    )


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"a": True, "b": True}, ["a", "b"]),
        ({"a": True, "b": False}, ["a"]),
        ({"a": False, "b": False}, ["c"]),
    ],
)
def test_inclusive_gateways_split_and_wait_for_all_that_were_started(chosen: dict[str, bool], names: list[str]) -> None:
    walk = inclusive().complete("choose", **chosen)
    assert walk.names == names
    for name in names:
        assert "after" not in walk.names
        walk.complete(name)
    assert walk.names == ["after"]
    assert walk.complete("after").last.ended


def test_inclusive_join_waits_for_a_token_that_can_still_come_through_a_gateway() -> None:
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "split"),
            user("a"),
            user("b"),
            element("exclusiveGateway", "x"),
            element("inclusiveGateway", "join"),
            user("after"),
            user("aside"),
            end(),
            end("end2"),
            way=(
                "start split; split a; split b; a join; b x; x join [joins]; x aside *; join after; after end; "
                "aside end2"
            ),
        )
    )
    assert walk.complete("a").names == ["b"]
    assert walk.complete("b", joins=False).names == ["after", "aside"]


def test_inclusive_join_does_not_wait_for_a_token_that_could_come_by_a_way_that_has_one() -> None:
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "split"),
            user("a"),
            user("b"),
            element("exclusiveGateway", "x"),
            element("exclusiveGateway", "merge"),
            element("inclusiveGateway", "join"),
            user("after"),
            end(),
            way=(
                "start split; split a; split b; a merge; b x; x merge [near = true]; x join *;"
                "merge join; join after; after end"
            ),
        )
    )
    assert walk.complete("a").names == ["after", "b"]


EVENT_GATEWAY = (
    start(),
    element("eventBasedGateway", "wait"),
    element("intermediateCatchEvent", "heard", message()),
    element("intermediateCatchEvent", "late", timer("P3D")),
    element("receiveTask", "called", messageRef="m_call"),
    user("a"),
    user("b"),
    user("c"),
    end(),
)
EVENT_WAY = "start wait; wait heard; wait late; wait called; heard a; late b; called c; a end; b end; c end"


def test_event_gateway_takes_the_first_event_and_forgets_the_others() -> None:
    walk = Walk(define(*EVENT_GATEWAY, way=EVENT_WAY))
    assert {wait.message for wait in walk.last.waits} == {"news", "call"}
    assert walk.last.current == ("heard", "late", "called")
    assert walk.send("news", who="gp") is True
    assert (walk.names, walk.timers, walk.last.waits) == (["a"], {}, ())
    assert walk.last.flows == ("wait_heard", "heard_a")
    assert walk.variables["who"] == "gp"


def test_event_gateway_by_timer_and_by_receive_task() -> None:
    walk = Walk(define(*EVENT_GATEWAY, way=EVENT_WAY)).fire("late")
    assert (walk.names, walk.last.entered) == (["b"], ("late", "b"))
    walk = Walk(define(*EVENT_GATEWAY, way=EVENT_WAY))
    assert walk.send("call")
    assert (walk.names, walk.last.flows) == (["c"], ("wait_called", "called_c"))


def test_a_stuck_sub_process_is_told_though_others_can_go_on() -> None:
    sub = subprocess(
        start("s2"),
        element("exclusiveGateway", "x"),
        element("parallelGateway", "join"),
        user("a"),
        end("e2"),
        way="s2 x; x join [true]; x a *; a join; join e2",
    )
    fork = element("parallelGateway", "fork")
    definition = define(
        start(), fork, sub, user("other"), end(), way="start fork; fork sub; fork other; sub end; other end"
    )
    with pytest.raises(ProcessStuck, match="join"):
        Walk(definition)


def test_a_deadlock_is_told_and_not_kept() -> None:
    walk = Walk(
        define(
            start(),
            user("which"),
            element("exclusiveGateway", "g"),
            user("a"),
            user("b"),
            element("parallelGateway", "join"),
            end(),
            way="start which; which g; g a [x = 1]; g b *; a join; b join; join end",
        )
    ).complete("which", x=1)
    with pytest.raises(ProcessStuck, match="join"):
        walk.complete("a")
