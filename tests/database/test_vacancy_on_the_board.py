"""A case without a lead stands on the board with one line that says all of it, whoever was asked meanwhile."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import sqlalchemy as sa

from engine.commands import cases
from engine.queries import case_file, overdue
from engine.store.tables import record
from engine.store.tables.consents import consents
from tests.database.test_pathways import agree, lead
from tests.episodes import start_and_walk_to
from tests.worlds import World, build_world


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


def test_support_without_an_assessment_has_nobody_until_somebody_leads() -> None:
    """Counted from the family's first yes: no assessor holds such a case, and a later yes begins nothing anew."""
    world = build_world()
    child = cases.Child(given_name="Keira", family_name="Yeo", born_on=date(2018, 3, 2))
    case_id = cases.start(world.engine, actor=world.actor("hana"), child=child, pathway="support").case_id
    world.pass_days(20)
    assert vacancy(world, case_id) == [], "the family has not been asked yet"
    agree(world, case_id)
    (first,) = world.rows(sa.select(consents).where(consents.c.case_id == case_id))
    world.pass_days(7)
    assert vacancy(world, case_id) == []
    later = {**first._mapping, "id": uuid4(), "from_on": world.today}
    world.write(sa.update(consents).values(to_on=world.today), sa.insert(consents).values(later))
    world.pass_days(9)
    (row,) = world.rows(sa.select(record.escalations).where(record.escalations.c.reason == "nobody_leads"))
    assert "no lead professional for 10 working days" in row.sentence
    world.pass_days(1)
    assert len(vacancy(world, case_id)) == 1
    (row,) = [each for each in overdue.board(world.engine, actor=world.actor("cleo")).rows if each.case_id == case_id]
    assert "Nobody leads" in row.signals
    world.do("request_support", "hana", case_id=case_id, need="Help with eating")
    lead(world, case_id)
    world.tick()
    assert vacancy(world, case_id) == []


def vacancy(world: World, case_id: UUID) -> list[str]:
    """Return what the board says of nobody leading a case."""
    rows = overdue.board(world.engine, actor=world.actor("cleo")).rows
    return [said for row in rows if row.case_id == case_id for said in row.reasons if "who can lead" in said]
