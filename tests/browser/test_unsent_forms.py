"""A form that keeps no draft, pressed while the service is away: the page stays, says so, and loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.unit.web.player import Play
from tests.unit.web.workers import day

pytestmark = pytest.mark.browser
CUT = "Not done: there is no connection. What you typed is kept on this page"


def cut_off(page: Page, field: str, button: str) -> None:
    """Type and press without a connection, and stay where one was."""
    address = page.url
    page.context.set_offline(True)
    page.get_by_label(field).first.fill("Words typed on a bus")
    page.get_by_role("button", name=button, exact=True).click()
    said = page.locator("[role=alert]", has_text=CUT)
    expect(said).to_be_in_viewport()
    assert page.url == address
    page.context.set_offline(False)
    expect(page.get_by_text(f"The connection is back. Now press “{button}” again.")).to_be_in_viewport(timeout=15_000)
    expect(said).to_have_count(0)
    expect(page.get_by_label(field).first).to_have_value("Words typed on a bus")
    page.wait_for_timeout(200)  # a second press within a second is taken for a double click


REPORT, SAID = "Report back to who leads", "What should others know?"
FORMS = (
    ("/cases/start", "", "Given name", "Start the case"),
    ("/cases/{case}/start/handover", "", "Why this person, and why now?", "Start now"),
    ("/cases/{case}/between-meetings", REPORT, "What have you done and seen?", "Report back"),
    ("/cases/{case}/family", "", "Relationship to the child", "Keep this"),
    ("/cases/{case}", "Add a comment", SAID, "Add the comment"),
    ("/concern?case={case}", "", "What did you see or hear?", "Record the concern"),
)


@pytest.mark.parametrize(("path", "unfold", "field", "button"), FORMS)
def test_a_form_pressed_without_a_connection_stays_and_goes_on_later(
    service, sign_in, axe, path, unfold, field, button
):
    case_id = Play(service).led("Kit")
    page = sign_in("amara", viewport={"width": 375, "height": 700})
    page.goto(path.format(case=case_id))
    if unfold:
        page.get_by_text(unfold).first.click()
    cut_off(page, field, button)
    assert axe(page) == []
    page.get_by_role("button", name=button, exact=True).click()
    done, refused = page.locator(".caf-done"), page.locator(".govuk-error-summary")
    expect(done.or_(refused)).to_be_visible()
    if refused.is_visible():
        expect(refused).to_be_focused()
        expect(page.get_by_label(field).first).to_have_value("Words typed on a bus")
        assert not unfold


def test_leaving_such_a_page_is_asked_about_and_a_silent_service_is_no_connection_lost(service, sign_in):
    case_id = service.start_case("Kit")
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}")
    page.route("**/ready", lambda route: route.fulfill(status=502))
    page.get_by_text("Add a comment").click()
    page.get_by_label(SAID).fill("Rang the school")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_text("Not done: the service does not answer. What you typed is kept")).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    page.unroute("**/ready")
    expect(page.get_by_text("The connection is back.")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Add the comment").press("Enter")
    expect(page.get_by_text("Your comment is kept.")).to_be_visible()
    expect(page.get_by_text("Not done:")).to_have_count(0)


def test_pressed_twice_it_is_sent_once_and_a_file_arrives_with_it(service, sign_in, tmp_path):
    case_id = service.start_case("Kit")
    page, sent = sign_in("amara"), []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    held = []
    page.route("**/ready", lambda route: held.append(route))  # noqa: PLW0108 - a built-in function takes no mark
    page.goto(f"/cases/{case_id}")
    note = tmp_path / "note.pdf"
    note.write_bytes(b"%PDF-1.7 a letter %%EOF")
    page.get_by_label("Add a file").set_input_files(note)
    with page.expect_request("**/ready"):
        page.get_by_role("button", name="Keep the file").click()
    page.wait_for_timeout(1_200)
    page.get_by_role("button", name="Keep the file").click()
    expect(page.get_by_text("Sending what you typed. It takes longer than it should.")).to_be_visible()
    assert len(held) == 1 and not sent
    held[0].continue_()
    expect(page.get_by_text("The file is kept with the case")).to_be_visible()
    expect(page.get_by_role("link", name="note.pdf")).to_have_count(1)
    assert len(sent) == 1
    page.go_back()
    page.go_forward()
    assert len(sent) == 1, "its answer is a page to go back to"


def test_a_button_with_an_address_of_its_own_goes_there(service, sign_in):
    case_id = service.start_case("Kit")
    page = sign_in("ines")
    page.goto(f"/cases/{case_id}")
    page.get_by_label("The family, or somebody for them, asked or complained").check()
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("link", name="Restrict this case").click()
    page.get_by_label("Why is it to be restricted?").fill("The mother works for the council")
    page.get_by_role("button", name="Restrict this case").click()
    page.get_by_role("link", name="Why this case is restricted").click()
    page.locator("main textarea").first.fill("She has left the council")
    page.get_by_role("button", name="Lift the restriction").click()
    expect(page.get_by_text("The case is open again to those who usually see it.")).to_be_visible()


def test_a_private_page_keeps_a_parents_words_too(service, sign_in, browser, served, axe):
    play = Play(service)
    case_id = play.led("Kit")
    mother = {"name": "Grace Whitlock", "relationship": "Mother", "told": "everything", "decided_by": "family"}
    play.sends("amara", f"/cases/{case_id}/family", email="grace@example.org", **mother)
    play.of("amara").does(
        "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[play.ids["dele"]],
        **day("planned_on", play.today),
    )  # fmt: skip
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}/letters")
    page.get_by_role("link", name=re.compile("Invitation to a meeting.*Grace Whitlock")).click()
    address = re.search(r"/reply/[\w-]{48}", page.locator("article").inner_text()).group()
    context = browser.new_context(base_url=served[1], viewport={"width": 320, "height": 640})
    phone = context.new_page()
    phone.goto(address)
    phone.get_by_label("Yes, I will come").check()
    text = phone.locator("main textarea").first
    text.fill("Please not on a Friday")
    context.set_offline(True)
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_text(CUT)).to_be_in_viewport()
    assert axe(phone) == []
    context.set_offline(False)
    expect(phone.get_by_text("Now press “Send my answer” again.")).to_be_visible(timeout=15_000)
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_role("heading", name="Thank you. Your answer is kept")).to_be_visible()
    context.close()


def test_a_personal_question_kept_from_who_types_it_gives_their_words_back(service, sign_in):
    play = Play(service)
    case_id = play.assessed("Kit")
    asked = {"family_wishes": "Dele", "lead_professional": play.ids["dele"], "reasons": "Trusted"}
    play.of("amara").does("Choose the lead professional", **asked)
    page = sign_in("dele")
    page.get_by_role("link", name="Will you lead?").click()
    page.get_by_label("No", exact=True).check()
    status = page.locator("[data-caf-draft-status]")
    expect(status).to_contain_text("Draft saved")
    play.sends("amara", f"/cases/{case_id}/consent", why="They changed their mind")
    page.get_by_label("Why not?").fill("I leave in May, ask Ada")
    expect(status).to_contain_text("Not saved by itself. Press “Save draft” to see why")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="What you typed")).to_be_visible()
    expect(page.get_by_text("I leave in May, ask Ada")).to_be_visible()
    assert "Kit" not in page.locator("main").inner_text()
