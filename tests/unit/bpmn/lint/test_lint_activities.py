"""Traps in tasks, calls, repeats and extensions: each is found, on the right element."""

from __future__ import annotations

import pytest

from engine.bpmn.lint import Catalogue
from tests.small_models import properties
from tests.unit.bpmn.lint.snippets import ASK, STRAIGHT, file, flows, lint, said, wrapped

DO = "start>do>finish"
INSIDE = f'<startEvent id="begin"/>{ASK}<endEvent id="done"/>{flows("begin>ask>done")}'


def ask(attributes: str = "", inside: str = "") -> str:
    return f'<userTask id="do" camunda:candidateGroups="case_workers" {attributes}>{inside}</userTask>'


def extended(inside: str) -> str:
    return ask(inside=f"<extensionElements>{inside}</extensionElements>")


def repeated(inside: str = "", attributes: str = "") -> str:
    return ask(
        inside=f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    )


def service(attributes: str = 'camunda:topic="send_plan"', inside: str = "") -> str:
    return f'<serviceTask id="do" {attributes}>{inside}</serviceTask>'


def decide(attributes: str) -> str:
    return f'<businessRuleTask id="do" camunda:decisionRef="review_interval" {attributes}/>'


def call(attributes: str = 'calledElement="stalled_plan"', inside: str = "") -> str:
    return f'<callActivity id="do" {attributes}><extensionElements>{inside}</extensionElements></callActivity>'


def parameter(inside: str) -> str:
    return extended(f"<camunda:inputOutput>{inside}</camunda:inputOutput>")


TRAPS = [
    ("plain task", '<task id="do"/>', "without a kind"),
    ("script task", '<scriptTask id="do"><script>import os</script></scriptTask>', "scripts do not run here"),
    ("transaction", f'<transaction id="do">{INSIDE}</transaction>', "undoes nothing"),
    ("ad-hoc", f'<adHocSubProcess id="do">{ASK}</adHocSubProcess>', "ad-hoc"),
    ("event sub-process", f'<subProcess id="do" triggeredByEvent="true">{INSIDE}</subProcess>', "event sub-process"),
    ("compensation task", ask('isForCompensation="true"'), "compensation never runs"),
    ("several tokens", ask('startQuantity="2"'), "startQuantity is ignored"),
    (
        "personal, and nobody is asked",
        ask(inside=properties(personal="yes")),
        "only the person asked may answer, and nobody is",
    ),
    ("personal in other words", ask(inside=properties(personal="so")), "personal is 'so'"),
    ("nobody may do it", '<userTask id="do"/>', "nobody may do it"),
    ("nobody may do it by hand", '<manualTask id="do"/>', "nobody may do it"),
    ("unknown form", ask('camunda:formKey="gone"'), "no form 'gone'"),
    ("form by expression", ask('camunda:formKey="${form}"'), "chosen by an expression"),
    ("unknown group", '<userTask id="do" camunda:candidateGroups="case_workers, gone"/>', "no candidate group 'gone'"),
    ("unknown record", extended(
        '<camunda:properties><camunda:property name="record" value="gone"/></camunda:properties>'
    ), "no record operation 'gone'"),
    ("no operation", service(""), "names no operation"),
    ("unknown operation", service('camunda:type="external" camunda:topic="gone"'), "choose one of: send_plan"),
    ("send task for nothing", '<sendTask id="do"/>', "names no operation"),
    ("Java class", service('camunda:class="org.example.Send"'), "runs code in Camunda"),
    ("delegate", service('camunda:delegateExpression="${bean}"'), "runs code in Camunda"),
    ("service expression", service('camunda:expression="${bean.send()}"'), "runs code in Camunda"),
    ("shell task", service('camunda:type="shell"'), "a task of type 'shell'"),
    ("connector", service(inside="<extensionElements><camunda:connector/></extensionElements>"), "connectors do not"),
    ("field", service(inside='<extensionElements><camunda:field name="a"/></extensionElements>'), "configures code"),
    ("execution listener", extended('<camunda:executionListener class="A" event="start"/>'), "listeners do not run"),
    ("task listener", extended('<camunda:taskListener event="create"/>'), "listeners do not run"),
    ("form data", extended("<camunda:formData/>"), "inside the diagram"),
    ("unknown extension", extended("<camunda:magic/>"), "not known here"),
    ("Camunda 8", extended('<zeebe:taskDefinition type="a"/>'), "written for Camunda 8"),
    ("Flowable", ask('flowable:assignee="ann"'), "written for Flowable"),
    ("Operaton's own namespace", service('operaton:class="org.example.Send"'), "runs code in Camunda"),
    ("no decision", '<businessRuleTask id="do"/>', "names no decision"),
    ("unknown decision", '<businessRuleTask id="do" camunda:decisionRef="gone"/>', "no decision 'gone'"),
    ("decision by expression", '<businessRuleTask id="do" camunda:decisionRef="${x}"/>', "chosen by an expression"),
    ("decision's version", decide('camunda:decisionRefBinding="version"'), "choose latest or deployment"),
    ("decision's mapping", decide('camunda:mapDecisionResult="all"'), "cannot be mapped"),
    ("calls nothing", call(""), "calls nothing"),
    ("calls what is not there", call('calledElement="gone"'), "no process 'gone'"),
    ("calls by expression", call('calledElement="${x}"'), "chosen by an expression"),
    ("mapping without target", call(inside='<camunda:in source="a"/>'), "no target"),
    ("mapping without source", call(inside='<camunda:out target="a"/>'), "no source"),
    ("mapping on a task", extended('<camunda:in source="a" target="b"/>'), "mappings are not read"),
    ("mapping by class", call('calledElement="stalled_plan" camunda:variableMappingClass="A"'), "runs code"),
    ("parameter list", parameter('<camunda:inputParameter name="a"><camunda:list/></camunda:inputParameter>'),
     "<list>"),
    ("parameter script", parameter('<camunda:inputParameter name="a"><camunda:script/></camunda:inputParameter>'),
     "<script>"),
    ("parameter without name", parameter("<camunda:inputParameter>a</camunda:inputParameter>"), "has no name"),
    ("repeats over nothing", repeated(), "does not say over what"),
    ("repeats in two ways", repeated("<loopCardinality>3</loopCardinality>", 'camunda:collection="a"'), "several ways"),
    ("repeats too often", repeated("<loopCardinality>10000000</loopCardinality>"), "from 1 to 500"),
    ("repeats never", repeated("<loopCardinality>${0}</loopCardinality>"), "from 1 to 500"),
    ("item's name", repeated(attributes='camunda:collection="a" camunda:elementVariable="the item"'), "'the item'"),
    ("item named like a count", repeated(attributes='camunda:collection="a" camunda:elementVariable="loopCounter"'),
     "'loopCounter'"),
    ("result's name", decide('camunda:resultVariable="the weeks"'), "'the weeks'"),
    ("mapping's name", call(inside='<camunda:in source="a" target="if"/>'), "'if'"),
    ("parameter's name", parameter('<camunda:inputParameter name="a-b">c</camunda:inputParameter>'), "'a-b'"),
    ("events of instances", repeated("<loopCardinality>3</loopCardinality>", 'behavior="One"'), "completion condition"),
    ("half an output", repeated("<loopDataInputRef>a</loopDataInputRef><loopDataOutputRef>b</loopDataOutputRef>"),
     "what to gather"),
    ("loop without end", ask(inside="<standardLoopCharacteristics/>"), "the loop has no end"),
    ("loop without number", ask(inside='<standardLoopCharacteristics loopMaximum="many"/>'), "not a number of times"),
]


@pytest.mark.parametrize(("node", "words"), [row[1:] for row in TRAPS], ids=[row[0] for row in TRAPS])
def test_traps_in_activities_are_refused(node: str, words: str) -> None:
    found = lint(file(wrapped(node, DO)))
    assert said(found, "do", words), [str(each) for each in found]


def test_a_process_that_calls_itself_is_refused() -> None:
    assert said(lint(file(wrapped(call('calledElement="episode"'), DO))), "episode", "calls itself")


def test_processes_that_call_each_other_round_are_refused() -> None:
    catalogue = Catalogue(
        processes=frozenset({"one", "two"}), calls={"one": frozenset({"two"}), "two": frozenset({"episode"})}
    )
    found = lint(file(wrapped(call('calledElement="one"'), DO)), catalogue)
    assert said(found, "episode", "calls itself, at once or by way of others")


def test_a_called_process_needs_a_plain_start() -> None:
    start = '<startEvent id="hear"><messageEventDefinition messageRef="reply"/></startEvent>'
    other = f'<process id="helper" isExecutable="true">{start}<endEvent id="done"/>{flows("hear>done")}</process>'
    top = other + '<message id="reply" name="reply"/>'
    found = lint(file(wrapped(call('calledElement="helper"'), DO), top=top))
    assert said(found, "do", "'helper' has no plain start event")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (ask('camunda:asyncBefore="true"'), "asyncBefore has no effect"),
        (extended("<camunda:failedJobRetryTimeCycle>R3/PT1H</camunda:failedJobRetryTimeCycle>"), "has no effect"),
        (ask(inside="<potentialOwner/>"), "resources are not read"),
        ('<businessRuleTask id="do" camunda:decisionRef="review_interval"/>', "result is not kept"),
        (repeated(attributes='camunda:collection="a"'), "which item is its own"),
        ('<userTask id="do" camunda:assignee="lead_professional"/>', "write =lead_professional"),
    ],
)
def test_what_has_no_effect_is_noticed(node: str, words: str) -> None:
    found = lint(file(wrapped(node, DO)))
    assert said(found, "do", words, "notice")
    assert not any(each.severity == "error" for each in found), [str(each) for each in found]


def test_names_go_unchecked_when_nothing_is_known_of_them() -> None:
    node = '<userTask id="ask" camunda:candidateGroups="gone" camunda:formKey="gone"/>'
    assert lint(file(wrapped(node, STRAIGHT)), Catalogue()) == ()
