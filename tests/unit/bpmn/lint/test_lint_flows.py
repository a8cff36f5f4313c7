"""Traps in flows, gateways, starts, ends and sizes: each is found, on the right element."""

from __future__ import annotations

import pytest

from engine.bpmn.soundness import Soundness, sound
from engine.xml import parse_untrusted
from tests.unit.bpmn.lint.snippets import ASK, STRAIGHT, file, flows, lint, said, wrapped

CHOICE = '<exclusiveGateway id="choose" default="choose_finish"/>'
TWO = '<userTask id="{}" camunda:assignee="ann"/>'
FORK = ASK + TWO.format("check")
EVENT_GATEWAY = """<eventBasedGateway id="await"/>
    <intermediateCatchEvent id="hear"><messageEventDefinition messageRef="reply"/></intermediateCatchEvent>
    <intermediateCatchEvent id="give_up"><timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>"""
REPLY = '<message id="reply" name="reply"/>'

TRAPS = [
    ("condition leaving a task", ASK, "start>ask\nask>finish[x]", "ask_finish", "condition is ignored"),
    ("condition leaving a parallel gateway", '<parallelGateway id="split"/>' + FORK,
     "start>split\nsplit>ask[x]\nsplit>check\nask>finish\ncheck>finish", "split_ask", "condition is ignored"),
    ("two flows leave a task", FORK, "start>ask>finish ask>check>finish", "ask", "only gateways can split"),
    ("two flows leave the start", FORK, "start>ask>finish start>check>finish", "start", "only gateways can split"),
    ("no condition and no default", '<exclusiveGateway id="choose"/>' + ASK,
     "start>choose\nchoose>ask[x]\nchoose>finish\nask>finish", "choose_finish", "without a condition"),
    ("inclusive without condition", '<inclusiveGateway id="choose"/>' + ASK,
     "start>choose\nchoose>ask[x]\nchoose>finish\nask>finish", "choose_finish", "without a condition"),
    ("default that does not leave", '<exclusiveGateway id="choose" default="start_choose"/>' + ASK,
     "start>choose\nchoose>ask[x]\nchoose>finish[y]\nask>finish", "choose", "does not leave it"),
    ("default that is not there", '<exclusiveGateway id="choose" default="nowhere"/>' + ASK,
     "start>choose\nchoose>ask[x]\nchoose>finish[y]\nask>finish", "choose", "'nowhere' does not leave it"),
    ("complex gateway", '<complexGateway id="merge"/>' + ASK, "start>merge>ask>finish", "merge", "complex gateway"),
    ("source that is not there", ASK, f"{STRAIGHT} nobody>ask", "nobody_ask", "sourceRef names 'nobody'"),
    ("target that is not there", ASK, f"{STRAIGHT} ask>nobody", "ask_nobody", "targetRef names 'nobody'"),
    ("second flow between the same two", ASK + flows("ask>finish").replace("ask_finish", "again"), STRAIGHT,
     "ask_finish", "second flow"),
    ("flow out of an end", ASK + TWO.format("check") + '<endEvent id="last"/>', "start>ask>finish>check>last",
     "finish", "leaves an end event"),
    ("flow into a start", ASK + CHOICE, "start>ask>choose\nchoose>start[x]\nchoose>finish", "start", "a flow enters"),
    ("step that leads nowhere", '<parallelGateway id="split"/>' + FORK,
     "start>split>ask>finish split>check", "check", "no flow leaves it"),
    ("unreachable step", FORK, "start>ask>finish check>finish", "check", "no flow from a start event reaches it"),
    ("script condition", CHOICE + ASK + """<sequenceFlow id="go" sourceRef="choose" targetRef="ask">
        <conditionExpression language="groovy">x</conditionExpression></sequenceFlow>""",
     "start>choose>finish ask>finish", "go", "written in groovy"),
    ("condition in another file", CHOICE + ASK + """<sequenceFlow id="go" sourceRef="choose" targetRef="ask">
        <conditionExpression camunda:resource="a.groovy"/></sequenceFlow>""",
     "start>choose>finish ask>finish", "go", "script in another file"),
    ("event gateway before a task", EVENT_GATEWAY + ASK,
     "start>await>hear>finish await>ask>finish", "ask", "can wait only for an event"),
    ("event gateway with one way", EVENT_GATEWAY, "start>await>hear>finish", "await", "nothing to choose from"),
    ("event gateway's event entered from elsewhere", EVENT_GATEWAY + CHOICE,
     "start>choose\nchoose>await[x]\nchoose>hear[y]\nchoose>finish\nawait>hear>finish\nawait>give_up>finish",
     "hear", "can wait only for an event"),
    ("event gateway that starts", EVENT_GATEWAY.replace('"await"', '"await" instantiate="true"'),
     "start>await>hear>finish await>give_up>finish", "await", "starts a process"),
]


@pytest.mark.parametrize(("inner", "arrows", "element", "words"), [row[1:] for row in TRAPS], ids=[r[0] for r in TRAPS])
def test_traps_in_flows_are_refused(inner: str, arrows: str, element: str, words: str) -> None:
    found = lint(file(wrapped(inner, arrows), top=REPLY))
    assert said(found, element, words), [str(each) for each in found]


def test_flow_into_a_sub_process_is_refused() -> None:
    inside = f'<subProcess id="visit">{wrapped(ASK).replace("start", "begin").replace("finish", "done")}</subProcess>'
    found = lint(file(wrapped(inside, "start>visit>finish start>ask")))
    assert said(found, "start_ask", "another process or sub-process")


@pytest.mark.parametrize(
    ("inner", "element", "words"),
    [
        ("", "episode", "no start event"),
        ('<startEvent id="start"/>' + ASK + flows("start>ask"), "episode", "no end event"),
        (ASK + '<endEvent id="finish"/>' + flows("ask>finish"), "episode", "no start event"),
        ('<startEvent id="begin"/>' + wrapped(ASK, f"{STRAIGHT} begin>ask"), "episode", "2 plain start events"),
        (wrapped(f'<subProcess id="visit"><startEvent id="begin"/><startEvent id="other"/>{ASK}<endEvent id="done"/>'
                 f'{flows("begin>ask>done other>ask")}</subProcess>', "start>visit>finish"), "visit", "2 start events"),
        (wrapped('<subProcess id="visit"/>', "start>visit>finish"), "visit", "no start event"),
    ],
)
def test_parts_need_one_start_and_an_end(inner: str, element: str, words: str) -> None:
    assert said(lint(file(inner)), element, words)


@pytest.mark.parametrize(
    ("inner", "arrows", "element", "words"),
    [
        (CHOICE.replace(' default="choose_finish"', "") + ASK,
         "start>choose\nchoose>ask[x]\nchoose>finish[y]\nask>finish", "choose", "no default flow"),
        (CHOICE + ASK, "start>choose\nchoose>ask[x]\nchoose>finish[y]\nask>finish", "choose_finish", "never read"),
        (FORK + '<parallelGateway id="split"/>' + '<exclusiveGateway id="again"/>',
         "start>split>finish\nsplit>again>ask>check>again", "check", "no end event can be reached"),
    ],
)
def test_doubtful_flows_are_noticed(inner: str, arrows: str, element: str, words: str) -> None:
    found = lint(file(wrapped(inner, arrows)))
    assert said(found, element, words, "notice")
    assert not any(each.severity == "error" for each in found), [str(each) for each in found]


def chain(length: int) -> bytes:
    tasks = "".join(f'<userTask id="ask_{number}" camunda:assignee="ann"/>' for number in range(length))
    arrows = ">".join(["start", *(f"ask_{number}" for number in range(length)), "finish"])
    return file(wrapped(tasks, arrows))


def test_long_chains_pass() -> None:
    assert not [str(each) for each in lint(chain(1_500))]


def test_too_many_steps_are_refused() -> None:
    assert said(lint(chain(10_000)), "definitions", "10002 steps")


def test_deep_nesting_is_refused() -> None:
    inner = wrapped(ASK)
    for level in range(12):
        part = inner.replace('"start"', f'"start_{level}"').replace('"finish"', f'"finish_{level}"')
        part = part.replace('"start_ask"', f'"a_{level}"').replace('"ask_finish"', f'"b_{level}"')
        inner = wrapped(f'<subProcess id="part_{level}">{part}</subProcess>', f"start>part_{level}>finish")
    assert any("sub-processes deep" in str(each) for each in lint(file(inner)))


def test_what_is_refused_for_its_size_is_not_played() -> None:
    root = parse_untrusted(chain(10_000), "a.bpmn")
    assert sound(root, name="a.bpmn") == Soundness((), "", {})
