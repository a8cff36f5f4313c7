"""What is typed into a task saves itself in a real browser, whatever happens to the connection or the session."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from engine.store.tables.running import task_drafts
from tests.unit.web.test_my_work_pages import add_action

pytestmark = pytest.mark.browser
TASK = "Ask for the family's consent"
WHO = "Who gave the answer?"


def open_task(page: Page, child: str) -> None:
    page.goto("/tasks")
    page.locator("li", has_text=child).get_by_role("link", name=TASK).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TASK)


def drafted(service) -> list[str]:
    with service.engine.sessions.read() as connection:
        rows = connection.execute(sa.select(task_drafts.c.answers).order_by(task_drafts.c.saved_at, task_drafts.c.id))
        return [row.answers.get("given_by", "") for row in rows]


def test_it_saves_itself_while_one_types_and_is_there_again(service, sign_in):
    service.start_case("Sam")
    page = sign_in("amara")
    open_task(page, "Sam")
    page.get_by_label(WHO).fill("Tess Whit")
    expect(page.locator("[data-caf-draft-status]")).to_have_text("Draft saved 09:00")
    page.get_by_label(WHO).fill("Tess Whitlock")
    page.goto("/help")
    open_task(page, "Sam")
    expect(page.get_by_label(WHO)).to_have_value("Tess Whitlock")


def test_a_cut_connection_is_said_and_what_was_typed_is_sent_again(service, sign_in):
    service.start_case("Maya")
    page = sign_in("amara")
    open_task(page, "Maya")
    status = page.locator("[data-caf-draft-status]")
    page.context.set_offline(True)
    page.get_by_label(WHO).fill("Typed without a connection")
    expect(status).to_contain_text("there is no connection")
    assert "Typed without a connection" not in drafted(service)
    page.context.set_offline(False)
    expect(status).to_contain_text("Draft saved", timeout=15_000)
    assert "Typed without a connection" in drafted(service)


@pytest.mark.parametrize("waited", [True, False])
def test_a_button_pressed_without_a_connection_stays_on_the_page(service, sign_in, waited, axe):
    service.start_case("Maya")
    page = sign_in("amara", viewport={"width": 375, "height": 600})
    open_task(page, "Maya")
    status, address = page.locator("[data-caf-draft-status]"), page.url
    page.context.set_offline(True)
    page.get_by_label(WHO).fill("Tess Whitlock")
    if waited:
        expect(status).to_contain_text("Not saved: there is no connection")
    page.get_by_role("button", name="Save and finish").click()
    expect(status).to_contain_text("Not done: there is no connection. What you typed is kept on this page")
    expect(status).to_be_in_viewport()
    assert page.url == address and not axe(page)
    page.context.set_offline(False)
    expect(status).to_contain_text("what you typed is saved. Now press “Save and finish” again", timeout=15_000)
    assert drafted(service) == ["Tess Whitlock"]
    page.get_by_label("They agree", exact=True).check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.get_by_text(f"“{TASK}” is finished")).to_be_visible()


def test_a_draft_pressed_without_a_connection_is_sent_when_it_is_back(service, sign_in):
    service.start_case("Maya")
    page = sign_in("amara")
    open_task(page, "Maya")
    status = page.locator("[data-caf-draft-status]")
    page.route("**/draft", lambda route: route.fulfill(status=502))
    page.get_by_label(WHO).fill("Tess Whitlock")
    page.get_by_role("button", name="Save draft").click()
    expect(status).to_contain_text("Not saved: the service does not answer")
    page.unroute("**/draft")
    expect(status).to_have_text("Draft saved 09:00", timeout=15_000)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save draft").click()
    expect(status).to_contain_text("Not saved: there is no connection")
    page.context.set_offline(False)
    expect(status).to_have_text("The connection is back, and what you typed is saved.", timeout=15_000)
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url("**#saved")
    assert drafted(service) == ["Tess Whitlock"]


def test_what_is_refused_before_it_saved_itself_is_there_after_leaving(service, sign_in):
    service.start_case("Sam")
    page = sign_in("amara")
    open_task(page, "Sam")
    page.get_by_label(WHO).fill("Typed quickly, then pressed")
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator("[data-caf-draft-status]")).to_contain_text("What you typed is kept though nothing is finished")
    page.goto("/help")
    open_task(page, "Sam")
    expect(page.get_by_label(WHO)).to_have_value("Typed quickly, then pressed")


def test_who_is_signed_out_signs_in_elsewhere_and_the_page_goes_on(service, sign_in):
    service.start_case("Jo")
    page = sign_in("amara")
    open_task(page, "Jo")
    status = page.locator("[data-caf-draft-status]")
    page.context.clear_cookies()
    page.get_by_label(WHO).fill("Typed after the session ended")
    expect(status).to_contain_text("you are signed out")
    with page.context.expect_page() as opened:
        status.get_by_role("link").click()
    other = opened.value
    other.get_by_label("User name").fill("amara")
    other.get_by_label("Password").fill("correct horse battery")
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/tasks")
    expect(status).to_contain_text("Draft saved", timeout=20_000)
    assert "Typed after the session ended" in drafted(service)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_label(WHO)).to_have_value("Typed after the session ended")


def test_two_browsers_on_one_task_end_in_one_draft(service, sign_in, axe):
    service.start_case("Ali")
    first, second = sign_in("amara"), sign_in("amara")
    for page in (first, second):
        open_task(page, "Ali")
    first.get_by_label(WHO).fill("Tess Whitlock")
    expect(first.locator("[data-caf-draft-status]")).to_have_text("Draft saved 09:00")
    second.get_by_label(WHO).fill("Joe Whitlock")
    told = second.get_by_role("link", name="Bring the two together")
    told.wait_for()
    second.set_viewport_size({"width": 375, "height": 600})
    second.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    expect(told, "the notice stays in sight however far down the form one is").to_be_in_viewport()
    assert not axe(second)
    told.click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Which answers are to stay?")
    assert not axe(second)
    second.get_by_label("As you typed it here").check()
    second.get_by_role("button", name="Keep what I chose").click()
    expect(second.get_by_label(WHO)).to_have_value("Joe Whitlock")


def test_a_button_pressed_while_the_page_saves_itself_goes_on_from_what_was_saved(service, sign_in):
    service.start_case("Lou")
    page = sign_in("amara")
    open_task(page, "Lou")
    page.get_by_label(WHO).fill("Tess")
    expect(page.locator("[data-caf-draft-status]")).to_have_text("Draft saved 09:00")
    held = []
    page.route("**/draft", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    with page.expect_request(lambda request: request.url.endswith("/draft")):
        page.get_by_label(WHO).fill("Tess Whitlock")
    page.get_by_label(WHO).fill("Tess Whitlock, her mother")
    page.get_by_role("button", name="Save draft").click(no_wait_after=True)
    assert len(held) == 1, "what the page was saving is under way, and the button waits for it"
    held[0].continue_()
    page.wait_for_url("**#saved")
    expect(page.get_by_label(WHO)).to_have_value("Tess Whitlock, her mother")
    assert "Tess Whitlock, her mother" in drafted(service)


def test_questions_come_and_go_with_the_answers_they_depend_on(service, sign_in):
    service.start_case("Nia")
    page = sign_in("amara")
    open_task(page, "Nia")
    why = page.get_by_label("Why do they not agree?")
    page.get_by_label("They agree", exact=True).check()
    expect(why).to_be_hidden()
    page.get_by_label("They do not agree", exact=True).check()
    expect(why).to_be_visible()
    when = "label:has-text('Why do they not agree?') [data-caf-if]"
    expect(page.locator(when)).to_be_hidden()
    page.get_by_label("They agree", exact=True).check()
    expect(why).to_be_hidden()
    plain = sign_in("amara", java_script_enabled=False)
    open_task(plain, "Nia")
    expect(plain.get_by_label("Why do they not agree?")).to_be_visible()
    expect(plain.locator(when)).to_have_text(" (if “They do not agree”)")


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_the_lists_of_work_fit_and_are_accessible(service, sign_in, axe, width):
    service.start_case("Kit")
    page = sign_in("amara", viewport={"width": width, "height": 800})
    for path in ("/tasks", "/tasks?whose=all&due=week", "/tasks/waiting", "/tasks/later"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert not axe(page), path


@pytest.mark.parametrize("width", [320, 1280])
def test_a_long_list_of_work_is_short_to_look_at_and_opens_by_keyboard(service, sign_in, axe, width):
    case_id = service.start_case("Kit")
    for number in range(24):
        add_action(service, case_id, "Amara Osei", f"Action {number}", due_in=-3 if number < 12 else 60)
    page = sign_in("amara", viewport={"width": width, "height": 800})
    rows = page.locator("li.caf-row")
    assert rows.count() == 25 and len([each for each in rows.all() if each.is_visible()]) == 10
    assert page.evaluate("document.documentElement.scrollHeight") < 5 * 800
    page.locator("summary", has_text="Overdue: 2 more").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("details[open] li a").first).to_be_focused()
    page.locator("summary", has_text="Not due yet").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Action 23", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width and not axe(page)


def hold_savings(page: Page) -> list[Route]:
    """Stop each saving on its way, in the order they leave the page, until it is let go on."""
    held: list[Route] = []
    page.route("**/draft", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    return held


def test_a_page_out_of_sight_while_it_saves_itself_goes_on_from_what_is_newest(service, sign_in):
    service.start_case("Ned")
    page = sign_in("amara")
    open_task(page, "Ned")
    held = hold_savings(page)
    with page.expect_request("**/draft"):
        page.get_by_label(WHO).fill("Tess")
    page.get_by_label(WHO).fill("Tess Whitlock")
    with page.expect_request("**/draft"):
        page.evaluate(
            "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });"
            "document.dispatchEvent(new Event('visibilitychange')); delete document.visibilityState"
        )
    with page.expect_response("**/draft"):
        held[0].continue_()
    page.get_by_label(WHO).fill("Tess Whitlock, her mother")
    page.wait_for_timeout(4_000)
    assert len(held) == 2, "what is on its way already must not arrive after what was typed since"
    held[1].continue_()
    page.unroute("**/draft")
    for _ in range(100):
        if drafted(service) != ["Tess Whitlock, her mother"]:
            page.wait_for_timeout(100)
    assert drafted(service) == ["Tess Whitlock, her mother"], "one draft, of one person"
    expect(page.get_by_role("link", name="Bring the two together")).to_have_count(0)


def test_who_closes_a_page_with_more_than_a_closed_page_may_send_is_asked_first(service, sign_in):
    service.start_case("Max")
    page = sign_in("amara")
    open_task(page, "Max")
    page.get_by_label("They do not agree", exact=True).check()
    page.get_by_label("Why do they not agree?").fill("It is a long story. " * 3_500)
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(page.locator("[data-caf-draft-status]")).to_contain_text("Draft saved")
    page.close(run_before_unload=True)
    assert page.is_closed() or page.wait_for_event("close") is page, "saved, it may go"
