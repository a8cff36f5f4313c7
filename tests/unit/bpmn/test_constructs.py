"""Each construct runs live, and the same with the state stored and restored at every step (`Walk` does both)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.bpmn.environment import ProcessStuck
from engine.errors import BudgetExceeded, Conflict, Invalid, NotFound
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, timer, user
from tests.unit.bpmn.driving import Walk

ERROR_END = end("broken", '<errorEventDefinition errorRef="e_broken"/>')


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


def test_a_message_nobody_waits_for_is_not_heard() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"))
    assert walk.send("news") is False
    assert walk.names == ["ask"]


def test_receive_task_is_completed_by_its_message_or_by_hand() -> None:
    definition = define(start(), element("receiveTask", "r", messageRef="m_news"), end(), way="start r; r end")
    walk = Walk(definition)
    assert (walk.names, [wait.message for wait in walk.last.waits]) == ([], ["news"])
    assert walk.send("news", x=1)
    assert (walk.last.ended, walk.variables["x"]) == (True, 1)
    walk = Walk(definition)
    task_id = walk.last.waits[0].task_id
    walk.act(lambda instance: instance.complete(task_id, {"y": 2}))
    assert walk.last.ended


@pytest.mark.parametrize(
    ("kind", "what"), [("serviceTask", "operation"), ("businessRuleTask", "decision"), ("sendTask", "operation")]
)
def test_work_for_the_application_stops_the_step_until_it_is_answered(kind: str, what: str) -> None:
    walk = Walk(define(start(), element(kind, "do"), user("after"), end(), way="start do; do after; after end"), x=1)
    (work,) = walk._live.pending()
    assert (work.kind, work.element_id, dict(work.variables), work.process_key) == (what, "do", {"x": 1}, "p")
    walk.answer("do", result=3)
    assert (walk.names, walk.pending(), walk.variables["result"]) == (["after"], [], 3)


def test_messages_are_heard_inside_first_and_else_handed_out() -> None:
    throw = element("intermediateThrowEvent", "tell", message())
    walk = Walk(define(start(), throw, end("end", message("m_call")), way="start tell; tell end"), x=1)
    assert [(thrown.name, dict(thrown.variables)) for thrown in walk.last.thrown] == [
        ("news", {"x": 1}),
        ("call", {"x": 1}),
    ]
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "s"),
            throw,
            element("intermediateCatchEvent", "heard", message()),
            user("a"),
            end(),
            end("end2"),
            way="start s; s heard; s tell; heard a; tell end; a end2",
        )
    )
    assert (walk.names, walk.last.thrown) == (["a"], ())


def test_a_send_task_with_a_message_sends_it_and_goes_on() -> None:
    walk = Walk(define(start(), element("sendTask", "tell", messageRef="m_news"), end(), way="start tell; tell end"))
    assert (walk.last.ended, [thrown.name for thrown in walk.last.thrown]) == (True, ["news"])


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


def test_a_signal_reaches_everyone_in_the_instance() -> None:
    ring = '<signalEventDefinition signalRef="s_bell"/>'
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "s"),
            user("a"),
            element("intermediateCatchEvent", "c1", ring),
            element("intermediateCatchEvent", "c2", ring),
            element("intermediateThrowEvent", "t", ring),
            end(),
            way="start s; s a; s c1; s c2; a t; t end; c1 end; c2 end",
        )
    )
    assert walk.complete("a").last.ended


def test_interrupting_boundary_timer_replaces_its_task() -> None:
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("late", "ask", timer("P2D")),
            user("chase"),
            end(),
            end("end2"),
            way="start ask; ask end; late chase; chase end2",
        )
    )
    assert walk.timer("late").interrupting is True
    walk.fire("late")
    assert (walk.names, walk.timers, [task.completed for task in walk.last.closed]) == (["chase"], {}, [False])
    assert walk.last.entered == ("late", "chase")


def test_completing_the_task_disarms_its_timer() -> None:
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("late", "ask", timer("P2D")),
            end(),
            end("end2"),
            way="start ask; ask end; late end2",
        )
    )
    armed = walk.timer("late")
    walk.complete("ask")
    assert walk.last.disarmed == ((armed.task_id, 1),)


def test_non_interrupting_boundary_message_can_be_heard_again_and_again() -> None:
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("heard", "ask", message(), interrupting=False),
            user("note"),
            end(),
            end("end2"),
            way="start ask; ask end; heard note; note end2",
        )
    )
    walk.send("news")
    walk.send("news")
    assert walk.names == ["ask", "note", "note"]
    walk.complete("ask")
    assert (walk.names, walk.last.waits) == (["note", "note"], ())
    assert walk.complete("note").complete("note").last.ended


def subprocess(*elements: str, way: str, element_id: str = "sub", extra: str = "", **attributes: str) -> str:
    return element("subProcess", element_id, extra + inside(*elements, way=way), **attributes)


def test_embedded_subprocess_shares_variables_and_goes_on() -> None:
    sub = subprocess(start("s2"), user("in"), end("e2"), way="s2 in; in e2")
    walk = Walk(define(start(), sub, user("out"), end(), way="start sub; sub out; out end"), x=1)
    assert (walk.names, walk.last.current) == (["in"], ("sub", "in"))
    walk.complete("in", y=2)
    assert (walk.names, dict(walk.variables)) == (["out"], {"x": 1, "y": 2})


def test_boundary_events_take_a_subprocess_away_with_all_in_it() -> None:
    deep = subprocess(start("s3"), user("deep"), end("e3"), way="s3 deep; deep e3", element_id="inner")
    sub = subprocess(
        start("s2"),
        element("parallelGateway", "g"),
        deep,
        user("in"),
        end("e2"),
        way="s2 g; g inner; g in; inner e2; in e2",
    )
    walk = Walk(
        define(
            start(),
            sub,
            boundary("late", "sub", timer("PT1H")),
            user("chase"),
            end(),
            way="start sub; sub end; late chase; chase end",
        )
    )
    assert walk.names == ["deep", "in"]
    assert walk.fire("late").names == ["chase"]
    assert walk.tokens == 1


@pytest.mark.parametrize(("caught", "name"), [("e_broken", "fix"), ("e_other", None), (None, "fix")])
def test_error_end_is_caught_by_its_code_or_ends_the_instance(caught: str | None, name: str | None) -> None:
    reference = f' errorRef="{caught}"' if caught else ""
    sub = subprocess(start("s2"), user("in"), ERROR_END, way="s2 in; in broken")
    walk = Walk(
        define(
            start(),
            sub,
            boundary("caught", "sub", f"<errorEventDefinition{reference}/>"),
            user("fix"),
            end(),
            way="start sub; sub end; caught fix; fix end",
        )
    ).complete("in")
    if name:
        assert walk.names == [name]
    else:
        assert (walk.last.ended, walk.last.end, walk.names) == (True, "error BROKEN", [])


@pytest.mark.parametrize("interrupting", [True, False])
def test_escalation_is_caught_and_only_interrupts_when_drawn_so(interrupting: bool) -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    sub = subprocess(
        start("s2"),
        user("in"),
        element("intermediateThrowEvent", "tell", worry),
        user("in2"),
        end("e2"),
        way="s2 in; in tell; tell in2; in2 e2",
    )
    walk = Walk(
        define(
            start(),
            sub,
            boundary("caught", "sub", worry, interrupting=interrupting),
            user("manager"),
            end(),
            end("end2"),
            way="start sub; sub end; caught manager; manager end2",
        )
    ).complete("in")
    assert walk.names == (["manager"] if interrupting else ["in2", "manager"])


def test_an_escalation_end_that_nobody_catches_names_the_end() -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    walk = Walk(define(start(), user("in"), end("end", worry), way="start in; in end")).complete("in")
    assert (walk.last.ended, walk.last.end) == (True, "escalation WORRY")


def test_an_escalation_that_nobody_catches_changes_nothing_while_others_go_on() -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    throw = element("intermediateThrowEvent", "tell", worry)
    walk = Walk(define(start(), throw, user("in"), end(), way="start tell; tell in; in end")).complete("in")
    assert walk.last.end == "completed"


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


def test_the_application_raises_an_error_or_escalation_in_a_task() -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("e", "ask", '<errorEventDefinition errorRef="e_broken"/>'),
            boundary("x", "ask", worry, interrupting=False),
            user("fix"),
            user("manager"),
            end(),
            way="start ask; ask end; e fix; x manager; fix end; manager end",
        )
    )
    task_id = walk.task("ask")
    assert walk.act(lambda instance: instance.raise_error(task_id, "NOTHING")) is False
    assert walk.act(lambda instance: instance.raise_escalation(task_id, "WORRY")) is True
    assert walk.names == ["ask", "manager"]
    assert walk.act(lambda instance: instance.raise_error(task_id, "BROKEN")) is True
    assert walk.names == ["fix", "manager"]


def test_terminate_ends_everything_in_its_own_scope_only() -> None:
    stop = end("stop", "<terminateEventDefinition/>")
    sub = subprocess(
        start("s2"),
        element("parallelGateway", "g"),
        user("in"),
        user("go"),
        stop,
        end("e2"),
        way="s2 g; g in; g go; go stop; in e2",
    )
    walk = Walk(define(start(), sub, user("out"), end(), way="start sub; sub out; out end")).complete("go")
    assert walk.names == ["out"]
    top = define(
        start(),
        element("parallelGateway", "g"),
        user("a"),
        user("b"),
        stop,
        end(),
        way="start g; g a; g b; a stop; b end",
    )
    walk = Walk(top).complete("a")
    assert (walk.last.ended, walk.last.end, walk.names) == (True, "terminated", [])


def test_a_transaction_can_be_cancelled_from_inside() -> None:
    body = inside(start("s2"), user("in"), end("no", "<cancelEventDefinition/>"), way="s2 in; in no")
    walk = Walk(
        define(
            start(),
            element("transaction", "t", body),
            boundary("cancelled", "t", "<cancelEventDefinition/>"),
            user("undo"),
            end(),
            way="start t; t end; cancelled undo; undo end",
        )
    )
    assert walk.complete("in").names == ["undo"]


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


def test_a_message_start_begins_where_it_is_told() -> None:
    definition = define(
        start(), start("heard", message()), user("a"), user("b"), end(), way="start a; heard b; a end; b end"
    )
    assert dict(definition.message_starts) == {"news": "heard"}
    assert Walk(definition).names == ["a"]
    assert Walk(definition, start_at="heard").names == ["b"]
    with pytest.raises(NotFound):
        Walk(definition, start_at="b")


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


def test_values_a_process_cannot_hold_are_refused_by_name() -> None:
    walk = Walk(define(start(), user("ask"), end(), way="start ask; ask end"))
    for bad in ({"a": 1}, object(), float("nan"), b"x", [[1]], "\ud800", 10**40, Decimal("1." + "1" * 40)):
        with pytest.raises(Invalid):
            walk.complete("ask", thing=bad)
