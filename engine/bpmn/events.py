"""Events: where a process listens, throws, waits for a time, and ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import (
    CancelEventDefinition,
    ErrorEventDefinition,
    EscalationEventDefinition,
    MessageEventDefinition,
    NoneEventDefinition,
    SignalEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from engine.bpmn.nodes import Activity, EventGateway, Flow, Node
from engine.bpmn.script_environment import Formula
from engine.bpmn.throwing import throw_code, throw_message
from engine.bpmn.timers import Period, Schedule, schedule
from engine.bpmn.tokens import WAITING, Token
from engine.errors import Invalid


class TimerDefinition(EventDefinition):
    """A timer's rule: plain ISO text, or an expression. Never compares a clock; only `Instance.fire` fires it."""

    def __init__(self, name: str, rule: str | Formula, *, repeats: bool) -> None:
        super().__init__(name)
        self.rule = rule
        self.repeats = repeats

    @property
    def text(self) -> str:
        """Return the rule as text, for the record."""
        return self.rule if isinstance(self.rule, str) else self.rule.text

    def arm(self, token: Token) -> None:
        """Reckon when `token` is due. Raises `Invalid` naming the element."""
        process = token.workflow.process
        value = self.rule if isinstance(self.rule, str) else process.evaluate(self.rule, token.data)
        world = process.environment
        try:
            found = schedule(value, now=world.now, zone=world.zone, repeats=self.repeats)
        except Invalid as error:
            element_id = token.task_spec.element_id
            raise Invalid(f"{element_id}: {error.message}", element=element_id) from error
        remember_schedule(token, found)

    def rearm(self, token: Token) -> bool:
        """Set the next time of a cycle; say whether there is one."""
        world = token.workflow.process.environment
        found = recall_schedule(token).following(world.now, world.zone)
        if found is not None:
            remember_schedule(token, found)
        return found is not None


def remember_schedule(token: Token, found: Schedule) -> None:
    """Keep a timer's times in the token's memory, as JSON can hold them, and number its occurrence."""
    counts, element_id = token.workflow.process.occurrences, token.task_spec.element_id
    counts[element_id] = counts.get(element_id, 0) + 1
    token.memory["due"] = found.due.isoformat()
    token.memory["occurrence"] = counts[element_id]
    if found.period is not None and found.anchor is not None:
        period = found.period
        token.memory["cycle"] = [
            found.anchor.isoformat(), period.months, period.days, period.seconds, found.number, found.last
        ]


def recall_schedule(token: Token) -> Schedule:
    """Return what `remember_schedule` kept."""
    due = datetime.fromisoformat(token.memory["due"])
    if "cycle" not in token.memory:
        return Schedule(due)
    anchor, months, days, seconds, number, last = token.memory["cycle"]
    return Schedule(due, Period(months, days, seconds), datetime.fromisoformat(anchor), number, last)


def listens_to(node: Node) -> str | None:
    """Return the message or signal name a node waits for, if it does."""
    definition = getattr(node, "event_definition", None)
    if isinstance(definition, MessageEventDefinition | SignalEventDefinition):
        return str(definition.name)
    return None


class StartEvent(Node, defaults.StartEvent):
    """Where a token begins; whatever it waits for has happened by then."""

    @property
    def plain(self) -> bool:
        """Say whether it waits for nothing."""
        return isinstance(self.event_definition, NoneEventDefinition)


class CatchEvent(Node, defaults.IntermediateCatchEvent):
    """Waits for a message, a signal or a time."""

    def _update_hook(self, token: Token) -> bool:
        token._set_state(WAITING)
        if isinstance(self.event_definition, TimerDefinition):
            self.event_definition.arm(token)
        return False

    def _on_complete(self, token: Token) -> None:
        _win(token)
        super()._on_complete(token)


class ReceiveTask(Activity, defaults.ReceiveTask):
    """Waits for a message."""

    def _begin(self, token: Token) -> bool:
        token._set_state(WAITING)
        return False

    def _on_complete(self, token: Token) -> None:
        _win(token)
        super()._on_complete(token)


class BoundaryEvent(Node, defaults.BoundaryEvent):
    """Listens while an activity lasts, and takes its place (interrupting) or starts something beside it."""

    quiet = True

    def _update_hook(self, token: Token) -> bool:
        token._set_state(WAITING)
        if isinstance(self.event_definition, TimerDefinition):
            self.event_definition.arm(token)
        return False

    def catches(self, kind: type, code: str | None) -> bool:
        """Say whether this event catches an error, escalation or cancellation of this code (None catches all)."""
        definition = self.event_definition
        return isinstance(definition, kind) and getattr(definition, "code", None) in (None, code)

    def _on_complete(self, token: Token) -> None:
        scope = token.workflow
        scope.process.entered.append(self.element_id)
        if self.cancel_activity:
            scope.tasks[token._parent].cancel()
        elif isinstance(self.event_definition, TimerDefinition) and not self.event_definition.rearm(token):
            token.drop()
        else:
            token._set_state(WAITING)
        scope.follow(self.outgoing)
        scope.finish_if_empty()


class ThrowEvent(Node, defaults.IntermediateThrowEvent):
    """Throws a message, a signal or an escalation, and goes on."""

    def _on_complete(self, token: Token) -> None:
        _throw(self.event_definition, token)
        if token.alive:
            super()._on_complete(token)


class SendTask(Activity, defaults.SendTask):
    """Sends its message; one without a message waits for the application's operation."""

    asks = "operation"

    def _run_hook(self, token: Token) -> bool | None:
        if not isinstance(self.event_definition, MessageEventDefinition):
            return None
        throw_message(token, str(self.event_definition.name))
        return True


class EndEvent(Node, defaults.EndEvent):
    """Uses a token up; may throw, or end everything around it."""

    def _on_complete(self, token: Token) -> None:
        _throw(self.event_definition, token)
        if not token.alive:
            return
        scope = token.workflow
        if isinstance(self.event_definition, TerminateEventDefinition):
            scope.clear()
            if scope is scope.process:
                scope.process.end = "terminated"
            scope.finish_if_empty()
        else:
            scope.leave(token, self._chosen(token))

    def _chosen(self, token: Token) -> Iterable[Flow]:
        return ()


def _win(token: Token) -> None:
    """Take the other events away when this one followed an event gateway."""
    scope = token.workflow
    gateway = scope.tasks[token._parent]
    if isinstance(gateway.task_spec, EventGateway):
        scope.process.flows.append(token.memory.pop("by"))
        token.move_up()
        gateway.cancel()


def _throw(definition: Any, token: Token) -> None:
    if isinstance(definition, MessageEventDefinition):
        throw_message(token, str(definition.name))
    elif isinstance(definition, SignalEventDefinition):
        throw_message(token, str(definition.name), outside=False)
    elif isinstance(definition, ErrorEventDefinition | EscalationEventDefinition | CancelEventDefinition):
        throw_code(token, type(definition), getattr(definition, "code", None))
