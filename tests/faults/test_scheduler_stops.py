"""The scheduler is told to stop while a tick is under way: the tick ends, then the scheduler."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from apscheduler.schedulers.base import STATE_RUNNING, STATE_STOPPED

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


def test_it_stops_while_a_tick_is_being_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    handing, told = threading.Event(), threading.Event()
    monkeypatch.setattr(scheduler, "tick", lambda _engine, _courier: Ticked())
    with open_world(models={"letters.bpmn": LETTERS}) as world:
        running = Scheduler(world.engine, Mailbox())
        hand_over = running._executor.submit_job

        def slow_hand_over(*given: Any) -> None:
            hand_over(*given)
            handing.set()
            while running._scheduler.state == STATE_RUNNING:
                told.wait(0.01)

        monkeypatch.setattr(running._executor, "submit_job", slow_hand_over)
        running.start()
        assert handing.wait(60)
        running.stop()
    # A thread that failed fails the test: pytest is told to take its warning for an error.
    assert running._scheduler.state == STATE_STOPPED
