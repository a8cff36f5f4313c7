"""Drive an instance twice at once: kept live, and stored and restored around every step. Both must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import Limits, StepEnvironment
from engine.bpmn.instance import Instance
from engine.bpmn.script_environment import FeelScriptEngine
from engine.clock import FakeClock
from engine.ids import SeededIds
from engine.progress import ArmedTimer, Progress

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 6, 4, 11, 0, tzinfo=UTC)


class Walk:
    """A process walked by element id. `last` is the latest progress; `open`, `timers` what stands open now."""

    def __init__(
        self,
        definition: ProcessDefinition,
        *,
        now: datetime = NOON,
        limits: Limits | None = None,
        zone: ZoneInfo = LONDON,
        start_at: str | None = None,
        **variables: Any,
    ) -> None:
        self.definition = definition
        self.now = now
        self.open: dict[UUID, str] = {}
        self.timers: dict[tuple[UUID, int], ArmedTimer] = {}
        self.seen: dict[UUID, Mapping[str, Any]] = {}
        self._limits = limits or Limits()
        self._zone = zone
        self._ids = [SeededIds(FakeClock(NOON), 7) for _ in range(2)]
        self._live = Instance.start(definition, variables, self._world(0), start_at=start_at)
        again = Instance.start(definition, variables, self._world(1), start_at=start_at)
        self._agree(self._live.progress(), again.progress())

    def _world(self, which: int) -> StepEnvironment:
        return StepEnvironment(now=self.now, zone=self._zone, ids=self._ids[which], limits=self._limits)

    def act(self, deed: Callable[[Instance], Any]) -> Any:
        """Do one thing to the live instance and to a restored one, and check that both changed alike."""
        restored = Instance.restore(self.definition, self.last.state, self._world(1))
        self._move_live_clock()
        results = [deed(self._live), deed(restored)]
        assert results[0] == results[1]
        self._agree(self._live.progress(), restored.progress())
        return results[0]

    def _move_live_clock(self) -> None:
        process, world = self._live._process, self._world(0)
        process.environment, process.engine = world, FeelScriptEngine(world.now, world.zone, world.host)

    def _agree(self, live: Progress, restored: Progress) -> None:
        assert live == restored
        self.last = live
        for task in live.closed:
            del self.open[task.task_id]
        for task in live.opened:
            self.open[task.task_id] = task.element_id
            self.seen[task.task_id] = task.variables
        for timer in live.armed:
            self.timers[timer.task_id, timer.occurrence] = timer
        for gone in live.disarmed:
            del self.timers[gone]

    @property
    def names(self) -> list[str]:
        """Return the element ids of the open tasks, sorted."""
        return sorted(self.open.values())

    def task(self, element_id: str) -> UUID:
        """Return the oldest open task of an element."""
        return next(task_id for task_id, name in self.open.items() if name == element_id)

    def timer(self, element_id: str) -> ArmedTimer:
        """Return the oldest armed timer of an element."""
        return next(timer for timer in self.timers.values() if timer.element_id == element_id)

    def complete(self, element_id: str, **variables: Any) -> Walk:
        """Complete an open task."""
        task_id = self.task(element_id)
        self.act(lambda instance: instance.complete(task_id, variables))
        return self

    def answer(self, element_id: str, **variables: Any) -> Walk:
        """Answer the oldest pending work of an element."""

        def deed(instance: Instance) -> None:
            work = next(work for work in instance.pending() if work.element_id == element_id)
            instance.answer(work.task_id, variables)

        self.act(deed)
        return self

    def fire(self, element_id: str) -> Walk:
        """Let the oldest timer of an element fire, at the time it is due or now, whichever is later."""
        timer = self.timer(element_id)
        self.now = max(self.now, timer.due_at)
        del self.timers[timer.task_id, timer.occurrence]
        self.act(lambda instance: instance.fire(timer.task_id))
        return self

    def send(self, name: str, **variables: Any) -> bool:
        """Send a message."""
        return bool(self.act(lambda instance: instance.send(name, variables)))

    def pending(self) -> list[str]:
        """Return the elements that await an answer."""
        return [work.element_id for work in self._live.pending()]

    @property
    def variables(self) -> Mapping[str, Any]:
        """Return the process's variables."""
        return self.last.variables

    @property
    def tokens(self) -> int:
        """Return how many tokens are alive."""
        return len(self._live._process.tokens)
