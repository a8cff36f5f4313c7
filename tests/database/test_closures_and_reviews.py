"""How an episode ends, and what changes while a plan is reviewed: signed off by another, per action, the other way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import between_meetings, case_processes, user_tasks
from engine.errors import Conflict, Invalid, NotPermitted
from engine.queries import case_starts, plan_story, timeline, worklist
from engine.store.tables import changes, record, running
from engine.store.tables.meetings import family_invitations, letters, tac_meetings
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

WHY = {"why": "School holidays"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def page(world: World, element: str, by: str = "hana") -> worklist.TaskPage:
    return worklist.task(world.engine, actor=world.actor(by), task_id=world.task(element).id)


def said(world: World, case_id: UUID) -> str:
    told = timeline.read(world.engine, actor=world.actor("cleo"), case_id=case_id)
    return " ".join(event.what for event in told.events)


def with_an_action_of(world: World, *owners: str) -> UUID:
    """Walk to the choice of how to review a plan in which each of `owners` has an action."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    due_on = (world.today + timedelta(days=60)).isoformat()
    actions = [
        {"outcome": "Sam sleeps", "action": f"Step {number}", "owner": str(world.ids[owner]), "due_on": due_on}
        for number, owner in enumerate(owners, start=1)
    ]
    world.do("agree_action_plan", "hana", case_id=case_id, outcomes=[{"outcome": "Sam sleeps"}], actions=actions)
    world.clock.advance(timedelta(weeks=5))
    world.tick()
    return case_id


def update(world: World, case_id: UUID, who: str, progress: str) -> None:
    """Say for a review how the one action of `who` goes."""
    action = (record.plan_actions.c.case_id == case_id) & (record.plan_actions.c.owner_id == world.ids[who])
    (row,) = world.rows(sa.select(record.plan_actions.c.id).where(action))
    world.do("give_update", who, case_id=case_id, updates=[{"action_id": str(row.id), "progress": progress}])


def change(world: World, case_id: UUID, way: str, by: str = "hana") -> UUID:
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key="change_review", answers={"way": way, **WHY}
    )


def offered(world: World, case_id: UUID) -> set[str]:
    found = case_starts.startable(world.engine, actor=world.actor("hana"), case_id=case_id)
    return {each.process_key for each in found}


def test_a_closure_is_read_and_signed_off_by_somebody_else(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    closing = answers_for(world, "close_case") | {"outcomes_met": ["Sam sleeps well"], "next_support": "The clinic"}
    world.do("close_case", "hana", case_id=case_id, **closing)
    assert world.task("sign_off_closure", case_id).assignee_id == world.ids["morgan"]
    shown = dict(page(world, "sign_off_closure", "morgan").about)
    assert shown["Why it closes"] == "Needs are met."
    assert (shown["Outcomes met"], shown["Family told"]) == ("Sam sleeps well", "Yes")
    assert (shown["Help they still have"], shown["Who wrote it"]) == ("The clinic", "Hana Verity")
    assert world.case(case_id).closed_on is None
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closure_reason == "needs_met"
    (kept,) = world.rows(sa.select(changes.closures))
    assert (kept.agreed_by, kept.answered_by, kept.signed_on) == (world.ids["hana"], world.ids["morgan"], world.today)


def test_the_day_that_the_meeting_told_the_family_is_the_review_s_where_the_plan_names_none(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    (told,) = world.rows(sa.select(record.tac_meetings.c.next_on))
    answers = {**answers_for(world, "agree_action_plan"), "next_review_on": None}
    world.do("agree_action_plan", "hana", case_id=case_id, **answers)
    assert [row.due_on for row in world.rows(sa.select(record.reviews.c.due_on))] == [told.next_on]


def test_a_closure_that_is_sent_back_keeps_what_was_written_and_says_what_is_missing(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="no", why="Say what Sam thinks")
    again = page(world, "close_case")
    assert dict(again.about)["Sent back by Morgan Hale"] == "Say what Sam thinks"
    assert (again.prefill["reason"], again.prefill["summary"]) == ("needs_met", "Sam sleeps well.")
    assert "sent back to whoever wrote it" in said(world, case_id)
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closed_on == world.today


def test_nobody_signs_off_what_they_wrote(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.write(sa.update(record.lead_professionals).values(practitioner_id=world.ids["morgan"]))
    task = world.task("close_case", case_id)
    tasks = running.user_tasks
    world.write(sa.update(tasks).where(tasks.c.id == task.id).values(assignee_id=world.ids["morgan"]))
    world.do("close_case", "morgan", case_id=case_id, **answers_for(world, "close_case"))
    waiting = world.task("sign_off_closure", case_id)
    morgan = world.actor("morgan")
    assert waiting.id not in [row.task_id for row in worklist.tasks(world.engine, actor=morgan, whose="unclaimed").rows]
    assert not page(world, "sign_off_closure", "morgan").can & {"claim", "complete"}
    with pytest.raises(NotPermitted, match="You wrote this closure"):
        user_tasks.claim(world.engine, actor=morgan, task_id=waiting.id)
    with pytest.raises(Invalid, match="Somebody other than who wrote"):
        user_tasks.complete(world.engine, actor=morgan, task_id=waiting.id, answers={"signed_off": "yes"})
    with pytest.raises(Invalid, match="wrote this closure"):
        user_tasks.reassign(world.engine, actor=world.actor("cleo"), task_id=waiting.id, to=world.ids["morgan"])
    assert waiting.id in [
        row.task_id for row in worklist.tasks(world.engine, actor=world.actor("cleo"), whose="unclaimed").rows
    ]
    world.do("sign_off_closure", "cleo", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closed_on == world.today


def test_a_closure_that_nobody_answers_goes_to_the_coordinator(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, **answers_for(world, "close_case"))
    world.pass_days(10)
    assert "sign_off_instead" in world.open_elements(case_id)
    world.do("sign_off_instead", "cleo", case_id=case_id, signed_off="yes")
    assert world.case(case_id).closed_on == world.today


def test_updates_are_kept_for_each_action(world: World) -> None:
    case_id = with_an_action_of(world, "idris", "hana", "idris")
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    known = page(world, "give_update", "idris").prefill["updates"]
    assert [set(row) for row in known] == [{"action_id"}, {"action_id"}]
    told = [{**row, "progress": text} for row, text in zip(known, ("One visit", "Not begun"), strict=True)]
    world.do("give_update", "idris", case_id=case_id, updates=told)
    kept = {str(row.id): row.progress for row in world.rows(sa.select(record.plan_actions))}
    assert len(kept) == 3
    assert {id_: text for id_, text in kept.items() if text} == {row["action_id"]: row["progress"] for row in told}
    plan = plan_story.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    notes = {
        str(each.action.action_id): [(note.by, note.text) for note in each.notes]
        for outcome in plan.outcomes
        for each in outcome.actions
    }
    assert {id_: said for id_, said in notes.items() if said} == {
        row["action_id"]: [("Idris Cole", row["progress"])] for row in told
    }


def test_who_reviews_sees_who_is_silent_what_was_said_between_meetings_and_what_sharing_rests_on(world: World) -> None:
    case_id = with_an_action_of(world, "idris", "noor", "hana")
    told = {"case_id": case_id, "request_key": None}
    between_meetings.report_back(
        world.engine, actor=world.actor("idris"), report="Sam came every day", needs="A word with the school", **told
    )
    worry = {"member_id": None, "said_on": world.today, "worry": "Nobody rang us back", **told}
    between_meetings.log_worry(world.engine, actor=world.actor("hana"), **worry)
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    update(world, case_id, "idris", "One visit")
    about = dict(page(world, "hold_review").about)
    silent = world.actor("noor").name
    assert about["Updates"].startswith(f"Nothing from {silent} since updates were asked for on")
    assert "Sam came every day. Asked for: A word with the school" in about["Reported between meetings"]
    assert "Nobody rang us back" in about["The family’s worries, not answered yet"]
    assert "What sharing rests on" in about
    update(world, case_id, "noor", "Not begun")
    assert "Everybody with an open action" in dict(page(world, "hold_review").about)["Updates"]
    theirs = dict(page(world, "hold_review", "idris").about)
    assert "Sam came every day" in theirs["Reported between meetings"], "their own"
    assert "Reported between meetings" not in dict(page(world, "hold_review", "noor").about)


@pytest.mark.parametrize("step", ["continue", "step_up"])
def test_the_family_gets_in_writing_what_a_review_without_a_meeting_found(world: World, step: str) -> None:
    case_id = with_an_action_of(world, "idris")
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    (row,) = page(world, "give_update", "idris").prefill["updates"]
    world.do("give_update", "idris", case_id=case_id, updates=[{**row, "progress": "Two visits; Sam sleeps better."}])
    before = [each.id for each in world.rows(sa.select(letters))]
    next_on = (world.today + timedelta(weeks=6)).isoformat()
    found = {"notes": "Jo says the mornings are calmer.", "next_step": step, "next_review_on": next_on}
    world.do("hold_review", "hana", case_id=case_id, **reviewed(world, **found, outcome="worse"))
    written = [each for each in world.rows(sa.select(letters)) if each.id not in before]
    # Who tells a family that social care is asked, and when, is settled with social care.
    assert bool(written) is (step == "continue")
    for each in written:
        assert (each.kind, each.sent_on, each.meeting_id) == ("notes", None, None), "the lead looks at it first"
        assert "Jo says the mornings are calmer." in each.body
        assert "Two visits; Sam sleeps better." in each.body
        assert each.subject == "What the review found" and "Things are worse for" in each.body
        assert "The plan goes on as it is. We look at it together again on" in each.body
        assert "There was no meeting." in each.body and "We look at it together again" in each.body


def test_a_meeting_is_given_up_for_updates_and_says_why(world: World) -> None:
    case_id = with_an_action_of(world, "idris")
    assert "change_review" not in offered(world, case_id)
    with pytest.raises(Conflict, match="nothing on this case waits for it"):
        change(world, case_id, "updates")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    assert "change_review" in offered(world, case_id)
    with pytest.raises(Invalid, match="this way already"):
        change(world, case_id, "meeting")
    change(world, case_id, "updates")
    assert world.open_elements(case_id) == ["give_update", "hold_review"]
    off = world.rows(sa.select(record.tac_meetings).where(record.tac_meetings.c.called_off_on.is_not(None)))
    assert len(off) == 1
    assert "with updates after all; 1 person asked (School holidays)" in said(world, case_id)
    (review,) = world.rows(sa.select(record.reviews).where(record.reviews.c.held_on.is_(None)))
    assert review.way == "updates"


def test_updates_are_given_up_for_a_meeting(world: World) -> None:
    case_id = with_an_action_of(world, "idris")
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    change(world, case_id, "meeting", by="morgan")
    assert world.open_elements(case_id) == ["arrange_tac_meeting"]
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    assert "hold_tac_meeting" in world.open_elements(case_id)
    assert world.incidents(case_id) == []


def to_the_end_of_the_role(world: World) -> UUID:
    case_id = with_an_action_of(world, "idris")
    world.write(sa.update(record.lead_professionals).values(planned_end_on=world.today + timedelta(days=1)))
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    return case_id


def reviewed(world: World, **answers: Any) -> dict[str, Any]:
    return answers_for(world, "hold_review") | {"next_step": "continue"} | answers


def test_a_review_asks_whether_the_lead_is_still_right_when_their_time_is_over(world: World) -> None:
    case_id = to_the_end_of_the_role(world)
    until = (world.today + timedelta(days=100)).isoformat()
    world.do("hold_review", "hana", case_id=case_id, **reviewed(world, lead_still_right="yes", lead_until=until))
    (lead,) = world.rows(sa.select(record.lead_professionals).where(record.lead_professionals.c.to_on.is_(None)))
    assert lead.planned_end_on.isoformat() == until
    assert "The lead goes on until" in said(world, case_id)


def test_a_lead_who_is_no_longer_right_is_handed_over_and_the_plan_goes_on(world: World) -> None:
    case_id = to_the_end_of_the_role(world)
    world.do("hold_review", "hana", case_id=case_id, **reviewed(world, lead_still_right="no"))
    assert world.open_elements(case_id) == ["propose_handover"]
    (review,) = world.rows(sa.select(record.reviews).where(record.reviews.c.held_on.is_(None)))
    assert review.due_on > world.today
    noor = {"successor": str(world.ids["noor"]), "planned_on": world.today.isoformat(), "reasons": "Nearer"}
    world.do("propose_handover", "morgan", case_id=case_id, **noor)
    (proposal,) = world.rows(sa.select(changes.handovers))
    assert proposal.cause == "planned"


def first_meeting_ends(world: World, how: str) -> UUID:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    held = {"held_on": world.today.isoformat(), "family_came": "yes", "notes": "Sam spoke first.", "ends_with": how}
    ending = {"attended": [], **held}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **ending)
    assert "agree_action_plan" not in world.open_elements(case_id)
    return case_id


def test_a_first_meeting_that_closes_the_case_leads_to_its_closing_without_a_plan(world: World) -> None:
    case_id = first_meeting_ends(world, "close")
    assert "close_case" in world.open_elements(case_id)


def test_a_first_meeting_that_steps_up_is_put_to_social_care_and_comes_back_to_a_plan(world: World) -> None:
    case_id = first_meeting_ends(world, "step_up")
    (concern,) = world.rows(sa.select(record.concerns))
    assert concern.what_happened == "Sam spoke first."
    answered = {"accepted": "no", "acknowledged_on": world.today.isoformat(), "note": "Not their threshold."}
    world.do("acknowledge_concern", "ada", case_id=case_id, **answered)
    world.do("check_for_harm", "morgan", case_id=case_id, finding="no_concern", note="The team can help.")
    assert "agree_action_plan" in world.open_elements(case_id)


def test_whoever_has_given_no_update_is_reminded_in_time(world: World) -> None:
    case_id = with_an_action_of(world, "hana", "idris")
    world.do("choose_review", "hana", case_id=case_id, way="updates")
    world.clock.advance(timedelta(days=5))
    world.tick()
    assert "give_update" in world.open_elements(case_id)
    assert "Reminded to say how their actions go: 1 person" in said(world, case_id)


@pytest.mark.parametrize("next_step", ["continue", "replan"])
def test_what_a_review_meeting_agreed_is_on_the_plan_whatever_comes_next(world: World, next_step: str) -> None:
    case_id = with_an_action_of(world, "hana")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    world.clock.advance(timedelta(days=14))
    action = {
        "action": "Ring the dentist", "owner": str(world.ids["idris"]), "due_on": "2027-01-04", "outcome": "Sam sleeps."
    }  # fmt: skip
    held = answers_for(world, "hold_tac_meeting") | {"ends_with": "actions", "actions": [action], "no_actions_why": ""}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
    found = answers_for(world, "hold_review") | {"outcome": "better", "next_step": next_step}
    world.do("hold_review", "hana", case_id=case_id, **found)
    kept = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.action == "Ring the dentist"))
    assert [(row.owner_id, row.due_on.isoformat()) for row in kept] == [(world.ids["idris"], "2027-01-04")]
    assert {row.outcome for row in world.rows(sa.select(record.plan_outcomes))} == {"Sam sleeps"}
    assert "The plan was changed: 1 added" in said(world, case_id)


def test_a_review_s_meeting_begins_with_the_agreed_day_and_what_the_family_needs(world: World) -> None:
    case_id = with_an_action_of(world, "hana")
    (jo,) = world.rows(sa.select(record.family_members).where(record.family_members.c.name == "Jo Whitlock"))
    needs = {"interpreter": "Polish, a woman", "access_needs": "No stairs"}
    world.write(sa.update(record.family_members).where(record.family_members.c.id == jo.id).values(needs))
    agreed = world.rows(sa.select(record.reviews.c.due_on).where(record.reviews.c.held_on.is_(None)))[0].due_on
    world.do("choose_review", "hana", case_id=case_id, way="meeting")

    def filled() -> tuple[Any, Any]:
        known = page(world, "arrange_tac_meeting").prefill
        return known.get("planned_on"), next(row for row in known["family"] if row["person"] == str(jo.id))

    row = {"person": str(jo.id), "invite": "yes"}
    assert agreed > world.today
    assert filled() == (agreed.isoformat(), {**row, "needs": "Interpreter: Polish, a woman; No stairs"})
    asked = family_invitations.c.member_id == jo.id
    world.write(sa.update(family_invitations).where(asked).values(needs="A lift there"))
    assert filled()[1] == {**row, "needs": "A lift there"}, "as it was said for the last meeting"
    world.clock.advance(agreed - world.today + timedelta(days=1))
    assert filled()[0] is None, "the day is over"


def met_for_review(world: World) -> UUID:
    """Return a case whose team met for the review: it goes on, with a next date."""
    case_id = with_an_action_of(world, "hana")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    world.clock.advance(timedelta(days=14))
    held = answers_for(world, "hold_tac_meeting") | {"notes": "The club helps.", "next_on": AGREED_ON}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
    return case_id


def written_up(world: World, case_id: UUID, **answers: str) -> sa.Row[Any]:
    """Write the review up as agreed but for `answers`; return what is kept of it."""
    agreed = {"notes": "The club helps.", "next_step": "continue", "next_review_on": AGREED_ON, "outcome": "better"}
    world.do("hold_review", "hana", case_id=case_id, held_on=world.today.isoformat(), **agreed | answers)
    which = (record.reviews.c.case_id == case_id) & record.reviews.c.held_on.is_not(None)
    (review,) = world.rows(sa.select(record.reviews).where(which))
    return review


AGREED_ON = "2026-08-10"


def test_a_review_written_up_as_its_meeting_agreed_says_nothing_of_a_change(world: World) -> None:
    case_id = met_for_review(world)
    after = page(world, "hold_review").next_step
    assert after == "“Close the case”, “Get social care's answer” or “Choose how to review”.", "the plan may go on"
    assert written_up(world, case_id).notes == "The club helps."
    assert world.history(case_id, "meeting_agreement_changed") == []


def test_what_a_meeting_agreed_stays_beside_what_the_review_made_of_it_and_who_did(world: World) -> None:
    case_id = met_for_review(world)
    review = written_up(world, case_id, notes="It does not help.", next_step="replan", next_review_on="2026-07-20")
    on = f"{world.today.day} {world.today:%B %Y}"
    assert review.notes == f"The club helps.\n\nWritten instead by Hana Verity, {on}: It does not help."
    (event,) = world.history(case_id, "meeting_agreement_changed")
    assert event.practitioner_id == world.ids["hana"]
    line = said(world, case_id)
    assert "it agreed that the plan goes on, and now the plan is to be changed" in line
    assert "the next date was 10 August, and is 20 July" in line
    (meeting,) = world.rows(sa.select(tac_meetings).where(tac_meetings.c.notes == "The club helps."))
    assert (meeting.ends_with, meeting.next_on.isoformat()) == ("go_on", AGREED_ON)


def test_what_is_added_to_a_meeting_s_notes_says_who_added_it(world: World) -> None:
    case_id = met_for_review(world)
    review = written_up(world, case_id, notes="The club helps. Ask about the bus.")
    assert review.notes.startswith("The club helps.\n\nAdded by Hana Verity, ")
    assert review.notes.endswith(": Ask about the bus.")


@pytest.mark.parametrize("way", ["updates", "meeting"])
def test_the_next_review_takes_nothing_from_the_meeting_of_the_last_one(world: World, way: str) -> None:
    case_id = met_for_review(world)
    soon = world.today + timedelta(days=14)
    written_up(world, case_id, next_review_on=soon.isoformat())
    world.tick()
    world.do("choose_review", "hana", case_id=case_id, way=way)
    if way == "meeting":
        arranged = answers_for(world, "arrange_tac_meeting") | {"planned_on": soon.isoformat()}
        world.do("arrange_tac_meeting", "hana", case_id=case_id, **arranged)
        world.clock.advance(timedelta(days=14))
        held = answers_for(world, "hold_tac_meeting") | {"notes": "Sam rode the bus.", "next_on": AGREED_ON}
        world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
    filled = page(world, "hold_review").prefill
    assert filled.get("notes", "") == ("Sam rode the bus." if way == "meeting" else "")
    own = {"notes": filled.get("notes") or "Both actions are done.", "next_step": "continue", "outcome": "better"}
    world.do("hold_review", "hana", case_id=case_id, held_on=world.today.isoformat(), next_review_on=AGREED_ON, **own)
    kept = world.rows(sa.select(record.reviews.c.notes).where(record.reviews.c.held_on.is_not(None)))
    assert {row.notes for row in kept} == {"The club helps.", own["notes"]}
