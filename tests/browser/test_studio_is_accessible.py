"""axe on every page of the studio outside the canvas, by WCAG 2.2 AA, in both widths; help with the keys is reached."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.commands import model_drafts, publishing, rehearsals, second_person
from engine.playing.guarding import guarded
from engine.scheduler import tick
from tests.conformance.miwg import open_in_editor
from tests.unit.web.service import ROOT
from tests.worlds import Mailbox

pytestmark = pytest.mark.browser

AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 375, "height": 800}
PAGES = (
    "/definitions", "/definitions?find=review", "/studio/new", "/studio/limits", "/studio/publish",
    "/studio/rehearsals", "/studio/scenarios", "/authority/letters", "/authority/letters/plan",
    "/authority/letters/mail_to_read",
    "/studio/outline?file=agree_plan.bpmn", "/studio/outline/step?file=agree_plan.bpmn&step=agree_action_plan",
    "/studio/outline/way?file=agree_plan.bpmn&way=agree_action_plan_to_send_plan_to_family",
    "/studio/tables?file=timescales.dmn", "/studio/tables/row?file=timescales.dmn&table=timescales&row=1",
    "/studio/questions?file=record_consent.form", "/studio/questions/question?file=record_consent.form&at=1",
    "/studio/questions/question?file=record_consent.form&at=form", "/studio/play?file=review.bpmn",
    "/studio/versions?file=review.bpmn", "/studio/versions?file=timescales.dmn", "/studio/rename?file=review.bpmn",
    "/studio/tables?file=escalation.dmn", "/studio/scenarios?file=review.bpmn",
)  # fmt: skip
CONSENT_DAYS = b'id="consent_days_default_amount"><text>'
CHANGED = (
    ("processes", "identify.bpmn", b"Ask for the family's consent", b"Ask whether the family agrees"),
    ("rules", "timescales.dmn", CONSENT_DAYS + b"5", CONSENT_DAYS + b"6"),
)
EDITORS = ("agree_plan.bpmn", "timescales.dmn", "record_consent.form", "caf_needed.tests.yaml")


def amiss(page: Page) -> list[str]:
    """Return what axe finds outside the canvas, one line each."""
    found = Axe().run(page, context={"exclude": [["#canvas"]]}, options={"runOnly": AA}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def amiss_folded_or_not(page: Page, path: str) -> dict[str, list[str]]:
    """Return what is amiss on a page in both widths, as it comes and with all that is folded opened."""
    page.goto(path)
    wrong = {}
    for how in ("", ", unfolded"):
        if how:
            page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
        wrong[f"{path}{how}"] = amiss(page)
        page.set_viewport_size(PHONE)
        wrong[f"{path}{how}, on a phone"] = amiss(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong[f"{path}{how}, on a phone"].append("the page is wider than the phone")
        page.set_viewport_size({"width": 1280, "height": 900})
    return {where: found for where, found in wrong.items() if found}


@pytest.mark.parametrize("path", PAGES)
def test_pages_without_a_canvas_pass(sign_in, path: str) -> None:
    assert amiss_folded_or_not(sign_in("tomas"), path) == {}


def test_a_proposal_and_its_rehearsal_pass_until_they_are_taken_back(service, sign_in) -> None:
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    service.start_case("Sam")
    files = {file: (ROOT / folder / file).read_bytes().replace(old, new) for folder, file, old, new in CHANGED}
    who = service.actor("tomas")
    done = publishing.propose(service.engine, actor=who, files=files, why="They asked for it")
    drawn = {"identify.bpmn": files["identify.bpmn"]}
    rehearsal_id = rehearsals.begin(service.engine, actor=who, files=drawn, choice="move")
    tick(service.engine, Mailbox())
    pages = [
        f"/studio/publish/{done.proposal_id}", "/studio/publish", "/definitions", "/studio/rehearsals",
        f"/studio/rehearsals/{rehearsal_id}",
    ]  # fmt: skip
    designer, coordinator = sign_in("tomas"), sign_in("ines")
    for path in pages:
        assert amiss_folded_or_not(designer, path) == {}
    for path in (*pages[:2], f"/studio/rehearsals/{rehearsal_id}/cases"):
        assert amiss_folded_or_not(coordinator, path) == {}
    coordinator.goto(pages[0])
    coordinator.get_by_role("button", name="Approve this change").click()
    expect(coordinator.get_by_text("It is being published.")).to_be_visible(timeout=60_000)
    assert amiss(coordinator) == []
    for _ in range(5):
        tick(guarded(service.engine), Mailbox())
    expect(coordinator.get_by_text("In force", exact=True)).to_be_visible(timeout=60_000)
    assert amiss_folded_or_not(designer, pages[0]) == {} and amiss_folded_or_not(designer, pages[-1]) == {}
    designer.goto(pages[0])
    designer.get_by_label("Why do you take it back?").fill("It was a slip")
    designer.get_by_role("button", name="Take this change back").click()
    expect(designer.get_by_role("heading", level=1)).to_contain_text("running cases", timeout=60_000)
    assert amiss_folded_or_not(designer, designer.url) == {} and amiss_folded_or_not(designer, pages[0]) == {}


def test_what_was_answered_wrongly_is_said_on_pages_that_pass(sign_in) -> None:
    page = sign_in("tomas")
    page.goto("/studio/new")
    page.get_by_role("button", name="Make it and open it").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert amiss(page) == []
    page.goto("/studio/questions?file=record_consent.form")
    page.get_by_role("button", name="Put the question in").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert amiss(page) == []
    page.goto("/authority/letters/plan")
    page.get_by_label("The wording").fill("Dear all")
    page.get_by_role("button", name="Save the wording").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert amiss(page) == []


@pytest.mark.parametrize("file", EDITORS)
def test_editors_pass_and_say_their_keys(service, sign_in, file: str) -> None:
    page = sign_in("tomas", viewport={"width": 1400, "height": 900})
    if file.endswith(".yaml"):
        text = (ROOT / "rules" / file).read_bytes()
        model_drafts.save(service.engine, actor=service.actor("tomas"), file=file, content=text, expected=None)
        page.goto(f"/studio/edit?file={file}")
    else:
        open_in_editor(page, file)
    expect(page.locator("#problems")).not_to_contain_text("Checking")
    assert amiss(page) == []
    if file.endswith(".yaml"):
        return
    page.get_by_role("button", name="Keys").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Undo")
    assert amiss(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(page.get_by_role("button", name="Keys")).to_be_focused()


def test_a_merge_field_is_put_where_the_text_is_written(sign_in) -> None:
    page = sign_in("tomas")
    page.goto("/authority/letters/plan")
    page.get_by_label("The wording").fill("Subject: The plan\n\nDear ")
    page.get_by_label("Merge fields").select_option("name")
    page.get_by_role("button", name="Put it in").click()
    expect(page.get_by_label("The wording")).to_have_value("Subject: The plan\n\nDear {{ name }}")
    expect(page.get_by_label("The wording")).to_be_focused()
