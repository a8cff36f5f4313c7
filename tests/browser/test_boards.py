"""The overdue board, its answers and where cases stand in a real browser: wide, narrow, refreshed, without script."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from engine.commands import late_answers
from tests.unit.web.service import PASSWORD
from web.overdue import GROUPS

pytestmark = pytest.mark.browser

CHILDREN = ("Ash", "Bel", "Cai", "Dot", "Eli", "Fay", "Gus", "Hal")
WIDTHS = (1280, 320)


@pytest.fixture
def late(served):
    """Give the cases of eight children, by name, all of them long late."""
    service, _ = served
    found = {name: service.start_case(name) for name in CHILDREN}
    service.clock.advance(timedelta(days=60))
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_the_boards_pass_axe_and_fit_the_screen(served, late, sign_in, axe, width):
    service, _ = served
    page = sign_in("ruth", viewport={"width": width, "height": 800})
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    amara = service.ids["Amara Osei"]
    tasks, runs = f"/workload/tasks?holder={amara}", f"/cases/{late['Ash']}/running"
    shared_out = ("/workload", f"/workload/people/{amara}", tasks, runs)
    for path in ("/overdue", f"/overdue/{late['Ash']}/answer", "/where-cases-stand", *shared_out):
        page.goto(path)
        if path == "/where-cases-stand":
            page.locator("[data-diagram-ready]").wait_for()
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    page.goto(f"/workload/tasks?holder={amara}")
    page.get_by_label("All 8 tasks").check()
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("heading", name="Is this what is to happen?").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Throw this plan away").click()
    page.goto(f"/overdue/{late['Ash']}/answer")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    assert refused == []


def _answer(service, case_id, said: str) -> None:
    late_answers.answer(service.engine, actor=service.actor("ruth"), case_id=case_id, said=said)


def test_the_board_comes_up_to_date_without_losing_the_place(late, service, sign_in):
    page = sign_in("ruth", viewport={"width": 1280, "height": 400})
    page.clock.install()
    page.goto("/overdue")
    page.get_by_text("Show only some children").click()
    rows = page.locator("li.caf-row")
    read = page.locator(f"#{rows.nth(5).get_attribute('id')}")
    link = read.get_by_role("link", name="Say what is being done")
    read.evaluate("row => window.scrollTo(0, row.getBoundingClientRect().top + window.scrollY)")
    link.focus()
    before = read.bounding_box()
    first = rows.first.get_attribute("id")
    _answer(service, UUID(first.removeprefix("case-")), "The worker visits on Monday. " * 30)
    page.clock.fast_forward(61_000)
    expect(page.locator(f"#{first}")).to_contain_text("The worker visits on Monday.")
    after = read.bounding_box()
    assert before and after and abs(before["y"] - after["y"]) <= 1
    expect(link).to_be_focused()
    assert page.locator("#choose").evaluate("details => details.open")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_long_board_folds_what_is_not_late_and_keeps_it_as_it_was(late, service, sign_in, axe, width):
    calm = [service.start_case(name) for name in ("Ida", "Jem", "Kit", "Lou", "Mia")]
    page = sign_in("ruth", viewport={"width": width, "height": 800})
    page.clock.install()
    page.goto("/overdue")
    fold, row = page.locator("details.caf-group"), page.locator(f"#case-{calm[0]}")
    assert fold.count() == 1 and page.locator("li.caf-row").count() == len(late) + len(calm), "nothing is lost"
    expect(page.locator(f"#case-{late['Ash']}")).to_be_visible()
    expect(row).to_be_hidden()
    assert axe(page) == []
    fold.get_by_role("heading", name="5").click()
    expect(row).to_be_visible()
    assert axe(page) == []
    _answer(service, late["Gus"], "A letter went out")
    page.clock.fast_forward(61_000)
    expect(page.locator(f"#case-{late['Gus']}")).to_contain_text("A letter went out")
    expect(row).to_be_visible()
    state = fold.get_attribute("id").removeprefix("fold-")
    page.goto("/overdue")
    groups = page.get_by_role("navigation", name="Groups")
    groups.get_by_role("link", name=GROUPS[state], exact=True).click()
    expect(row).to_be_visible()
    expect(page.locator(f"#group-{state}")).to_be_in_viewport()
    groups.get_by_role("link", name="Critically overdue").click()
    expect(page.locator("#group-critically_overdue")).to_be_in_viewport()
    page.goto(f"/overdue?state={state}")
    expect(row).to_be_visible()


def test_the_board_waits_while_somebody_is_typing(late, service, sign_in):
    page = sign_in("ruth")
    page.clock.install()
    page.goto("/overdue")
    page.get_by_text("Show only some children").click()
    name = page.get_by_label("Save this board under a name")
    name.fill("Mon")
    _answer(service, late["Gus"], "A letter went out")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.fast_forward(61_000)
    assert page.evaluate("1") == 1 and asked == []
    page.locator("h1").click()
    with page.expect_response("**/overdue"):
        page.clock.fast_forward(61_000)
    expect(page.locator(f"#case-{late['Gus']}")).to_contain_text("A letter went out")
    expect(name).to_have_value("Mon")


def test_the_boards_do_everything_without_script(late, served, browser):
    context = browser.new_context(base_url=served[1], java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("User name").fill("ruth")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/overdue")
    assert page.locator("li.caf-row").count() == len(CHILDREN)
    page.get_by_text("Show only some children").click()
    page.get_by_label("Group", exact=True).select_option("Not due")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("No child is left with these choices")).to_be_visible()
    page.goto("/where-cases-stand")
    expect(page.get_by_text("The table below says the same as the diagram.")).to_be_visible()
    page.get_by_role("link", name=str(len(CHILDREN)), exact=True).first.click()
    assert page.locator("li.caf-row").count() == len(CHILDREN)
    context.close()


def test_a_managers_monday(late, service, sign_in, axe):
    page = sign_in("ruth")
    page.get_by_role("link", name="Overdue", exact=True).first.click()
    worst = page.locator("li.caf-row").first
    child = worst.get_by_role("heading").get_by_role("link").inner_text()
    expect(worst).to_contain_text("working days")
    worst.get_by_role("link", name="Say what is being done").click()
    page.get_by_role("textbox").first.fill("Amara is ill: Dele visits on Tuesday")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("li.caf-row", has_text=child).first).to_contain_text("Dele visits on Tuesday")
    page.get_by_role("link", name=child, exact=True).first.click()
    page.get_by_role("link", name="Management oversight").first.click()
    page.get_by_label("With whom did you discuss the case?").select_option(index=1)
    page.get_by_label("What was discussed").fill("Who visits while Amara is ill")
    page.get_by_label("What was decided").fill("Dele visits")
    assert axe(page) == []
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".caf-done")).to_be_visible()
    page.get_by_role("link", name="Overdue", exact=True).first.click()
    expect(page.locator("li.caf-row", has_text=child).first).to_contain_text("Supervision: ")
    page.get_by_role("link", name="Workload", exact=True).first.click()
    page.get_by_role("link", name="Amara Osei").first.click()
    today, first = service.clock.now(), page.get_by_role("group", name="First day away")
    for part, number in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        first.get_by_label(part, exact=True).fill(str(number))
    page.get_by_label("Not planned").check()
    page.get_by_label("Who covers?").select_option(index=1)
    assert axe(page) == []
    page.get_by_role("button", name="Record the absence").click()
    expect(page.locator(".caf-done")).to_be_visible()


def test_a_coordinators_month_end(late, sign_in, axe):
    page = sign_in("ines", viewport={"width": 375, "height": 800})
    menu = page.locator(".caf-navigation__menu")
    menu.get_by_text("Menu").click()
    assert axe(page) == []
    menu.get_by_role("link", name="Where cases stand").click()
    page.get_by_role("link", name="month’s return").first.click()
    shown = page.locator("main").inner_text()
    assert "By agency and team" in shown and axe(page) == []
    for words, ending in (("This return as a PDF", ".pdf"), ("This return as an Excel file", ".xlsx")):
        with page.expect_download() as got:
            page.get_by_role("link", name=words).click()
        assert got.value.suggested_filename.endswith(ending)
    with page.expect_download() as got:
        page.get_by_role("button", name="As XES").click()
    assert got.value.suggested_filename.endswith(".xes")
