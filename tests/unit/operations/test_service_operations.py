"""What each service operation does by itself, whom it tells, and what it gives back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import SERVICE
from engine.store.tables import changes, people, record, running
from tests.unit.operations.conftest import OneCase


def test_every_service_operation_is_tested_here_or_with_its_diagram() -> None:
    """The others are in tests/database, in test_first_questions.py, test_handovers.py, test_pauses.py,
    of reports owed in test_letters.py and of two closings in test_closing_once.py."""
    diagrams = {"open_concern", "appoint_nominee", "look_at_successor", "look_for_handover", "resume_case"}
    diagrams |= {"chase_reports", "tell_of_no_answer", "look_for_closing"}
    assert set(SERVICE) - diagrams == {
        "set_next_review", "send_plan_to_family", "tell_members", "tell_line_manager", "alert_manager",
        "alert_coordinator", "end_stalled_plan", "stop_sharing", "look_at_consent", "take_closure_back",
        "close_record", "look_for_concern",
        "look_at_lead", "move_lead", "tell_successor", "tell_coordinators", "pass_disagreement_on",
        "look_at_disagreement", "tell_disagreement_sides", "merge_cases", "tell_not_merged",
        "find_mag_meeting", "circulate_minutes", "remind_lead", "tell_manager_above", "chase_replies",
        "chase_updates",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, date(2026, 4, 13)),  # six weeks from a Monday
        ({"review_weeks": 4}, date(2026, 3, 30)),
        ({"review_weeks": 5}, date(2026, 4, 7)),  # Easter Monday moves it by a day
        ({"review_weeks": 4, "next_review_on": date(2026, 3, 18)}, date(2026, 3, 18)),
        ({"review_weeks": 4, "next_review_on": date(2026, 3, 2)}, date(2026, 3, 30)),  # today is no next review
        ({"review_weeks": 4, "next_review_on": date(2026, 3, 3)}, date(2026, 3, 3)),
    ],
)
def test_the_next_review_is_the_date_agreed_or_some_weeks_on(
    case: OneCase, variables: dict[str, Any], expected: date
) -> None:
    given = case.serve("set_next_review", start=variables)
    review = case.row(record.reviews)
    assert (review.due_on, review.first_due_on, review.held_on) == (expected, expected, None)
    if "next_review_on" not in variables:
        assert given["next_review_on"] == expected.isoformat()


def test_a_date_that_passed_counts_as_missed_and_the_first_one_stays(case: OneCase) -> None:
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 10)})
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 12)})
    assert case.row(record.reviews).missed == 0
    case.world.clock.advance(timedelta(days=14))
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 30)})
    review = case.row(record.reviews)
    assert (review.missed, review.first_due_on, review.due_on) == (1, date(2026, 3, 10), date(2026, 3, 30))


def lead(case: OneCase, name: str = "hana") -> None:
    case.answer("appoint_lead_professional", lead_professional=str(case.world.ids[name]))
    case.told()
    case.world.mailbox.messages.clear()


def test_the_lead_is_asked_to_give_the_family_their_plan(case: OneCase) -> None:
    lead(case)
    case.serve("send_plan_to_family")
    assert case.told() == [("hana", "Give the family their copy of the plan")]
    assert case.last("plan_sent_to_family")


def test_without_a_lead_the_plan_is_still_on_the_record_and_the_manager_gives_it_to_the_family(case: OneCase) -> None:
    case.serve("send_plan_to_family")
    assert case.told() == [("morgan", "Give the family their copy of the plan")]
    assert case.last("plan_sent_to_family")


def meet(case: OneCase) -> None:
    invited = [str(case.world.ids[name]) for name in ("idris", "noor")]
    case.answer("arrange_tac_meeting", planned_on="2026-03-09", invited=invited)


@pytest.mark.parametrize(("consent", "told"), [("given", True), ("refused", False), ("", False)])
def test_the_team_hears_only_while_there_is_consent(case: OneCase, consent: str, told: bool) -> None:
    meet(case)
    if consent:
        case.answer("record_consent", consent=consent)
    lead(case)
    case.serve("tell_members", subject="A plan has been agreed")
    everybody = [(name, "A plan has been agreed") for name in ("hana", "idris", "noor")]
    assert case.told() == (everybody if told else [])
    kept = [{**event.detail, "who": set(event.detail["who"])} for event in case.world.history(case.id, "members_told")]
    known = {str(case.world.ids[name]) for name, _ in everybody}
    assert kept == [{"members": 3, "who": known}] * told
    assert len(case.world.history(case.id, "members_not_told")) == (not told)


def test_the_team_hears_as_far_as_the_consent_goes(case: OneCase) -> None:
    meet(case)
    case.answer("record_consent", consent="limited", people=[str(case.world.ids["idris"])], kinds=["plan"])
    lead(case)
    case.serve("tell_members", subject="A plan has been agreed")
    said = [name for name, subject in case.told() if subject == "A plan has been agreed"]
    assert sorted(said) == ["hana", "idris"]


def test_sharing_goes_on_or_not_is_looked_up(case: OneCase) -> None:
    assert case.serve("look_at_consent") == {"sharing_again": True}, "nobody has said no"
    for answer, again in (("given", True), ("refused", False), ("limited", True)):
        case.answer("record_sharing", consent=answer, nobody_else=answer == "limited")
        assert case.serve("look_at_consent") == {"sharing_again": again}


def test_a_closure_for_withdrawn_consent_is_taken_back_and_no_other(case: OneCase) -> None:
    for reason, back in (("needs_met", False), ("consent_withdrawn", True)):
        case.answer("close_case", reason=reason, summary="Written")
        case.serve("take_closure_back")
        (closure,) = case.rows(changes.closures)
        assert (closure.returned_on is not None) is back


def test_consent_withdrawn_stops_the_telling(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    meet(case)
    case.answer("record_mag_consent", mag_consent="yes")
    assert case.serve("stop_sharing") == {"consent": "withdrawn"}
    in_force = {row.purpose: row.answer for row in case.rows(record.consents) if row.to_on is None}
    assert in_force == {"sharing": "withdrawn", "mag": "no"}
    case.serve("tell_members")
    assert case.told() == []


def test_the_line_manager_is_told_with_the_diagram_s_subject(case: OneCase) -> None:
    case.serve("tell_line_manager", subject="Not written up")
    case.serve("tell_line_manager")
    assert case.told() == [("morgan", "A plan in your team needs you"), ("morgan", "Not written up")]


def test_who_leads_is_reminded_and_before_anybody_leads_the_assessor(case: OneCase) -> None:
    case.serve("remind_lead", subject="Still to be done")
    assert case.told() == [("hana", "Still to be done")]
    assert case.last("lead_reminded").detail == {"told": 1, "role": "assessor"}
    lead(case, "idris")
    case.serve("remind_lead")
    assert case.told() == [("idris", "Something on a plan waits for you")]
    assert case.last("lead_reminded").detail == {"told": 1, "role": "lead_professional"}


def test_the_manager_above_hears_and_the_coordinators_where_there_is_none(case: OneCase) -> None:
    case.serve("tell_manager_above", subject="Late")
    assert case.told() == [("cleo", "Late")]
    case.world.mailbox.messages.clear()
    ids = case.world.ids
    above = {"id": case.world.engine.ids.new(), "from_on": date(2026, 1, 1), "authority_id": case.world.authority_id}
    case.world.write(
        sa.insert(people.line_managers).values(practitioner_id=ids["morgan"], manager_id=ids["sunniva"], **above)
    )
    case.serve("tell_manager_above", subject="Later")
    assert case.told() == [("sunniva", "Later")]


def test_an_alert_goes_up_two_managers_and_to_the_safeguarding_leads(case: OneCase) -> None:
    ids = case.world.ids
    above = {"id": case.world.engine.ids.new(), "from_on": date(2026, 1, 1), "authority_id": case.world.authority_id}
    case.world.write(
        sa.insert(people.line_managers).values(practitioner_id=ids["morgan"], manager_id=ids["sunniva"], **above)
    )
    case.serve("alert_manager", subject="Urgent")
    assert case.told() == [("ada", "Urgent"), ("morgan", "Urgent"), ("sunniva", "Urgent")]


def test_an_alert_for_somebody_else_reaches_coordinators_and_safeguarding_leads(case: OneCase) -> None:
    case.serve("alert_coordinator", subject="Urgent")
    assert case.told() == [("ada", "Urgent"), ("cleo", "Urgent")]
    assert case.last("coordinator_alerted").detail == {"told": 2}


def test_looking_for_a_concern_tells_whether_one_is_open(case: OneCase) -> None:
    assert case.serve("look_for_concern") == {"concern_open": False, "closure_overtaken": False, "taken_on": 0}
    case.answer("hold_review", outcome="worse", next_step="step_up", notes="Marks")
    assert case.serve("look_for_concern") == {"concern_open": True, "closure_overtaken": False, "taken_on": 0}


def test_no_message_says_who_the_child_is(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    meet(case)
    for operation in (
        "tell_members", "tell_line_manager", "alert_manager", "alert_coordinator", "send_plan_to_family", "remind_lead",
        "tell_manager_above",
    ):  # fmt: skip
        case.serve(operation)
    case.told()
    letters = case.world.mailbox.messages
    assert len(letters) >= 4
    assert not [letter for letter in letters if "Sam" in letter.subject + letter.body or "Whitlock" in letter.body]


def test_ending_a_stalled_plan_ends_the_manager_s_stage(case: OneCase) -> None:
    case.answer("record_manager_discussion", "morgan", decision="resolved")
    case.serve("end_stalled_plan")
    assert case.row(record.manager_discussions).ended_on == date(2026, 3, 2)
    assert case.last("stalled_plan_ended")


def test_closing_the_record_ends_everything_in_force(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    meet(case)
    lead(case)
    case.answer("agree_action_plan", actions=[])
    case.answer("record_manager_discussion", "morgan", decision="resolved")
    case.serve("close_record", closure_reason="moved_authority")
    closed = case.world.case(case.id)
    assert (closed.closed_on, closed.closure_reason) == (date(2026, 3, 2), "moved_authority")
    for table in (record.lead_professionals, record.case_members, record.consents):
        assert {row.to_on for row in case.rows(table)} == {date(2026, 3, 2)}
    for table in (record.action_plans, record.manager_discussions):
        assert {row.ended_on for row in case.rows(table)} == {date(2026, 3, 2)}
    assert case.last("case_closed").detail == {"reason": "moved_authority"}


def test_the_reason_agreed_before_is_the_reason_kept(case: OneCase) -> None:
    case.serve("close_record", start={"closure_reason": "disengaged"})
    assert case.world.case(case.id).closure_reason == "disengaged"


def test_closing_ends_every_process_and_leaves_nothing_to_do(case: OneCase) -> None:
    world = case.world
    assert world.open_elements(case.id) == ["rest"]
    case.serve("close_record")
    assert world.open_elements(case.id) == []
    assert {task.element_id for task in world.tasks(case.id, state="cancelled")} == {"rest", "look"}
    ends = {row.process_key: (row.status, row.end) for row in case.rows(running.instances)}
    assert ends == {"idle": ("ended", "cancelled"), "serve_close_record": ("ended", "cancelled")}
    assert not world.timers(case.id)


def test_a_case_with_an_open_concern_stays_open(case: OneCase) -> None:
    case.answer("hold_review", outcome="worse", next_step="step_up", notes="Marks")
    with pytest.raises(Invalid, match="while a safeguarding concern is open"):
        case.serve("close_record")
    assert case.world.case(case.id).closed_on is None
    assert case.world.open_elements(case.id) == ["rest"]
    case.answer("acknowledge_concern", accepted="yes")
    case.serve("close_record")
    assert case.world.case(case.id).closed_on is not None




GOES_ON = {"ends_with": "no_actions", "no_actions_why": "The plan follows.", "next_on": "2026-05-12"}


def test_only_who_has_not_answered_is_reminded_and_the_lead_hears(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    lead(case)
    asked = [str(case.world.ids[name]) for name in ("noor", "idris")]
    case.answer("arrange_tac_meeting", planned_on="2026-03-09", starts_at="16:00", venue="School", invited=asked)
    case.answer("reply_to_invitation", start={"practitioner": asked[0]}, reply="attending")
    case.told()
    case.world.mailbox.messages.clear()
    case.serve("chase_replies")
    assert case.told() == [
        ("hana", "Not everybody has answered your invitation: ring them"),
        ("idris", "A team waits for your answer to an invitation"),
    ]


def test_only_who_has_not_said_how_it_goes_is_reminded_and_the_lead_hears(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    lead(case)
    noor, idris = (str(case.world.ids[name]) for name in ("noor", "idris"))
    actions = [{"action": "A", "owner": owner, "due_on": "2026-03-09"} for owner in (noor, idris)]
    case.answer("agree_action_plan", actions=actions)
    case.serve("set_next_review", start={"next_review_on": date(2026, 3, 30)})
    owners = case.answer("choose_review", way="updates")["owners"]
    ids = {str(row.owner_id): str(row.id) for row in case.rows(record.plan_actions)}
    half = {"action_id": ids[noor], "progress": "Half done"}
    case.answer("give_update", start={"owner": noor}, updates=[half])
    case.told()
    case.world.mailbox.messages.clear()
    case.serve("chase_updates", start={"owners": owners})
    assert case.told() == [
        ("hana", "Not everybody has said how their actions go: ring them"),
        ("idris", "A review waits for you to say how your actions go"),
    ]
    case.world.mailbox.messages.clear()
    case.serve("chase_updates", start={"owners": [noor]})
    assert case.told() == []


def test_the_notes_of_a_meeting_go_to_the_team_and_through_the_lead_to_the_family(case: OneCase) -> None:
    case.answer("record_consent", consent="given")
    lead(case)
    noor = str(case.world.ids["noor"])
    case.answer("arrange_tac_meeting", planned_on="2026-03-09", starts_at="16:00", venue="School", invited=[noor])
    case.answer("hold_tac_meeting", held_on="2026-03-02", family_came="yes", attended=[noor], notes="Short", **GOES_ON)
    case.told()
    case.world.mailbox.messages.clear()
    case.serve("circulate_minutes")
    assert case.row(record.tac_meetings).minutes_sent_on == case.world.today
    assert {subject for _, subject in case.told()} == {
        "Give the family the notes of the meeting", "The notes of a meeting you were asked to are there",
    }  # fmt: skip
