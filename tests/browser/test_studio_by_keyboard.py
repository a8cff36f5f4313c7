"""A designer without a mouse: a limit changed and an approval put in, from signing in to what is proposed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.outlines import Diagram, outline
from engine.outlines.tables import Tables
from engine.queries import model_drafts as drafts
from engine.queries import publishing
from tests.unit.web.service import PASSWORD

pytestmark = pytest.mark.browser


AT = """(() => {
    const at = document.activeElement;
    return at.matches('a, button, input, select, textarea') ? at.labels?.[0]?.textContent || at.textContent : '';
})()"""


def reach(page: Page, words: str) -> None:
    """Press the tab key until what has the focus is called by `words`, what only a screen reader says among them."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if words in " ".join(str(page.evaluate(AT)).split()):
            return
    raise AssertionError(f"The keyboard does not reach {words!r}")


def go(page: Page, words: str, heading: str, axe: Callable[[Page], list[str]]) -> None:
    """Follow a link or press a button by the keyboard, and find nothing amiss on the page it leads to."""
    reach(page, words)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert axe(page) == [], heading


def answer(page: Page, words: str, typed: str) -> None:
    """Reach a question by its words and type over what stands there."""
    reach(page, words)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(typed)


@pytest.mark.usefixtures("second_asked")
def test_a_limit_and_an_approval_are_proposed_by_the_keyboard_alone(service, sign_in, axe):
    page = sign_in("tomas")
    page.context.clear_cookies()
    page.goto("/sign-in")
    answer(page, "User name", "tomas")
    answer(page, "Password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks")
    go(page, "Diagrams and rules", "Which diagrams, rules and forms are in force", axe)
    answer(page, "Find one by a word of its name or file", "time limits")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Show all")).to_be_visible()
    go(page, "As a list: Time limits", "What do the rules say?", axe)
    answer(page, "Find a row by its words", "first tac weeks")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 rows.")).to_be_visible()
    go(page, "Row 19", "Row 19 of", axe)
    answer(page, "Amount", "5")
    go(page, "Save as a draft", "What do the rules say?", axe)
    reach(page, "Take back: ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is as it is in force again")).to_be_visible()
    answer(page, "Find a row by its words", "first tac weeks")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 rows.")).to_be_visible()
    go(page, "Row 19", "Row 19 of", axe)
    answer(page, "Amount", "4")
    go(page, "Save as a draft", "What do the rules say?", axe)
    expect(page.get_by_text("It is kept as a draft")).to_be_visible()

    go(page, "Diagrams and rules", "Which diagrams", axe)
    go(page, "Outline: The first plan", "What happens, step by step?", axe)
    go(page, "from Agree the action plan to Send the plan to the family", "From “Agree the action plan”", axe)
    reach(page, "Somebody does it")
    page.keyboard.press("Space")
    answer(page, "What it is called", "Approve the plan")
    go(page, "Put the step in", "Approve the plan", axe)
    reach(page, "Line managers")
    page.keyboard.press("Space")
    answer(page, "Due", "add working days(today(), 2)")
    go(page, "Save as a draft", "What happens, step by step?", axe)
    expect(page.locator("#step-approve_the_plan")).to_contain_text("Line managers")
    assert page.get_by_text("To mend").count() == 0

    go(page, "Publish", "What is to be published", axe)
    for file in ("agree_plan.bpmn", "timescales.dmn"):
        reach(page, file)
        if not page.evaluate("document.activeElement.checked"):
            page.keyboard.press("Space")
    answer(page, "What changes, and why?", "A manager looks at each first plan.")
    reach(page, "Propose for publishing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is in force yet")).to_be_visible()
    assert axe(page) == []
    (proposed,) = (each for each in publishing.latest(service.engine, actor=service.actor("tomas")) if each.pending)
    assert set(proposed.files) == {"agree_plan.bpmn", "timescales.dmn"}
    as_drawn(service)


def as_drawn(service) -> None:
    """See that what is proposed is what was drawn, and that nothing is in force yet."""
    tomas = service.actor("tomas")
    plan = drafts.draft(service.engine, actor=tomas, file="agree_plan.bpmn")
    assert drafts.in_force(service.engine, actor=tomas, file="agree_plan.bpmn").version == 1
    (process,) = outline(Diagram(plan.content, name=plan.file))
    (ask,) = (step for step in process.steps if step.id == "agree_action_plan")
    assert [onward.target_id for onward in ask.onward] == ["approve_the_plan"]
    limits = drafts.draft(service.engine, actor=tomas, file="timescales.dmn")
    assert Tables(limits.content, name=limits.file).one("timescales").rules[18].cells["output_1"] == "4"
