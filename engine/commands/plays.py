"""Keep the play that a designer has under way, its steps, which are all that it is; and how scenarios went."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.scenario_files import Scenario, write_scenario
from engine.store import administration, scenario_outcomes
from engine.store.scenario_outcomes import KeptOutcome
from engine.store.tables.modelling import model_plays

LONGEST_NAME = 200
MOST_BYTES = 200_000


def keep(engine: ProcessEngine, *, actor: Actor, file: str, play: Scenario) -> None:
    """Keep the play of a file as it is now, in the place of what it was. Raises `NotPermitted`, `Invalid` when it is
    longer than a scenario may be.
    """
    if not permissions.may_deploy(actor):
        raise NotPermitted("Only a process designer may play diagrams")
    source = write_scenario(play)
    if len(file) > LONGEST_NAME or len(source) > MOST_BYTES:
        raise Invalid("This play is too long to be kept; begin again", field="steps")
    values = {"source": source, "saved_at": engine.clock.now()}
    own = (
        (model_plays.c.authority_id == actor.authority_id)
        & (model_plays.c.file == file)
        & (model_plays.c.account_id == actor.account_id)
    )
    with engine.sessions.act() as connection:
        if connection.execute(sa.update(model_plays).where(own).values(**values)).rowcount == 0:
            row = {"id": engine.ids.new(), "authority_id": actor.authority_id, "account_id": actor.account_id}
            connection.execute(sa.insert(model_plays).values(**row, file=file, **values))


def keep_outcome(engine: ProcessEngine, *, authority_id: UUID, digest: str, outcome: KeptOutcome) -> None:
    """Keep how a scenario went on texts of this digest, so that nobody tries it again on the same."""
    with engine.sessions.act() as connection:
        administration.lock(connection, authority_id)
        scenario_outcomes.keep(
            connection, engine.ids.new(), authority_id, digest, outcome, at=engine.clock.now()
        )
