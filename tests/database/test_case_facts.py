"""Facts read one by one are the facts gathered all at once, and each reads no more than it comes from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.facts import FACT_NAMES, derive
from engine.store import authorities
from engine.store import facts as fact_store
from engine.store.case_facts import NEEDS, CaseFacts
from engine.store.fact_rows import GROUPS
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import invitations
from tests.episodes import STRAIGHT_ROAD, answers_for, start_and_walk_to
from tests.worlds import World, open_world


def calendar_of(world: World) -> WorkingCalendar:
    with world.engine.sessions.read() as connection:
        return authorities.load(connection, world.authority_id).calendar


def one_by_one(connection: sa.Connection, case_id: UUID, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    return {name: CaseFacts(connection, case_id, today=today, calendar=calendar)[name] for name in FACT_NAMES}


def test_every_fact_alone_is_what_it_is_among_all(database_url: str) -> None:
    seen: dict[str, set[str]] = {name: set() for name in FACT_NAMES}
    with open_world(database_url) as world:
        case_id, calendar = world.start_case(), calendar_of(world)
        for element in STRAIGHT_ROAD:
            if element == "hold_tac_meeting":
                world.do("reply_to_invitation", "idris", case_id=case_id, reply="attending")
            if element == "choose_review":
                for _ in range(9):
                    world.clock.advance(timedelta(weeks=2))
                    world.tick()
            world.do(element, "hana", case_id=case_id, **answers_for(world, element))
            world.clock.advance(timedelta(days=3))
            with world.engine.sessions.read() as connection:
                for later in (0, 70, 400):
                    today = world.today + timedelta(days=later)
                    recorded = fact_store.gather(connection, [case_id])[case_id]
                    together = derive(recorded, today=today, calendar=calendar)
                    alone = one_by_one(connection, case_id, today, calendar)
                    assert alone == {name: together[name] for name in FACT_NAMES}, element
                    for name, value in alone.items():
                        seen[name].add(str(value))
    told = [name for name in NEEDS if NEEDS[name] and len(seen[name]) > 1]
    assert len(told) > 20, "a fact that never changes proves nothing"


def test_what_is_asked_is_read_once_and_nothing_else_is(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        said: list[str] = []
        calendar = calendar_of(world)
        with world.engine.sessions.read() as connection:
            connection.execute(sa.select(1))  # begins the transaction
            sa.event.listen(connection, "before_cursor_execute", lambda *given: said.append(given[2]))
            facts = CaseFacts(connection, case_id, today=world.today, calendar=calendar)
            assert facts["concern_open"] is False
            assert facts["immediate_danger"] is False
            assert len(said) == 2, "the case row and the concerns"
            assert facts["closed"] is False
            assert facts["consent"] == "not_asked"
            assert len(said) == 3
            assert dict(facts).keys() == set(FACT_NAMES)
            assert len(said) == 1 + len(GROUPS)


def test_what_was_gathered_before_is_not_read_again(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        with world.engine.sessions.read() as connection:
            recorded = fact_store.gather(connection, [case_id])[case_id]
            said: list[str] = []
            sa.event.listen(connection, "before_cursor_execute", lambda *given: said.append(given[2]))
            calendar = calendar_of(world)
            facts = CaseFacts(connection, case_id, today=world.today, calendar=calendar, recorded=recorded)
            assert facts["consent"] == "not_asked"
            assert facts.recorded() is recorded
            assert not said


def test_a_name_that_is_no_fact_is_none(database_url: str) -> None:
    with open_world(database_url) as world, world.engine.sessions.read() as connection:
        facts = CaseFacts(connection, world.authority_id, today=world.today, calendar=calendar_of(world))
        with pytest.raises(KeyError):
            facts["favourite_colour"]
        assert facts.get("favourite_colour") is None


def test_needs_name_facts_and_groups() -> None:
    assert NEEDS.keys() <= set(FACT_NAMES)
    assert set().union(*NEEDS.values()) <= GROUPS.keys()


def test_the_family_was_heard_when_it_agreed_and_was_assessed(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        heard = []
        for element in ("record_consent", "complete_assessment"):
            world.clock.advance(timedelta(days=3))
            world.do(element, "hana", case_id=case_id, **answers_for(world, element))
            with world.engine.sessions.read() as connection:
                heard.append(fact_store.gather(connection, [case_id])[case_id].last_progress_on)
        assert heard == [world.today - timedelta(days=3), world.today]


@pytest.mark.parametrize(
    ("came", "missed", "called_off"), [("noor", 0, False), ("idris", 1, False), ("idris", 0, True)]
)
def test_the_agency_of_who_leads_was_at_the_meeting_though_nobody_invites_the_lead(
    database_url: str, came: str, missed: int, called_off: bool
) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, "hold_tac_meeting")
        if called_off:  # the consent was narrowed before the day: nobody who may not come has missed it
            with world.engine.sessions.act() as connection:
                asked = invitations.c.practitioner_id == world.ids["noor"]
                connection.execute(sa.update(invitations).where(asked).values(called_off_on=world.today))
        held = answers_for(world, "hold_tac_meeting") | {"attended": [str(world.ids[came])]}
        world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
        with world.engine.sessions.read() as connection:
            facts = CaseFacts(connection, case_id, today=world.today, calendar=calendar_of(world))
            assert facts["agency_meetings_missed"] == missed
            agency = sa.select(agencies.c.name).join(practitioners, practitioners.c.agency_id == agencies.c.id)
            theirs = connection.execute(agency.where(practitioners.c.id == world.ids["noor"])).scalar()
            assert facts["absent_agency"] == (theirs if missed else ""), "the sentence names who was missing"
