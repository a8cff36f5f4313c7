"""Check extension attributes and elements: what would be ignored, or would run code, is said."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import EXTENSIONS, Element, Model, children, extension_elements, kind, local
from engine.errors import shown

_CODE = "it runs code in Camunda, and no code runs here"
_OPERATION = "name one of the engine's operations as its topic"
_REFUSED_ATTRIBUTES = {
    "class": (_CODE, _OPERATION),
    "delegateExpression": (_CODE, _OPERATION),
    "expression": (_CODE, _OPERATION),
    "variableMappingClass": (_CODE, "write in and out mappings"),
    "variableMappingDelegateExpression": (_CODE, "write in and out mappings"),
    "formHandlerClass": (_CODE, "name a form"),
    "resource": (_CODE, "write the expression here, in FEEL"),
    "caseRef": ("cases of another notation (CMMN) are not supported", "call a process"),
    "decisionRefVersion": ("decisions bind to the latest version or to the deployment's", "choose one of the two"),
    "decisionRefVersionTag": ("decisions bind to the latest version or to the deployment's", "choose one of the two"),
    "calledElementVersion": ("called processes bind to this deployment", "choose latest"),
    "calledElementVersionTag": ("called processes bind to this deployment", "choose latest"),
    "formRefVersion": ("forms bind to this deployment", "choose latest"),
    "initiator": ("who starts the process is not put in a variable", "remove it; the history says who started it"),
    "errorCodeVariable": ("the error's code is not put in a variable", "draw one boundary event for each code"),
    "errorMessageVariable": ("the error's message is not put in a variable", "remove it"),
    "escalationCodeVariable": ("the escalation's code is not put in a variable", "draw one boundary event for each"),
    "skipExpression": ("steps cannot be skipped by an expression", "draw an exclusive gateway in front"),
}
_IGNORED_ATTRIBUTES = frozenset(
    {"asyncBefore", "asyncAfter", "jobPriority", "taskPriority", "candidateStarterGroups", "candidateStarterUsers"}
)
_BINDINGS = ("decisionRefBinding", "calledElementBinding", "formRefBinding")
_REFUSED_ELEMENTS = {
    "executionListener": ("listeners do not run here", "draw a service task where the work happens"),
    "taskListener": ("listeners do not run here", "draw a service task where the work happens"),
    "connector": ("connectors do not run here", _OPERATION),
    "field": ("it configures code, and no code runs here", _OPERATION),
    "formData": ("form fields inside the diagram are not read", "make a form file and name it here"),
    "formProperty": ("form fields inside the diagram are not read", "make a form file and name it here"),
    "errorEventDefinition": ("operations do not throw errors by expressions", "draw a gateway on what they return"),
    "script": ("scripts do not run here", "write FEEL"),
}
_KNOWN_ELEMENTS = frozenset({"properties", "inputOutput", "in", "out"})
_IGNORED_ELEMENTS = frozenset({"failedJobRetryTimeCycle", "potentialStarter", "validation"})
_WITH_PARAMETERS = frozenset({"userTask", "manualTask", "serviceTask", "sendTask", "businessRuleTask", "callActivity"})
_OTHER_ENGINES = {
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
    "http://www.jboss.org/drools": "jBPM",
}


def check_extensions(model: Model) -> Iterator[Finding]:
    """Refuse extensions that run code or would silently not happen; notice those that are left out."""
    for process in model.executable:
        for element in process.iter("*"):
            for name in element.attrib:
                yield from _attribute(model, element, str(name))
            if kind(element) == "extensionElements":
                yield from _elements(model, element)
    for node in model.nodes():
        yield from _own(model, node)
        yield from _data(model, node)


def _attribute(model: Model, element: Element, name: str) -> Iterator[Finding]:
    engine = _OTHER_ENGINES.get(name[1:].partition("}")[0])
    if engine:
        yield _other_engine(model, element, engine)
    if not name.startswith(EXTENSIONS):
        return
    value = element.get(name, "")
    if local(name) in _REFUSED_ATTRIBUTES:
        what, advice = _REFUSED_ATTRIBUTES[local(name)]
        yield model.error(element, f"{local(name)}: {what}", advice)
    elif local(name) in _IGNORED_ATTRIBUTES:
        yield model.notice(element, f"{local(name)} has no effect here", "remove it")
    elif local(name) == "type" and value != "external" and kind(element) in _WITH_PARAMETERS:
        yield model.error(element, f"a task of type {shown(value)!r} does not run here", "set its type to external")
    elif local(name) in _BINDINGS and value not in ("latest", "deployment"):
        yield model.error(element, f"{local(name)}={shown(value)!r} is not supported", "choose latest or deployment")


def _other_engine(model: Model, element: Element, engine: str) -> Finding:
    what = f"its properties are written for {engine}, and would be ignored"
    return model.error(element, what, "set them as Camunda 7 properties")


def _elements(model: Model, holder: Element) -> Iterator[Finding]:
    for element in holder.iterchildren("*"):
        tag = str(element.tag)
        engine = _OTHER_ENGINES.get(tag[1:].partition("}")[0])
        if engine:
            yield _other_engine(model, element, engine)
        if not tag.startswith(EXTENSIONS) or local(tag) in _KNOWN_ELEMENTS:
            continue
        if local(tag) in _IGNORED_ELEMENTS:
            yield model.notice(element, f"<{local(tag)}> has no effect here", "remove it")
        else:
            what, advice = _REFUSED_ELEMENTS.get(local(tag), ("it is not known here", "remove it"))
            yield model.error(element, f"<{local(tag)}>: {what}", advice)


def _own(model: Model, node: Element) -> Iterator[Finding]:
    if kind(node) not in _WITH_PARAMETERS and any(True for _ in extension_elements(node, "inputOutput")):
        yield model.error(node, "its input and output parameters are not read", "put them on a task")
    if kind(node) != "callActivity" and any(True for _ in extension_elements(node, "in", "out")):
        yield model.error(node, "its variable mappings are not read", "put them on a call activity")
    for holder in extension_elements(node, "inputOutput"):
        for parameter in holder.iterchildren("*"):
            yield from _parameter(model, node, parameter)
    if any(True for _ in children(node, "potentialOwner", "humanPerformer", "performer", "resourceRole")):
        yield model.notice(node, "its BPMN resources are not read", "set its assignee or candidate groups")


def _data(model: Model, node: Element) -> Iterator[Finding]:
    for part in children(node, "ioSpecification", "dataInputAssociation", "dataOutputAssociation"):
        advice = "let a form, a decision or a mapping carry the value"
        yield model.notice(node, f"its <{kind(part)}> is documentation only: no data passes by it", advice)


def _parameter(model: Model, node: Element, parameter: Element) -> Iterator[Finding]:
    name = parameter.get("name")
    if not name:
        yield model.error(node, "a parameter has no name", "give it the variable's name")
    for child in parameter.iterchildren("*"):
        what = f"the parameter {shown(name)!r} holds a <{local(str(child.tag))}>"
        yield model.error(node, what, "write one value, or FEEL after =")
