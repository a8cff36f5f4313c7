"""A case without a lead stands on the board with one line that says all of it, whoever was asked meanwhile."""

from __future__ import annotations

import sqlalchemy as sa

from engine.queries import case_file, overdue
from engine.store.tables import record
from tests.episodes import start_and_walk_to
from tests.worlds import build_world


def test_a_vacancy_is_one_line_that_says_what_everybody_is_asked() -> None:
    world = build_world()
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.write(
        sa.update(record.lead_professionals).values(to_on=world.today),
        sa.update(record.cases).values(version=record.cases.c.version + 1),
    )
    world.pass_days(31)
    open_now = sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None))
    held = {row.reason for row in world.rows(open_now)}
    assert {"nobody_leads", "nobody_leads_coordinator"} <= held, "every reason stays recorded"
    (row,) = [each for each in overdue.board(world.engine, actor=world.actor("cleo")).rows if each.case_id == case_id]
    (said,) = [each for each in row.reasons if "lead professional for" in each or "found to lead" in each]
    assert "Ask the other agencies' managers who can lead. Help the line managers to find one." in said
    assert said.count("working days") == 1
    shown = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id)
    assert len(shown.escalations) >= 2, "and shown on the case, each with its row"
