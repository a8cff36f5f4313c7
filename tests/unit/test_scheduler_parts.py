"""One defect does not stop the night's work, and does not hide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import scheduler
from engine.commands import concerns, incidents, timers
from engine.errors import Conflict
from engine.queries import incidents as queries
from tests.worlds import World, build_world


def test_a_defect_in_one_timer_becomes_an_incident_and_the_others_fire(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    _break_first(monkeypatch, KeyError("Sam Whitlock"))
    world.pass_days(3)
    told = world.incidents()
    assert {incident.message for incident in told} == {"A defect of the service: KeyError"}


def test_a_timer_that_always_meets_somebody_becomes_an_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    _break_first(monkeypatch, Conflict("busy"))
    world.clock.advance(timedelta(days=2))
    for _ in range(timers.MOST_MEETINGS):
        assert not world.incidents()
        world.clock.advance(timedelta(minutes=2))
        timers.fire_due(world.engine)
    assert {incident.kind for incident in world.incidents()} == {"timer"}


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


def test_a_part_of_a_tick_that_fails_whole_is_an_incident_and_the_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = _with_timers()
    world.clock.advance(timedelta(days=1))
    with monkeypatch.context() as broken:
        broken.setattr(scheduler.timers, "fire_due", _failing_with(KeyError("Sam Whitlock")))
        for _ in range(2):
            with pytest.raises(KeyError):
                world.tick()
    (incident,) = world.incidents()
    assert incident.message == "The timers that are due could not be fired: A defect of the service: KeyError"
    assert (incident.kind, incident.authority_id, incident.tries) == ("service", world.authority_id, 2)
    assert world.mailbox.messages, "what waits is sent all the same"
    assert "Whitlock" not in caplog.text and "test_scheduler_parts.py" in caplog.text
    told = queries.open_incidents(world.engine, actor=world.actor("cleo"))
    assert [(each.element_id, "the service does by itself" in each.advice) for each in told] == [(None, True)]
    world.clock.advance(timedelta(minutes=1))
    world.tick()
    assert not world.incidents()


def test_a_night_that_cannot_be_run_waits_for_the_next_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    tried: list[Any] = []
    with monkeypatch.context() as broken:
        broken.setattr(scheduler.escalation, "check_nightly", _failing_with(KeyError("Sam Whitlock"), tried))
        world.clock.advance(timedelta(days=1))
        with pytest.raises(KeyError):
            world.tick()
        for _ in range(3):
            world.clock.advance(timedelta(minutes=1))
            world.tick()
    assert len(tried) == 1
    assert [incident.element_id for incident in world.incidents()] == ["night"], "it is not over when minutes pass"
    world.pass_days(1)
    assert not world.incidents()


def test_a_night_is_tried_again_at_once_when_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    with monkeypatch.context() as broken:
        broken.setattr(scheduler.escalation, "check_nightly", _failing_with(KeyError("Sam Whitlock")))
        world.clock.advance(timedelta(days=1))
        with pytest.raises(KeyError):
            world.tick()
    judged: list[Any] = []
    monkeypatch.setattr(scheduler.escalation, "check_nightly", _noting(scheduler.escalation.check_nightly, judged))
    (incident,) = world.incidents()
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id)
    world.tick()
    assert judged and not world.incidents()


def test_who_wishes_to_stop_the_service_is_never_kept_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _with_timers()
    monkeypatch.setattr(scheduler.timers, "fire_due", _failing_with(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        world.tick()
    assert not world.incidents()


def _failing_with(error: BaseException, tried: list[Any] | None = None) -> Callable[..., Any]:
    def fail(*given: Any, **named: Any) -> Any:
        if tried is not None:
            tried.append((given, named))
        raise error

    return fail


def _noting(real: Callable[..., Any], noted: list[Any]) -> Callable[..., Any]:
    def note(*given: Any, **named: Any) -> Any:
        noted.append(named)
        return real(*given, **named)

    return note
