"""Check sequence flows: their ends, their conditions, and the gateways that choose between them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.lint.findings import Finding
from engine.bpmn.lint.model import GATEWAYS, Element, Flow, Model, Scope, event_kinds, kind, text_of
from engine.errors import shown

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")


def check_flow_ends(model: Model) -> Iterator[Finding]:
    """Refuse flows that begin or end nowhere, cross into another part, or run beside each other."""
    for scope in model.scopes:
        seen: set[tuple[Element, Element]] = set()
        for element in scope.flow_elements:
            yield from _ends(model, scope, element)
        for flow in scope.flows:
            if (flow.source, flow.target) in seen:
                yield model.error(
                    flow.element,
                    "a second flow joins the same two elements",
                    "draw one flow, with both reasons in its condition",
                )
            seen.add((flow.source, flow.target))


def _ends(model: Model, scope: Scope, element: Element) -> Iterator[Finding]:
    for end in ("sourceRef", "targetRef"):
        name = element.get(end, "")
        if name in scope.by_id:
            continue
        if name in model.by_id:
            what = f"the flow's {end} {shown(name)!r} is in another process or sub-process, or is no step"
            yield model.error(element, what, "connect steps of the same part, and leave a sub-process by its own flow")
        else:
            yield model.error(
                element, f"the flow's {end} names {shown(name)!r}, which is not there", "connect the flow again"
            )


def check_splits(model: Model) -> Iterator[Finding]:
    """Refuse several flows out of anything but a gateway, and flows into starts or out of ends."""
    for scope in model.scopes:
        for node in scope.nodes:
            if kind(node) not in GATEWAYS and len(scope.leaving(node)) > 1:
                yield model.error(
                    node,
                    f"{len(scope.leaving(node))} flows leave it, and only gateways can split",
                    "lead one flow to a parallel gateway (all ways) or an exclusive one (one way)",
                )
            if kind(node) == "endEvent" and scope.leaving(node):
                yield model.error(node, "a flow leaves an end event", "draw an intermediate event, or remove the flow")
            if kind(node) in ("startEvent", "boundaryEvent") and scope.entering(node):
                yield model.error(node, f"a flow enters a <{kind(node)}>", "lead the flow to the step after it")


def check_conditions(model: Model) -> Iterator[Finding]:
    """Refuse conditions where nothing reads them, and conditions in another language."""
    for scope in model.scopes:
        for flow in scope.flows:
            if flow.condition is None:
                continue
            if kind(flow.source) not in _CHOOSING:
                yield model.error(
                    flow.element,
                    f"the condition is ignored, because the flow leaves a <{kind(flow.source)}>",
                    "put an exclusive gateway in front of the flow",
                )
            yield from _condition_form(model, flow)


def _condition_form(model: Model, flow: Flow) -> Iterator[Finding]:
    condition = flow.condition
    if condition is None:
        return
    language = condition.get("language", "").lower()
    if condition.get("resource") or any(name.endswith("}resource") for name in condition.attrib):
        yield model.error(flow.element, "the condition is a script in another file", "write it here, in FEEL")
    elif language and "feel" not in language and language not in ("juel", "https://camunda.org/juel"):
        yield model.error(flow.element, f"the condition is written in {condition.get('language')}", "write it in FEEL")


def check_choices(model: Model) -> Iterator[Finding]:
    """Refuse exclusive and inclusive gateways whose ways out cannot be told apart."""
    for scope in model.scopes:
        for gateway in scope.nodes:
            yield from _default(model, scope, gateway)
        for gateway in scope.of_kind(*_CHOOSING):
            yield from _ways_out(model, scope, gateway)


def _default(model: Model, scope: Scope, gateway: Element) -> Iterator[Finding]:
    default = gateway.get("default")
    if default is None:
        return
    flow = next((flow for flow in scope.leaving(gateway) if flow.element.get("id") == default), None)
    if flow is None:
        yield model.error(
            gateway, f"the default flow {shown(default)!r} does not leave it", "choose the default flow again"
        )
    elif flow.condition is not None and text_of(flow.condition):
        yield model.notice(flow.element, "the default flow's condition is never read", "remove the condition")


def _ways_out(model: Model, scope: Scope, gateway: Element) -> Iterator[Finding]:
    flows = scope.leaving(gateway)
    default = gateway.get("default")
    chosen = [flow for flow in flows if flow.element.get("id") != default]
    if len(flows) > 1:
        for flow in chosen:
            if flow.condition is None or not text_of(flow.condition):
                yield model.error(
                    flow.element,
                    f"the flow leaves {shown(gateway.get('id'))!r} without a condition",
                    "give it one, or make it the gateway's default flow",
                )
    if default is None and any(flow.condition is not None for flow in flows):
        yield model.notice(
            gateway, "no default flow: the case stops with an incident when no condition holds", "choose a default flow"
        )


def check_gateways(model: Model) -> Iterator[Finding]:
    """Refuse gateways the engine has no meaning for."""
    for node in model.nodes("complexGateway"):
        yield model.error(node, "a complex gateway is not supported", "draw exclusive, inclusive or parallel gateways")
    for scope in model.scopes:
        for gateway in scope.of_kind("eventBasedGateway"):
            yield from _event_gateway(model, scope, gateway)


def _event_gateway(model: Model, scope: Scope, gateway: Element) -> Iterator[Finding]:
    if gateway.get("instantiate") == "true" or gateway.get("eventGatewayType", "Exclusive") != "Exclusive":
        yield model.error(
            gateway, "an event-based gateway that starts a process or waits for all is not supported",
            "draw message start events, or a parallel gateway before the events",
        )
    if len(scope.leaving(gateway)) < 2:
        yield model.error(gateway, "the event-based gateway has nothing to choose from", "draw two events after it")
    for flow in scope.leaving(gateway):
        target = flow.target
        waits = kind(target) == "receiveTask" or (
            kind(target) == "intermediateCatchEvent" and event_kinds(target) in (["message"], ["timer"])
        )
        if not waits or len(scope.entering(target)) > 1 or scope.boundaries.get(target.get("id", "")):
            yield model.error(
                target,
                f"the event-based gateway {shown(gateway.get('id'))!r} before it can wait only for an event of its own",
                "draw a message or timer event, or a receive task, entered only from the gateway",
            )


