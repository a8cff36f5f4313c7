"""Before consent: the checklist, the search for another plan; later, somebody who is asked to lead."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import user_tasks
from engine.errors import Invalid
from engine.queries import timeline, worklist
from engine.store.tables import changes, keeping, record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import CHECKLIST, World, build_world


@pytest.fixture
def world() -> World:
    return build_world()


def test_a_case_that_needs_no_assessment_ends_with_its_reason(world: World) -> None:
    case_id = world.start_case(identified=False)
    world.do("complete_checklist", "hana", case_id=case_id, **CHECKLIST | {"can_provide": "yes"})
    world.do("confirm_no_caf", "hana", case_id=case_id, confirmed="yes", why="The school nurse helps")
    case = world.case(case_id)
    assert (case.closed_on, case.closure_reason) == (world.today, "single_agency")
    assert world.open_elements(case_id) == []
    assert world.incidents() == []


def test_harm_on_the_checklist_opens_a_concern_at_once(world: World) -> None:
    case_id = world.start_case(identified=False)
    world.do("complete_checklist", "hana", case_id=case_id, **CHECKLIST | {"harm_suspected": "yes"})
    (concern,) = world.rows(sa.select(record.concerns).where(record.concerns.c.case_id == case_id))
    assert concern.what_happened.startswith("Harm is suspected")
    assert world.open_elements(case_id) == ["acknowledge_concern"]
    said = {"acknowledged_on": world.today.isoformat(), "note": "They take it on"}
    world.do("acknowledge_concern", "morgan", case_id=case_id, accepted="yes", **said)
    assert world.case(case_id).closure_reason == "moved_to_social_care"


def test_another_plan_is_linked_and_never_doubled(world: World) -> None:
    case_id = world.start_case(identified=False)
    world.do("complete_checklist", "hana", case_id=case_id, **CHECKLIST)
    found = {"found": "other_plan", "linked_plan": "sen", "key_worker": "Ida Fell, special needs team"}
    world.do("search_for_existing", "hana", case_id=case_id, **found)
    case = world.case(case_id)
    assert (case.linked_plan, case.key_worker) == ("sen", "Ida Fell, special needs team")
    assert case.closure_reason == "other_plan_leads"


def doubled(world: World, lead: str = "noor") -> tuple[UUID, UUID]:
    """Return a case that `lead` leads, and a new one of the same child whose search is open."""
    first = start_and_walk_to(world, "arrange_tac_meeting")
    hers = sa.update(record.lead_professionals).where(record.lead_professionals.c.case_id == first)
    world.write(hers.values(practitioner_id=world.ids[lead]))
    second = world.start_case(identified=False)
    child = sa.select(record.cases.c.child_id).where(record.cases.c.id == first).scalar_subquery()
    world.write(sa.update(record.cases).where(record.cases.c.id == second).values(child_id=child))
    world.do("complete_checklist", "hana", case_id=second, **CHECKLIST)
    return first, second


def found_by_hana(world: World, case_id: UUID, **answers: str) -> None:
    world.do("search_for_existing", "hana", case_id=case_id, found="caf", where="Led by Noor Bakar", **answers)


@pytest.mark.parametrize(("lead_told", "more"), [("told", {}), ("no", {"why_not_told": "Her mother tells them."})])
def test_a_case_of_the_child_that_exists_is_joined_and_kept_whether_its_lead_knows(
    world: World, lead_told: str, more: dict[str, str]
) -> None:
    case_id = world.start_case(identified=False)
    world.do("complete_checklist", "hana", case_id=case_id, **CHECKLIST)
    with pytest.raises(Invalid):
        found_by_hana(world, case_id)
    found_by_hana(world, case_id, lead_told=lead_told, **more)
    assert world.case(case_id).closure_reason == "joined_existing"
    (kept,) = world.history(case_id, "search_recorded")
    assert kept.detail == {"found": "caf", "lead_told": lead_told}


def test_the_lead_of_a_case_that_exists_is_asked_to_ring_and_told_no_details(world: World) -> None:
    _, case_id = doubled(world)
    found_by_hana(world, case_id, lead_told="message")
    asked = keeping.outbox.c.subject.startswith("Somebody else was asked")
    (letter,) = world.rows(sa.select(keeping.outbox).where(asked))
    assert letter.practitioner_id == world.ids["noor"]
    assert "Ring Hana" in letter.body
    assert "Sam" not in letter.subject + letter.body
    world.tick()
    (mail,) = [each for each in world.mailbox.messages if each.id == letter.id]
    assert f"Our reference is {world.case(letter.case_id).reference}. Sign in to open the case." in mail.body
    assert letter.case_id != case_id, "it is about the case that the reader leads"
    assert world.history(case_id, "search_recorded")[0].detail["lead_told"] == "message"
    told = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert any("already; who leads it was sent a message" in each.what for each in told.events)


def test_a_lead_whom_the_service_does_not_know_is_never_taken_as_told(world: World) -> None:
    case_id = world.start_case(identified=False)
    world.do("complete_checklist", "hana", case_id=case_id, **CHECKLIST)
    with pytest.raises(Invalid, match="Tell them yourself"):
        found_by_hana(world, case_id, lead_told="message")
    assert world.open_elements(case_id) == ["search_for_existing"]


def test_nobody_leads_before_they_have_said_yes(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    asked = answers_for(world, "appoint_lead_professional")
    noor = {"lead_professional": str(world.ids["noor"])}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **asked | noor)
    leads = sa.select(record.lead_professionals).where(record.lead_professionals.c.case_id == case_id)
    assert world.rows(leads) == []
    assert world.task("answer_lead", case_id).assignee_id == world.ids["noor"]
    world.pass_days(7)
    assert len(world.history(case_id, "line_manager_told")) == 1
    sent = {(letter.recipient.split("@")[0], letter.subject) for letter in world.mailbox.messages}
    assert ("noor", "Please answer whether you will lead") in sent
    assert ("hana", "Whoever you asked to lead has not answered") in sent
    world.do("answer_lead", "noor", case_id=case_id, lead_answer="declined", reason="Leaving in June")
    assert world.open_elements(case_id) == ["appoint_lead_professional"]
    until = {"planned_end_on": "2026-09-01", "lead_professional": str(world.ids["idris"])}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **asked | until)
    world.do("answer_lead", "idris", case_id=case_id, lead_answer="accepted")
    (lead,) = world.rows(leads)
    assert (lead.practitioner_id, lead.planned_end_on.isoformat()) == (world.ids["idris"], "2026-09-01")
    assert (lead.family_wishes, lead.reasons) == (asked["family_wishes"], asked["reasons"])
    assert world.open_elements(case_id) == ["arrange_tac_meeting"]
    assert world.rows(sa.select(changes.handovers).where(changes.handovers.c.ended_on.is_(None))) == []
    assert world.incidents() == []


def test_a_checklist_left_half_empty_is_refused(world: World) -> None:
    case_id = world.start_case(identified=False)
    with pytest.raises(Invalid):
        world.do("complete_checklist", "hana", case_id=case_id, healthy="yes")


def test_who_might_lead_is_compared_by_the_rules_and_the_order_is_kept(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task = world.task("appoint_lead_professional", case_id)
    first = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id)
    assert first.prefill["candidates"] == [{"person": str(world.ids["hana"])}]
    assert first.prefill["planned_end_on"] == (world.today + timedelta(weeks=26)).isoformat()
    assert [each.who for each in first.ranking] == ["Hana Verity, Health visitor, Northcombe Health"]
    candidates = [
        {"person": str(world.ids["hana"]), "family_wishes": "accepted", "relationship": "known", "sharing": ""},
        {"person": str(world.ids["noor"]), "family_wishes": "wanted", "relationship": "trusted"},
    ]
    user_tasks.save_draft(
        world.engine, actor=world.actor("hana"), task_id=task.id, answers={"candidates": candidates}
    )
    noor, hana = worklist.task(world.engine, actor=world.actor("hana"), task_id=task.id).ranking
    assert (noor.place, noor.who.split(",")[0], hana.place) == (1, "Noor Bakar", 2)
    assert noor.points > hana.points
    assert (noor.leads_now, len(noor.reasons)) == (0, 6)
    assert "want" in noor.reasons[0]
    candidates[0].pop("sharing")
    chosen = answers_for(world, "appoint_lead_professional") | {"candidates": candidates}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **chosen)
    (event,) = world.history(case_id, "leads_ranked")
    assert [each["person"] for each in event.detail["ranking"]] == [str(world.ids["noor"]), str(world.ids["hana"])]
    assert (event.detail["candidates"], event.detail["first_chosen"]) == (2, False)
    told = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    said = next(each.what for each in told.events if "compared" in each.what)
    assert said == "Who might lead was compared (2 people): Noor Bakar comes first by the rules, though not chosen."


def test_nobody_will_lead_so_the_managers_confer_and_whom_they_name_is_asked(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    nobody = {"family_wishes": "Anybody", "nobody": True, "reasons": "Noor and Idris have both said no"}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **nobody)
    assert world.task("confer_on_first_lead", case_id).assignee_id == world.ids["morgan"]
    named = {"lead_decision": "name", "lead_professional": str(world.ids["idris"]), "reasons": "He has room again"}
    world.do("confer_on_first_lead", "morgan", case_id=case_id, **named)
    world.do("answer_lead", "idris", case_id=case_id, lead_answer="accepted")
    assert world.task("arrange_tac_meeting", case_id).assignee_id == world.ids["idris"]


def test_nobody_can_be_found_so_the_assessor_leads_for_a_time(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    nobody = {"family_wishes": "Anybody", "nobody": True, "reasons": "Nobody has the time"}
    world.do("appoint_lead_professional", "hana", case_id=case_id, **nobody)
    world.do("confer_on_first_lead", "morgan", case_id=case_id, lead_decision="coordinator", reasons="Nobody here")
    until = world.today + timedelta(days=20)
    later = {"lead_decision": "nobody", "until": until.isoformat(), "reasons": "Nobody before the holidays"}
    world.do("find_first_lead", "cleo", case_id=case_id, **later)
    (lead,) = world.rows(sa.select(record.lead_professionals))
    assert (lead.practitioner_id, lead.interim, lead.planned_end_on) == (world.ids["hana"], True, until)
    assert world.task("arrange_tac_meeting", case_id).assignee_id == world.ids["hana"]
