"""The family withdraws consent: sharing stops in the same act, and a manager's harm check begins."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import may_see_case
from engine.commands import consents
from engine.errors import Invalid
from engine.store import relations
from engine.store.tables import record
from tests.worlds import World, build_world


def sees(world: World, username: str, case_id: UUID) -> bool:
    actor = world.actor(username)
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def test_sharing_stops_at_once_and_the_manager_is_asked(database_url: str) -> None:
    world = build_world(database_url)
    case_id = world.start_case()
    with pytest.raises(Invalid, match="Say who withdrew"):
        consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why=" ")
    member = {"id": world.engine.ids.new(), "case_id": case_id, "practitioner_id": world.ids["idris"]}
    member |= {"authority_id": world.authority_id, "role": "member", "from_on": world.today}
    world.write(sa.insert(record.case_members).values(**member))
    assert sees(world, "idris", case_id)
    first = consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, by telephone")
    again = consents.withdraw(world.engine, actor=world.actor("hana"), case_id=case_id, why="Mother, once more")
    assert first == again
    answers = world.rows(sa.select(record.consents.c.answer).where(record.consents.c.purpose == "sharing"))
    assert [row.answer for row in answers] == ["withdrawn"]
    assert "check_for_harm" in world.open_elements(case_id)
    assert sees(world, "hana", case_id)
    assert not sees(world, "idris", case_id)
    world.close()
