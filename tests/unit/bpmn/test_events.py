"""Events, and the scopes they end or interrupt, live and restored at every step (`Walk` does both)."""

from __future__ import annotations

import pytest

from engine.errors import NotFound
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, subprocess, timer, user
from tests.unit.bpmn.driving import Walk

ERROR_END = end("broken", '<errorEventDefinition errorRef="e_broken"/>')


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


def test_the_event_for_the_very_code_catches_before_the_one_for_all() -> None:
    walk = Walk(
        define(
            start(),
            subprocess(start("s2"), user("in"), ERROR_END, way="s2 in; in broken"),
            boundary("any", "sub", "<errorEventDefinition/>"),
            boundary("exact", "sub", '<errorEventDefinition errorRef="e_broken"/>'),
            user("fix_any"),
            user("fix_exact"),
            end(),
            way="start sub; sub end; any fix_any; exact fix_exact; fix_any end; fix_exact end",
        )
    )
    assert walk.complete("in").names == ["fix_exact"]


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


def test_an_escalation_end_names_the_end_only_when_it_is_the_last() -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    fork = element("parallelGateway", "fork")
    walk = Walk(
        define(
            start(),
            fork,
            user("a"),
            user("b"),
            end("worried", worry),
            end(),
            way="start fork; fork a; fork b; a worried; b end",
        )
    )
    assert walk.complete("a").last.end is None
    assert walk.complete("b").last.end == "completed"


def test_an_escalation_that_nobody_catches_changes_nothing_while_others_go_on() -> None:
    worry = '<escalationEventDefinition escalationRef="x_worry"/>'
    throw = element("intermediateThrowEvent", "tell", worry)
    walk = Walk(define(start(), throw, user("in"), end(), way="start tell; tell in; in end")).complete("in")
    assert walk.last.end == "completed"


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


def test_a_message_start_begins_where_it_is_told() -> None:
    definition = define(
        start(), start("heard", message()), user("a"), user("b"), end(), way="start a; heard b; a end; b end"
    )
    assert dict(definition.message_starts) == {"news": "heard"}
    assert Walk(definition).names == ["a"]
    assert Walk(definition, start_at="heard").names == ["b"]
    with pytest.raises(NotFound):
        Walk(definition, start_at="b")
