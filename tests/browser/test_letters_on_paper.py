"""A letter to a family as it is printed: the letter, and nothing of the service."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.unit.web.player import Play
from tests.unit.web.workers import day

pytestmark = pytest.mark.browser


def test_a_letter_is_printed_without_what_the_page_asks(service, sign_in, axe):
    play = Play(service)
    case_id = play.led("Sam")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/letters")
    assert axe(page) == []
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Grace Whitlock")).click()
    assert axe(page) == []
    words = ("I have handed it over", "Child at risk of harm?", "Sign out", "Help with this service")
    asked = [page.get_by_text(each) for each in words]
    assert all(each.is_visible() for each in asked)
    page.emulate_media(media="print")
    assert not any(each.is_visible() for each in asked)
    assert page.get_by_text("Dear Grace Whitlock,").is_visible()
    assert page.locator("main").get_by_text("Northcombe").first.is_visible()


def test_a_letter_is_changed_saved_opened_again_taken_away_sent_and_found_again(service, sign_in, axe):
    play = Play(service)
    case_id = play.led("Robin")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", email="grace@example.org", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    page = sign_in("amara")
    page.goto("/tasks")
    page.get_by_text("to be sent or handed over").click()
    page.get_by_role("link", name="Robin Whitlock", exact=True).last.click()
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Grace Whitlock")).click()
    page.get_by_role("link", name="Change the letter").click()
    assert axe(page) == []
    letter = page.get_by_label("The letter", exact=True)
    letter.fill(letter.input_value() + "\n\nThe kettle is on.")
    page.get_by_text("Draft saved").wait_for()
    page.reload()
    assert "The kettle is on." in letter.input_value()
    page.get_by_role("button", name="Save the letter").click()
    expect(page.locator("article").get_by_text("The kettle is on.")).to_be_visible()
    page.get_by_role("link", name="Change the letter").click()
    subject, said = page.get_by_label("What is it about?"), page.locator("[data-caf-draft-status]")
    meant = subject.input_value()
    subject.fill("Very long " * 40)
    expect(said).to_contain_text("Not saved: Use at most")
    page.get_by_role("button", name="Save the letter").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(subject).to_have_value(re.compile("Very long Very long"))
    expect(said).to_contain_text("what you typed is on this page only")
    subject.fill(meant)
    page.get_by_role("button", name="Save the letter").click()
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    for name in ("PDF", "Word"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).click()
        ending = {"PDF": "pdf", "Word": "docx"}[name]
        named = taken.value.suggested_filename
        assert re.fullmatch(rf"invitation-CAF-[A-Z0-9-]+-\d{{4}}-\d\d-\d\d-[0-9a-f]{{4}}\.{ending}", named)
    page.get_by_label("E-mail the address of a private page to grace@example.org").check()
    page.get_by_role("button", name="Send it, or record it").click()
    expect(page.get_by_text("The address of a private page goes to grace@example.org")).to_be_visible()
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Grace Whitlock")).click()
    assert page.get_by_text("E-mailed to grace@example.org").is_visible()
    assert axe(page) == []


def test_who_has_no_account_answers_on_a_phone(service, sign_in, axe, browser):
    play = Play(service)
    case_id = play.led("Kit")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/letters")
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Grace Whitlock")).click()
    address = re.search(r"http\S+/reply/[\w-]{48}", page.locator("article").inner_text()).group()
    phone = browser.new_page(viewport={"width": 320, "height": 640})
    phone.goto(address)
    assert axe(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
    phone.get_by_label("Yes, I will come").check()
    phone.get_by_label("What do you need? (optional)").fill("An interpreter for Welsh")
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Thank you. Your answer is kept")).to_be_visible()
    assert axe(phone) == []
    phone.close()
    page.goto(f"/cases/{case_id}")
    assert page.get_by_text("Needs: An interpreter for Welsh").is_visible()
