"""Check tasks, sub-processes and call activities: each must be a kind the engine runs, and name what it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.bpmn.catalogue import PERSONAL
from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import (
    ACTIVITIES,
    BPMN,
    Element,
    Model,
    children,
    event_kinds,
    extension,
    extension_elements,
    kind,
    properties,
)
from engine.errors import shown

_REFUSED = {
    "task": ("a task without a kind waits for nobody", "make it a user task (a person) or a service task (the engine)"),
    "scriptTask": ("scripts do not run here", "use a service task's operation, or a business rule task's decision"),
    "transaction": ("a transaction undoes nothing here", "draw a sub-process with an error boundary event"),
    "adHocSubProcess": ("an ad-hoc sub-process is not supported", "draw its tasks between parallel gateways"),
}
_DECISION_RESULTS = frozenset({"singleEntry", "singleResult", "collectEntries", "resultList"})


def check_kinds(model: Model) -> Iterator[Finding]:
    """Refuse the kinds of activity that do not run as drawn."""
    for node in model.nodes(*ACTIVITIES):
        if kind(node) in _REFUSED:
            yield model.error(node, *_REFUSED[kind(node)])
        if node.get("triggeredByEvent") in ("true", "1"):
            yield model.error(
                node, "an event sub-process does not run as drawn", "draw a boundary event, or a process of its own"
            )
        if node.get("isForCompensation") in ("true", "1"):
            yield model.error(node, "compensation never runs here", "draw the undoing task after a gateway")
        for quantity in ("startQuantity", "completionQuantity"):
            if node.get(quantity, "1").strip() != "1":
                yield model.error(node, f"{quantity} is ignored", "remove it, and draw each token's own flow")


def check_service_tasks(model: Model) -> Iterator[Finding]:
    """Refuse service tasks that name no operation, or one that does not exist."""
    for task in model.nodes("serviceTask", "sendTask"):
        operation = extension(task, "topic") or properties(task).get("operation")
        if not operation:
            if kind(task) == "serviceTask" or not task.get("messageRef"):
                yield model.error(task, "it names no operation", "set its type to external and its topic to one")
        elif model.catalogue.operations is not None and operation not in model.catalogue.operations:
            known = ", ".join(sorted(model.catalogue.operations))
            yield model.error(task, f"there is no operation {shown(operation)!r}", f"choose one of: {known}")


def check_decisions(model: Model) -> Iterator[Finding]:
    """Refuse business rule tasks that name no decision, or one that does not exist."""
    for task in model.nodes("businessRuleTask"):
        decision = extension(task, "decisionRef")
        if not decision:
            yield model.error(task, "it names no decision", "set its decision reference to a decision's id")
            continue
        if "${" in decision or decision.startswith(("=", "#{")):
            yield model.error(task, "its decision is chosen by an expression", "name one, or draw a gateway")
        elif model.catalogue.decisions is not None and decision not in model.catalogue.decisions:
            yield model.error(
                task, f"there is no decision {shown(decision)!r}", "deploy its file too, or correct the id"
            )
        result = extension(task, "mapDecisionResult")
        if not extension(task, "resultVariable") and result != "singleResult":
            yield model.notice(task, "the decision's result is not kept", "set its result variable")
        if result and result not in _DECISION_RESULTS:
            yield model.error(
                task, f"the result cannot be mapped as {shown(result)!r}", "choose singleEntry or singleResult"
            )


def check_user_tasks(model: Model) -> Iterator[Finding]:
    """Refuse tasks nobody may do, and forms and record operations that do not exist."""
    for task in model.nodes("userTask", "manualTask"):
        if not any(extension(task, name) for name in ("assignee", "candidateGroups", "candidateUsers")):
            yield model.error(
                task,
                "nobody may do it: neither a person nor a group is asked",
                "choose a group, such as the case workers, or a person",
            )
        yield from check_record(model, task)
        yield from check_form(model, task)
        yield from _check_personal(model, task)


def _check_personal(model: Model, task: Element) -> Iterator[Finding]:
    """Refuse a task that only the person asked may answer and that asks nobody in particular."""
    said = properties(task).get(PERSONAL)
    if said not in (None, "yes", "no"):
        yield model.error(task, f"{PERSONAL} is {shown(said)!r}", "write yes or no")
    if said == "yes" and not extension(task, "assignee"):
        yield model.error(task, "only the person asked may answer, and nobody is", "set its assignee")


def check_record(model: Model, asking: Element) -> Iterator[Finding]:
    """Refuse a record operation that does not exist, on a task or start event."""
    record = properties(asking).get("record")
    if record and model.catalogue.records is not None and record not in model.catalogue.records:
        known = ", ".join(sorted(model.catalogue.records))
        yield model.error(asking, f"there is no record operation {shown(record)!r}", f"choose one of: {known}")


def check_form(model: Model, task: Element) -> Iterator[Finding]:
    """Refuse a form that does not exist or is chosen by an expression, on a task or start event."""
    written = extension(task, "formRef") or extension(task, "formKey")
    if not written:
        return
    if "${" in written or written.startswith(("=", "#{")):
        yield model.error(task, "its form is chosen by an expression", "name one form")
        return
    form = written.rpartition(":")[2].removesuffix(".form")
    if model.catalogue.forms is not None and form not in model.catalogue.forms:
        yield model.error(task, f"there is no form {shown(form)!r}", "deploy its file too, or correct the name")


def check_calls(model: Model) -> Iterator[Finding]:
    """Refuse call activities that call nothing, something that cannot start, or themselves again."""
    own = {process.get("id", ""): process for process in model.executable}
    for call in model.nodes("callActivity"):
        called = call.get("calledElement", "")
        if not called:
            yield model.error(call, "it calls nothing", "set its called element to a process's id")
        elif "${" in called or called.startswith(("=", "#{")):
            yield model.error(call, "the process it calls is chosen by an expression", "name one, or draw a gateway")
        elif called in own:
            if not _has_plain_start(own[called]):
                yield model.error(call, f"the process {shown(called)!r} has no plain start event", "give it one")
        elif model.catalogue.processes is not None and called not in model.catalogue.processes:
            yield model.error(call, f"there is no process {shown(called)!r}", "deploy its file too, or correct the id")
        yield from _mappings(model, call)
    yield from _cycles(model, own)


def _has_plain_start(process: Element) -> bool:
    return any(not event_kinds(start) for start in children(process, "startEvent"))


def _mappings(model: Model, call: Element) -> Iterator[Finding]:
    for mapping in extension_elements(call, "in", "out"):
        if mapping.get("businessKey"):
            yield model.notice(call, "its business key is ignored: a case has its reference", "remove the mapping")
        if mapping.get("variables") or mapping.get("businessKey"):
            continue
        if not mapping.get("target"):
            yield model.error(call, "a variable mapping has no target", "name the variable it sets")
        if not (mapping.get("source") or mapping.get("sourceExpression")):
            yield model.error(call, "a variable mapping has no source", "name the variable it reads, or an expression")


def _cycles(model: Model, own: Mapping[str, Element]) -> Iterator[Finding]:
    calls = dict(model.catalogue.calls)
    for name, process in own.items():
        calls[name] = frozenset(call.get("calledElement", "") for call in process.iter(f"{BPMN}callActivity"))
    for name, process in own.items():
        if name in _called_by(name, calls):
            yield model.error(process, "the process calls itself, at once or by way of others", "draw a loop instead")


def _called_by(name: str, calls: Mapping[str, frozenset[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        for called in calls.get(waiting.pop(), frozenset()):
            if called not in reached:
                reached.add(called)
                waiting.append(called)
    return reached
