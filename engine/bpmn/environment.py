"""What one step is given, and the limits it must keep."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import BudgetExceeded, Invalid
from engine.ids import IdSource


class ProcessStuck(Invalid):
    """The process cannot go on: nothing is open, awaited or timed, or no way out of a gateway is true."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound one step: nodes run, seconds of computing, bodies of a multi-instance, calls, live sub-processes, bytes."""

    steps: int = 1_000
    seconds: float = 2.0
    multi_instance: int = 500
    call_depth: int = 10
    subprocesses: int = 500
    state_bytes: int = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnvironment:
    """The world one step happens in. `now` is aware UTC; `zone` is where local times and days are reckoned.

    `host` is handed to FEEL's host functions; `ids` names new tasks.
    """

    now: datetime
    zone: ZoneInfo
    ids: IdSource
    host: Any = None
    limits: Limits = field(default_factory=Limits)


class Spending:
    """Counts what a step has used. Raises `BudgetExceeded` naming the element that went past a limit.

    Seconds are this thread's own computing, so that a busy machine or a slow disk undoes nobody's step.
    """

    __slots__ = ("_deadline", "_limits", "_steps")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = 0
        self._deadline = time.thread_time() + limits.seconds

    def step(self, element_id: str) -> None:
        """Count one node run."""
        self._steps += 1
        if self._steps > self._limits.steps:
            raise _exceeded(element_id, "more than {} nodes ran and nobody was asked", self._limits.steps, "steps")
        if time.thread_time() > self._deadline:
            raise _exceeded(element_id, "the step took longer than {} seconds", self._limits.seconds, "seconds")

    def instances(self, element_id: str, count: int) -> None:
        """Check the bodies of a multi-instance element before any is made."""
        if count > self._limits.multi_instance:
            text = "the element would be done more than {} times"
            raise _exceeded(element_id, text, self._limits.multi_instance, "multi_instance")

    def calls(self, element_id: str, depth: int) -> None:
        """Check how deep processes call each other."""
        if depth > self._limits.call_depth:
            raise _exceeded(element_id, "processes call each other more than {} deep", self._limits.call_depth, "calls")

    def scopes(self, element_id: str, count: int) -> None:
        """Check how many sub-processes and called processes are alive."""
        if count > self._limits.subprocesses:
            text = "more than {} sub-processes run at once"
            raise _exceeded(element_id, text, self._limits.subprocesses, "subprocesses")

    def state(self, size: int) -> None:
        """Check the bytes of the whole instance."""
        if size > self._limits.state_bytes:
            raise _exceeded("", "the instance is larger than {} bytes", self._limits.state_bytes, "state_bytes")


def _exceeded(element_id: str, text: str, limit: float, what: str) -> BudgetExceeded:
    where = f"{element_id}: " if element_id else ""
    return BudgetExceeded(
        f"{where}{text.format(limit)}; the step was undone", element=element_id or None, limit=limit, what=what
    )
