"""Rows of the shipped escalation table that hang on other changes of a case, fired through the whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.casework.facts import LINKED_PLANS
from engine.commands import case_processes, lead_professionals
from engine.errors import Conflict
from engine.store.tables import changes, people, record, running
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

TOLD = "A case needs you"
NO = {"settled": "no", "outcome": "Health sees it otherwise."}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def begin(world: World, case_id: UUID, key: str, **answers: Any) -> None:
    who = world.actor("hana")
    case_processes.start(world.engine, actor=who, case_id=case_id, process_key=key, answers=answers)


def reasons(world: World, case_id: UUID) -> set[str]:
    table = record.escalations
    query = sa.select(table.c.reason).where(table.c.case_id == case_id, table.c.ended_on.is_(None))
    return {row.reason for row in world.rows(query)}


def told(world: World) -> set[str]:
    """Return who was written to, by first name, since last asked that a plan needs them."""
    world.tick()
    names = {letter.recipient.split("@")[0] for letter in world.mailbox.messages if letter.subject == TOLD}
    world.mailbox.messages.clear()
    return names


def until(world: World, case_id: UUID, reason: str, *, days: int) -> int:
    """Let days pass until a reason holds; return after how many, at most `days`."""
    for passed in range(days + 1):
        if reason in reasons(world, case_id):
            return passed
        world.pass_days(1)
    raise AssertionError(f"{reason} has not come up in {days} days; there is {reasons(world, case_id)}")


def declined(world: World) -> UUID:
    """Return a case on which Idris was asked to lead, and would not."""
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(
        world, case_id, "handover", successor=str(world.ids["idris"]), planned_on=world.today.isoformat(), reasons="x"
    )
    answers = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine"}
    world.do("tell_family", "hana", case_id=case_id, **answers)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="declined", reason="Too far away")
    return case_id


def test_a_nominee_who_declines_is_for_the_managers_and_after_a_week_for_the_coordinator(world: World) -> None:
    case_id = declined(world)
    told(world)
    assert "lead_declined" in reasons(world, case_id)
    assert until(world, case_id, "lead_declined_coordinator", days=12) == 8, "six working days, from a Monday"
    assert "cleo" in told(world)
    world.do("find_lead", "cleo", case_id=case_id, lead_decision="lead_goes_on", why="Nobody else is nearer")
    world.tick()
    assert not reasons(world, case_id) & {"lead_declined", "lead_declined_coordinator"}
    assert not world.incidents(case_id)


def test_an_interim_lead_settles_that_somebody_declined(world: World) -> None:
    case_id = declined(world)
    world.tick()
    assert "lead_declined" in reasons(world, case_id)
    away = {
        "practitioner_id": world.ids["hana"],
        "authority_id": world.authority_id,
        "from_on": world.today,
        "reason": "unplanned",
    }
    world.write(sa.insert(people.absences).values(id=world.engine.ids.new(), **away))
    lead_professionals.appoint_interim(
        world.engine, actor=world.actor("morgan"), case_id=case_id, practitioner_id=world.ids["noor"]
    )
    world.tick()
    assert "lead_declined" not in reasons(world, case_id)


@pytest.mark.parametrize(
    ("stage", "limit", "whom"),
    [("practitioners", 2, "morgan"), ("managers", 5, "cleo"), ("senior_officers", 2, "cleo")],
)
def test_a_disagreement_that_outlasts_its_stage_is_told_further_up(
    world: World, stage: str, limit: int, whom: str
) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    raised = {"case_id": case_id, "authority_id": world.authority_id, "about": "Mornings", "stage": stage}
    world.write(
        sa.insert(changes.disagreements).values(
            id=world.engine.ids.new(), raised_on=world.today, stage_on=world.today, **raised
        ),
        sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1),
    )
    told(world)
    reason = f"disagreement_{stage}"
    assert reason not in reasons(world, case_id)
    passed = until(world, case_id, reason, days=10)
    assert passed == limit + 1 + (2 if limit >= 4 else 0), "the limit in working days and one, from a Monday"
    assert whom in told(world)
    settled = {"settled_on": world.today, "outcome": "Mornings first"}
    world.write(sa.update(changes.disagreements).values(**settled))
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1))
    world.pass_days(1)
    assert reason not in reasons(world, case_id)


def test_the_stages_of_a_disagreement_count_from_the_day_each_began(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    begin(world, case_id, "professional_disagreement", about="Mornings", other_side_words="Housing")
    world.pass_days(2)
    world.do("talk_it_through", "hana", case_id=case_id, **NO)
    world.pass_days(2)
    assert not {reason for reason in reasons(world, case_id) if reason.startswith("disagreement")}


def test_a_family_that_cannot_be_found_is_for_the_line_manager_until_it_is(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    told(world)
    begin(world, case_id, "family_not_found", tried="Two visits, three letters")
    assert "morgan" in told(world)
    assert "family_not_found" in reasons(world, case_id)
    world.write(
        sa.update(changes.family_searches).values(ended_on=world.today, found_on=world.today),
        sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1),
    )
    world.tick()
    assert "family_not_found" not in reasons(world, case_id)


def link(world: World, case_id: UUID, plan: str) -> None:
    case = record.cases
    worker = "" if plan == "none" else "Ola Winter, SEN casework"
    values = {"linked_plan": plan, "key_worker": worker, "version": case.c.version + 1}
    world.write(sa.update(case).where(case.c.id == case_id).values(**values))


def test_where_another_plan_leads_its_coordinator_hears_of_silence_through_ours(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    link(world, case_id, "sen")
    world.tick()
    assert reasons(world, case_id) >= {"other_plan_silent", "long_silent"}
    assert {"cleo", "morgan"} <= told(world)
    link(world, case_id, "none")
    world.tick()
    assert "other_plan_silent" not in reasons(world, case_id)
    assert "long_silent" in reasons(world, case_id)


def test_where_another_plan_leads_a_late_review_and_no_progress_are_told_too(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    link(world, case_id, "looked_after")
    until(world, case_id, "other_plan_review_late", days=40)
    assert "review_very_late" in reasons(world, case_id)
    again = {"outcome": "same", "notes": "As before", "next_step": "continue"}
    for _ in range(2):
        due = (world.today + timedelta(days=28)).isoformat()
        held = {"held_on": world.today.isoformat(), "next_review_on": due}
        if "choose_review" in world.open_elements(case_id):
            world.do("choose_review", "hana", case_id=case_id, way="updates")
        world.do("hold_review", "hana", case_id=case_id, **again, **held)
        world.pass_days(29)
    assert "other_plan_no_progress" in reasons(world, case_id)


def test_the_managers_stand_in_where_nobody_coordinates(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    told(world)
    world.write(sa.delete(people.account_roles).where(people.account_roles.c.role == "coordinator"))
    link(world, case_id, "disability")
    world.tick()
    assert "morgan" in told(world)
    assert "other_plan_silent" in reasons(world, case_id)


@pytest.mark.parametrize("plan", [*LINKED_PLANS[1:]])
def test_a_key_worker_stands_only_beside_a_plan(world: World, plan: str) -> None:
    case_id = world.start_case()
    link(world, case_id, plan)
    assert world.case(case_id).linked_plan == plan
    with pytest.raises(Conflict):
        world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(linked_plan="none"))
    with pytest.raises(Conflict):
        world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(linked_plan="palace"))


def with_its_meeting_held(world: World) -> UUID:
    """Walk to a review whose meeting is held on its day, and written up; what it decided is not."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    due_on = current_review(world, case_id).due_on
    world.pass_days((due_on - world.today).days - 14)
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    day = {"planned_on": due_on.isoformat()}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **{**answers_for(world, "arrange_tac_meeting"), **day})
    world.pass_days((due_on - world.today).days)
    world.do("hold_tac_meeting", "hana", case_id=case_id, **answers_for(world, "hold_tac_meeting"))
    assert world.today == due_on
    return case_id


def current_review(world: World, case_id: UUID) -> Any:
    (row,) = world.rows(sa.select(record.reviews).where(record.reviews.c.case_id == case_id))
    return row


def test_a_review_is_not_late_once_its_meeting_is_held_and_is_to_be_written_up_like_its_notes(world: World) -> None:
    case_id = with_its_meeting_held(world)
    held_on, calendar = world.today, WorkingCalendar("england-and-wales")
    assert world.task("hold_review", case_id).due_on == calendar.add_working_days(held_on, 5)
    never = {"review_late", "review_very_late", "reviews_missed"}
    said = {"review_not_written": 6, "review_long_not_written": 11}
    while calendar.working_days_between(held_on, world.today) < 12:
        after = calendar.working_days_between(held_on, world.today)
        expected = {max((reason for reason, days in said.items() if after >= days), key=said.__getitem__, default="")}
        assert reasons(world, case_id) & (never | set(said)) == expected - {""}, world.today
        world.pass_days(1)
    assert "stalled_plan" not in running_keys(world, case_id)
    again = {"outcome": "better", "notes": "Well", "next_step": "continue", "held_on": held_on.isoformat()}
    again["next_review_on"] = (world.today + timedelta(days=28)).isoformat()
    world.do("hold_review", "hana", case_id=case_id, **again)
    world.tick()
    assert not reasons(world, case_id) & (never | set(said))


def test_a_review_held_late_was_late_until_its_meeting(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    due_on = current_review(world, case_id).due_on
    world.pass_days((due_on - world.today).days - 7)
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    day = {"planned_on": (due_on + timedelta(days=3)).isoformat()}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **{**answers_for(world, "arrange_tac_meeting"), **day})
    until(world, case_id, "review_late", days=11)
    world.do("hold_tac_meeting", "hana", case_id=case_id, **answers_for(world, "hold_tac_meeting"))
    world.tick()
    assert "review_late" not in reasons(world, case_id)


def running_keys(world: World, case_id: UUID) -> set[str]:
    table = running.instances
    query = sa.select(table.c.process_key).where(table.c.case_id == case_id, table.c.status != "ended")
    return {row.process_key for row in world.rows(query)}
