"""One defect does not stop the night's work, and does not hide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.commands import concerns, timers
from engine.errors import Conflict
from tests.worlds import World, build_world


def test_a_defect_in_one_timer_becomes_an_incident_and_the_others_fire(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    _break_first(monkeypatch, KeyError("Sam Whitlock"))
    world.pass_days(3)
    told = world.incidents()
    assert [incident.message for incident in told] == ["A defect of the service: KeyError"]


def test_a_timer_that_always_meets_somebody_becomes_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    _break_first(monkeypatch, Conflict("busy"))
    world.clock.advance(timedelta(days=2))
    for _ in range(timers.MOST_MEETINGS):
        assert not world.incidents()
        world.clock.advance(timedelta(minutes=2))
        timers.fire_due(world.engine)
    assert [incident.kind for incident in world.incidents()] == ["timer"]


def _with_timers() -> World:
    world = build_world()
    case_id = world.start_case()
    concerns.raise_concern(world.engine, actor=world.actor("hana"), case_id=case_id, answers={})
    return world


def _break_first(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    broken: list[Any] = []
    real = timers.advance

    def advance(work: Any, line: Any, step: Any) -> Any:
        if not broken or broken[0] == line.id:
            broken[:1] = [line.id]
            raise error
        return real(work, line, step)

    monkeypatch.setattr(timers, "advance", advance)
