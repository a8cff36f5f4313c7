"""Reading a diagram: what the catalogue says, and what is refused, by file and element, in words."""

from __future__ import annotations

import builtins
import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.definitions import parse_process
from engine.errors import Invalid
from tests.unit.bpmn.diagrams import (
    boundary,
    define,
    element,
    end,
    file_of,
    inside,
    message,
    process,
    start,
    timer,
    user,
)
from tests.unit.bpmn.driving import Walk

RICH = user(
    "ask",
    "<documentation>Ask the family.</documentation><extensionElements><camunda:properties>"
    '<camunda:property name="record" value="record_consent"/><camunda:property name="colour" value="blue"/>'
    "</camunda:properties><camunda:inputOutput><camunda:inputParameter name='a'>${x}</camunda:inputParameter>"
    "</camunda:inputOutput></extensionElements>",
    name="Ask for consent",
    camunda_assignee="${lead_professional}",
    camunda_candidateGroups="case_workers, coordinators",
    camunda_dueDate="P5D",
    camunda_priority="50",
    camunda_formKey="camunda-forms:deployment:record_consent.form",
)
DECIDE = element(
    "businessRuleTask",
    "decide",
    camunda_decisionRef="review_interval",
    camunda_decisionRefBinding="deployment",
    camunda_resultVariable="weeks",
    camunda_mapDecisionResult="singleEntry",
)
TELL = element("serviceTask", "tell", camunda_type="external", camunda_topic="tell_members")


def rich() -> bytes:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="Practitioner"><flowNodeRef>ask</flowNodeRef><flowNodeRef>'
        "sub</flowNodeRef></lane></laneSet>"
    )
    paper = (
        '<dataStoreReference id="ds"/><textAnnotation id="ta"><text>note</text></textAnnotation><group id="gr"/>'
        '<dataObjectReference id="dr" dataObjectRef="do"/><dataObject id="do"/><association id="as" '
        'sourceRef="ask" targetRef="ta"/>'
    )
    sub = element("subProcess", "sub", inside(start("s2"), user("deep"), end("e2"), way="s2 deep; deep e2"))
    return file_of(
        process(
            lanes,
            paper,
            start(),
            RICH,
            DECIDE,
            TELL,
            sub,
            element("exclusiveGateway", "g"),
            end(),
            way="start ask; ask decide; decide tell; tell sub; sub g; g ask [x = y]; g end *",
        )
    )


def test_the_catalogue_tells_what_the_diagram_says() -> None:
    (definition,) = parse_process(rich(), name="rich.bpmn")
    ask = definition.elements["ask"]
    assert (ask.kind, ask.name, ask.documentation, ask.lane) == (
        "userTask",
        "Ask for consent",
        "Ask the family.",
        "Practitioner",
    )
    assert (ask.assignee, ask.candidate_groups) == ("lead_professional", '["case_workers", "coordinators"]')
    assert (ask.due_date, ask.priority, ask.form, ask.operation) == (
        'duration("P5D")',
        "50",
        "record_consent",
        "record_consent",
    )
    assert (dict(ask.inputs), ask.properties["colour"]) == ({"a": "x"}, "blue")
    assert definition.elements["deep"].lane == "Practitioner"
    decide = definition.elements["decide"]
    assert (decide.decision, decide.decision_binding) == ("review_interval", "deployment")
    assert (decide.result_variable, decide.map_result) == ("weeks", "singleEntry")
    assert definition.elements["tell"].operation == "tell_members"
    assert definition.flows["g_ask"].condition == "x = y"
    assert (definition.flows["s2_deep"].source, definition.flows["s2_deep"].target) == ("s2", "deep")
    assert {"x", "y", "lead_professional"} <= definition.names_used
    assert definition.key == "p"


def test_the_hash_changes_with_the_file_and_not_otherwise() -> None:
    one, again = (parse_process(rich(), name=name)[0].hash for name in ("a.bpmn", "b.bpmn"))
    assert one == again
    assert parse_process(rich().replace(b"blue", b"red"), name="a.bpmn")[0].hash != one


def test_operatons_namespace_says_the_same() -> None:
    operaton = rich().replace(b"http://camunda.org/schema/1.0/bpmn", b"http://operaton.org/schema/1.0/bpmn")
    ours, theirs = (parse_process(source, name="x.bpmn")[0] for source in (rich(), operaton))
    assert dict(ours.elements) == dict(theirs.elements)


WORDS = (
    b"userTask", b"startEvent", b"endEvent", b"boundaryEvent", b"subProcess", b"callActivity", b"eventBasedGateway",
    b"exclusiveGateway", b"sequenceFlow", b"businessRuleTask", b"intermediateCatchEvent", b"process", b"sourceRef",
    b"targetRef", b"id=", b"flowNodeRef", b"conditionExpression", b"camunda:", b"ask", b"sub", b"g_end", b"x = y",
    b"multiInstanceLoopCharacteristics", b"transaction", b"message", b"error", b"name=", b"extensionElements",
)  # fmt: skip


def deep(levels: int) -> str:
    """Return sub-processes in sub-processes."""
    inner = user("core")
    for level in range(levels):
        inner = element("subProcess", f"sub{level}", start(f"s{level}") + inner + end(f"e{level}"))
    return inner


REFUSED = {
    "script": (element("scriptTask", "x", "<script>1</script>"), "x: a scriptTask is not supported"),
    "complex": (element("complexGateway", "x"), "x: a complexGateway is not supported"),
    "ad hoc": (element("adHocSubProcess", "x"), "x: a adHocSubProcess is not supported"),
    "event sub-process": (element("subProcess", "x", triggeredByEvent="true"), "x: event sub-processes"),
    "compensation": (element("serviceTask", "x", isForCompensation="true"), "x: compensation"),
    "link": (
        element("intermediateThrowEvent", "x", '<linkEventDefinition name="l"/>'),
        "x: a intermediateThrowEvent for a link",
    ),
    "conditional": (
        element(
            "intermediateCatchEvent",
            "x",
            "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>",
        ),
        "x: a intermediateCatchEvent for a conditional",
    ),
    "two definitions": (
        element("intermediateCatchEvent", "x", message() + timer("P1D")),
        "x: an event can be about one thing",
    ),
    "nothing awaited": (element("intermediateCatchEvent", "x"), "x: a intermediateCatchEvent must say"),
    "unknown message": (element("intermediateCatchEvent", "x", message("nobody")), "x: it does not name a message"),
    "unknown error": (end("x", '<errorEventDefinition errorRef="nobody"/>'), "x: it refers to 'nobody'"),
    "error end without code": (end("x", "<errorEventDefinition/>"), "x: an error end needs an error"),
    "empty timer": (element("intermediateCatchEvent", "x", timer(" ")), "x: the timer has no date"),
    "broken timer": (element("intermediateCatchEvent", "x", timer("= 1 +")), "x: timer: "),
    "boundary on nothing": (boundary("x", "nobody", message()), "x: it is attached to nothing"),
    "broken assignee": (user("x", camunda_assignee="${"), "x: assignee: "),
    "broken input": (
        user(
            "x",
            "<extensionElements><camunda:inputOutput><camunda:inputParameter name='a'><camunda:list/>"
            "</camunda:inputParameter>"
            "</camunda:inputOutput></extensionElements>",
        ),
        "x: inputParameter a: a list is not supported",
    ),
    "no repetition": (user("x", "<multiInstanceLoopCharacteristics/>"), "x: a multi-instance needs"),
    "half an output": (
        user(
            "x",
            "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>"
            "<loopDataOutputRef>all</loopDataOutputRef></multiInstanceLoopCharacteristics>",
        ),
        "x: a multi-instance's output needs both",
    ),
    "odd maximum": (user("x", '<standardLoopCharacteristics loopMaximum="many"/>'), "x: the loop's maximum 'many'"),
    "endless loop": (user("x", "<standardLoopCharacteristics/>"), "x: a loop needs a condition"),
    "same id": (user("start"), "start: two elements have this id"),
    "nested too deep": (deep(25), "nested more than 20 deep"),
    "second start": (start("x"), "p: it has more than one plain start"),
    "signal unnamed": (
        element("intermediateCatchEvent", "x", "<signalEventDefinition/>"),
        "x: it does not name a signal",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_run_is_refused_by_element(name: str) -> None:
    odd, words = REFUSED[name]
    with pytest.raises(Invalid) as refusal:
        define(start(), odd, end(), way="start end")
    assert words in refusal.value.message
    assert refusal.value.message.startswith("test.bpmn:")
    assert refusal.value.details["file"] == "test.bpmn"


@pytest.mark.parametrize(
    ("elements", "way", "words"),
    [
        ((start(), user("a"), end()), "start a; a end [x = 1]", "a_end: only flows that leave"),
        (
            (start(), element("exclusiveGateway", "g"), user("a"), end()),
            "start g; g a; g end *",
            "g_a: a flow that leaves a gateway",
        ),
        ((start(), user("a"), end()), "start a; a nobody", "a_nobody: the flow leads to or from 'nobody'"),
        (
            (start(), element("exclusiveGateway", "g"), user("a"), end()),
            "start g; g a [x =]; g end *",
            "g_a: condition: ",
        ),
        ((user("a"), end()), "a end", "p: it has no start event"),
    ],
)
def test_flows_that_cannot_be_followed_are_refused(elements: tuple[str, ...], way: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        define(*elements, way=way)
    assert f"test.bpmn:{words}" in refusal.value.message


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<definitions/>",
        file_of(),
        file_of('<process id="p" isExecutable="false"/>'),
        file_of('<process isExecutable="true"/>'),
        file_of(process(start(), end(), way="start end"), process(start(), end(), way="start end")),
        b'<!DOCTYPE x [<!ENTITY e "y">]>' + file_of(process(start(), end(), way="start end")),
        file_of('<message name="no id"/>', process(start(), end(), way="start end")),
    ],
)
def test_files_without_a_process_to_run_are_refused(source: bytes) -> None:
    with pytest.raises(Invalid, match=r"bad\.bpmn"):
        parse_process(source, name="bad.bpmn")


def loop_of(expression: str, tail: str = "") -> str:
    count = f"<loopCardinality>={expression}</loopCardinality>"
    return f"<multiInstanceLoopCharacteristics>{count}{tail}</multiInstanceLoopCharacteristics>"


SLOTS = {
    "assignee": lambda evil: user("x", camunda_assignee=f"={evil}"),
    "timer": lambda evil: element("intermediateCatchEvent", "x", timer(f"={evil}")),
    "count": lambda evil: user("x", loop_of(evil)),
    "completion condition": lambda evil: user("x", loop_of("1", f"<completionCondition>={evil}</completionCondition>")),
    "collection": lambda evil: user(
        "x",
        f"<multiInstanceLoopCharacteristics><loopDataInputRef>={evil}</loopDataInputRef>"
        f"</multiInstanceLoopCharacteristics>",
    ),
    "loop condition": lambda evil: user(
        "x", f"<standardLoopCharacteristics><loopCondition>={evil}</loopCondition></standardLoopCharacteristics>"
    ),
    "input": lambda evil: user(
        "x",
        "<extensionElements><camunda:inputOutput><camunda:inputParameter name='a'>="
        f"{evil}</camunda:inputParameter></camunda:inputOutput></extensionElements>",
    ),
}


@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.parametrize(
    "evil",
    [
        "__import__('os').mkdir('{canary}')",
        "open('{canary}', 'w')",
        "().__class__.__base__.__subclasses__()",
        "exec(\"import os; os.mkdir('{canary}')\")",
        "[].__class__",
    ],
)
def test_python_in_any_slot_does_nothing(slot: str, evil: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def forbidden(*_arguments: object) -> None:
        raise AssertionError("Python was evaluated")

    monkeypatch.setattr(builtins, "eval", forbidden)
    monkeypatch.setattr(builtins, "exec", forbidden)
    canary = tmp_path / "canary"
    text = evil.replace("{canary}", str(canary)).replace("'", '"')
    odd = SLOTS[slot](text.replace("<", "&lt;") if slot != "assignee" else text)
    with contextlib.suppress(Invalid):
        walk = Walk(define(start(), odd, end(), way="start x; x end"))
        if "x" in walk.names:
            walk.complete("x")
    assert not canary.exists()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_words(data: st.DataObject) -> None:
    source = rich()
    for _ in range(data.draw(st.integers(1, 4))):
        start_at = data.draw(st.integers(0, len(source) - 1))
        length = data.draw(st.integers(0, 40))
        source = source[:start_at] + data.draw(st.binary(max_size=6)) + source[start_at + length :]
    with contextlib.suppress(Invalid):
        parse_process(source, name="bad.bpmn")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), min_size=1, max_size=4))
def test_a_file_with_names_swapped_is_read_or_refused_in_words(swaps: list[tuple[bytes, bytes]]) -> None:
    source = rich()
    for old, new in swaps:
        source = source.replace(old, new, 1)
    with contextlib.suppress(Invalid):
        parse_process(source, name="bad.bpmn")
