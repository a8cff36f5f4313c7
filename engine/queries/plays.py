"""What a designer plays: the files in force with the drafts, the play under way, the scenarios of a diagram."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import viewing
from engine.scenario_files import SUFFIX, Scenario, read_scenario
from engine.store import authorities, definitions, model_drafts, scenario_outcomes
from engine.store.scenario_outcomes import KeptOutcome
from engine.store.tables.modelling import model_plays


@dataclass(frozen=True, slots=True)
class Models:
    """What is played: the files `in_force` by name, and the `drafts` in the place of theirs."""

    in_force: Mapping[str, bytes]
    drafts: Mapping[str, bytes]

    @property
    def every(self) -> Mapping[str, bytes]:
        """All files as they are played."""
        return {**self.in_force, **self.drafts}


def models(engine: ProcessEngine, *, actor: Actor, file: str = "", scenarios: bool = True) -> Models:
    """Return the files in force, the draft of `file`, and those that the actor saved last. Raises `NotPermitted`.

    With `scenarios`, the drafts of everybody's scenarios too.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        latest = sorted(set(view.authority.latest.values()))
        stored = [definitions.load(view.connection, id_) for id_ in latest]
        drafts = model_drafts.load_all(view.connection, actor.authority_id)
    own = {
        each.file: each.content
        for each in drafts
        if each.file == file or each.saved_by == actor.name or (scenarios and each.file.endswith(SUFFIX))
    }
    return Models({each.file: each.source for each in stored}, own)


def under_way(engine: ProcessEngine, *, actor: Actor, file: str) -> Scenario | None:
    """Return the play of a file that the actor has under way, None when there is none. Raises `NotPermitted`."""
    require_designer(actor)
    with engine.sessions.read() as connection:
        own = (model_plays.c.file == file) & (model_plays.c.account_id == actor.account_id)
        found = connection.execute(sa.select(model_plays.c.source).where(own)).scalar()
    return None if found is None else read_scenario(bytes(found), name=f"play{SUFFIX}", least=0)


def in_force(engine: ProcessEngine, *, authority_id: UUID) -> dict[str, bytes]:
    """Return the files in force at an authority (name -> content)."""
    with engine.sessions.read() as connection:
        latest = sorted(set(authorities.load(connection, authority_id).latest.values()))
        return {each.file: each.source for each in (definitions.load(connection, id_) for id_ in latest)}


def outcomes(engine: ProcessEngine, *, authority_id: UUID, digests: Collection[str]) -> dict[str, KeptOutcome]:
    """Return how scenarios went on texts that they were tried on already, by digest."""
    with engine.sessions.read() as connection:
        return scenario_outcomes.of(connection, authority_id, digests)
