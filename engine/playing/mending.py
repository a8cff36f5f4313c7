"""Mend a scenario that knows nothing of a new step: what waits where it goes otherwise is done, and it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.playing.plays import Played, play, scene_of
from engine.playing.stages import Stage
from engine.queries import played
from engine.queries.played import PlayedTask
from engine.scenario_files import Scenario, Step

_MOST_STEPS: Final = 5


def goes_otherwise_at(done: Played) -> int | None:
    """Return before which step (0 for the first) a play goes otherwise than it says; None when it does not."""
    found = [each.step - 1 for each in done.unmet]
    if done.stuck is not None:
        found.append(len(done.ends))
    return min(found, default=None)


def unnamed(on: Stage, scenario: Scenario, steps: Sequence[Step]) -> list[PlayedTask]:
    """Return the tasks that are open after `steps` of which a scenario says nothing anywhere, the newest first."""
    scene = scene_of(on, play(on, scenario.begins, scenario.diagram, steps))
    said = {step.what for step in scenario.steps} | {each.what for step in scenario.steps for each in step.expects}
    found = [each for each in played.open_tasks(scene.engine, scene.case_id) if each.element not in said]
    return sorted(found, key=lambda each: each.opened_at, reverse=True)


def mended(on: Stage, scenario: Scenario) -> tuple[Scenario, tuple[str, ...]] | None:
    """Return a scenario in which the new steps are done, and their names; None when that alone does not mend it.

    Everything that it expected is expected still. Raises `EngineError` when it cannot begin.
    """
    steps, names = list(scenario.steps), list[str]()
    for _ in range(_MOST_STEPS + 1):
        at = goes_otherwise_at(play(on, scenario.begins, scenario.diagram, steps))
        if at is None:
            return replace(scenario, steps=tuple(steps)), tuple(names)
        waits = unnamed(on, replace(scenario, steps=tuple(steps)), steps[:at])
        if not waits:
            return None
        steps.insert(at, Step("do", waits[0].element))
        names.append(waits[0].name)
    return None
