"""A change is drawn, seen to touch these cases and no others, decided on, published; the next morning's case has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from engine.queries import case_file
from engine.scheduler import tick
from tests.conformance.miwg import open_in_editor
from tests.worlds import Mailbox

pytestmark = pytest.mark.browser

FILE = "identify.bpmn"


def steps(service, case_id) -> list[str]:
    """Return what a case waits for, as its workers read it."""
    return [task.name for task in case_file.read(service.engine, actor=service.actor("amara"), case_id=case_id).tasks]


def press(page: Page, name: str, heading: str, axe: Callable[[Page], list[str]]) -> None:
    """Press a button, and find nothing amiss on the page that comes."""
    with page.expect_event("domcontentloaded"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert axe(page) == [], heading


def test_a_designer_rehearses_a_manager_decides_and_the_cases_chosen_move(service, sign_in, axe):
    cases = {name: service.start_case(name) for name in ("Ada", "Kit", "Sam")}
    designer = sign_in("tomas", viewport={"width": 1280, "height": 900})
    open_in_editor(designer, FILE)
    designer.locator('[data-element-id="record_consent"] .djs-hit').first.click()
    designer.get_by_label("Name", exact=True).fill("Ask whether the family agrees")
    expect(designer.locator("#state")).to_contain_text("Draft saved", timeout=20_000)

    designer.goto("/studio/rehearsals")
    designer.get_by_label(FILE).check()
    press(designer, "Try every running case", "What would it do to running cases?", axe)
    figures = designer.locator("main")
    expect(figures).to_contain_text("3 cases stand at a step that changes")
    expect(figures).to_contain_text("Changed: “Ask whether the family agrees”.")
    expect(figures).to_contain_text("3 cases move with these changes")
    assert "Whitlock" not in designer.content() and designer.get_by_role("link", name="See each case").count() == 0

    manager = sign_in("ruth", viewport={"width": 1280, "height": 900})
    manager.goto(designer.url)
    manager.get_by_role("link", name="See each case, and decide what becomes of it").click()
    expect(manager.get_by_role("row")).to_have_count(4)
    expect(manager.get_by_role("row", name="Kit")).to_contain_text("Ask for the family's consent")
    assert axe(manager) == []
    manager.get_by_label("Child’s name or reference").fill("kit")
    press(manager, "Show", "What is to become of each case?", axe)
    expect(manager.get_by_role("row")).to_have_count(2)
    assert "kit" not in manager.url.lower()
    manager.get_by_label("Child’s name or reference").fill("")
    press(manager, "Show", "What is to become of each case?", axe)
    for child in ("Ada", "Kit"):
        manager.get_by_label(f"{child} Whitlock").check()
    manager.get_by_label("What becomes of those ticked?").select_option("Move")
    press(manager, "Keep this choice", "What is to become of each case?", axe)
    expect(manager.get_by_text("Kept for 2 cases.")).to_be_visible()
    expect(manager.get_by_role("row", name="Ada")).to_contain_text("Moves")
    expect(manager.get_by_role("row", name="Sam")).to_contain_text("Finishes on its version")
    listed = manager.url

    designer.goto(f"/studio/publish?file={FILE}")
    designer.get_by_role("checkbox", name=FILE).check()
    designer.get_by_label("What changes, and why?").fill("Clearer words.")
    designer.get_by_role("button", name="Check and publish").click()
    expect(designer.get_by_role("heading", level=1)).to_contain_text("Which diagrams, rules and forms are in force")
    for _ in range(2):
        tick(service.engine, Mailbox())

    manager.goto(listed)
    expect(manager.get_by_role("row", name="Kit")).to_contain_text("Moved")
    expect(manager.get_by_role("row", name="Sam")).to_contain_text("Finishes on its version")
    assert axe(manager) == []
    service.clock.advance(timedelta(days=1))
    new = service.start_case("Jo")
    now, before = ["Ask whether the family agrees"], ["Ask for the family's consent"]
    assert [steps(service, each) for each in (cases["Ada"], cases["Kit"], new)] == [now, now, now]
    assert steps(service, cases["Sam"]) == before
