"""Days that go badly: no mouse, a narrow screen, a huge file, a program that calls itself a letter, a pasted book."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.commands import guidance

pytestmark = pytest.mark.browser
TASK = "Ask for the family's consent"
PASTED = "A sentence that somebody pasted. " * 1516
"""About 50,000 characters."""
MB = 1024 * 1024


def press_to(page: Page, words: str, *, most: int = 120) -> None:
    """Press the tab key until what has the focus is called by `words`."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(() => { const at = document.activeElement; const label = at.labels && at.labels[0];"
            " return ((label ? label.innerText : '') + ' ' + at.innerText).trim() })()"
        )
        if words in said:
            return
    raise AssertionError(f"The keyboard does not reach {words!r}")


def test_a_lead_does_a_task_by_keyboard_alone(service, sign_in):
    service.start_case("Sam")
    page = sign_in("amara")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    press_to(page, TASK)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TASK)
    press_to(page, "Guidance for this step")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Read more in “Consent and sharing”")).to_be_visible()
    press_to(page, "They agree")
    page.keyboard.press("Space")
    press_to(page, "Who gave the answer?")
    page.keyboard.type("Tess Whitlock")
    press_to(page, "Save draft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Draft saved 09:00")).to_be_visible()
    expect(page.get_by_label("Who gave the answer?")).to_have_value("Tess Whitlock")
    press_to(page, "Save and finish")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sam Whitlock")
    press_to(page, "Child at risk of harm?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("A child may be at risk of harm")


@pytest.mark.parametrize("width", [320, 1280])
def test_guidance_fits_and_is_accessible(service, sign_in, axe, width):
    own = "# House rules\n\n## Ring the hub\nRing **the hub**.\n\nsource: The council | https://example.org | 2026\n"
    guidance.keep_text(service.engine, actor=service.actor("ines"), text=own, beside="lead")
    page = sign_in("ines", viewport={"width": width, "height": 800})
    paths = ("", "/lead", "/own-house-rules", "/own-house-rules/change", "/add", "/copies", "/whole", "?q=lead+family")
    for path in (*(f"/guidance{each}" for each in paths), "/did-it-help", "/did-it-help/answers", "/account"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe(page) == [], path
    page.goto("/guidance/lead#choose")
    page.get_by_label("How many?").fill("none")
    page.get_by_role("button", name="Ask for copies").click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert axe(page) == []


def test_a_file_too_large_and_a_program_that_calls_itself_a_letter_are_refused_in_words(service, sign_in, tmp_path):
    case_id = service.start_case("Maya")
    page = sign_in("amara")
    program, large, good = (tmp_path / name for name in ("letter.pdf", "scan.pdf", "note.pdf"))
    program.write_bytes(b"MZ\x90\x00 a program")
    large.write_bytes(b"%PDF-1.7 " + bytes(20 * MB) + b"%%EOF")
    good.write_bytes(b"%PDF-1.7 a letter %%EOF")
    answers = {program: "Choose a PDF", large: "The file is too large", good: "The file is kept with the case"}
    for file, said in answers.items():
        page.goto(f"/cases/{case_id}")
        page.get_by_label("Add a file").set_input_files(file)
        page.get_by_role("button", name="Keep the file").click()
        expect(page.get_by_text(said).first).to_be_visible()


def test_a_book_pasted_into_every_field_is_kept_as_a_draft_and_refused_in_words(service, sign_in, axe):
    service.start_case("Jo")
    page = sign_in("amara")
    page.goto("/tasks")
    page.locator("li", has_text="Jo").get_by_role("link", name=TASK).click()
    fields = page.locator("main form[data-caf-draft] :is(textarea, input[type=text])")
    shown = [each for each in fields.all() if each.is_visible()]
    assert shown
    for each in shown:
        each.evaluate("(field, text) => { field.value = text; field.dispatchEvent(new Event('input')) }", PASTED)
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("[data-caf-draft-status]")).to_contain_text("Draft saved 09:00")
    assert len(page.get_by_label("Who gave the answer?").input_value()) == len(PASTED), "nothing typed is lost"
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert axe(page) == []
    page.goto("/cases/start")
    for each in page.locator("main form :is(textarea, input[type=text])").all():
        each.evaluate("(field, text) => { field.value = text }", PASTED)
    page.get_by_role("button", name="Start the case").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Given name: Use at most 200 characters")
