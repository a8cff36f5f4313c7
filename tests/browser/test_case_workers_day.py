"""A case worker's day in a real browser: sign in, my tasks, a draft, an answer, the case."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
TASK = "Ask for the family's consent"


def open_task(page: Page, child: str) -> None:
    page.goto("/tasks")
    page.locator("li", has_text=child).get_by_role("link", name=TASK).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TASK)


def a_days_work(page: Page, child: str) -> None:
    """Save an incomplete draft, come back to it, be told what is missing, and finish."""
    open_task(page, child)
    page.get_by_label("Who gave the answer?").fill("Tess Whitlock")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved 09:00")).to_be_visible()
    open_task(page, child)
    expect(page.get_by_label("Who gave the answer?")).to_have_value("Tess Whitlock")
    page.get_by_role("button", name="Save and finish").click()
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_contain_text("There is a problem")
    summary.get_by_role("link").first.click()
    expect(page.locator("#field-consent")).to_be_focused()
    page.get_by_label("They agree", exact=True).check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{child} Whitlock")
    expect(page.get_by_role("link", name="Complete the assessment")).to_be_visible()


def test_from_sign_in_to_the_case(service, sign_in):
    service.start_case("Sam")
    page = sign_in("amara")
    a_days_work(page, "Sam")
    diagram = page.locator(".caf-diagram").first
    expect(diagram).to_have_attribute("data-diagram-ready", "true")
    expect(diagram.get_by_text("You are here")).to_be_visible()


def test_the_same_with_javascript_off(service, sign_in):
    service.start_case("Maya")
    page = sign_in("amara", java_script_enabled=False)
    a_days_work(page, "Maya")
    expect(page.get_by_text("The drawing needs JavaScript")).to_be_visible()


def test_focus_goes_to_the_summary_when_something_is_wrong(service, sign_in):
    service.start_case("Jo")
    page = sign_in("amara")
    open_task(page, "Jo")
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()


def test_the_second_of_two_people_is_told_who_was_first(service, sign_in):
    service.start_case("Ali")
    first, second = sign_in("amara"), sign_in("amara")
    for page in (first, second):
        open_task(page, "Ali")
    first.get_by_label("They agree", exact=True).check()
    first.get_by_label("Who gave the answer?").fill("Tess Whitlock")
    first.get_by_role("button", name="Save and finish").click()
    expect(first.get_by_text("is finished")).to_be_visible()
    second.get_by_label("They do not agree", exact=True).check()
    second.get_by_label("Why do they not agree?").fill("They want to wait until the summer")
    second.get_by_role("button", name="Save and finish").click()
    expect(second.get_by_text("Amara Osei completed this task")).to_be_visible()
    expect(second.get_by_label("Why do they not agree?")).to_have_value("They want to wait until the summer")


def test_whom_to_ring_is_one_press_away(service, sign_in):
    page = sign_in("amara")
    page.get_by_role("button", name="Child at risk of harm?").click()
    expect(page.get_by_role("link", name="999").first).to_be_visible()
    expect(page.get_by_role("link", name="01632 960101")).to_have_attribute("href", "tel:01632960101")


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_is_wider_than_the_screen(service, sign_in, width):
    case_id = service.start_case("Kit")
    page = sign_in("amara", viewport={"width": width, "height": 800})
    for path in ("/tasks", "/cases", "/cases/start", f"/cases/{case_id}", "/overdue", "/concern", "/help"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    page = sign_in("olu", viewport={"width": width, "height": 800})
    page.goto("/authority")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "an address without a place to break"
