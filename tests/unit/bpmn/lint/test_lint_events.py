"""Traps in events, messages, codes and timers: each is found, on the right element."""

from __future__ import annotations

import pytest

from tests.unit.bpmn.lint.snippets import ASK, STRAIGHT, file, flows, lint, said, wrapped

TOP = """<message id="reply" name="reply"/><message id="unnamed"/><message id="computed" name="reply ${x}"/>
    <error id="failed" errorCode="failed"/><error id="no_code"/><escalation id="late" escalationCode="late"/>
    <signal id="bell" name="bell"/>"""
MESSAGE = '<messageEventDefinition messageRef="reply"/>'


def catch(inside: str) -> str:
    return f'{ASK}<intermediateCatchEvent id="wait">{inside}</intermediateCatchEvent>'


def throw(inside: str) -> str:
    return f'{ASK}<intermediateThrowEvent id="tell">{inside}</intermediateThrowEvent>'


def boundary(inside: str, host: str = "ask", extra: str = "") -> str:
    return f'{ASK}<boundaryEvent id="edge" attachedToRef="{host}" {extra}>{inside}</boundaryEvent>'


def timer(rule: str) -> str:
    return f"<timerEventDefinition>{rule}</timerEventDefinition>"


WAIT, TELL, EDGE = "start>wait>ask>finish", "start>tell>ask>finish", f"{STRAIGHT} edge>finish"
CYCLE = timer("<timeCycle>R3/PT1H</timeCycle>")
CONDITIONAL = "<conditionalEventDefinition><condition>x</condition></conditionalEventDefinition>"
DAYS = timer("<timeDuration>P3D</timeDuration>")

TRAPS = [
    ("link catch", catch('<linkEventDefinition name="a"/>'), WAIT, "wait", "link intermediate event"),
    ("link throw", throw('<linkEventDefinition name="a"/>'), TELL, "tell", "link intermediate event"),
    ("compensation throw", throw("<compensateEventDefinition/>"), TELL, "tell", "compensate intermediate event"),
    ("compensation boundary", boundary("<compensateEventDefinition/>"), EDGE, "edge", "compensate boundary event"),
    ("signal catch", catch('<signalEventDefinition signalRef="bell"/>'), WAIT, "wait", "draw a message"),
    ("signal throw", throw('<signalEventDefinition signalRef="bell"/>'), TELL, "tell", "draw a message"),
    ("signal boundary", boundary('<signalEventDefinition signalRef="bell"/>'), EDGE, "edge", "draw a message"),
    ("conditional catch", catch(CONDITIONAL), WAIT, "wait", "conditional intermediate event"),
    ("plain catch", catch(""), WAIT, "wait", "plain intermediate event"),
    ("error catch", catch('<errorEventDefinition errorRef="failed"/>'), WAIT, "wait", "error intermediate event"),
    ("timer throw", throw(DAYS), TELL, "tell", "timer intermediate event"),
    ("several definitions", catch(MESSAGE + DAYS), WAIT, "wait", "several definitions"),
    ("cancel boundary", boundary("<cancelEventDefinition/>"), EDGE, "edge", "cancel boundary event"),
    ("plain boundary", boundary(""), EDGE, "edge", "plain boundary event"),
    ("boundary on nothing", boundary(DAYS, "nobody"), EDGE, "edge", "attached to nothing"),
    ("boundary on an event", boundary(DAYS, "finish"), EDGE, "edge", "sits on a <endEvent>"),
    ("boundary that leads nowhere", boundary(DAYS), STRAIGHT, "edge", "no flow leaves it"),
    ("flow into a boundary", boundary(DAYS), f"{EDGE} start>edge", "edge", "a flow enters"),
    ("error that does not interrupt",
     boundary('<errorEventDefinition errorRef="failed"/>', extra='cancelActivity="false"'),
     EDGE, "edge", "always interrupts"),
    ("no message named", catch("<messageEventDefinition/>"), WAIT, "wait", "names no message"),
    ("message not there", catch('<messageEventDefinition messageRef="gone"/>'), WAIT, "wait", "which is no message"),
    ("reference to another sort", catch('<messageEventDefinition messageRef="failed"/>'), WAIT, "wait", "no message"),
    ("message without a name", catch('<messageEventDefinition messageRef="unnamed"/>'), WAIT, "wait", "has no name"),
    ("message name computed", catch('<messageEventDefinition messageRef="computed"/>'), WAIT, "wait", "an expression"),
    ("receive task without message", f'{ASK}<receiveTask id="wait"/>', WAIT, "wait", "names no message"),
    ("receive task that starts", f'{ASK}<receiveTask id="wait" messageRef="reply" instantiate="true"/>', WAIT,
     "wait", "cannot start a process"),
    ("error not there", boundary('<errorEventDefinition errorRef="gone"/>'), EDGE, "edge", "which is no error"),
    ("error without a code", boundary('<errorEventDefinition errorRef="no_code"/>'), EDGE, "edge", "has no code"),
    ("escalation not named", throw("<escalationEventDefinition/>"), TELL, "tell", "names no escalation"),
    ("cycle that interrupts", boundary(CYCLE), EDGE, "edge", "cannot repeat on an event that interrupts"),
    ("cycle on a catch", catch(CYCLE), WAIT, "wait", "one token through each time"),
    ("timer without a rule", catch(timer("")), WAIT, "wait", "does not say when"),
    ("timer with an empty rule", catch(timer("<timeDate> </timeDate>")), WAIT, "wait", "does not say when"),
    ("timer with two rules", catch(timer("<timeDate>2026-06-04</timeDate><timeDuration>P1D</timeDuration>")), WAIT,
     "wait", "has 2 rules"),
    ("duration in a date's place", catch(timer("<timeDate>P1D</timeDate>")), WAIT, "wait", "is a duration, written"),
    ("date in a duration's place", catch(timer("<timeDuration>2026-06-04</timeDuration>")), WAIT, "wait", "is a date"),
    ("duration in a cycle's place", boundary(timer("<timeCycle>PT1H</timeCycle>"), extra='cancelActivity="false"'),
     EDGE, "edge", "is a duration, written"),
    ("time without a date", catch(timer("<timeDate>09:00</timeDate>")), WAIT, "wait", "time without a date"),
    ("cron", boundary(timer("<timeCycle>0 0/5 * * * ?</timeCycle>"), extra='cancelActivity="false"'), EDGE, "edge",
     "cron"),
]


@pytest.mark.parametrize(("inner", "arrows", "element", "words"), [row[1:] for row in TRAPS], ids=[r[0] for r in TRAPS])
def test_traps_in_events_are_refused(inner: str, arrows: str, element: str, words: str) -> None:
    found = lint(file(wrapped(inner, arrows), top=TOP))
    assert said(found, element, words), [str(each) for each in found]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (DAYS, "start it with a message or by a person"),
        ('<signalEventDefinition signalRef="bell"/>', "start it with a message or by a person"),
        (CONDITIONAL, "conditional start event"),
        ('<errorEventDefinition errorRef="failed"/>', "an error start event"),
    ],
)
def test_starts_other_than_by_person_or_message_are_refused(start: str, words: str) -> None:
    inner = wrapped(ASK).replace('<startEvent id="start"/>', f'<startEvent id="start">{start}</startEvent>')
    assert said(lint(file(inner, top=TOP)), "start", words)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ('<signalEventDefinition signalRef="bell"/>', "signal end event"),
        ("<cancelEventDefinition/>", "cancel end event"),
        ("<compensateEventDefinition/>", "compensate end event"),
        ("<errorEventDefinition/>", "names no error"),
        ('<errorEventDefinition errorRef="no_code"/>', "has no code"),
        ("<messageEventDefinition/>", "names no message"),
    ],
)
def test_ends_that_do_nothing_are_refused(end: str, words: str) -> None:
    inner = wrapped(ASK).replace('<endEvent id="finish"/>', f'<endEvent id="finish">{end}</endEvent>')
    assert said(lint(file(inner, top=TOP)), "finish", words)


def test_two_starts_by_one_message_are_refused() -> None:
    starts = "".join(f'<startEvent id="{name}">{MESSAGE}</startEvent>' for name in ("hear", "listen"))
    found = lint(file(wrapped(starts + ASK, f"{STRAIGHT} hear>ask listen>ask"), top=TOP))
    assert said(found, "listen", "starts the process twice")


def test_a_sub_process_cannot_start_by_message() -> None:
    inside = f'<startEvent id="hear">{MESSAGE}</startEvent>{ASK}<endEvent id="done"/>'
    from_ids = wrapped(f'<subProcess id="visit">{inside}{{}}</subProcess>', "start>visit>finish")
    assert said(lint(file(from_ids.format(flows("hear>ask>done")), top=TOP)), "hear", "cannot start by a message")


def test_boundaries_that_never_happen_are_noticed() -> None:
    task = '<serviceTask id="send" camunda:topic="send_plan"/>'
    edge = f'<boundaryEvent id="edge" attachedToRef="send">{DAYS}</boundaryEvent>'
    found = lint(file(wrapped(task + edge, "start>send>finish edge>finish")))
    assert said(found, "edge", "never happens", "notice")


@pytest.mark.parametrize("what", ["error", "escalation"])
def test_nothing_in_a_user_task_throws_what_its_edge_waits_for(what: str) -> None:
    code = {"error": "failed", "escalation": "late"}[what]
    found = lint(file(wrapped(boundary(f'<{what}EventDefinition {what}Ref="{code}"/>'), EDGE), top=TOP))
    assert said(found, "edge", f"nothing in a <userTask> throws an {what}", "notice"), [str(each) for each in found]
