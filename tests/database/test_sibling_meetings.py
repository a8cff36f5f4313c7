"""One meeting for two children of a family: the second joins the first one's day and nobody is asked twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.options import options_for
from engine.store.tables import record
from tests.episodes import STRAIGHT_ROAD, answers_for, start_and_walk_to
from tests.processes.walking import shipped_form
from tests.worlds import World, build_world


@pytest.fixture
def world() -> World:
    return build_world()


def sibling_of(world: World, case_id: UUID) -> UUID:
    """Open a case for Ella, of the same family, and walk it to the arranging of its meeting."""
    (family,) = world.rows(
        sa.select(record.children.c.family_id)
        .join(record.cases, record.cases.c.child_id == record.children.c.id)
        .where(record.cases.c.id == case_id)
    )
    ella = world.start_case(given_name="Ella", family_id=family.family_id)
    for element in STRAIGHT_ROAD:
        if element == "arrange_tac_meeting":
            return ella
        if element in world.open_elements(ella):
            world.do(element, "hana", case_id=ella, **answers_for(world, element))
    raise AssertionError("no meeting to arrange")


def offered(world: World, case_id: UUID) -> list[Any]:
    with world.engine.sessions.read() as connection:
        form = shipped_form("arrange_tac_meeting")
        found = options_for(connection, form, authority_id=world.authority_id, case_id=case_id)
    return list(found["sibling_meetings"])


def meeting_of(world: World, case_id: UUID) -> sa.Row[Any]:
    (row,) = world.rows(sa.select(record.tac_meetings).where(record.tac_meetings.c.case_id == case_id))
    return row


def replies(world: World, case_id: UUID) -> dict[str, str]:
    names = {id_: name for name, id_ in world.ids.items()}
    rows = world.rows(sa.select(record.invitations).where(record.invitations.c.case_id == case_id))
    return {names[row.practitioner_id]: row.reply for row in rows}


def test_a_child_joins_a_siblings_meeting_and_nobody_is_asked_twice(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    world.do("reply_to_invitation", "idris", case_id=sam, reply="attending", report="Sam only")
    ella = sibling_of(world, sam)
    (choice,) = offered(world, ella)
    assert choice.label == "Monday 16 March, 16:00, School, for Sam"
    assert offered(world, sam) == []
    joined = {"sibling_meeting": choice.value, "also_invited": [str(world.ids["noor"]), str(world.ids["sunniva"])]}
    world.do("arrange_tac_meeting", "hana", case_id=ella, **joined)
    hers, his = meeting_of(world, ella), meeting_of(world, sam)
    assert (hers.planned_on, hers.starts_at, hers.venue) == (his.planned_on, his.starts_at, his.venue)
    asked = [task.assignee_id for task in world.tasks(ella, element="reply_to_invitation")]
    assert asked == [world.ids["sunniva"]]
    assert replies(world, ella) == {"idris": "attending", "noor": "none", "sunniva": "none"}
    # Noor answers once, for both; what is reported of one child stays with that child.
    world.do("reply_to_invitation", "noor", case_id=sam, reply="apologies", report="Sam reads well")
    assert replies(world, ella)["noor"] == "apologies"
    reports = world.rows(sa.select(record.invitations.c.report).where(record.invitations.c.case_id == ella))
    assert {row.report for row in reports} == {""}
    world.do("hold_tac_meeting", "hana", case_id=ella, **answers_for(world, "hold_tac_meeting"))
    assert meeting_of(world, ella).held_on == world.today
    assert meeting_of(world, sam).held_on is None, "each child's meeting is written up for itself"


def test_without_consent_or_another_family_there_is_nothing_to_join(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    ella = sibling_of(world, sam)
    assert len(offered(world, ella)) == 1
    stranger = start_and_walk_to(world, "arrange_tac_meeting")
    assert offered(world, stranger) == []
    refused = sa.update(record.consents).where(record.consents.c.case_id == sam).values(answer="refused")
    (chosen,) = offered(world, ella)
    world.write(refused)
    assert offered(world, ella) == []
    with pytest.raises(Invalid):
        world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=chosen.value)
