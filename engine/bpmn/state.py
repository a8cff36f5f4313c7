"""An instance as bytes: its live tokens and variables, nothing of its history and nothing of its diagram.

JSON with lists in place of names, for size and speed:

    {"v": 1, "t": {element: timer occurrences}, "e": end, "s": [scope, ...]}
    scope = [number of the token it is inside of or -1, variables, keeps writes, apart, [token, ...]]
    token = [id, node, state, number of its parent or -1, memory, local variables]

Tokens are numbered through all scopes in the order they are written; parents and hosts come first.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import StepEnvironment
from engine.bpmn.scopes import Process, Scope
from engine.bpmn.tokens import READY, ROOT, Token
from engine.bpmn.values import tag_variables, untag_variables
from engine.errors import Invalid

VERSION = 1


def dump(process: Process) -> bytes:
    """Return the process instance as bytes."""
    numbers: dict[UUID, int] = {}
    scopes = [_dump_scope(process, numbers)]
    scopes.extend(_dump_scope(scope, numbers) for scope in process.subprocesses.values())
    stored: dict[str, Any] = {"v": VERSION, "s": scopes}
    if process.occurrences:
        stored["t"] = process.occurrences
    if process.end:
        stored["e"] = process.end
    return orjson.dumps(stored)


def load(definition: ProcessDefinition, state: bytes, environment: StepEnvironment) -> Process:
    """Return the process instance that `dump` wrote. Raises `Invalid` when it does not fit the definition."""
    try:
        stored = orjson.loads(state)
        if stored["v"] != VERSION:
            raise Invalid(f"{definition.key}: this state was written by another release", version=stored["v"])
        return _load(definition, stored, environment)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        message = f"{definition.key}: the stored state does not fit this version of the diagram"
        raise Invalid(message, process=definition.key) from error


def _dump_scope(scope: Scope, numbers: dict[UUID, int]) -> list[Any]:
    host = -1 if scope.host is None else numbers[scope.host.id]
    tokens = []
    for token in scope.tasks.values():
        if token.id != ROOT:
            numbers[token.id] = len(numbers)
            tokens.append(_dump_token(token, numbers))
    apart = scope.outer is None and scope.host is not None
    return [host, tag_variables(scope.variables), scope.keeps_writes, apart, tokens]


def _dump_token(token: Token, numbers: dict[UUID, int]) -> list[Any]:
    parent = numbers.get(token._parent, -1)
    stored = [str(token.id), token.task_spec.name, token._state, parent]
    if token.local:
        return [*stored, token.memory, tag_variables(token.local)]
    return [*stored, token.memory] if token.memory else stored


def _load(definition: ProcessDefinition, stored: dict[str, Any], environment: StepEnvironment) -> Process:
    first, *others = stored["s"]
    process = Process(definition.spec, untag_variables(first[1]), environment)
    process.occurrences = stored.get("t", {})
    process.end = stored.get("e")
    process.completed = process.end is not None
    numbered: list[Token] = []
    _load_tokens(process, first[4], numbered)
    for host_number, variables, keeps_writes, apart, tokens in others:
        host = numbered[host_number]
        inside = untag_variables(variables)
        scope = process.open_scope(host, host.task_spec.inner, inside, keeps_writes=keeps_writes, apart=apart)
        _load_tokens(scope, tokens, numbered)
    return process


def _load_tokens(scope: Scope, tokens: list[list[Any]], numbered: list[Token]) -> None:
    for task_id, name, state, parent, *more in tokens:
        above = ROOT if parent < 0 else numbered[parent].id
        token = Token(scope, scope.spec.node(name), above, state=state, token_id=UUID(task_id))
        if more:
            token.memory = more[0]
        if len(more) > 1:
            token.local = untag_variables(more[1])
        if state == READY and not token.task_spec.manual:
            scope.process.ready.append(token)
        numbered.append(token)
