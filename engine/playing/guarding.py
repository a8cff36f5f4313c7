"""Where people deploy: nothing comes into force that a scenario in force, or one that comes along, speaks against.

One that goes otherwise without the change too speaks against nothing: else it would stop every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from engine.playing.scenarios import Outcome, concerned, findings, scenarios_in, try_scenario
from engine.playing.stages import Kept, Place
from engine.process_engine import ProcessEngine, Tried
from engine.queries import played

_TRIED: Kept[Tried] = Kept(20)


def guarded(engine: ProcessEngine) -> ProcessEngine:
    """Return the engine with scenarios tried before anything is deployed."""

    def trial(authority_id: UUID, in_force: Mapping[str, bytes], new: Mapping[str, bytes]) -> Tried:
        where = place_of(engine, authority_id)
        asked = (where.digest(), *sorted(in_force.items()), *sorted(new.items()))
        return _TRIED.made(hash(asked), lambda: _tried(where, in_force, new))

    return replace(engine, scenarios=trial)


def place_of(engine: ProcessEngine, authority_id: UUID) -> Place:
    """Return an authority as plays see it. Raises `NotFound`."""
    found: Mapping[str, Any] = played.authority_of(engine, authority_id)
    return Place(**found)


def _tried(where: Place, in_force: Mapping[str, bytes], new: Mapping[str, bytes]) -> Tried:
    every = {**in_force, **new}
    scenarios, wrong = scenarios_in(every)
    outcomes = [try_scenario(in_force, new, each, place=where) for each in concerned(scenarios, new, every)]
    failing = tuple(each.scenario for each in outcomes if not each.kept and _fails_anyway(where, in_force, new, each))
    asked = [each for each in outcomes if each.scenario not in failing]
    refused = (*(each for each in wrong if each.file in new), *findings(asked))
    return Tried(tuple(each.scenario.name for each in asked), refused, tuple(each.name for each in failing))


def _fails_anyway(where: Place, in_force: Mapping[str, bytes], new: Mapping[str, bytes], outcome: Outcome) -> bool:
    scenario = outcome.scenario
    return scenario.file not in new and not try_scenario(in_force, {}, scenario, place=where).kept
