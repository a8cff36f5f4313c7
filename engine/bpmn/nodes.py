"""What each kind of node does with a token: SpiffWorkflow's task specifications, without prediction or history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn.environment import ProcessStuck
from engine.bpmn.script_environment import Formula
from engine.bpmn.tokens import STARTED, WAITING, Token

if TYPE_CHECKING:
    from engine.bpmn.catalogue import ElementInfo
    from engine.bpmn.events import BoundaryEvent
    from engine.bpmn.loops import Loop


@dataclass(slots=True, eq=False)
class Flow:
    """A sequence flow between two nodes of one scope."""

    id: str
    source: str
    target: Node
    condition: Formula | None = None
    default: bool = False


class Node(BpmnTaskSpec):
    """What all nodes share. `quiet` ones count as entered only when they go on; `settles` ones wait for others."""

    quiet = False
    settles = False
    opens = False
    asks: Literal["decision", "operation"] | None = None
    name: str
    manual: bool
    element_id: str
    info: ElementInfo
    attached_to: str | None = None
    loop: Loop | None = None

    def furnish(self, info: ElementInfo) -> None:
        """Take in what the diagram says about this node."""
        self.info = info
        self.element_id = info.id
        self.incoming: list[Flow] = []
        self.outgoing: list[Flow] = []
        self.boundary: list[BoundaryEvent] = []
        self.inputs_given: tuple[tuple[str, Formula], ...] = ()
        self.outputs_given: tuple[tuple[str, Formula], ...] = ()

    def prepare(self) -> None:
        """Work out, once all flows are known, what is needed at run time."""

    def settle(self, token: Token) -> bool:
        """Let a waiting token go when nothing else moves; say whether it went."""
        return False

    def inside_done(self, token: Token, scope: Any) -> None:
        """Take over what the scope inside `token` leaves behind."""

    def _predict(self, *args: Any, **kwargs: Any) -> None:
        """Predict nothing."""

    def _update(self, token: Token) -> None:
        if self._update_hook(token):
            token._ready()

    def _update_hook(self, token: Token) -> bool:
        return True

    def _on_ready(self, token: Token) -> None:
        if not self.manual:
            token.workflow.process.ready.append(token)

    def _run(self, token: Token) -> bool | None:
        # Not calling up: SpiffWorkflow would mark the token as failed on any exception; here the whole step is undone.
        return self._run_hook(token)

    def _run_hook(self, token: Token) -> bool | None:
        return True

    def _on_complete(self, token: Token) -> None:
        scope = token.workflow
        if self.quiet:
            scope.process.entered.append(self.element_id)
        if self.outputs_given:
            for name, value in scope.process.evaluate_all(self.outputs_given, token.data).items():
                token.write(name, value)
        if self.loop is not None:
            self.loop.body_done(scope.tasks[token._parent], token)
        else:
            scope.leave(token, self._chosen(token))

    def _chosen(self, token: Token) -> Iterable[Flow]:
        return self.outgoing


class Activity(Node):
    """A node that takes time: boundary events listen while it lasts, and it may have inputs of its own."""

    def _update_hook(self, token: Token) -> bool:
        self.furnish_token(token)
        return self._begin(token)

    def furnish_token(self, token: Token) -> None:
        """Give a token its inputs, and let the boundary events listen."""
        scope = token.workflow
        if self.inputs_given:
            token.local.update(scope.process.evaluate_all(self.inputs_given, token.data))
        for event in self.boundary:
            scope.place(event, token.id)

    def _begin(self, token: Token) -> bool:
        """Start the work; true when it can run at once."""
        return True


class UserTask(Activity, defaults.UserTask):
    """Waits for a person."""

    opens = True


class ManualTask(Activity, defaults.ManualTask):
    """Waits for a person, who does it elsewhere."""

    opens = True


class PlainTask(Activity, defaults.NoneTask):
    """A task of no kind: waits for a person."""

    opens = True


class ServiceTask(Activity, defaults.ServiceTask):
    """Waits for the application to do an operation."""

    asks: Literal["decision", "operation"] | None = "operation"

    def _run_hook(self, token: Token) -> bool | None:
        return None


class DecisionTask(ServiceTask):
    """Waits for the application to decide."""

    asks = "decision"


class ExclusiveGateway(Node, defaults.ExclusiveGateway):
    """Takes the first way whose condition is true, else the default."""

    def _chosen(self, token: Token) -> Iterable[Flow]:
        return _true_flows(self, token, only_first=True)


class InclusiveGateway(Node, defaults.InclusiveGateway):
    """Joins all tokens that can still come, then takes every way whose condition is true."""

    def prepare(self) -> None:
        """Find out from where each way in can be reached."""
        self.quiet = self.settles = len(self.incoming) > 1
        self.upstream = self._wf_spec.upstream_of(self) if self.settles else {}

    def _update_hook(self, token: Token) -> bool:
        if self.settles:
            token._set_state(WAITING)
        return not self.settles

    def settle(self, token: Token) -> bool:
        """Go on when no other token can come by a way that has none yet (BPMN 2.0.2, table 13.4)."""
        if token._state != WAITING:
            return False
        scope = token.workflow
        others = scope.live()
        here = _first_by_flow([other for other in others if other.task_spec is self and other._state == WAITING])
        if any(self._may_come(other, here) for other in others if other.task_spec is not self):
            return False
        _join(token, here)
        token._ready()
        return True

    def _may_come(self, other: Token, here: dict[str, Token]) -> bool:
        at = other.task_spec.name
        reached = {flow_id for flow_id, sources in self.upstream.items() if at in sources}
        return bool(reached) and not reached & here.keys()

    def _chosen(self, token: Token) -> Iterable[Flow]:
        return _true_flows(self, token, only_first=False)


class ParallelGateway(Node, defaults.ParallelGateway):
    """Waits for one token on every way in, then takes every way out."""

    def prepare(self) -> None:
        """See whether there is anything to wait for."""
        self.quiet = len(self.incoming) > 1

    def _update_hook(self, token: Token) -> bool:
        if len(self.incoming) <= 1:
            return True
        token._set_state(WAITING)
        waiting = [other for other in token.workflow.live() if other.task_spec is self and other._state == WAITING]
        here = _first_by_flow(waiting)
        if len(here) < len(self.incoming):
            return False
        _join(token, here)
        return True


class EventGateway(Node, defaults.EventBasedGateway):
    """Waits for the first of the events that follow it."""

    def prepare(self) -> None:
        """Let the events count as entered only when they happen."""
        for flow in self.outgoing:
            flow.target.quiet = True

    def _update_hook(self, token: Token) -> bool:
        token._set_state(STARTED)
        for flow in self.outgoing:
            token.workflow.place(flow.target, token.id).memory["by"] = flow.id
        return False


def _first_by_flow(waiting: Iterable[Token]) -> dict[str, Token]:
    here: dict[str, Token] = {}
    for token in waiting:
        here.setdefault(token.memory["by"], token)
    return here


def _join(token: Token, here: dict[str, Token]) -> None:
    """Make one token of those that came, one for each way in; any more stay for the next time."""
    here[token.memory["by"]] = token
    for other in here.values():
        if other is not token:
            other.drop()


def _true_flows(node: Node, token: Token, *, only_first: bool) -> list[Flow]:
    chosen = []
    for flow in node.outgoing:
        if flow.default:
            continue
        if flow.condition is None or token.workflow.process.evaluate(flow.condition, token.data) is True:
            chosen.append(flow)
            if only_first:
                return chosen
    chosen = chosen or [flow for flow in node.outgoing if flow.default]
    if not chosen and node.outgoing:
        message = f"{node.element_id}: no condition is true and there is no default way out; draw one"
        raise ProcessStuck(message, element=node.element_id)
    return chosen
