"""A meeting in browsers: somebody comes in another's place; the notes are written and go round."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engine.store.tables.people import accounts
from tests.unit.web.player import Play
from tests.unit.web.workers import day

pytestmark = pytest.mark.browser


def test_a_substitute_is_named_on_a_private_page_and_the_notes_go_round(service, sign_in, axe, browser):
    play = Play(service)
    case_id = play.led("Kit")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", email="grace@example.org", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    with service.engine.sessions.act() as connection:
        theirs = sa.update(accounts).where(accounts.c.username == "dele")
        connection.execute(theirs.values(disabled_at=service.clock.now()))
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/letters")
    page.get_by_role("button", name=re.compile("Write")).first.click()
    page.get_by_role("link", name="Print the letter").first.click()
    address = re.search(r"http\S+/reply/[\w-]{48}", page.locator("article").inner_text()).group()

    phone = browser.new_page(viewport={"width": 375, "height": 700})
    phone.goto(address)
    phone.get_by_label("No, but somebody comes in my place").check()
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_be_visible()
    assert axe(phone) == []
    phone.get_by_label("Who comes in your place?").fill("Fay Moss, school nurse")
    phone.get_by_label("What should the meeting know from you? (optional)").fill("Kit is in school every day now.")
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Thank you. Your answer is kept")).to_be_visible()
    phone.close()
    page.goto(f"/cases/{case_id}")
    assert page.get_by_text("Fay Moss, school nurse").first.is_visible()
    page.get_by_text("What Dele Martins reports").click()
    assert page.get_by_text("Kit is in school every day now.").first.is_visible()

    page.goto("/tasks")
    page.get_by_role("link", name="Hold the TAC meeting").click()
    assert page.get_by_text("sends somebody else: Fay Moss, school nurse").is_visible()
    asked_when = page.get_by_text("When was the meeting?")
    page.get_by_role("radio", name="No, it was not held, or has to be on another day").check()
    expect(asked_when).to_be_hidden()
    page.get_by_role("radio", name="Yes, the child, a parent or a carer was there").check()
    expect(asked_when).to_be_visible()
    notes = page.get_by_label("What was said and agreed?")
    with page.expect_response(lambda answer: "A+lift" in (answer.request.post_data or "").replace("%20", "+")):
        notes.fill("Kit spoke first. A lift to school is agreed.")
    page.get_by_text("Draft saved").wait_for()
    page.reload()
    assert "A lift to school" in notes.input_value()
    for came in page.get_by_role("radio", name="Yes", exact=True).all():
        came.check()
    page.get_by_role("radio", name="No new actions, but the day to look at it together").check()
    page.get_by_label("Why was no action agreed?").fill("The plan of last time is enough.")
    for part, value in day("next_on", play.today + timedelta(days=42)).items():
        page.locator(f"[name={part}]").fill(value)
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_text("“Hold the TAC meeting” is finished.")).to_be_visible()
    page.goto(f"/cases/{case_id}/letters")
    page.get_by_role("link", name=re.compile("Notes of a meeting.*Grace Whitlock")).click()
    assert page.locator("article").get_by_text("A lift to school is agreed.").is_visible()
    page.get_by_label("E-mail the address of a private page to grace@example.org").check()
    page.get_by_role("button", name="Send it, or record it").click()
    expect(page.get_by_text("The address of a private page goes to grace@example.org")).to_be_visible()


def next_review(play: Play) -> None:
    """Let days pass until Amara is to choose how to review."""
    for _ in range(60):
        if play.has_task("amara", "Choose how to review"):
            return
        play.days_pass(1)
    raise AssertionError("no review comes near")


def test_the_second_review_is_a_meeting_whose_actions_are_on_the_plan_at_once(service, sign_in, axe):
    play = Play(service)
    case_id = play.planned("Kit")
    next_review(play)
    play.of("amara").does("Choose how to review", way="updates")
    play.of("amara").does("Review the plan", **review_answers(play))
    next_review(play)
    play.of("amara").does("Choose how to review", way="meeting")
    on = play.today + timedelta(days=7)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", on),
    )  # fmt: skip
    play.of("dele").does("Reply to the invitation", reply="substitute", substitute="Fay Moss", report="Kit grows well.")
    play.days_pass(7)

    page = sign_in("amara", viewport={"width": 375, "height": 800})
    page.get_by_role("link", name="Hold the TAC meeting").click()
    assert page.get_by_text("Kit grows well.").is_visible()
    fill_day(page, "held_on", on)
    page.get_by_role("radio", name="Yes, the child, a parent or a carer was there").check()
    page.get_by_label("Dele Martins, Health visitor").check()
    page.get_by_label("What was said and agreed?").fill("Bedtime is the trouble now.")
    page.get_by_role("radio", name="New actions, and the day to look at them together").check()
    page.get_by_label("What will be done?").fill("Read together at eight")
    page.get_by_label("Who will do it?").select_option(play.ids["amara"])
    fill_day(page, "actions-0-due_on", on + timedelta(days=14))
    for came in page.get_by_role("radio", name="Yes", exact=True).all():
        came.check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_role("alert").get_by_text("Enter the next date"), "nobody leaves without one").to_be_visible()
    assert axe(page) == []
    fill_day(page, "next_on", on + timedelta(days=42))
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_text("“Hold the TAC meeting” is finished.")).to_be_visible()
    page.goto(f"/cases/{case_id}/plan")
    assert page.get_by_text("Read together at eight").first.is_visible()


def review_answers(play: Play) -> dict[str, str]:
    said = {"outcome": "better", "notes": "Kit likes the mornings", "next_step": "continue"}
    return said | day("held_on", play.today) | day("next_review_on", play.today + timedelta(days=42))


def fill_day(page: Page, name: str, on: date) -> None:
    for part, value in day(name, on).items():
        page.locator(f"[name='{part}']").fill(value)


def test_after_closing_a_parent_says_on_a_private_page_whether_it_helped(service, served, sign_in, axe, browser):
    play = Play(service)
    case_id = play.planned("Kit")
    next_review(play)
    play.of("amara").does("Choose how to review", way="updates")
    play.of("amara").does("Review the plan", **review_answers(play) | {"next_step": "close"})
    play.of("amara").does("Close the case", reason="needs_met", summary="Kit is settled", family_told="yes")
    play.of("ruth").does("Sign the closure off", signed_off="yes")
    page = sign_in("amara")
    page.goto("/did-it-help")
    page.get_by_text("Let them answer themselves").click()
    assert axe(page) == []
    address = re.search(r"/reply/helped/[\w-]{48}", page.locator("main").inner_text()).group()
    phone = browser.new_page(base_url=served[1], viewport={"width": 375, "height": 700})
    phone.goto(address)
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_be_visible()
    assert axe(phone) == []
    phone.get_by_label("Yes, a lot").check()
    phone.get_by_label("What helped, or what would have? (optional)").fill("One person to ring")
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Thank you. Your answer is kept")).to_be_visible()
    assert axe(phone) == []
    phone.close()
    page.reload()
    assert page.get_by_text("The family have answered themselves.").is_visible()
    told = sign_in("ruth")
    told.goto("/did-it-help/answers")
    assert told.get_by_text("One person to ring").is_visible() and "Kit" not in told.locator("main").inner_text()
    assert str(case_id) not in told.content()
