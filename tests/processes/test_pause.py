"""A plan that rests until a fixed day, and goes on by itself, or earlier when somebody says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, Walk, shipped_process

KEY = "pause"
UNTIL = date(2026, 4, 13)
AGREED: dict[str, Any] = {"paused_until": UNTIL.isoformat(), "reason": "In hospital until Easter."}


def goes_on_by_itself(walk: Walk) -> None:
    assert walk.asked("go_on_early") == (LEAD, ["line_managers", "coordinators"], UNTIL)
    assert walk.due("pause_is_over").date() == UNTIL
    walk.fire("pause_is_over")
    assert walk.operations() == ["resume_case"]
    assert walk.end == "completed"


def goes_on_early(walk: Walk) -> None:
    walk.do("go_on_early", why="Home again.")
    assert walk.operations() == []
    assert walk.end == "completed"


SCENARIOS = (goes_on_by_itself, goes_on_early)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=AGREED))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=AGREED)
        scenario(walk)
        walked.update(walk.flows)
    assert walked >= set(shipped_process(KEY).flows)


@pytest.mark.parametrize("until", ["2026-03-02", "2026-05-26"])
def test_a_pause_ends_from_tomorrow_to_twelve_weeks_on(until: str) -> None:
    with pytest.raises(InvalidAnswers):
        Walk(KEY, saved=False, begin={**AGREED, "paused_until": until})


def test_it_needs_a_reason() -> None:
    with pytest.raises(InvalidAnswers, match="why"):
        Walk(KEY, saved=False, begin={"paused_until": AGREED["paused_until"]})
