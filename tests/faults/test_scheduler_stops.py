"""The scheduler is told to stop while a tick is under way: the tick ends, then the scheduler."""

from __future__ import annotations

import threading

import pytest

from engine import scheduler
from engine.commands.outbox import Courier
from engine.process_engine import ProcessEngine
from engine.scheduler import Scheduler, Ticked
from tests.small_models import LETTERS
from tests.worlds import Mailbox, open_world


def test_it_stops_while_a_tick_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow_tick(_engine: ProcessEngine, _courier: Courier) -> Ticked:
        began.set()
        assert go_on.wait(60)
        ended.set()
        return Ticked()

    monkeypatch.setattr(scheduler, "tick", slow_tick)
    with open_world(models={"letters.bpmn": LETTERS}) as world:
        running = Scheduler(world.engine, Mailbox())
        running.start()
        assert began.wait(60)
        stopping = threading.Thread(target=running.stop, daemon=True)
        stopping.start()
        stopping.join(0.5)
        assert stopping.is_alive(), "it stopped before its tick had ended"
        go_on.set()
        stopping.join(60)
        assert ended.is_set()
        assert not stopping.is_alive(), "the tick and the scheduler wait for each other"
