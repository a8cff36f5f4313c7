"""Support that begins without an assessment, on the real diagrams: from the choice to the plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases
from engine.queries import case_file, pathways
from engine.store.tables import record
from tests.episodes import agreed, answers_for
from tests.worlds import World, open_world

CHILD = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))


OFFERED = {"given_by": "Jo", "offered_by": "Noor Bakar, school", "offered": "A club after school"}


def begin(world: World, pathway: str) -> UUID:
    return cases.start(world.engine, actor=world.actor("hana"), child=CHILD, pathway=pathway).case_id


def agree(world: World, case_id: UUID, consent: str = "given") -> None:
    world.do("search_for_existing", "hana", case_id=case_id, found="none")
    signed = {"signed_on": world.today.isoformat(), **(OFFERED if consent == "refused" else {"given_by": "Jo"})}
    world.do("record_consent", "hana", case_id=case_id, consent=consent, **signed)


def lead(world: World, case_id: UUID) -> None:
    chosen = {"family_wishes": "Hana", "lead_professional": str(world.ids["hana"]), "reasons": "They trust her"}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **chosen)


def meet(world: World, case_id: UUID) -> None:
    day, invited = world.today.isoformat(), [str(world.ids["noor"])]
    world.do(
        "arrange_tac_meeting",
        "hana",
        case_id=case_id,
        planned_on=day,
        starts_at="16:00",
        venue="School",
        invited=invited,
    )
    held: dict[str, Any] = {"held_on": day, "family_came": "yes", "attended": invited, "notes": "Sam spoke first"}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held, **agreed(world))
    world.do("finish_tac_meeting", "hana", case_id=case_id, family_has_it="yes")


def steps_down(world: World) -> UUID:
    case_id = begin(world, "step_down")
    closes_on = (world.today + timedelta(days=28)).isoformat()
    said = {
        "social_worker": "Lea Stone",
        "strengths": "Home",
        "needs": "School",
        "conclusions": "Ask",
        "closes_on": closes_on,
    }
    world.do("take_summary", "hana", case_id=case_id, **said)
    return case_id


def test_every_way_to_begin_is_offered_the_assessment_first(database_url: str) -> None:
    with open_world(database_url) as world:
        offered = pathways.offered(world.engine, actor=world.actor("hana"))
        assert [each.key for each in offered] == ["caf", "support", "cds", "step_down"]
        assert all(each.about for each in offered)


def test_a_family_of_social_care_s_gets_a_plan_before_it_closes(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = steps_down(world)
        agree(world, case_id)
        assert world.rows(sa.select(record.assessments.c.completed_on))[0].completed_on == world.today
        lead(world, case_id)
        meet(world, case_id)
        assert world.open_elements(case_id) == ["agree_action_plan"]
        file = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
        assert (file.pathway, file.pathway_words[:23]) == ("step_down", "Social care steps down:")
        assert file.lead is not None and file.lead.practitioner_id == world.ids["hana"]
        assert world.incidents() == []


def test_a_refusal_closes_it_and_leaves_nothing_running(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = steps_down(world)
        agree(world, case_id, "refused")
        assert world.case(case_id).closure_reason == "consent_refused"
        assert world.open_elements(case_id) == []
        assert world.instance(case_id, "step_down").status == "ended"
        assert not world.timers(case_id)
        assert world.incidents() == []


def test_social_care_closes_and_the_team_has_not_met(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = steps_down(world)
        agree(world, case_id)
        lead(world, case_id)
        world.pass_days(29)
        assert world.history(case_id, "line_manager_told")
        assert world.history(case_id, "coordinator_alerted")
        assert "arrange_tac_meeting" in world.open_elements(case_id)
        assert world.incidents() == []


def once_assessed_it_is_not_asked_for_again(world: World, case_id: UUID) -> None:
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    world.clock.advance(timedelta(days=370))
    world.tick()
    world.do("agree_reassessment", "hana", case_id=case_id, assess_again="yes", why="A year has passed")
    world.do("assess_again", "hana", case_id=case_id, **answers_for(world, "complete_assessment"))
    for _ in range(5):
        world.pass_days(7)
        assert "agree_reassessment" not in world.open_elements(case_id)


@pytest.mark.parametrize("pathway", ["support", "cds"])
def test_a_service_meets_with_the_family_without_an_assessment(database_url: str, pathway: str) -> None:
    with open_world(database_url) as world:
        case_id = begin(world, pathway)
        agree(world, case_id)
        world.do("request_support", "hana", case_id=case_id, need="Help with eating")
        if pathway == "cds":
            day = world.today.isoformat()
            world.do("record_intake", "cleo", case_id=case_id, intake_decision="accepted", held_on=day)
        lead(world, case_id)
        meet(world, case_id)
        assert world.open_elements(case_id) == ["agree_action_plan"]
        assert world.rows(sa.select(record.assessments)) == []
        assert world.case(case_id).pathway == pathway
        assert world.incidents() == []
        once_assessed_it_is_not_asked_for_again(world, case_id)


def test_an_intake_that_cannot_take_the_child_on_closes_with_its_reason(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = begin(world, "cds")
        agree(world, case_id)
        world.do("request_support", "hana", case_id=case_id, need="Help with eating")
        said = {"intake_decision": "not_accepted", "held_on": world.today.isoformat(), "why": "Full until May"}
        world.do("record_intake", "cleo", case_id=case_id, **said)
        assert world.case(case_id).closure_reason == "not_taken_on"
        file = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id)
        assert file.closed_because == "the service that was asked could not take it on"
