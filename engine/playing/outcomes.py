"""How scenarios go on texts, tried once for all processes of the service: what came of it is kept."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Final
from uuid import UUID

from engine.commands import plays as acts
from engine.playing.scenarios import Outcome, try_scenario
from engine.playing.stages import FIRST_DAY, Place, key_of, texts_of
from engine.process_engine import ProcessEngine
from engine.queries import plays
from engine.scenario_files import Scenario, write_scenario
from engine.store.scenario_outcomes import KeptOutcome

_TRYING: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Trials:
    """What scenarios are tried on: the files in force and new ones in the place of theirs, at an authority."""

    engine: ProcessEngine
    authority_id: UUID
    place: Place
    in_force: Mapping[str, bytes]
    new: Mapping[str, bytes]

    def known(self, scenarios: Iterable[Scenario]) -> dict[str, Outcome]:
        """Return the outcomes of those that were tried on just this already, by file."""
        asked = {self._digest(each): each for each in scenarios}
        found = plays.outcomes(self.engine, authority_id=self.authority_id, digests=list(asked))
        return {asked[digest].file: _outcome(asked[digest], kept) for digest, kept in found.items()}

    def of(self, scenario: Scenario) -> Outcome:
        """Return how a scenario goes, tried now unless it was before. Raises `DeploymentRefused`."""
        with _TRYING:
            found = self.known([scenario]).get(scenario.file)
            if found is not None:
                return found
            done = try_scenario(self.in_force, self.new, scenario, place=self.place)
            kept = KeptOutcome(done.problems, {key: sorted(flows) for key, flows in done.flows.items()})
            acts.keep_outcome(self.engine, authority_id=self.authority_id, digest=self._digest(scenario), outcome=kept)
            return done

    def without_the_change(self) -> Trials:
        """Return the same without the new files."""
        return replace(self, new={})

    def _digest(self, scenario: Scenario) -> str:
        day = scenario.on or FIRST_DAY
        on = key_of(texts_of(self.in_force, self.new), self.place, day)
        text = write_scenario(replace(scenario, name="-"))
        return hashlib.sha256(f"{version('caf-engine')} {on} ".encode() + text).hexdigest()


def _outcome(scenario: Scenario, kept: KeptOutcome) -> Outcome:
    return Outcome(scenario, kept.problems, {key: frozenset(flows) for key, flows in kept.flows.items()})
