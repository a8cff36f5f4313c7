"""Move an instance to another activity of its diagram: what waits at one place goes, and the other place is entered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from engine.bpmn.events import CatchEvent
from engine.bpmn.instance import Instance
from engine.bpmn.nodes import Activity, EventGateway, Node
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.scopes import Scope
from engine.bpmn.subprocesses import SubProcess
from engine.bpmn.telling_apart import told_apart
from engine.bpmn.tokens import ROOT, STARTED, Token
from engine.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance rests: `token_id` names it, `element_id` is an element of the process `process_key`.

    `targets` are the elements (id, name) of that process at which it could go on; see `told_apart` of names.
    """

    token_id: UUID
    process_key: str
    element_id: str
    targets: tuple[tuple[str, str], ...]


def places(instance: Instance) -> tuple[Place, ...]:
    """Return where an instance rests and can be moved from: in a called process, and at the call as a whole."""
    found: dict[UUID, Place] = {}
    for token in instance.process.every():
        at: Token | None = token
        while at is not None:
            whole = _whole(at)
            inside = instance.process.subprocesses.get(whole.id)
            if inside is None or not inside.live() or not isinstance(whole.task_spec, SubProcess):
                found[whole.id] = _place(whole)
            at = _call_around(whole)
    return tuple(found.values())


def _place(token: Token) -> Place:
    scope, info = token.workflow, token.task_spec.info
    while scope.outer is not None:
        scope = scope.outer
    targets = told_apart(list(enterable(scope.spec)))
    return Place(token.id, info.process_key, info.id, tuple(each for each in targets if each[0] != info.id))


def enterable(spec: ProcessSpec) -> Iterator[Node]:
    """Yield every node of a process, and of the sub-processes in it, that `move` can enter; in document order."""
    for node in spec.nodes():
        if _may_enter(node):
            yield node
        if isinstance(node, SubProcess) and not _is_body(node):
            yield from enterable(node.inner)


def move(instance: Instance, token_id: UUID, element_id: str) -> None:
    """Take the token `token_id` (of `places`) away with all that hangs on it, enter an activity instead, and run on.

    It goes on in the same process. Of what runs beside it in a sub-process that is left so, nothing stays. Raises
    `NotFound` when nothing rests there, `Invalid` for an element that cannot be entered, `Conflict` when it rests there
    already.
    """
    token = instance.process.tokens.get(token_id)
    if token is None or _whole(token) is not token:
        raise NotFound("The case does not wait there any more", task_id=token_id, process=instance.definition.key)
    if token.task_spec.element_id == element_id:
        raise Conflict("The case waits there already", element=element_id)
    leaves = token
    while way_to(leaves.workflow.spec, element_id) is None:
        if leaves.workflow.host is None or leaves.workflow.outer is None:
            raise Invalid("The case cannot be moved to this step", field="to", element=element_id)
        leaves = leaves.workflow.host
    scope = leaves.workflow
    leaves.drop()
    enter(scope, element_id)
    instance.process.run()


def way_to(spec: ProcessSpec, element_id: str) -> tuple[SubProcess, ...] | None:
    """Return the sub-processes around an element, the outermost first; None where it cannot be entered from `spec`.

    A sub-process that is done several times is entered as a whole, never in its middle.
    """
    node = spec.task_specs.get(element_id)
    if node is not None:
        return () if _may_enter(node) else None
    for each in spec.nodes():
        if isinstance(each, SubProcess) and not _is_body(each):
            inner = way_to(each.inner, element_id)
            if inner is not None:
                return (each, *inner)
    return None


def enter(scope: Scope, element_id: str) -> None:
    """Put a new token on an element of `scope`, going into the sub-processes around it without their beginnings.

    Raises `Invalid` where there is no such way.
    """
    way = way_to(scope.spec, element_id)
    if way is None:
        raise Invalid("The case cannot be moved to this step", field="to", element=element_id)
    for around in way:
        token = Token(scope, around, ROOT)
        scope.process.entered.append(around.element_id)
        around.furnish_token(token)
        token._set_state(STARTED)
        scope = scope.process.open_scope(token, around.inner, {})
    scope.place(scope.spec.node(element_id))


def _may_enter(node: Node) -> bool:
    if isinstance(node, CatchEvent):
        sources = (node._wf_spec.task_specs[flow.source] for flow in node.incoming)
        return not any(isinstance(each, EventGateway) for each in sources)
    return isinstance(node, Activity) and not _is_body(node)


def _is_body(node: Node) -> bool:
    """Say whether a node is what a loop does several times."""
    return node.loop is not None


def _whole(token: Token) -> Token:
    """Return what has to be moved where `token` rests: itself, or the loop or gateway that it is part of."""
    whole, at = token, token
    while (up := at.around) is not None and not _is_called(at, up):
        if at.workflow is up.workflow or _is_body(up.task_spec):
            whole = up
        at = up
    return whole


def _call_around(token: Token) -> Token | None:
    at = token
    while (up := at.around) is not None:
        if _is_called(at, up):
            return up
        at = up
    return None


def _is_called(token: Token, around: Token) -> bool:
    """Say whether a token is in a process that the token around it calls."""
    return token.workflow is not around.workflow and token.workflow.outer is None
