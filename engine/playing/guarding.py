"""Where people deploy: nothing comes into force that a scenario in force, or one that comes along, speaks against.

One that goes otherwise without the change too speaks against nothing: else it would stop every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from engine.bpmn.lint import Finding
from engine.playing.outcomes import Trials
from engine.playing.scenarios import Outcome, concerned, findings, scenarios_in
from engine.playing.stages import Place
from engine.process_engine import ProcessEngine, Tried
from engine.queries import played, plays
from engine.scenario_files import Scenario


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the scenarios are tried that a change concerns: `known` went as said, or not; `untried` are the others.

    `failing` go otherwise without the change too, and are in neither; `unreadable` are findings about new ones.
    """

    known: tuple[Outcome, ...]
    untried: tuple[Scenario, ...]
    failing: tuple[str, ...]
    unreadable: tuple[Finding, ...]

    @property
    def against(self) -> tuple[Outcome, ...]:
        """Those that went otherwise than they say."""
        return tuple(each for each in self.known if not each.kept)


def guarded(engine: ProcessEngine) -> ProcessEngine:
    """Return the engine with scenarios tried before anything is deployed."""

    def trial(
        authority_id: UUID, in_force: Mapping[str, bytes], new: Mapping[str, bytes], most: int | None
    ) -> Tried:
        trials = Trials(engine, authority_id, place_of(engine, authority_id), in_force, new)
        while (stands := standing(trials)).untried and most != 0:
            try_next(trials, stands)
            most = None if most is None else most - 1
        refused = (*stands.unreadable, *findings(stands.known))
        names, untried = ([each.scenario.name for each in stands.known], [each.name for each in stands.untried])
        return Tried(names, refused, stands.failing, untried)

    return replace(engine, scenarios=trial)


def trials_of(engine: ProcessEngine, authority_id: UUID, files: Mapping[str, bytes]) -> Trials:
    """Return what `files` (name -> content) are tried on, beside what is in force."""
    now = plays.in_force(engine, authority_id=authority_id)
    new = {file: content for file, content in files.items() if now.get(file) != content}
    return Trials(engine, authority_id, place_of(engine, authority_id), now, new)


def standing(trials: Trials) -> Standing:
    """Return how far the scenarios are tried that a change concerns, and try none."""
    every = {**trials.in_force, **trials.new}
    scenarios, wrong = scenarios_in(every)
    asked = concerned(scenarios, trials.new, every)
    known = trials.known(asked)
    doubtful = [each for each in asked if each.file in known and not known[each.file].kept]
    before = trials.without_the_change().known(each for each in doubtful if each.file not in trials.new)
    failing = {each.scenario.file for each in before.values() if not each.kept}
    open_ = {each.file for each in doubtful if each.file not in trials.new and each.file not in before}
    return Standing(
        known=tuple(known[each.file] for each in asked if each.file in known and each.file not in failing | open_),
        untried=tuple(each for each in asked if each.file not in known or each.file in open_),
        failing=tuple(each.name for each in asked if each.file in failing),
        unreadable=tuple(each for each in wrong if each.file in trials.new),
    )


def try_next(trials: Trials, stands: Standing) -> None:
    """Try the first scenario that is untried, without the change too where it fails. Raises `DeploymentRefused`."""
    scenario = stands.untried[0]
    if not trials.of(scenario).kept and scenario.file not in trials.new:
        trials.without_the_change().of(scenario)


def place_of(engine: ProcessEngine, authority_id: UUID) -> Place:
    """Return an authority as plays see it. Raises `NotFound`."""
    found: Mapping[str, Any] = played.authority_of(engine, authority_id)
    return Place(**found)
