"""A lead professional's day without a mouse: signed in, a meeting arranged, a letter given, and axe on every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_hard_days import press_to
from tests.unit.web.player import Play
from tests.unit.web.service import PASSWORD

pytestmark = pytest.mark.browser


def answer(page: Page, words: str, typed: str = "") -> None:
    """Reach a question by its words and type an answer, or choose it."""
    press_to(page, words)
    if typed:
        page.keyboard.type(typed)
    else:
        page.keyboard.press("Space")


def go_on(page: Page, words: str, heading: str, axe: Callable[[Page], list[str]]) -> None:
    """Follow a link or press a button, and find nothing amiss on the page it leads to."""
    press_to(page, words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert axe(page) == [], heading


def test_a_meeting_is_arranged_and_its_letter_given_by_keyboard_alone(service, served, browser, axe):
    case_id = Play(service).led("Wren")
    context = browser.new_context(base_url=served[1])
    page = context.new_page()
    page.goto("/sign-in")
    assert axe(page) == []
    answer(page, "User name", "amara")
    answer(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("work")
    assert axe(page) == []
    go_on(page, "Arrange the TAC meeting", "Arrange the TAC meeting", axe)
    on = service.clock.now().date() + timedelta(days=14)
    for part, number in (("Day", on.day), ("Month", on.month), ("Year", on.year)):
        answer(page, part, str(number))
    answer(page, "At what time", "4pm")
    answer(page, "Where will it be?", "Hill Road School")
    while press_to_either(page, "Yes", "Dele Martins") == "Yes":
        page.keyboard.press("Space")
    page.keyboard.press("Space")
    go_on(page, "Save and finish", "Wren Whitlock", axe)
    expect(page.get_by_text("“Arrange the TAC meeting” is finished")).to_be_visible()
    go_on(page, "Letters", "Which letters are written", axe)
    go_on(page, "Invitation to a meeting", "", axe)
    press_to(page, "I have handed it over")
    page.keyboard.press("Space")
    go_on(page, "Send it, or record it", "Which letters are written", axe)
    expect(page.get_by_text("Kept: the letter is with them.")).to_be_visible()
    assert str(case_id) in page.url
    context.close()


def press_to_either(page: Page, *words: str) -> str:
    """Press the tab key until what has the focus is called by one of `words`; return which."""
    for _ in range(200):
        page.keyboard.press("Tab")
        said = page.evaluate("(document.activeElement.labels?.[0]?.innerText ?? '').trim()")
        for each in words:
            if said.startswith(each):
                return each
    raise AssertionError(f"The keyboard reaches none of {words}")
