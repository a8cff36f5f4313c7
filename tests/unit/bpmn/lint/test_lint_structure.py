"""The file itself: what it is, its processes, ids and shapes; and good models, which pass clean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.lint import Finding, lint_process
from engine.bpmn.lint.findings import Catalogue
from engine.errors import Invalid
from engine.xml import parse_untrusted
from tests.unit.bpmn.lint.snippets import ASK, STRAIGHT, file, flows, lint, said, wrapped


def test_a_finding_is_one_line() -> None:
    found = Finding("a.bpmn", "ask", "it is\nwrong", "draw\tanother")
    assert str(found) == "a.bpmn:ask: it is wrong; draw another"


def test_another_language_is_refused() -> None:
    assert said(lint(b"<definitions/>"), "definitions", "not BPMN 2.0")


def test_a_file_without_processes_is_refused() -> None:
    source = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    assert said(lint(source), "definitions", "no process")


@pytest.mark.parametrize(("process", "words"), [
    ('isExecutable="false"', "no process in the file is executable"),
    ("", "does not say whether it is executable"),
    ('isExecutable="perhaps"', "does not say whether it is executable"),
])
def test_a_file_must_have_something_to_run(process: str, words: str) -> None:
    assert said(lint(file(wrapped(ASK), process=process)), "episode", words)


@pytest.mark.parametrize("name", ["Start", "End", "Root", "ask.EndJoin", "ask.BoundaryEventSplit", "StartEventJoin"])
def test_ids_used_inside_the_engine_are_refused(name: str) -> None:
    node = f'<userTask id="{name}" camunda:assignee="ann"/>'
    assert said(lint(file(wrapped(node, f"start>{name}>finish"))), name, "used inside the engine")


def test_repeated_ids_are_refused() -> None:
    assert said(lint(file(wrapped(ASK + ASK))), "ask", "2 elements have this id")


def test_missing_ids_are_refused() -> None:
    task = '<userTask camunda:assignee="ann"/>'
    assert said(lint(file(wrapped(ASK + task))), "episode", "a <userTask> has no id")


def test_ids_that_name_no_act_are_noticed() -> None:
    node = '<userTask id="Activity_1x" camunda:assignee="ann"/>'
    found = lint(file(wrapped(node, "start>Activity_1x>finish")))
    assert [str(each) for each in found if each.severity == "error"] == []
    assert said(found, "Activity_1x", "snake_case", "notice")


def test_a_lane_with_a_step_that_is_gone_is_refused() -> None:
    lanes = '<laneSet id="lanes"><lane id="team" name="Team"><flowNodeRef>gone</flowNodeRef></lane></laneSet>'
    assert said(lint(file(lanes + wrapped(ASK))), "team", "'gone', which is not there")


@pytest.mark.parametrize("stranger", ["<choreographyTask id='odd'/>", "<zeebe:task id='odd'/>"])
def test_what_a_process_cannot_hold_is_refused(stranger: str) -> None:
    assert said(lint(file(wrapped(ASK + stranger))), "odd", "no step the engine can run")


def test_steps_inside_steps_are_refused() -> None:
    inside = '<userTask id="outer" camunda:assignee="ann"><userTask id="inner" camunda:assignee="ann"/></userTask>'
    assert said(lint(file(wrapped(inside, "start>outer>finish"))), "inner", "stands inside <userTask>")


def test_shapes_without_a_place_are_refused() -> None:
    shape = '<bpmndi:BPMNShape id="s" bpmnElement="ask"><dc:Bounds x="here" y="1"/></bpmndi:BPMNShape>'
    top = f"<bpmndi:BPMNDiagram>{shape}</bpmndi:BPMNDiagram>"
    assert said(lint(file(wrapped(ASK), top=top)), "ask", "not a number")


def test_errors_come_before_notices() -> None:
    found = lint(file(wrapped('<userTask id="Ask"/>', "start>Ask>finish")))
    assert [each.severity for each in found] == ["error", "notice"]


DOCUMENTED = f"""
    <ioSpecification><inputSet/><outputSet/></ioSpecification>
    <laneSet id="lanes"><lane id="team" name="Team"><flowNodeRef>ask</flowNodeRef></lane></laneSet>
    <dataObject id="plan"/><dataObjectReference id="plan_shown" dataObjectRef="plan"/>
    <dataStoreReference id="records"/><textAnnotation id="note"><text>why</text></textAnnotation>
    <association id="tie" sourceRef="ask" targetRef="note"/><group id="together"/>
    {wrapped(ASK)}"""
EVENTS = f"""
    <startEvent id="hear"><messageEventDefinition id="m1" messageRef="reply"/></startEvent>
    {ASK}
    <boundaryEvent id="chase" attachedToRef="ask" cancelActivity="false">
        <timerEventDefinition id="t1"><timeCycle>R3/PT1H</timeCycle></timerEventDefinition></boundaryEvent>
    <boundaryEvent id="give_up" attachedToRef="ask">
        <timerEventDefinition id="t2"><timeDate>2026-06-04T09:00:00</timeDate></timerEventDefinition></boundaryEvent>
    <subProcess id="try"><startEvent id="begin"/>
        <endEvent id="give"><errorEventDefinition errorRef="failed"/></endEvent>{flows("begin>give")}</subProcess>
    <boundaryEvent id="fail" attachedToRef="try"><errorEventDefinition errorRef="failed"/></boundaryEvent>
    <intermediateThrowEvent id="milestone"/>
    <intermediateThrowEvent id="tell"><messageEventDefinition messageRef="reply"/></intermediateThrowEvent>
    <endEvent id="chased"/><endEvent id="stop"><terminateEventDefinition/></endEvent>
    <endEvent id="failure"><errorEventDefinition errorRef="failed"/></endEvent>
    {flows("hear>ask>try>milestone>tell>stop chase>chased give_up>stop fail>failure")}"""
PARTS = f"""
    <startEvent id="start"/><parallelGateway id="split"/><parallelGateway id="join"/>
    <subProcess id="visit"><startEvent id="begin"/>{ASK}<endEvent id="done"/>{flows("begin>ask>done")}</subProcess>
    <callActivity id="stall" calledElement="stalled_plan"><extensionElements>
        <camunda:in variables="all"/><camunda:out source="a" target="b"/>
        </extensionElements></callActivity>
    <serviceTask id="send" camunda:type="external" camunda:topic="send_plan"/>
    <businessRuleTask id="decide" camunda:decisionRef="review_interval" camunda:resultVariable="weeks"
        camunda:decisionRefBinding="deployment" camunda:mapDecisionResult="singleEntry"/>
    <userTask id="review" camunda:assignee="=lead" camunda:formRef="review" camunda:dueDate="P10D">
        <extensionElements><camunda:properties><camunda:property name="record" value="hold_review"/>
        </camunda:properties></extensionElements>
        <multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/></userTask>
    <userTask id="invite" camunda:candidateGroups="line_managers"
        camunda:formKey="camunda-forms:deployment:review.form">
        <multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>people</loopDataInputRef>
        <inputDataItem id="person_item" name="person"/></multiInstanceLoopCharacteristics></userTask>
    <exclusiveGateway id="choose" default="choose_finish"/><endEvent id="finish"/>
    {flows('''start>split
split>visit>join
split>stall>join
join>send>decide>review>invite>choose
choose>split[again = true]
choose>finish''')}"""
TOP = '<message id="reply" name="reply"/><error id="failed" errorCode="failed"/>'


@pytest.mark.parametrize("inner", [wrapped(ASK, STRAIGHT), DOCUMENTED, EVENTS, PARTS])
def test_good_models_pass_clean(inner: str) -> None:
    assert [str(each) for each in lint(file(inner, top=TOP))] == []


def test_pools_are_documentation() -> None:
    top = """<collaboration id="together"><participant id="us" processRef="episode"/><participant id="family"/>
        <messageFlow id="letter" sourceRef="us" targetRef="family"/></collaboration>
        <process id="theirs" isExecutable="false"><task id="Wait"/></process>"""
    assert lint(file(wrapped(ASK), top=top)) == ()


_TAGS = st.sampled_from([
    "startEvent", "endEvent", "userTask", "boundaryEvent", "subProcess", "sequenceFlow", "exclusiveGateway",
    "multiInstanceLoopCharacteristics", "timerEventDefinition", "timeDate", "messageEventDefinition",
    "extensionElements", "eventBasedGateway", "callActivity", "conditionExpression",
    "intermediateCatchEvent", "laneSet", "flowNodeRef",
])
_VALUES = st.sampled_from(["", "a", "b", "c", "true", "${", "=", "R0/x", "-1", "²", "episode"])
_ATTRIBUTES = st.dictionaries(
    st.sampled_from([
        "id", "sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "calledElement", "camunda:assignee",
        "camunda:collection", "triggeredByEvent", "camunda:dueDate", "language", "camunda:decisionRef", "loopMaximum",
    ]),
    _VALUES,
    max_size=5,
)
_TREES = st.recursive(
    st.tuples(_TAGS, _ATTRIBUTES, _VALUES),
    lambda inner: st.tuples(_TAGS, _ATTRIBUTES, st.lists(inner, max_size=5)),
    max_leaves=20,
)


def written(tree: object) -> str:
    if isinstance(tree, str):
        return tree
    if isinstance(tree, list):
        return "".join(written(each) for each in tree)
    assert isinstance(tree, tuple)
    tag, attributes, inside = tree
    pairs = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{pairs}>{written(inside)}</{tag}>"


@given(st.lists(_TREES, max_size=8))
def test_no_file_makes_the_linter_fail(trees: list[object]) -> None:
    try:
        root = parse_untrusted(file(written(trees)), "odd.bpmn")
    except Invalid:
        return
    for found in lint_process(root, name="odd.bpmn", catalogue=Catalogue(forms=frozenset(), groups=frozenset())):
        assert str(found).startswith("odd.bpmn:")
        assert "\n" not in str(found)


def test_a_business_key_and_data_that_pass_by_nothing_are_noticed() -> None:
    key = '<extensionElements><camunda:in businessKey="#{execution.processBusinessKey}"/></extensionElements>'
    call = f'<callActivity id="stall" calledElement="stalled_plan">{key}</callActivity>'
    found = lint(file(wrapped(call, "start>stall>finish")))
    assert said(found, "stall", "its business key is ignored", "notice")
    for part in ("ioSpecification", "dataInputAssociation", "dataOutputAssociation"):
        ask = ASK.replace("/>", f'><{part} id="data"/></userTask>')
        assert said(lint(file(wrapped(ask))), "ask", f"its <{part}> is documentation only", "notice")


def test_a_file_without_a_drawing_is_noticed() -> None:
    words = "the page cannot show where a case is"
    assert said(lint(file(wrapped(ASK), drawing="")), "episode", words, "notice")
    assert not said(lint(file(wrapped(ASK))), "episode", words, "notice")
