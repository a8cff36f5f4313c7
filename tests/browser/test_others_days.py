"""The day of others than the lead, in browsers: a teacher who is invited, and a receptionist who sees nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.commands import setup
from tests.unit.web.player import NO_ACTIONS, Play
from tests.unit.web.service import _person
from tests.unit.web.workers import day

pytestmark = pytest.mark.browser


def test_a_receptionist_sees_no_case_and_no_name(service, sign_in, axe):
    play = Play(service)
    case_id = play.planned("Kit")
    new = [_person("Rhea Pell", "Receptionist", "case_worker")]
    setup.add_people(service.engine, authority_id=service.authority_id, new=new)
    page = sign_in("rhea")
    for path in ("/tasks", "/cases", "/overdue", "/help"):
        assert page.goto(path).status == 200, path
        assert "Whitlock" not in page.content() and axe(page) == [], path
    for rest in ("", "/plan", "/child-and-family", "/chronology", "/contact-card", "/between-meetings"):
        assert page.goto(f"/cases/{case_id}{rest}").status == 404, rest
        assert "Whitlock" not in page.content() and "Amara" not in page.content(), rest
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert axe(page) == []


def test_an_invited_teacher_replies_has_an_action_and_reports_back(service, sign_in, axe):
    play = Play(service)
    case_id = play.led("Kit")
    on = play.today
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", on),
    )  # fmt: skip
    page = sign_in("dele", viewport={"width": 375, "height": 800})
    page.get_by_role("link", name="Reply to the invitation").click()
    page.get_by_label("Yes, I will come").check()
    page.get_by_label("What should the meeting know from you?").fill("Kit reads well.")
    assert axe(page) == []
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_text("“Reply to the invitation” is finished.")).to_be_visible()

    held = {"family_came": "yes", "attended": [play.ids["dele"]], "notes": "Kit spoke first"}
    held |= NO_ACTIONS | day("next_on", on.replace(year=on.year + 1))
    play.of("amara").does("Hold the TAC meeting", **held, **day("held_on", on))
    play.of("amara").does("Finish the meeting", family_has_it="yes")
    play.of("amara").does("Agree the action plan", **play.plan("dele"))

    page.goto("/tasks")
    page.get_by_role("link", name="Meet Sam at the gate").first.click()
    assert axe(page) == []
    page.goto(f"/cases/{case_id}/between-meetings")
    page.get_by_text("Report back to who leads").click()
    page.get_by_role("textbox").first.fill("Kit came three mornings of five.")
    page.get_by_role("button", name="Report back").click()
    expect(page.get_by_text("Kit came three mornings of five.").first).to_be_visible()
    assert axe(page) == []
    lead = sign_in("amara")
    lead.goto(f"/cases/{case_id}/between-meetings")
    expect(lead.get_by_text("Kit came three mornings of five.").first).to_be_visible()
