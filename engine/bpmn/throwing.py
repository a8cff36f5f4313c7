"""Finding who catches what is thrown: messages anywhere in the instance, errors and escalations outwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.event_definitions import (
    CancelEventDefinition,
    ErrorEventDefinition,
    EscalationEventDefinition,
    MessageEventDefinition,
    SignalEventDefinition,
)

from engine.bpmn.tokens import WAITING, Token
from engine.progress import ThrownMessage

if TYPE_CHECKING:
    from engine.bpmn.scopes import Process

_HEARD = (MessageEventDefinition, SignalEventDefinition)
_NAMES = {ErrorEventDefinition: "error", EscalationEventDefinition: "escalation", CancelEventDefinition: "cancelled"}


def listening(process: Process, name: str, kinds: tuple[type, ...]) -> list[Token]:
    """Return the tokens that wait for the message or signal `name`."""
    found = []
    for token in process.every():
        definition = getattr(token.task_spec, "event_definition", None)
        if token._state == WAITING and isinstance(definition, kinds) and getattr(definition, "name", None) == name:
            found.append(token)
    return found


def deliver(
    process: Process, name: str, variables: Mapping[str, Any], *, kinds: tuple[type, ...] = _HEARD
) -> bool:
    """Give a message to all who wait for it; say whether anybody did."""
    catchers = listening(process, name, kinds)
    for token in catchers:
        for key, value in variables.items():
            token.write(key, value)
        token._ready()
    return bool(catchers)


def throw_message(token: Token, name: str, *, outside: bool = True) -> None:
    """Offer a message within the instance; when nobody waits for it there and `outside`, hand it out."""
    process = token.workflow.process
    kinds = (MessageEventDefinition,) if outside else (SignalEventDefinition,)
    if not deliver(process, name, {}, kinds=kinds) and outside:
        process.thrown.append(ThrownMessage(name, dict(token.data)))


def throw_code(token: Token, kind: type, code: str | None) -> None:
    """Throw an error, escalation or cancellation outwards from inside `token`'s scope.

    When nobody catches it, an error or cancellation ends the whole instance; an escalation only gives its
    name to the end, when its token is the last one.
    """
    process = token.workflow.process
    if throw_outwards(token.around, kind, code):
        return
    ending = f"{_NAMES[kind]} {code}" if code else _NAMES[kind]
    if kind is not EscalationEventDefinition:
        process.clear()
        process.end = ending
        process.finish()
    elif not token.task_spec.outgoing and list(process.tokens) == [token.id]:
        process.end = ending


def throw_outwards(token: Token | None, kind: type, code: str | None) -> bool:
    """Let the nearest boundary event on `token`, or around it, catch; say whether one did."""
    while token is not None:
        catcher = _catcher(token, kind, code)
        if catcher is not None:
            catcher.complete()
            return True
        token = token.around
    return False


def _catcher(token: Token, kind: type, code: str | None) -> Token | None:
    waiting = [child for child in token.children if child.task_spec.attached_to and child._state == WAITING]
    exact = [child for child in waiting if child.task_spec.catches(kind, code)]
    exact.sort(key=lambda child: getattr(child.task_spec.event_definition, "code", None) is None)
    return exact[0] if exact else None
