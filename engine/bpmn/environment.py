"""What one step is given, and the limits it must keep."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
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
            raise _exceeded(element_id, "steps", self._limits.steps)
        if time.thread_time() > self._deadline:
            raise _exceeded(element_id, "seconds", self._limits.seconds)

    def instances(self, element_id: str, count: int) -> None:
        """Check the bodies of a multi-instance element before any is made."""
        if count > self._limits.multi_instance:
            raise _exceeded(element_id, "multi_instance", self._limits.multi_instance)

    def calls(self, element_id: str, depth: int) -> None:
        """Check how deep processes call each other."""
        if depth > self._limits.call_depth:
            raise _exceeded(element_id, "calls", self._limits.call_depth)

    def scopes(self, element_id: str, count: int) -> None:
        """Check how many sub-processes and called processes are alive."""
        if count > self._limits.subprocesses:
            raise _exceeded(element_id, "subprocesses", self._limits.subprocesses)

    def state(self, size: int) -> None:
        """Check the bytes of the whole instance."""
        if size > self._limits.state_bytes:
            raise _exceeded("", "state_bytes", self._limits.state_bytes)


_SAID: Final = {
    "steps": "more than {:,} steps followed one another and nobody was asked;"
    " draw a task, a timer or another way out into the circle",
    "seconds": "working it out took longer than {:g} seconds; make it smaller, or draw a task or a timer in between",
    "multi_instance": "it would be done more than {:,} times; give it a shorter list or a smaller number",
    "calls": "processes call each other more than {:,} deep; let one of them end instead of calling the other again",
    "subprocesses": "more than {:,} sub-processes run at once; start fewer of them",
    "state_bytes": "the diagram would hold more than {:,} bytes; keep long texts in the record, not in its variables",
}
"""What went past a limit, and after the semicolon what to draw instead."""


def _exceeded(element_id: str, what: str, limit: float) -> BudgetExceeded:
    where = f"{element_id}: " if element_id else ""
    return BudgetExceeded(where + _SAID[what].format(limit), element=element_id or None, limit=limit, what=what)
