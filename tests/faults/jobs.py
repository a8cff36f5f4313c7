"""What a child process of the fault tests does: one act on a real engine of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.casework.permissions import Actor
from engine.commands import batches, escalation, outbox, practitioners, timers, user_tasks
from engine.errors import EngineError
from engine.process_engine import ProcessEngine
from engine.store.outbox import Claimed

Point = Callable[[str], None]
"""Called at everything that happens; it is where a child dies."""


@dataclass(frozen=True, slots=True)
class AppendingCourier:
    """Delivers by adding the message's id to a file, on the disk before it returns; the world outside the database."""

    path: Path
    point: Point

    def send(self, message: Claimed) -> None:
        """Deliver one message."""
        self.point("before sending")
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{message.id}\n".encode())
        os.fsync(handle)
        os.close(handle)
        self.point("after sending")


def as_arguments(actor: Actor) -> dict[str, Any]:
    """Write an actor so that it can be sent to a child."""
    return {
        "account_id": str(actor.account_id),
        "practitioner_id": str(actor.practitioner_id),
        "authority_id": str(actor.authority_id),
        "name": actor.name,
        "roles": sorted(actor.roles),
    }


def read_actor(given: Mapping[str, Any]) -> Actor:
    ids = {name: UUID(given[name]) for name in ("account_id", "practitioner_id", "authority_id")}
    return Actor(**ids, name=given["name"], roles=frozenset(given["roles"]))


def complete(
    engine: ProcessEngine,
    _point: Point,
    *,
    actor: Mapping[str, Any],
    task_id: str,
    answers: Mapping[str, Any],
    request_key: str | None = None,
) -> Any:
    """Complete one task."""
    done = user_tasks.complete(
        engine, actor=read_actor(actor), task_id=UUID(task_id), answers=answers, request_key=request_key
    )
    return {"case_id": str(done.case_id), "opened": sorted(str(id_) for id_ in done.opened)}


def complete_many(
    engine: ProcessEngine, _point: Point, *, actor: Mapping[str, Any], task_ids: list[str], answers: Mapping[str, Any]
) -> Any:
    """Try to complete each task; return what came of each: `done`, or the kind of error with its details."""
    results = []
    for task_id in task_ids:
        try:
            user_tasks.complete(engine, actor=read_actor(actor), task_id=UUID(task_id), answers=answers)
        except EngineError as error:
            results.append({"error": type(error).__name__, **{key: str(value) for key, value in error.details.items()}})
        else:
            results.append({"done": task_id})
    return results


def fire(engine: ProcessEngine, _point: Point) -> Any:
    """Fire the timers that are due."""
    done = timers.fire_due(engine)
    return {"fired": done.fired, "failed": done.failed}


def fire_until_idle(engine: ProcessEngine, _point: Point, *, limit: int) -> Any:
    """Fire until nothing is due, a few at a time."""
    fired = 0
    while (done := timers.fire_due(engine, limit=limit)).fired or done.more:
        fired += done.fired
    return {"fired": fired}


def judge(engine: ProcessEngine, _point: Point) -> Any:
    """Judge the cases that changed."""
    return {"changed": escalation.check_changed(engine).changed}


def go_away(engine: ProcessEngine, _point: Point, *, actor: Mapping[str, Any], practitioner_id: str) -> Any:
    """Record that somebody is away from today on; the diagrams of the cases they lead are told."""
    today = engine.clock.now().date()
    practitioners.record_absence(
        engine, actor=read_actor(actor), practitioner_id=UUID(practitioner_id), from_on=today, expected_to_on=today
    )


def go_on(engine: ProcessEngine, _point: Point) -> Any:
    """Go on with the batches under way."""
    return {"seen": batches.go_on(engine)}


def deliver(engine: ProcessEngine, point: Point, *, path: str) -> Any:
    """Send what waits in the outbox."""
    done = outbox.deliver_due(engine, AppendingCourier(Path(path), point))
    return {"sent": done.sent, "failed": done.failed}


JOBS: Mapping[str, Callable[..., Any]] = {
    job.__name__: job for job in (complete, complete_many, fire, fire_until_idle, judge, go_away, go_on, deliver)
}


def clock_at(instant: str) -> datetime:
    """Read an instant that was sent as ISO text."""
    return datetime.fromisoformat(instant)
