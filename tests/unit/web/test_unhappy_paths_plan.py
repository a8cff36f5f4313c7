"""Unhappy paths, played on the pages: the people of a plan, and the days it counts with.

See test_unhappy_paths_family for what the family decides, and for where the rest is played.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.commands import setup
from engine.store.tables.people import line_managers
from engine.store.tables.record import escalations
from tests.unit.web.player import Play
from tests.unit.web.service import _person
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def test_the_only_agency_for_an_action_declines_and_the_action_is_never_without_an_owner(play):
    case_id = play.planned()
    assert play.at("dele", f"/cases/{case_id}").says("This cannot be done : Meet Sam at the gate")
    play.starts("dele", case_id, "action_declined", action=play.action(case_id), why="No health visitor until May")
    play.reads("dele", case_id, "Dele Martins cannot do an action, due by 16 March (No health visitor until May)")
    page = play.at("amara", f"/cases/{case_id}").page
    assert '<p class="govuk-body-s">Amara Osei</p>' in page and "Due Monday 16 March" in page
    play.of("amara").does("Find who does it instead", owner_found="nobody", why="Only a health visitor can")
    settled = {"settled": "passed_on", "owner": play.ids["dele"], "why": "Their manager frees an hour"}
    play.of("ruth").does("Settle the action with the agency", **settled)
    play.reads("dele", case_id, "A declined action has an owner again: Dele Martins does it", "Due Monday 16 March")


def test_nobody_will_lead_so_the_managers_confer_and_the_coordinator_finds_somebody(play):
    case_id = play.assessed()
    asked = {"family_wishes": "Dele", "lead_professional": play.ids["dele"], "reasons": "Trusted"}
    play.of("amara").does("Choose the lead professional", **asked)
    play.of("dele").does("Will you lead?", lead_answer="declined", reason="I leave in May")
    play.reads("amara", case_id, "Who leads Nobody", "Dele Martins will not lead (I leave in May)")
    nobody = {"family_wishes": "Anybody they know", "nobody": "true", "reasons": "Everybody was asked"}
    play.of("amara").does("Choose the lead professional", **nobody)
    play.of("ruth").does("Confer about who leads", lead_decision="coordinator", reasons="Nobody in either agency")
    found = {"lead_decision": "name", "lead_professional": play.ids["amara"], "reasons": "Agreed with her manager"}
    play.takes("ines", "Find who will lead").does("Find who will lead", **found)
    play.of("amara").does("Will you lead?", lead_answer="accepted")
    play.reads("amara", case_id, "Who leads Amara Osei, since")
    assert play.has_task("amara", "Arrange the TAC meeting")


def test_an_interim_lead_named_again_and_again_does_not_hide_that_nobody_leads_for_good(play):
    case_id = play.led()
    begun = play.today
    visitor = play.at("olu", path := f"/people/{play.ids['amara']}")
    visitor.post(f"{path}/leaving", **day("last_day", play.today - timedelta(days=1)))
    until = play.today
    while play.today < begun + timedelta(days=44):
        if play.today == until:
            until += timedelta(days=14)
            play.of("ruth").does(
                "Name who leads in between", interim_lead=play.ids["dele"], reasons="Nobody else", **day("until", until)
            )
        play.days_pass(1)
    play.reads(
        "ruth", case_id, f"Dele Martins, interim since {begun:%A} {begun.day} {begun:%B}, until",
        "Nobody has led this case but in between for 20 working days. Find who leads for good.",
    )  # fmt: skip
    with play.service.engine.sessions.read() as connection:
        current = sa.select(escalations.c.reason).where(escalations.c.ended_on.is_(None))
        reasons = set(connection.execute(current).scalars())
    assert {"lead_away", "nobody_leads", "nobody_leads_ask_family"} <= reasons
    assert play.has_task("ruth", "Discuss what is in the way")


def test_the_successor_declines_and_the_old_lead_stays(play):
    case_id = play.led()
    play.starts(
        "amara", case_id, "handover", successor=play.ids["dele"], reasons="I move", **day("planned_on", play.today)
    )
    told = {"family_agrees": "yes", "family_view": "Fine", **day("told_on", play.today)}
    play.of("amara").does("Tell the family", **told)
    play.of("dele").does("Will you lead?", handover_answer="declined", reason="Too far away")
    play.reads("amara", case_id, "Who leads Amara Osei, since", "Dele Martins declined to lead (Too far away)")
    play.of("ruth").does("Confer about who leads", lead_decision="lead_goes_on", why="Nobody nearer")
    page = play.reads("ruth", case_id, "who leads now goes on (Nobody nearer)", "Who leads Amara Osei, since")
    assert not page.says("Handover to Dele Martins proposed")
    stand_in = play.at("ruth", f"/cases/{case_id}/interim-lead")
    assert stand_in.says("Who was asked and said no", "Dele Martins declined:", "“Too far away”")


def test_the_lead_s_account_closes_with_tasks_open_and_none_is_lost(play):
    case_id = play.led()
    due = play.at("ruth", f"/cases/{case_id}").page.split("Arrange the TAC meeting")[2].split("Due ")[1].split("<")[0]
    path = f"/people/{play.ids['amara']}"
    visitor = play.at("olu", path)
    visitor.post(f"{path}/leaving", **day("last_day", play.today.replace(day=1)))
    assert visitor.says("Their account is closed, 1 task went back", "1 plan needs a new lead professional")
    assert play.service.visitor().sign_in("amara") and play.at("ruth", f"/cases/{case_id}").says("Who leads Nobody")
    until = day("until", play.today + timedelta(days=30))
    play.of("ruth").does(
        "Name who leads in between", interim_lead=play.ids["dele"], reasons="Knows the family", **until
    )
    play.reads("dele", case_id, "Who leads Dele Martins, interim since", f"Due {due}")
    assert play.has_task("dele", "Arrange the TAC meeting")


def test_the_family_vanishes_and_a_manager_decides_for_the_child(play):
    case_id = play.planned()
    assert play.at("dele", f"/cases/{case_id}").status == 200
    play.starts("amara", case_id, "family_not_found", tried="Three visits, the school, the landlord")
    play.reads("amara", case_id, "The family could not be reached")
    assert play.at("dele", f"/cases/{case_id}").status == 404, "nothing is shared until the family is found"
    play.of("amara").does("Look for the family again", found="no", tried="The health visitor, the grandmother")
    play.of("ruth").does("Decide for the child", missing_decision="concern", why="A small child, nobody has seen Sam")
    play.reads("ruth", case_id, "The line manager decided: social care is told", "Safeguarding concerns")
    answer = {"accepted": "yes", "note": "They look for Sam now", **day("acknowledged_on", play.today)}
    play.takes("ines", "Get social care's answer").does("Get social care's answer", **answer)
    play.reads("ruth", case_id, "Social care answered the safeguarding concern and takes it on")
    play.of("amara").does("Look for the family again", found="no", tried="Social care has been there too")
    assert play.has_task("ruth", "Family not found: at risk?"), "the check stands, whatever else was decided"
    gone = {"missing_decision": "close", "why": "Abroad, social care there knows"}
    with pytest.raises(AssertionError, match="The case cannot close while a check for harm is open"):
        play.of("ruth").does("Decide for the child", **gone)
    play.of("ruth").does("Family not found: at risk?", finding="no_concern", note="Seen by their social services")
    play.of("ruth").does("Decide for the child", **gone)
    play.reads("ruth", case_id, "This case closed on", "could not be found")


def test_social_care_rejects_and_plan_and_review_date_go_on(play):
    case_id = play.planned()
    review = (
        play.at("amara", f"/cases/{case_id}").page.split("<strong>Review</strong>")[1].split("Due ")[1].split("<")[0]
    )
    page = f"/concern?case={case_id}"
    play.sends("amara", "/concern", page, case=str(case_id), harm="Bruises", what_happened="Sam said so")
    answer = {"accepted": "no", "note": "Below our threshold", **day("acknowledged_on", play.today)}
    play.takes("ruth", "Get social care's answer").does("Get social care's answer", **answer)
    play.of("ruth").does("Is the child still at risk?", finding="no_concern", note="Seen today, and explained")
    play.reads(
        "amara", case_id, "Social care answered the safeguarding concern and does not take it on",
        "no concern found", "Meet Sam at the gate", f"Due {review}",
    )  # fmt: skip


def test_a_review_never_falls_on_a_bank_holiday(play):
    play.service.clock.set(datetime(2026, 4, 13, 8, tzinfo=UTC))
    case_id = play.planned()
    agreed = "Next date agreed: Monday 25 May"
    page = play.reads("amara", case_id, agreed, "Review, Tuesday 26 May", "Due Tuesday 26 May")
    assert "25 May" not in page.page.replace(agreed, "")


def test_who_cannot_come_is_told_how_to_send_a_report_and_their_own_manager_whom_to_ask(play):
    nia = _person("Nia Cole", "Health visiting manager", "line_manager", agency="Northcombe NHS")
    added = setup.add_people(play.service.engine, authority_id=play.service.authority_id, new=(nia,))
    own = line_managers.c.practitioner_id == play.service.ids["Dele Martins"]
    with play.service.engine.sessions.act() as connection:
        connection.execute(sa.update(line_managers).where(own).values(manager_id=added["Nia Cole"]))
    case_id = play.led("Sam")
    on = play.today + timedelta(days=10)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", on),
    )  # fmt: skip
    play.of("dele").does("Reply to the invitation", reply="apologies")
    play.days_pass(10)
    told = {who: body for who, subject, body in play.post.sent if "your report" in subject or "you manage" in subject}
    assert "choose Between meetings" in told["dele"] and f"{on:%A} {on.day} {on:%B}" in told["dele"]
    assert "It is Dele Martins" in told["nia"] and "CAF-" in told["nia"]
    assert not any("Sam" in body or "Whitlock" in body for body in told.values())
    assert "ruth" not in told, "the lead's manager is not theirs"

    dele = play.at("dele", "/tasks")
    assert dele.says("A meeting you do not come to waits for your report", "Sam Whitlock , today")
    dele.get(f"/cases/{case_id}/between-meetings")
    assert dele.says("The meeting today waits for your report")
    dele.post(
        f"/cases/{case_id}/between-meetings/reports",
        request_key="first-report",
        report="Sam sleeps well.",
        needs="A lift",
    )
    dele.get("/tasks")
    assert not dele.says("waits for your report")
    (task,) = re.findall(r'href="(/tasks/[^"]+)">Hold the TAC meeting<', play.at("amara", "/tasks").page)
    meeting = play.at("amara", task)
    assert meeting.says("Dele Martins will not come") and meeting.page.count("Sam sleeps well.") == 1
    assert not meeting.says("no report yet")
    amara = play.at("amara", f"/cases/{case_id}")
    assert amara.says("What Dele Martins reports") and not amara.says("A lift"), "what they need is for who leads"
