"""What each record operation writes, tells the history, and gives back to the diagram."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine.casework import checklists
from engine.commands import setup
from engine.errors import Invalid
from engine.operations import RECORD
from engine.store.tables import record
from tests.unit.operations.conftest import OneCase

TODAY = date(2026, 3, 2)
NEXT_WEEK = "2026-03-09"
CHANGES = {
    "propose_handover", "name_interim_lead", "record_family_told", "answer_handover", "confer_on_lead",
    "raise_disagreement", "settle_disagreement", "record_move", "record_transfer_consent", "send_transfer",
    "confirm_transfer", "decide_without_transfer", "report_family_missing", "record_search", "decide_on_missing",
    "propose_merge", "record_merge_answer", "decide_merge", "record_checklist", "confirm_no_caf", "record_existing",
    "choose_lead", "answer_lead", "confer_on_first_lead", "find_first_lead", "sign_off_closure", "change_review_way",
    "pause_case", "go_on", "decline_action", "find_action_owner", "settle_action", "decide_with_social_care",
    "record_consent_again",
    "answer_disagreement", "change_action_plan", "agree_reassessment", "complete_reassessment",
    "ask_family_about_consultation", "record_consultation", "report_next_step", "record_other_plan",
    "settle_with_other_plan", "invite_to_meeting",
}  # fmt: skip
"""Those in test_handovers, test_case_changes, test_first_questions, test_pauses, test_concerns,
test_plan_changes, test_consent_cover, test_later_invitations, test_closures_and_reviews and
test_declined_actions of tests/database, on real diagrams."""
STRANGER = "00000000-0000-0000-0000-000000000009"


def test_every_record_operation_is_tested_here_or_with_its_diagram() -> None:
    assert set(RECORD) - CHANGES == {
        "record_consent", "start_assessment", "complete_assessment", "appoint_lead_professional", "arrange_tac_meeting",
        "reply_to_invitation", "hold_tac_meeting", "agree_action_plan", "hold_review", "close_case",
        "record_manager_discussion", "record_mag_consent", "refer_to_mag", "screen_mag_papers", "record_mag_decision",
        "record_anonymous_advice", "acknowledge_concern", "record_harm_check", "rebook_tac_meeting",
        "record_family_replies", "finish_tac_meeting",
        "choose_review", "give_update", "record_sharing", "record_step_down", "record_request", "record_intake",
    }  # fmt: skip


@pytest.mark.parametrize(("answer", "opens"), [("given", 1), ("limited", 1), ("refused", 0)])
def test_consent_is_kept_with_who_gave_it_and_opens_the_assessment(case: OneCase, answer: str, opens: int) -> None:
    agreed = {"given_by": " Jo ", "scope": "School", "signed_on": "2026-02-27", "nobody_else": answer == "limited"}
    said = case.answer("record_consent", consent=answer, **agreed)
    closing = {"closure_reason": "consent_refused"} if answer == "refused" else {}
    assert said == {"consent": answer, **closing}
    kept = case.row(record.consents)
    assert (kept.purpose, kept.answer, kept.given_by, kept.scope) == ("sharing", answer, "Jo", "School")
    assert (kept.from_on, kept.to_on) == (date(2026, 2, 27), None)
    assert [row.started_on for row in case.rows(record.assessments)] == [date(2026, 2, 27)] * opens
    event = case.last("consent_recorded")
    assert (event.detail, event.effective_on) == (
        {"purpose": "sharing", "answer": answer, "whose": "parent"}, date(2026, 2, 27)
    )  # fmt: skip


@pytest.mark.parametrize("answer", ["given", "limited", "refused"])
def test_consent_without_an_assessment_opens_none(case: OneCase, answer: str) -> None:
    limits = {"nobody_else": answer == "limited"}
    said = case.answer("record_sharing", consent=answer, given_by="Jo", signed_on="2026-02-27", **limits)
    assert said["consent"] == answer
    assert said.get("closure_reason") == ("consent_refused" if answer == "refused" else None)
    assert case.row(record.consents).answer == answer
    assert case.rows(record.assessments) == []


def test_what_social_care_found_out_takes_the_assessment_s_place(case: OneCase) -> None:
    said = case.answer("record_step_down", social_worker="Lea Stone", needs="Sleep", closes_on="2026-03-20")
    assert said == {"closes_on": "2026-03-20"}
    kept = case.row(record.assessments)
    assert (kept.started_on, kept.completed_on, kept.content["needs"]) == (TODAY, TODAY, "Sleep")
    assert case.last("step_down_recorded").detail == {"closes_on": "2026-03-20"}


@pytest.mark.parametrize(("decision", "reason"), [("accepted", None), ("more", None), ("not_accepted", "not_taken_on")])
def test_the_intake_of_a_service_decides(case: OneCase, decision: str, reason: str | None) -> None:
    case.answer("record_request", need="Help with eating")
    said = case.answer("record_intake", intake_decision=decision, held_on="2026-03-02", why="Full until May")
    assert said == {"intake_decision": decision, **({"closure_reason": reason} if reason else {})}
    assert case.last("help_requested")
    assert case.last("intake_decided").detail == {"decision": decision}


def test_a_case_is_kept_beside_a_plan_that_leads_with_its_reason(case: OneCase) -> None:
    plan = {"linked_plan": "sen", "key_worker": "Ola Grant"}
    assert case.answer("record_existing", found="beside", why_beside="Her brothers", **plan) == {"found": "none"}
    kept = case.world.case(case.id)
    assert (kept.linked_plan, kept.key_worker, kept.closed_on) == ("sen", "Ola Grant", None)
    assert case.last("search_recorded").detail == {"found": "beside"}


@pytest.mark.parametrize("sharing", ["refused", "withdrawn", "lapsed"])
def test_nobody_can_say_yes_to_the_group_while_nothing_may_be_shared(case: OneCase, sharing: str) -> None:
    case.answer("record_sharing", consent=sharing)
    with pytest.raises(Invalid, match="does not agree to information being shared"):
        case.answer("record_mag_consent", mag_consent="yes")
    assert case.answer("record_mag_consent", mag_consent="no_answer") == {"mag_consent": "no_answer"}


def test_a_later_consent_takes_the_place_of_the_one_before(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    case.world.clock.advance(timedelta(days=3))
    case.answer("record_consent", consent="limited", nobody_else=True)
    old, new = case.rows(record.consents)
    assert (old.from_on, old.to_on, new.from_on, new.to_on) == (TODAY, date(2026, 3, 5), date(2026, 3, 5), None)
    assert len(case.rows(record.assessments)) == 1


def test_consent_to_the_group_stands_beside_consent_to_share(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    assert case.answer("record_mag_consent", mag_consent="no", asked_on="2026-03-01") == {"mag_consent": "no"}
    kept = [(row.purpose, row.answer, row.to_on) for row in case.rows(record.consents)]
    assert kept == [("sharing", "given", None), ("mag", "no", None)]


def test_an_assessment_is_started_once_and_completed_with_its_answers(case: OneCase) -> None:
    assert case.answer("start_assessment", started_on="2026-03-01") == {}
    assert case.answer("start_assessment", started_on="2026-03-02") == {}
    assert case.answer("complete_assessment", needs="Sleep", completed_on="2026-03-02") == {}
    kept = case.row(record.assessments)
    assert (kept.started_on, kept.completed_on, kept.assessor_id) == (date(2026, 3, 1), TODAY, case.world.ids["hana"])
    assert kept.content["needs"] == "Sleep"
    assert case.last("assessment_completed").effective_on == TODAY


def test_an_assessment_nobody_started_is_started_when_it_is_completed(case: OneCase) -> None:
    case.answer("complete_assessment", needs="Sleep")
    assert (case.row(record.assessments).started_on, case.row(record.assessments).completed_on) == (TODAY, TODAY)


def test_a_new_lead_ends_the_one_before_and_the_assessor(case: OneCase) -> None:
    hana, idris = (str(case.world.ids[name]) for name in ("hana", "idris"))
    assert case.answer("appoint_lead_professional", lead_professional=hana, family_wishes="Hana") == {
        "lead_professional": hana
    }
    case.world.clock.advance(timedelta(days=1))
    case.answer("appoint_lead_professional", lead_professional=idris, planned_end_on="2026-12-01", reasons="Nearer")
    old, new = case.rows(record.lead_professionals)
    assert (str(old.practitioner_id), old.family_wishes, old.to_on) == (hana, "Hana", date(2026, 3, 3))
    assert (str(new.practitioner_id), new.to_on, new.planned_end_on) == (idris, None, date(2026, 12, 1))
    assert case.row(record.case_members).to_on == TODAY
    assert str(case.last("lead_professional_appointed").subject_id) == idris
    assert case.told() == [("hana", "You are now lead professional"), ("idris", "You are now lead professional")]


@pytest.mark.parametrize(
    ("operation", "field", "answers"),
    [
        ("appoint_lead_professional", "lead_professional", {}),
        ("arrange_tac_meeting", "invited", {"planned_on": "2026-03-09", "starts_at": "16:00", "venue": "School"}),
    ],
)
def test_a_part_in_a_case_is_given_to_nobody_who_works_on_none(
    case: OneCase, operation: str, field: str, answers: dict[str, Any]
) -> None:
    piet = str(case.world.ids["piet"])
    with pytest.raises(Invalid, match="Piet Dahl does not work on cases") as refused:
        case.answer(operation, **answers, **{field: [piet] if field == "invited" else piet})
    assert refused.value.details["field"] == field


GOES_ON = {"ends_with": "no_actions", "no_actions_why": "The plan follows.", "next_on": "2026-05-12"}


def arrange(case: OneCase, *names: str) -> Any:
    invited = [str(case.world.ids[name]) for name in names]
    return case.answer("arrange_tac_meeting", planned_on=NEXT_WEEK, starts_at="16:00", venue="School", invited=invited)


def test_a_meeting_without_the_family_is_booked_again_and_counted(case: OneCase) -> None:
    arrange(case, "idris", "noor")
    case.answer("reply_to_invitation", start={"practitioner": str(case.world.ids["noor"])}, reply="attending")
    assert case.answer("hold_tac_meeting", held_on="2026-03-02", family_came="no")["family_came"] == "no"
    assert case.row(record.tac_meetings).held_on is None
    again = case.answer("rebook_tac_meeting", planned_on="2026-03-20", starts_at="10:00", why="The bus")
    assert sorted(again["invited"]) == sorted(str(case.world.ids[name]) for name in ("idris", "noor"))
    meeting = case.row(record.tac_meetings)
    assert (meeting.planned_on, meeting.rebooked, meeting.venue) == (date(2026, 3, 20), 1, "School")
    assert {row.reply for row in case.rows(record.invitations)} == {"none"}
    held = case.answer("hold_tac_meeting", family_came="yes", notes_by="Noor", **GOES_ON)
    assert held == {"family_came": "yes", "meeting_end": "go_on"}
    assert case.row(record.tac_meetings).notes_by == "Noor"
    with pytest.raises(Invalid, match="No meeting"):
        case.answer("rebook_tac_meeting", planned_on=NEXT_WEEK)


def test_a_meeting_is_arranged_and_everybody_joins_the_team_once(case: OneCase) -> None:
    said = arrange(case, "idris", "noor", "idris")
    invited = [str(case.world.ids["idris"]), str(case.world.ids["noor"])]
    assert (said["invited"], str(said["tac_on"])) == (invited, NEXT_WEEK)
    meeting = case.row(record.tac_meetings)
    assert (meeting.planned_on, meeting.venue, meeting.held_on) == (date(2026, 3, 9), "School", None)
    asked = {(row.meeting_id, str(row.practitioner_id), row.reply) for row in case.rows(record.invitations)}
    assert asked == {(meeting.id, id_, "none") for id_ in invited}
    case.answer("hold_tac_meeting", **GOES_ON)
    arrange(case, "idris", "cleo")
    team = sorted(str(row.practitioner_id) for row in case.rows(record.case_members) if row.role == "member")
    assert team == sorted([*invited, str(case.world.ids["cleo"])])


def test_a_reply_is_kept_for_the_practitioner_whose_invitation_it_is(case: OneCase) -> None:
    arrange(case, "idris", "noor")
    noor = case.world.ids["noor"]
    case.answer("reply_to_invitation", start={"practitioner": str(noor)}, reply="apologies", report="Sleeps better")
    replies = {row.practitioner_id: (row.reply, row.report) for row in case.rows(record.invitations)}
    assert replies == {case.world.ids["idris"]: ("none", ""), noor: ("apologies", "Sleeps better")}
    assert case.last("invitation_answered").subject_id == noor


def test_a_held_meeting_says_who_was_there(case: OneCase) -> None:
    arrange(case, "idris", "noor")
    came = [str(case.world.ids["noor"])]
    case.answer("hold_tac_meeting", held_on="2026-03-02", attended=came, notes="Short", **GOES_ON)
    meeting = case.row(record.tac_meetings)
    assert (meeting.held_on, meeting.notes) == (TODAY, "Short")
    there = {row.practitioner_id: row.attended for row in case.rows(record.invitations)}
    assert there == {case.world.ids["idris"]: False, case.world.ids["noor"]: True}


def test_the_child_s_answer_is_kept_as_anybody_s_of_the_family(case: OneCase) -> None:
    case.answer(
        "arrange_tac_meeting", planned_on=NEXT_WEEK, starts_at="16:00", venue="School", invited=[],
        family=[{"person": "child", "invite": "yes"}],
    )  # fmt: skip
    replies = [{"person": "child", "reply": "not_coming", "views": "I want to stay with Nan"}]
    case.answer("record_family_replies", replies=replies)
    (kept, _of_parent) = case.rows(record.family_invitations)
    assert (kept.member_id, kept.reply, kept.views) == (None, "not_coming", "I want to stay with Nan")
    with pytest.raises(Invalid, match="somebody of the family"):
        case.answer("record_family_replies", replies=[{"person": "nobody", "reply": "coming"}])


def test_what_is_ticked_after_a_meeting_is_kept_with_the_list_as_it_was(case: OneCase) -> None:
    arrange(case, "idris")
    case.answer("hold_tac_meeting", held_on="2026-03-02", family_came="yes", notes="Short", **GOES_ON)
    case.answer("finish_tac_meeting", family_has_it="no", why="Post it", after=[checklists.USUAL["after"][0]])
    kept = case.row(record.tac_meetings).checklists["after"]
    assert kept == [{"said": line, "done": number == 0} for number, line in enumerate(checklists.USUAL["after"])]
    assert case.last("tac_meeting_finished").detail["family_has_it"] == "no"


def agree(case: OneCase, **answers: Any) -> Any:
    action = {"outcome": "Sleep", "action": "A bedtime", "owner": str(case.world.ids["idris"]), "due_on": NEXT_WEEK}
    return case.answer("agree_action_plan", outcomes=[{"outcome": "Sleep"}], actions=[action], **answers)


def test_a_plan_holds_outcomes_and_actions_each_with_owner_and_date(case: OneCase) -> None:
    assert agree(case) == {}
    plan, outcome, action = (
        case.row(table) for table in (record.action_plans, record.plan_outcomes, record.plan_actions)
    )
    assert (outcome.outcome, outcome.plan_id, plan.agreed_on) == ("Sleep", plan.id, TODAY)
    assert (action.action, action.owner_id, action.outcome_id) == ("A bedtime", case.world.ids["idris"], outcome.id)
    assert action.due_on == action.first_due_on == date(2026, 3, 9)
    assert case.last("action_plan_agreed").detail == {"outcomes": 1, "actions": 1}


def test_agreeing_again_adds_to_the_plan_in_force(case: OneCase) -> None:
    agree(case)
    agree(case)
    assert len(case.rows(record.action_plans)) == 1
    assert len(case.rows(record.plan_actions)) == 2


def test_an_outcome_the_plan_has_is_not_written_again(case: OneCase) -> None:
    agree(case)
    sleep = case.row(record.plan_outcomes)
    agree(case)
    school = {"outcome": " School ", "action": "Walk", "owner": str(case.world.ids["idris"]), "due_on": NEXT_WEEK}
    case.answer("agree_action_plan", outcomes=[{"outcome": "Sleep "}, {"outcome": "School"}], actions=[school])
    outcomes = {row.outcome: row.id for row in case.rows(record.plan_outcomes)}
    assert len(case.rows(record.plan_outcomes)) == 2 and outcomes["Sleep"] == sleep.id
    aims = {row.action: row.outcome_id for row in case.rows(record.plan_actions)}
    assert aims == {"A bedtime": sleep.id, "Walk": outcomes["School"]}


def test_a_review_date_agreed_with_the_plan_is_given_back(case: OneCase) -> None:
    assert {name: str(value) for name, value in agree(case, next_review_on="2026-04-20").items()} == {
        "next_review_on": "2026-04-20"
    }
    assert case.row(record.reviews).due_on == date(2026, 4, 20)


@pytest.mark.parametrize(("lacks", "field"), [("owner", "actions[0].owner"), ("due_on", "actions[0].due_on")])
def test_an_action_without_owner_or_date_is_refused_and_nothing_is_kept(case: OneCase, lacks: str, field: str) -> None:
    action = {"action": "A bedtime", "owner": str(case.world.ids["idris"]), "due_on": NEXT_WEEK}
    with pytest.raises(Invalid) as refused:
        case.answer("agree_action_plan", actions=[{**action, lacks: None}])
    assert refused.value.details["field"] == field
    assert not case.rows(record.action_plans)
    assert case.world.open_elements(case.id) == ["ask", "rest"]


def test_a_review_date_is_told_once_until_it_changes(case: OneCase) -> None:
    agree(case, next_review_on="2026-04-20")
    case.serve("set_next_review", start={"next_review_on": date(2026, 4, 20)})
    assert [row.detail["due_on"] for row in case.world.history(case.id, "review_planned")] == ["2026-04-20"]
    case.serve("set_next_review", start={"next_review_on": date(2026, 4, 27)})
    assert len(case.world.history(case.id, "review_planned")) == 2


def test_a_review_is_kept_on_the_date_that_was_planned(case: OneCase) -> None:
    agree(case, next_review_on="2026-04-20")
    said = case.answer("hold_review", held_on="2026-03-02", outcome="better", next_step="continue", notes="Well")
    assert said == {
        "outcome": "better", "next_step": "continue", "next_review_on": None, "lead_still_right": None,
    }  # fmt: skip
    kept = case.row(record.reviews)
    assert (kept.due_on, kept.held_on, kept.outcome, kept.notes) == (date(2026, 4, 20), TODAY, "better", "Well")


def test_a_review_nobody_planned_is_kept_too(case: OneCase) -> None:
    case.answer("hold_review", outcome="same", next_step="replan")
    assert (case.row(record.reviews).due_on, case.row(record.reviews).held_on) == (TODAY, TODAY)


def test_a_review_that_steps_up_opens_a_concern_and_names_it(case: OneCase) -> None:
    said = case.answer("hold_review", outcome="worse", next_step="step_up", notes="Marks on his arm")
    concern = case.row(record.concerns)
    assert said["concern"] == str(concern.id)
    assert (concern.what_happened, concern.raised_by, concern.ended_on) == (
        "Marks on his arm", case.world.ids["hana"], None,
    )  # fmt: skip
    assert len(case.world.history(case.id, "concern_raised")) == 1


def test_closing_is_agreed_before_the_record_closes(case: OneCase) -> None:
    assert case.answer("close_case", reason="needs_met", summary="Done") == {
        "closure_reason": "needs_met", "closed_by": str(case.world.ids["hana"]),
    }  # fmt: skip
    assert case.world.case(case.id).closed_on is None
    assert case.last("closure_agreed").detail == {"reason": "needs_met"}


def discuss(case: OneCase, **answers: Any) -> Any:
    said = {"decision": "support_agreed", "tried": "Much", "next_step": "A visit", "next_step_on": NEXT_WEEK}
    return case.answer("record_manager_discussion", "morgan", **{**said, **answers})


def test_the_manager_s_discussion_opens_their_stage_and_is_kept(case: OneCase) -> None:
    assert discuss(case) == {"manager_decision": "support_agreed"}
    kept = case.row(record.manager_discussions)
    assert (kept.manager_id, kept.opened_on, kept.discussed_on) == (case.world.ids["morgan"], TODAY, TODAY)
    assert (kept.decision, kept.next_step, kept.next_step_on) == ("support_agreed", "A visit", date(2026, 3, 9))


def test_discussing_again_stays_in_the_same_stage(case: OneCase) -> None:
    discuss(case)
    case.world.clock.advance(timedelta(days=7))
    discuss(case, decision="refer_to_mag")
    kept = case.row(record.manager_discussions)
    assert (kept.opened_on, kept.discussed_on, kept.decision) == (TODAY, date(2026, 3, 9), "refer_to_mag")


def test_advice_without_names_moves_the_next_step(case: OneCase) -> None:
    discuss(case)
    said = case.answer("record_anonymous_advice", "morgan", advice="Wait", next_step="Ask", next_step_on="2026-03-20")
    assert str(said["next_step_on"]) == "2026-03-20"
    kept = case.row(record.manager_discussions)
    assert (kept.next_step, kept.next_step_on, kept.ended_on) == ("Ask", date(2026, 3, 20), None)


@pytest.mark.parametrize(("answer", "accepted"), [("yes", True), (True, True), ("no", False), (False, False)])
def test_social_care_s_answer_ends_the_concern(case: OneCase, answer: Any, accepted: bool) -> None:
    case.answer("hold_review", outcome="worse", next_step="step_up")
    assert case.answer("acknowledge_concern", accepted=answer, note="Rang at two") == {
        "accepted": "yes" if accepted else "no", "beside_plan": False
    }
    concern = case.row(record.concerns)
    assert (concern.accepted, concern.note, concern.ended_on) == (accepted, "Rang at two", TODAY)
    assert concern.acknowledged_at == case.world.clock.now()


@pytest.mark.parametrize(("finding", "concerns"), [("concern", 1), ("no_concern", 0)])
def test_a_harm_check_that_finds_a_concern_opens_it(case: OneCase, finding: str, concerns: int) -> None:
    said = case.answer("record_harm_check", "morgan", finding=finding, note="Not seen for a week")
    kept = case.rows(record.concerns)
    assert said == {"finding": finding} | ({"concern": str(kept[0].id)} if kept else {})
    assert [row.what_happened for row in kept] == ["Not seen for a week"] * concerns


@pytest.mark.parametrize(
    ("operation", "answers", "field"),
    [
        ("appoint_lead_professional", {"lead_professional": "Hana"}, "lead_professional"),
        ("arrange_tac_meeting", {"planned_on": "soon", "invited": []}, "planned_on"),
        ("arrange_tac_meeting", {"planned_on": NEXT_WEEK, "invited": ["Noor"]}, "invited"),
        ("record_manager_discussion", {"decision": "resolved", "next_step_on": "2026-02-30"}, "next_step_on"),
    ],
)
def test_what_cannot_be_read_names_its_field_and_leaves_the_task_open(
    case: OneCase, operation: str, answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        case.answer(operation, **answers)
    assert refused.value.details["field"] == field
    assert case.world.open_elements(case.id) == ["ask", "rest"]


@pytest.mark.parametrize(
    ("operation", "answers", "field"),
    [
        ("appoint_lead_professional", {"lead_professional": STRANGER}, "lead_professional"),
        ("arrange_tac_meeting", {"planned_on": NEXT_WEEK, "invited": [STRANGER]}, "invited"),
        ("hold_tac_meeting", {"attended": [STRANGER]}, "attended"),
        ("agree_action_plan", {"actions": [{"action": "A", "owner": STRANGER, "due_on": NEXT_WEEK}]}, "owner"),
    ],
)
def test_somebody_nobody_knows_is_refused(case: OneCase, operation: str, answers: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid, match="choose a person from the list") as refused:
        case.answer(operation, **answers)
    assert refused.value.details["field"] == field


def test_somebody_of_another_authority_is_refused(case: OneCase) -> None:
    engine = case.world.engine
    other = setup.create_authority(engine, key="southcombe", name="Southcombe Council")
    person = setup.Person(name="Nadia Kerr", job_title="Nurse", agency="Southcombe Health")
    nadia = setup.add_people(engine, authority_id=other, new=[person])["Nadia Kerr"]
    with pytest.raises(Invalid, match="choose a person from the list"):
        case.answer("appoint_lead_professional", lead_professional=str(nadia))


def test_updates_are_asked_of_whoever_has_an_open_action_but_the_lead(case: OneCase) -> None:
    hana, idris = str(case.world.ids["hana"]), str(case.world.ids["idris"])
    case.answer("appoint_lead_professional", lead_professional=hana)
    actions = [{"action": "A", "owner": owner, "due_on": NEXT_WEEK} for owner in (hana, idris)]
    case.answer("agree_action_plan", actions=actions, next_review_on=NEXT_WEEK)
    assert case.answer("choose_review", way="meeting")["owners"] == []
    assert case.row(record.reviews).asked_on is None
    assert case.answer("choose_review", way="updates") == {"way": "updates", "owners": [idris], "lead_due": False}
    assert case.row(record.reviews).asked_on == TODAY
    ids = {str(row.owner_id): str(row.id) for row in case.rows(record.plan_actions)}
    with pytest.raises(Invalid, match="not yours"):
        case.answer("give_update", start={"owner": idris}, updates=[{"action_id": ids[hana], "progress": "Done"}])
    half = {"action_id": ids[idris], "progress": "Half done"}
    case.answer("give_update", start={"owner": idris}, updates=[half])
    said = {str(row.owner_id): (row.progress, row.progress_on) for row in case.rows(record.plan_actions)}
    assert said == {hana: ("", None), idris: ("Half done", TODAY)}


def test_a_first_meeting_that_steps_up_opens_the_concern_and_one_of_a_review_leaves_that_to_the_review(
    case: OneCase,
) -> None:
    arrange(case, "idris")
    ending = {"held_on": "2026-03-02", "family_came": "yes", "notes": "Sam is afraid.", "ends_with": "step_up"}
    held = case.answer("hold_tac_meeting", **ending)
    assert (held["meeting_end"], held["concern"]) == ("step_up", str(case.row(record.concerns).id))
    assert case.row(record.concerns).what_happened == "Sam is afraid."
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 30)})
    case.answer("choose_review", way="meeting")
    arrange(case, "idris")
    assert case.answer("hold_tac_meeting", **ending) == {"family_came": "yes", "meeting_end": "step_up"}
    assert len(case.rows(record.concerns)) == 1


def test_the_invitations_to_a_review_are_remembered_after_its_meeting(case: OneCase) -> None:
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 30)})
    arrange(case, "idris")
    case.answer("hold_tac_meeting", held_on="2026-03-02", family_came="yes", notes="Short", **GOES_ON)
    assert case.row(record.reviews).asked_on == TODAY
