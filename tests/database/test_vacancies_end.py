"""Whoever leads again, and however they came to it, nobody is asked any more who leads in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, practitioners
from engine.errors import Conflict
from engine.store.tables import people
from tests.database.test_handovers import leads, propose, tell
from tests.database.test_practitioners import away, leaves
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

ALARM = "Urgent: a plan"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def stays(world: World, case_id: UUID) -> str:
    leaves(world, "hana")
    assert "name_interim_lead" in world.open_elements(case_id)
    hana = world.ids["hana"]
    practitioners.take_back_leaving(world.engine, actor=world.actor("morgan"), practitioner_id=hana, why="A slip")
    return "hana"


def is_back(world: World, case_id: UUID) -> str:
    absence = practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today
    )
    world.pass_days(16)
    assert "name_interim_lead" in world.open_elements(case_id)
    practitioners.end_absence(world.engine, actor=world.actor("morgan"), absence_id=absence)
    return "hana"


def hands_over(world: World, case_id: UUID) -> str:
    propose(world, case_id, in_days=2)
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    leaves(world, "hana")
    assert "name_interim_lead" in world.open_elements(case_id)
    world.clock.advance(timedelta(days=2))
    return "idris"


def is_merged(world: World, case_id: UUID) -> str:
    other = start_and_walk_to(world, "hold_tac_meeting")
    leaves(world, "hana")
    case_processes.start(
        world.engine, actor=world.actor("cleo"), case_id=case_id, process_key="merge_cafs",
        answers={"other_case": str(other), "why": "Two plans"},
    )  # fmt: skip
    world.do("ask_family", "morgan", case_id=case_id, merge_agreed="yes", family_view="We like it.")
    chosen = str(world.ids["idris"])
    world.do("decide_merge", "cleo", case_id=case_id, continues="this", merged_lead=chosen)
    return "idris"


@pytest.mark.parametrize("again", [stays, is_back, hands_over, is_merged])
def test_a_vacancy_ends_by_itself_once_somebody_leads_again(world: World, again: Callable[[World, UUID], str]) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    lead = again(world, case_id)
    world.tick()
    assert leads(world, case_id) == [lead]
    assert "name_interim_lead" not in world.open_elements(case_id)
    assert world.instance(case_id, "lead_vacant").status == "ended"
    world.mailbox.messages.clear()
    world.pass_days(7)
    assert not [each.subject for each in world.mailbox.messages if each.subject.startswith(ALARM)]
    assert not world.incidents() and not world.verified().findings


@pytest.mark.parametrize("days", [2, 16], ids=["not for long", "asked already"])
def test_a_leaving_that_is_taken_back_leaves_the_absence_and_its_question_as_they_were(
    world: World, days: int
) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    away(world, "hana", 60)
    (before,) = world.rows(sa.select(people.absences))
    world.pass_days(days)
    asked = "name_interim_lead" in world.open_elements(case_id)
    assert asked is (days > 14)
    stays(world, case_id)
    assert [row.to_on for row in world.rows(sa.select(people.absences))] == [None]
    world.tick()
    (now,) = world.rows(sa.select(people.absences))
    assert (now.from_on, now.expected_to_on, now.to_on) == (before.from_on, before.expected_to_on, None)
    assert ("name_interim_lead" in world.open_elements(case_id)) is asked
    world.pass_days(16 - days)
    assert world.open_elements(case_id).count("name_interim_lead") == 1
    world.pass_days(46)
    assert "name_interim_lead" not in world.open_elements(case_id), "she is back on the day that was expected"
    assert leads(world, case_id) == ["hana"] and not world.incidents() and not world.verified().findings


def test_an_answer_that_comes_after_somebody_leads_again_moves_nobody(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    stays(world, case_id)
    until = (world.today + timedelta(days=20)).isoformat()
    named = {"interim_lead": str(world.ids["noor"]), "until": until, "reasons": "Near"}
    with pytest.raises(Conflict, match="Hana Verity leads this plan and is here"):
        world.do("name_interim_lead", "morgan", case_id=case_id, **named)
    assert leads(world, case_id) == ["hana"]


def test_a_vacancy_goes_on_when_who_is_named_to_lead_is_away_themselves(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], from_on=world.today
    )
    is_merged(world, case_id)
    world.tick()
    assert leads(world, case_id) == ["idris"] and "name_interim_lead" in world.open_elements(case_id)
