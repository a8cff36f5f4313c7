"""How open cases stand, with the stage that their diagrams say: for the boards, and for whoever judges cases."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import case_opening
from engine.casework.stages import stage_of
from engine.process_engine import ProcessEngine
from engine.store import standings
from engine.store.standings import CaseStanding


def work_out(engine: ProcessEngine, connection: sa.Connection, case_ids: Sequence[UUID]) -> list[CaseStanding]:
    """Return how each of these cases stands that is open and a child's, out of the record as it is now."""

    def stage(running: Sequence[tuple[UUID, Sequence[str]]]) -> str:
        steps = {
            step
            for definition_id, current in running
            if case_opening(engine.library.process(connection, definition_id)) is not None
            for step in current
        }
        return stage_of(steps)

    return standings.work_out(connection, case_ids, stage)
