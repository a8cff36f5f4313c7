"""Who had a case when it closed may still read it, and nothing more; nobody else gains anything by the close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases, stalled_plans
from engine.errors import Conflict, NotFound
from engine.queries import case_file, task_page
from engine.store.tables import record, running
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world of invented people."""
    with open_world(database_url) as world:
        yield world


def closed_case(world: World) -> UUID:
    """Return a case that Hana assessed, led and closed; Idris and Noor were in its team."""
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, reason="needs_met", summary="Sam sleeps well.", family_told="yes")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    return case_id


def test_whoever_closes_it_reads_first_what_ends_with_it(world):
    case_id = start_and_walk_to(world, "close_case")

    def told(by: str, element: str) -> dict[str, str]:
        task_id = world.task(element, case_id).id
        return dict(task_page.task(world.engine, actor=world.actor(by), task_id=task_id).about)

    ends = {
        "Tasks that end with the case": "“Discuss what is in the way”, with Morgan Hale",
        "Diagrams that end with it": "Stalled plan",
        "Reminders and dates that end with it": "2",
    }
    assert told("hana", "close_case") == ends
    world.do("close_case", "hana", case_id=case_id, reason="needs_met", summary="Sam sleeps well.", family_told="yes")
    assert told("morgan", "sign_off_closure").items() >= ends.items()
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.open_elements(case_id) == []


def readers(world: World, case_id: UUID) -> set[str]:
    found = set()
    for key in world.ids:
        try:
            case_file.read(world.engine, actor=world.actor(key), case_id=case_id)
            found.add(key)
        except NotFound:
            assert not case_file.may_open(world.engine, actor=world.actor(key), case_id=case_id)
    return found


def test_who_led_and_their_manager_may_read_it_and_find_it(world):
    case_id = closed_case(world)
    assert readers(world, case_id) == {"hana", "morgan", "cleo"}
    for key in ("hana", "morgan", "idris"):
        search = case_file.cases(world.engine, actor=world.actor(key), search="whitlock")
        assert [row.case_id for row in search] == ([] if key == "idris" else [case_id]), key
        assert case_file.cases(world.engine, actor=world.actor(key)) == ()


def test_who_led_it_before_the_last_day_may_not(world):
    case_id = closed_case(world)
    for table in (record.lead_professionals, record.case_members):
        world.write(sa.update(table).where(table.c.case_id == case_id).values(to_on=date(2026, 3, 3)))
    assert readers(world, case_id) == {"cleo"}


@pytest.mark.parametrize("hana", ["led for long", "led that day too", "assessed"])
def test_who_handed_over_on_the_day_it_closed_did_not_have_it_at_the_close(world, hana):
    """A day has no hour: that somebody led after them tells."""
    case_id, leads, members = closed_case(world), record.lead_professionals, record.case_members
    begin = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": case_id}
    begin |= {"practitioner_id": world.ids["noor"], "from_on": world.today, "to_on": world.today}
    before = {
        "led for long": sa.delete(members).where(members.c.role == "assessor"),
        "led that day too": sa.update(leads).values(from_on=world.today),
        "assessed": sa.delete(leads),
    }
    of_team = (members.c.practitioner_id == world.ids["hana"]) & (members.c.role == "member")
    world.write(before[hana], sa.delete(members).where(of_team), sa.insert(leads).values(begin))
    if hana == "assessed":
        assesses = members.c.role == "assessor"
        world.write(sa.update(members).where(assesses).values(from_on=date(2026, 1, 5), to_on=world.today))
    assert readers(world, case_id) == {"noor", "sunniva", "cleo"}
    for key in ("hana", "morgan", "noor"):
        found = case_file.cases(world.engine, actor=world.actor(key), search="whitlock")
        assert [row.case_id for row in found] == ([case_id] if key == "noor" else []), key
    file = case_file.read(world.engine, actor=world.actor("noor"), case_id=case_id)
    assert "Hana Verity" not in {person.name for person in file.people}


def test_a_lead_that_ended_gives_nothing_on_an_open_case(world):
    case_id = start_and_walk_to(world, "hold_review")
    for table in (record.lead_professionals, record.case_members):
        world.write(sa.update(table).where(table.c.case_id == case_id).values(to_on=world.today))
    world.write(sa.update(running.user_tasks).where(running.user_tasks.c.case_id == case_id).values(assignee_id=None))
    assert readers(world, case_id) == {"cleo"}


def test_no_act_is_let_through(world):
    case_id = closed_case(world)
    said = {"reason": "not_progressing", "why": "Nothing moves"}
    for key in ("hana", "morgan", "cleo"):
        who = world.actor(key)
        with pytest.raises(Conflict):
            stalled_plans.report(world.engine, actor=who, case_id=case_id, **said)
        with pytest.raises(Conflict):
            cases.start_process_on(world.engine, actor=who, case_id=case_id, process_key="stalled_plan")
        assert not case_file.read(world.engine, actor=who, case_id=case_id).may_report_stalled
