"""Every expression slot is read: what does not compile, or calls what is not there, is refused where it stands."""

from __future__ import annotations

import pytest

from engine.bpmn.lint import Catalogue
from engine.feel import HostFunction
from tests.unit.bpmn.lint.snippets import STRAIGHT, file, flows, lint, said, wrapped

CHOICE = """<startEvent id="start"/><exclusiveGateway id="choose" default="choose_finish"/><endEvent id="finish"/>
    <userTask id="ask" camunda:assignee="ann"/>""" + flows("start>choose>finish ask>finish")


def condition(text: str) -> bytes:
    flow = f"""<sequenceFlow id="go" sourceRef="choose" targetRef="ask">
        <conditionExpression xsi:type="tFormalExpression"><![CDATA[{text}]]></conditionExpression></sequenceFlow>"""
    return file(CHOICE + flow)


@pytest.mark.parametrize("text", ["approved", "= x > 5", 'count(people) > 1 and x = "y"', "if a then b else c"])
def test_feel_conditions_pass(text: str) -> None:
    assert [str(each) for each in lint(condition(text))] == []


def test_translated_conditions_pass_with_a_notice() -> None:
    found = lint(condition("${approved && amount > 5}"))
    assert [each.severity for each in found] == ["notice"]
    assert said(found, "go", "read as the FEEL expression approved and amount > 5", "notice")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x ==", "compare with one ="),
        ("x == 5", "compare with one ="),
        ("a && b", "join with and"),
        ("x = 'y'", 'quote with "'),
        ("x >", "is not FEEL"),
        ("import os", "no variable has a name of several words"),
        ("a xor b", "no variable has a name of several words"),
        ("add workin days(x, 3) > y", "calls 'add workin days'"),
        ("__import__('os').system('id')", "the condition"),
        ("${execution.getVariable('x')}", "runs Java code"),
        ("${a", "closing brace"),
        ("a ${b}", "mixes"),
        ("unheard_of(x)", "calls 'unheard_of', and there is no such function"),
        ("approved = True", "says True, which FEEL has not; write true"),
        ("x = None", "write null"),
    ],
)
def test_conditions_that_are_not_feel_are_refused(text: str, words: str) -> None:
    found = lint(condition(text))
    assert said(found, "go", words), [str(each) for each in found]


def test_function_names_in_strings_and_own_functions_are_no_calls() -> None:
    assert lint(condition('x = "unheard_of(y)"')) == ()
    assert lint(condition("{double: function(y) y * 2, four: double(2)}.four = 4")) == ()


def slot(attributes: str = "", inside: str = "") -> str:
    return f'<userTask id="ask" camunda:candidateGroups="case_workers" {attributes}>{inside}</userTask>'


def extended(inside: str) -> str:
    return slot(inside=f"<extensionElements>{inside}</extensionElements>")


def timer(field: str) -> str:
    rule = f"<timerEventDefinition><{field}>BAD</{field}></timerEventDefinition>"
    edge = f'<boundaryEvent id="edge" attachedToRef="ask" cancelActivity="false">{rule}</boundaryEvent>'
    return f"{slot()}{edge}{flows('edge>finish')}"


def repeat(inside: str = "", attributes: str = 'camunda:collection="people" camunda:elementVariable="person"') -> str:
    return slot(inside=f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>")


CALL = """<callActivity id="ask" calledElement="stalled_plan">
    <extensionElements>{}</extensionElements></callActivity>"""
SLOTS = [
    ("assignee", slot('camunda:assignee="BAD"'), "ask"),
    ("candidate groups", slot().replace("case_workers", "BAD"), "ask"),
    ("candidate users", slot('camunda:candidateUsers="BAD"'), "ask"),
    ("due date", slot('camunda:dueDate="BAD"'), "ask"),
    ("follow-up date", slot('camunda:followUpDate="BAD"'), "ask"),
    ("priority", slot('camunda:priority="BAD"'), "ask"),
    ("timer date", timer("timeDate"), "edge"),
    ("timer duration", timer("timeDuration"), "edge"),
    ("timer cycle", timer("timeCycle"), "edge"),
    ("collection", repeat(attributes='camunda:collection="BAD" camunda:elementVariable="person"'), "ask"),
    ("standard collection", repeat("<loopDataInputRef>BAD</loopDataInputRef>", ""), "ask"),
    ("cardinality", repeat("<loopCardinality>BAD</loopCardinality>", ""), "ask"),
    ("completion", repeat("<completionCondition>BAD</completionCondition>"), "ask"),
    (
        "loop",
        slot(inside="<standardLoopCharacteristics><loopCondition>BAD</loopCondition></standardLoopCharacteristics>"),
        "ask",
    ),
    ("in mapping", CALL.format('<camunda:in sourceExpression="BAD" target="a"/>'), "ask"),
    ("out mapping", CALL.format('<camunda:out source="BAD" target="a"/>'), "ask"),
    (
        "input",
        extended(
            '<camunda:inputOutput><camunda:inputParameter name="a">BAD</camunda:inputParameter></camunda:inputOutput>'
        ),
        "ask",
    ),
    (
        "output",
        extended(
            '<camunda:inputOutput><camunda:outputParameter name="a">BAD</camunda:outputParameter></camunda:inputOutput>'
        ),
        "ask",
    ),
]


@pytest.mark.parametrize("bad", ["=1 +", "${bean.call()}", "=unheard_of(1)"])
@pytest.mark.parametrize(("node", "element"), [row[1:] for row in SLOTS], ids=[row[0] for row in SLOTS])
def test_every_slot_is_compiled(node: str, element: str, bad: str) -> None:
    found = lint(file(wrapped(node.replace("BAD", bad), STRAIGHT)))
    words = {"=1 +": "is not FEEL", "${bean.call()}": "runs Java code", "=unheard_of(1)": "no such function"}[bad]
    assert said(found, element, words), [str(each) for each in found]


def test_host_functions_are_known_by_the_catalogue() -> None:
    node = slot('camunda:dueDate="add working days(today(), 10)"')
    assert said(lint(file(wrapped(node))), "ask", "calls 'add working days'")

    function = HostFunction("add working days", ("from", "days"), lambda environment, day, days: day)
    known = Catalogue(functions={"add working days": function})
    assert [str(each) for each in lint(file(wrapped(node)), known)] == []


@pytest.mark.parametrize("text", ['"a"', "5", "null", '"yes" + "no"', "[true]", "${'a'}", 'date("2026-06-04")'])
def test_a_condition_that_is_always_something_else_than_true_or_false_is_refused(text: str) -> None:
    found = lint(condition(text))
    assert said(found, "go", "and never true or false"), [str(each) for each in found]


@pytest.mark.parametrize("text", ["true", "= false", "1 = 1"])
def test_a_constant_condition_may_be_true_or_false(text: str) -> None:
    assert lint(condition(text)) == ()


@pytest.mark.parametrize("text", ["count", "= today", "not(sum)", "abs > 5"])
def test_a_function_that_is_not_called_is_refused(text: str) -> None:
    found = lint(condition(text))
    assert any("is a function" in str(each) for each in found if each.element_id == "go"), [str(each) for each in found]


@pytest.mark.parametrize("text", ['os.system("id")', "=a.b.c(1) = 2", "x > 1 and os.getenv() = 5"])
def test_calling_something_of_a_value_is_refused(text: str) -> None:
    found = lint(condition(text))
    assert said(found, "go", "and there is no such function"), [str(each) for each in found]


TIMER = """<intermediateCatchEvent id="wait"><timerEventDefinition><{slot}><![CDATA[{rule}]]></{slot}>
    </timerEventDefinition></intermediateCatchEvent>"""


@pytest.mark.parametrize(
    ("slot", "rule", "words"),
    [
        ("timeDuration", '="rubbish"', "is not a date, duration or cycle"),
        ("timeDuration", "=5", "needs a date, a moment or a duration"),
        ("timeDuration", "=null", "nothing (null)"),
        ("timeDuration", '=duration("rubbish")', "nothing (null)"),
        ("timeDate", '="2026-06-31"', "no calendar has"),
        ("timeDuration", "P9999Y", "no calendar has"),
        ("timeDuration", "P99999999Y", "is not a date, duration or cycle"),
        ("timeDuration", "P999999999D", "is not a date, duration or cycle"),
        ("timeDuration", "=PT1H", "write PT1H without the ="),
        ("timeDate", "=2026-06-04", "write 2026-06-04 without the ="),
    ],
)
def test_a_timer_that_can_never_be_set_is_refused(slot: str, rule: str, words: str) -> None:
    found = lint(file(wrapped(TIMER.format(slot=slot, rule=rule), "start>wait>finish")))
    assert said(found, "wait", words), [str(each) for each in found]


@pytest.mark.parametrize(
    ("slot", "rule"),
    [
        ("timeDuration", "PT1H"), ("timeDuration", '="P1D"'), ("timeDuration", '=duration("PT1H")'),
        ("timeDuration", "P1M"), ("timeDate", '=date("2026-06-04")'), ("timeDate", "=due"),
        ("timeDate", '=@"2026-06-04T09:00:00"'), ("timeDuration", "=today()"), ("timeDate", "2026-06-04"),
    ],
)  # fmt: skip
def test_timers_that_can_be_set_pass(slot: str, rule: str) -> None:
    assert [str(each) for each in lint(file(wrapped(TIMER.format(slot=slot, rule=rule), "start>wait>finish")))] == []
