"""Other ways a case begins, rests or is argued about, played on the pages from the first to the last."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.unit.web.player import Play
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def begins(play, pathway):
    """Start a case in a way of its own, on the page that starts cases; return its id."""
    visitor = play.at("amara", "/cases/start")
    visitor.post(
        "/cases/start", act="start", request_key=visitor.hidden("request_key"), given_name="Sam", sex="unknown",
        family_name="Whitlock", assessor_id=play.ids["amara"], pathway=pathway,
        **day("born_on", play.today.replace(year=2018)),
    )  # fmt: skip
    assert visitor.says("The case is started."), visitor.page
    return re.search(r"/cases/([0-9a-f-]{36})/dates", visitor.page).group(1)


def agrees(play, **answers):
    """Let somebody look for another plan, find none, and ask the family."""
    play.of("amara").does("Look for another plan", found="none")
    play.consents(**answers)


def to_the_end(play, case_id):
    """Choose a lead, meet, agree a plan, review that all is well, and close."""
    play.leads()
    play.meets()
    play.of("amara").does("Agree the action plan", **play.plan("dele"))
    play.reads("amara", case_id, "Meet Sam at the gate", "Who leads Amara Osei")
    play.days_pass(24)
    play.of("amara").does("Choose how to review", way="updates")
    play.of("amara").does(
        "Review the plan", outcome="better", notes="All well", next_step="close", **day("held_on", play.today)
    )
    play.of("amara").does("Close the case", reason="needs_met", summary="All well", family_told="yes")
    play.of("ruth").does("Sign the closure off", signed_off="yes")
    return play.reads("ines", case_id, "This case closed on", "needs are met")


def test_social_care_steps_down_and_the_team_meets_before_it_closes(play):
    case_id = begins(play, "step_down")
    closes_on = play.today + timedelta(days=49)
    play.of("amara").does(
        "Write down social care's summary", social_worker="Lea Stone, 01632 960200", strengths="Home every night",
        needs="Help at school", **day("closes_on", closes_on),
    )  # fmt: skip
    play.reads("amara", case_id, "Social care steps down, and means to close on", "Help at school")
    agrees(play)
    assert not play.has_task("amara", "Complete the assessment"), "social care's summary stands in its place"
    to_the_end(play, case_id)


def test_social_care_is_about_to_close_and_no_meeting_was_held(play):
    case_id = begins(play, "step_down")
    play.of("amara").does(
        "Write down social care's summary", social_worker="Lea Stone", strengths="Home", needs="Help at school",
        **day("closes_on", play.today + timedelta(days=21)),
    )  # fmt: skip
    agrees(play)
    play.leads()
    play.days_pass(22)
    assert any(who == "ruth" and "close" in about for who, about, _ in play.post.sent), play.post.sent
    play.reads("ruth", case_id, "Arrange the TAC meeting")


@pytest.mark.parametrize("pathway", ["cds", "support"])
def test_a_team_without_a_common_assessment_from_the_form_to_closing(play, pathway):
    case_id = begins(play, pathway)
    agrees(play)
    asked = "Fill in the one form" if pathway == "cds" else "Say what is asked for"
    play.of("amara").does(asked, need="He does not speak yet", tried="The play group")
    if pathway == "cds":
        for decision, why in (("more", "A hearing test first"), ("accepted", "")):
            play.takes("ines", "Record what the intake decided").does(
                "Record what the intake decided", intake_decision=decision, why=why, **day("held_on", play.today)
            )
            if decision == "more":
                play.reads("amara", case_id, "A hearing test first")
                play.of("amara").does("Fill in the one form", need="He hears well, and does not speak", tried="")
    assert not play.has_task("amara", "Complete the assessment")
    closed = to_the_end(play, case_id)
    assert closed.says("Child Development Service" if pathway == "cds" else "Barnet Support")


def test_the_service_that_was_asked_cannot_take_it_on(play):
    case_id = begins(play, "cds")
    agrees(play)
    play.of("amara").does("Fill in the one form", need="He does not speak yet", tried="")
    play.takes("ines", "Record what the intake decided").does(
        "Record what the intake decided", intake_decision="not_accepted", why="Too young", **day("held_on", play.today)
    )
    play.reads("ines", case_id, "This case closed on", "could not take it on", "Too young")


def test_a_disagreement_goes_from_practitioners_to_managers_to_senior_officers_as_time_passes(play):
    case_id = play.planned()
    play.starts("amara", case_id, "professional_disagreement", other_side=play.ids["dele"], about="Mornings first?")
    play.days_pass(3)
    assert not play.has_task("amara", "Talk the disagreement through"), "two working days, then their managers"
    assert play.has_task("ruth", "Settle the disagreement as managers")
    play.days_pass(8)
    assert not play.has_task("ruth", "Settle the disagreement as managers"), "five working days, then senior officers"
    page = play.reads("ruth", case_id, "Decide the disagreement")
    assert page.says("Mornings first?")
    who = next(each for each in ("ines", "ruth") if play.at(each, "/tasks?whose=unclaimed").says("Decide the dis"))
    play.takes(who, "Decide the disagreement").does("Decide the disagreement", outcome="Mornings first, four weeks")
    play.reads("amara", case_id, "Mornings first, four weeks")
    play.days_pass(1)
    assert {"amara", "dele"} <= {name for name, about, _ in play.post.sent if "isagree" in about}


def test_a_pause_has_an_end_stays_on_the_board_and_moves_no_protecting_day(play):
    case_id = play.planned()
    until = play.today + timedelta(days=28)
    play.starts("ruth", case_id, "pause", reason="In hospital", **day("paused_until", until))
    play.reads("amara", case_id, "In hospital", f"{until.day} {until:%B}")
    assert play.at("ruth", "/overdue").says("Sam Whitlock"), "a pause hides no child"
    play.sends("amara", f"/cases/{case_id}/consent", why="Mother, by telephone")
    play.days_pass(3)
    assert play.has_task("ruth", "Consent withdrawn: at risk?"), "nothing pauses the check for harm"
    play.of("ruth").does("Consent withdrawn: at risk?", finding="no_concern", note="Seen on the ward every day")
    play.days_pass(26)
    assert not play.at("amara", f"/cases/{case_id}").says("Paused until")


def test_a_check_for_harm_that_finds_a_concern_goes_to_social_care_without_consent(play):
    case_id = play.planned()
    play.sends("amara", f"/cases/{case_id}/consent", why="Mother, by telephone")
    play.of("ruth").does("Consent withdrawn: at risk?", finding="concern", note="Nobody has seen Sam for a week")
    play.reads("ruth", case_id, "Safeguarding concerns", "Nobody has seen Sam for a week")
    play.takes("ines", "Get social care's answer").does(
        "Get social care's answer", accepted="yes", note="They see Sam today", **day("acknowledged_on", play.today)
    )
    play.reads("ines", case_id, "takes it on")
