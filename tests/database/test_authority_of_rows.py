"""After a whole case, every row of it says the authority of its case."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables import METADATA, OF_THE_MACHINE, PARTS
from tests.episodes import start_and_walk_to
from tests.worlds import open_world

USED = {
    "action_plans", "assessments", "case_facts", "case_members", "consents", "evaluations", "history", "instances",
    "invitations", "lead_professionals", "outbox", "plan_actions", "plan_outcomes", "reviews", "tac_meetings",
    "user_tasks",
}  # fmt: skip


def test_every_row_of_a_case_says_the_authority_of_its_case(database_url: str) -> None:
    with open_world(database_url) as world:
        start_and_walk_to(world, "close_case")
        cases, seen = METADATA.tables["cases"], set()
        for name in METADATA.tables.keys() - PARTS.keys() - OF_THE_MACHINE:
            table = METADATA.tables[name]
            if "case_id" in table.c:
                rows = world.rows(
                    sa.select(table.c.authority_id, cases.c.authority_id).join(cases, cases.c.id == table.c.case_id)
                )
                assert all(own == of_case for own, of_case in rows), name
                seen |= {name} if rows else set()
        assert seen >= USED
