"""The editors of the studio in a real browser: what is drawn saves itself, is checked, and loses nothing on its way."""

from __future__ import annotations

import difflib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from engine.commands import model_drafts, setup
from engine.queries import model_drafts as drafts
from engine.queries import model_revisions
from engine.writing import in_one_writing
from tests.conformance.miwg import open_in_editor, through_the_editor
from tests.conformance.round_trip import lost
from tests.unit.web.service import PASSWORD, Person

pytestmark = pytest.mark.browser

NOT_OURS = {"exclude": [["#canvas"]]}
"""What bpmn.io draws is not ours to mend; the outline is the equal way."""
SPACES = (
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:ours="urn:ours" '
    'xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" '
    'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"'
)
STRANGE = '<zeebe:taskDefinition type="mail" /><ours:note by="Jo">Ask <ours:b>twice</ours:b></ours:note>'
COLOURS = 'color:background-color="#ffe0b2" bioc:stroke="#6b3c00"'
FOREIGN = {
    "<bpmn:definitions ": f"<bpmn:definitions {SPACES} ",
    '<bpmn:userTask id="hold_review"': '<bpmn:userTask id="hold_review" ours:cost="3"',
    "<camunda:properties>": f"{STRANGE}<camunda:properties>",
    'bpmnElement="hold_review"': f'bpmnElement="hold_review" {COLOURS}',
}


@pytest.fixture
def designer(service, sign_in) -> Page:
    """Give a designer's page, which fails the test when it breaks the policy or its script throws."""
    page = sign_in("tomas", viewport={"width": 1400, "height": 900})
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security" in said.text else None)
    return page


def kept(service, file: str) -> str:
    return drafts.text(service.engine, actor=service.actor("tomas"), file=file).decode()


def begin(service, file: str, content: str) -> None:
    """Keep a draft before it is opened."""
    actor = service.actor("tomas")
    model_drafts.save(service.engine, actor=actor, file=file, content=content.encode(), expected=None)


def changed_lines(service, file: str) -> list[str]:
    """Return the lines of a draft that what is in force does not have, or has in another place."""
    deployed = drafts.in_force(service.engine, actor=service.actor("tomas"), file=file)
    old, new = deployed.content.decode().splitlines(), kept(service, file).splitlines()
    return [line[2:] for line in difflib.ndiff(old, new) if line.startswith("+ ")]


def select(page: Page, element: str) -> None:
    page.locator(f'[data-element-id="{element}"] .djs-hit').first.click()


def saved(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("Draft saved", timeout=20_000)


def saved_again(page: Page) -> None:
    expect(page.locator("#state")).to_contain_text("Not saved yet")
    saved(page)


def test_a_step_is_changed_saved_and_there_again(service, designer):
    open_in_editor(designer, "handover.bpmn")
    select(designer, "answer_handover")
    designer.get_by_label("Name", exact=True).fill("Say yes or no")
    designer.get_by_label("Coordinators").check()
    saved(designer)
    xml = kept(service, "handover.bpmn")
    assert 'name="Say yes or no"' in xml
    assert len(changed_lines(service, "handover.bpmn")) <= 2  # bpmn-js says once that a step it named has a label
    assert re.search(r'id="answer_handover"[^>]*candidateGroups="[^"]*coordinators', xml)
    open_in_editor(designer, "handover.bpmn")
    expect(designer.locator("#canvas")).to_contain_text("Say yes or no")
    found = Axe().run(designer, context=NOT_OURS).response["violations"]
    assert [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]] == []


def test_nothing_foreign_is_lost(service, designer):
    before = kept(service, "review.bpmn")
    for old, new in FOREIGN.items():
        assert old in before
        before = before.replace(old, new, 1)
    begin(service, "foreign.bpmn", before)
    through_the_editor(designer, "foreign.bpmn")
    assert kept(service, "foreign.bpmn") != in_one_writing("foreign.bpmn", before.encode()).decode()
    assert lost(before.encode(), kept(service, "foreign.bpmn").encode()) == []


def test_rules_keep_what_only_we_know(service, designer):
    before = kept(service, "escalation.dmn")
    assert "caf:approval=" in before
    open_in_editor(designer, "escalation.dmn")
    cell = designer.locator("td.input-cell .content-editable, td.input-cell [contenteditable]").first
    cell.click()
    designer.keyboard.press("End")
    designer.keyboard.type(" ")
    designer.locator("h1").click()
    saved(designer)
    after = kept(service, "escalation.dmn")
    assert after != before and lost(before.encode(), after.encode()) == []
    assert len(changed_lines(service, "escalation.dmn")) == 1


def test_comments_stay_where_they_stood(service, designer):
    note = "<!-- what the nurses asked for -->"
    marks = {"review.bpmn": '<bpmn:userTask id="hold_review"', "escalation.dmn": "<rule "}
    for file, mark in marks.items():
        begin(service, file, kept(service, file).replace(mark, f"{note}\n{mark}", 1))
    open_in_editor(designer, "review.bpmn")
    select(designer, "hold_review")
    designer.get_by_label("Name", exact=True).fill("Look at it together")
    saved_again(designer)
    open_in_editor(designer, "escalation.dmn")
    designer.locator("td.input-cell .content-editable, td.input-cell [contenteditable]").first.click()
    designer.keyboard.press("End")
    designer.keyboard.type(" ")
    designer.locator("h1").click()
    saved_again(designer)
    assert 'name="Look at it together"' in kept(service, "review.bpmn")
    for file, mark in marks.items():
        (before, after) = re.split(rf"\s*{note}\s*", kept(service, file))
        assert after.startswith(mark) and mark not in before, file
    # What the editor holds lacks the comment, and is not taken for something that was never saved.
    open_in_editor(designer, "review.bpmn")
    expect(designer.locator("#notices")).to_be_empty()


def test_a_form_keeps_what_was_said_and_nothing_that_was_not(service, designer):
    open_in_editor(designer, "record_mag_decision.form")
    designer.locator('.fjs-editor-container [data-id="field_decision"]').click()
    designer.locator(".fjs-properties-panel").get_by_text("General", exact=True).click()
    designer.locator("#bio-properties-panel-label").last.fill("Did they decide?")
    saved(designer)
    assert changed_lines(service, "record_mag_decision.form") == ['      "label": "Did they decide?",']


def test_what_a_page_sent_as_it_was_left_is_not_offered_again(service, designer):
    """It is kept in the writing of the service, which is not that of the editor."""
    open_in_editor(designer, "other_plan.bpmn")
    designer.get_by_label("What it is for").first.fill("Typed as the page was left")
    saved(designer)
    held = kept(service, "other_plan.bpmn").replace(" />", "/>")
    designer.evaluate(
        "held => localStorage.setItem('caf-studio:other_plan.bpmn', JSON.stringify({ content: held, at: new Date() }))",
        held,
    )
    open_in_editor(designer, "other_plan.bpmn")
    designer.evaluate(
        "() => new Promise(done => setInterval(() => localStorage.getItem('caf-studio:other_plan.bpmn') ?? done(), 50))"
    )
    expect(designer.locator("#notices")).to_be_empty()


def test_a_form_is_shown_as_it_will_be_asked_while_it_changes(service, designer):
    open_in_editor(designer, "hold_review.form")
    preview = designer.locator("#preview")
    expect(preview).to_contain_text("How are things for the child and family?")
    designer.locator('.fjs-editor-container [data-id="field_outcome"]').click()
    designer.locator(".fjs-properties-panel").get_by_text("General", exact=True).click()
    designer.locator("#bio-properties-panel-label").last.fill("How are things now?")
    expect(preview).to_contain_text("How are things now?")
    saved(designer)
    assert '"label": "How are things now?"' in kept(service, "hold_review.form")
    assert '"name": "the date of the review"' in kept(service, "hold_review.form")


def test_only_what_runs_is_offered(designer):
    open_in_editor(designer, "handover.bpmn")
    select(designer, "answer_handover")
    designer.locator('[data-action="replace"]').click()
    menu = designer.locator(".djs-popup-body")
    expect(menu).to_contain_text("Service task")
    assert "Script task" not in menu.inner_text()
    designer.keyboard.press("Escape")
    assert designer.locator('.djs-palette [data-action="create.data-store"]').count() == 0


def test_what_would_not_run_is_said_at_the_element(service, designer):
    xml = kept(service, "handover.bpmn")
    begin(service, "nobody.bpmn", re.sub(r'camunda:(assignee|candidateGroups)="[^"]*"', "", xml))
    open_in_editor(designer, "nobody.bpmn")
    problem = designer.locator("#problems").get_by_role("button", name=re.compile("nobody may do it")).first
    problem.click()
    assert designer.locator(".caf-studio__badge--error").count() > 0
    expect(designer.locator("#canvas .djs-shape.selected").first).to_be_visible()


def test_a_file_that_does_not_say_at_each_step_what_flows_in_and_out_is_no_worse(service, designer):
    xml = kept(service, "handover.bpmn").replace('"handover"', '"unjoined"')
    xml = re.sub(r"\s*<bpmn:(incoming|outgoing)>[^<]*</bpmn:\1>", "", xml)
    begin(service, "unjoined.bpmn", re.sub(r'(<bpmn:userTask id="answer_handover") name="[^"]*"', r"\1", xml))
    open_in_editor(designer, "unjoined.bpmn")
    problems = designer.locator("#problems")
    expect(problems).to_contain_text("give it a name")
    said = problems.inner_text()
    assert not re.search("(?i)draw a start event|draw an end event|connect it", said), said


def test_a_cut_connection_loses_nothing(service, designer):
    open_in_editor(designer, "transfer.bpmn")
    designer.context.set_offline(True)
    designer.get_by_label("What it is for").first.fill("Typed without a connection")
    expect(designer.locator("#state")).to_contain_text("there is no connection", timeout=20_000)
    assert designer.evaluate("localStorage.getItem('caf-studio:transfer.bpmn')")
    designer.context.set_offline(False)
    saved(designer)
    assert "Typed without a connection" in kept(service, "transfer.bpmn")
    assert designer.evaluate("localStorage.getItem('caf-studio:transfer.bpmn')") is None


def test_two_who_draw_the_same_lose_nothing(service, designer):
    open_in_editor(designer, "pause.bpmn")
    theirs = kept(service, "pause.bpmn").replace("<bpmn:documentation>", "<bpmn:documentation>Theirs. ", 1)
    begin(service, "pause.bpmn", theirs)
    designer.get_by_label("What it is for").first.fill("Mine.")
    conflict = designer.get_by_role("alert")
    expect(conflict).to_contain_text("saved pause.bpmn since you opened it")
    assert "Mine." not in kept(service, "pause.bpmn")
    conflict.get_by_role("button", name="Show theirs").click()
    designer.get_by_role("button", name="Put mine in its place").click()
    saved(designer)
    assert "Mine." in kept(service, "pause.bpmn")


def test_two_designers_are_warned_of_each_other_and_of_two_that_save_neither_loses_anything(service, designer, sign_in):
    new = Person(
        name="Mira Holt", job_title="Process designer", agency="Northcombe Council", roles=("designer",),
        username="mira", password=PASSWORD,
    )  # fmt: skip
    setup.add_people(service.engine, authority_id=service.authority_id, new=[new])
    mira = sign_in("mira", viewport={"width": 1400, "height": 900})
    open_in_editor(designer, "stalled_plan.bpmn")
    open_in_editor(mira, "stalled_plan.bpmn")
    expect(mira.locator("#others")).to_contain_text("Tomas Reid has this open too")
    open_in_editor(designer, "stalled_plan.bpmn")
    expect(designer.locator("#others")).to_contain_text("Mira Holt has this open too")

    mira.get_by_label("What it is for").first.fill("Mira's words.")
    saved(mira)
    designer.get_by_label("What it is for").first.fill("Tomas's words.")
    conflict = designer.get_by_role("alert")
    expect(conflict).to_contain_text("Mira Holt saved stalled_plan.bpmn since you opened it")
    assert "Tomas's words." not in kept(service, "stalled_plan.bpmn")
    conflict.get_by_role("button", name="Show theirs").click()
    designer.get_by_role("button", name="Put mine in its place").click()
    saved(designer)
    assert "Tomas's words." in kept(service, "stalled_plan.bpmn")
    mira.get_by_label("What it is for").first.fill("Mira's words again.")
    expect(mira.get_by_role("alert")).to_contain_text("Tomas Reid saved stalled_plan.bpmn since you opened it")
    asked = {"actor": service.actor("tomas"), "file": "stalled_plan.bpmn"}
    versions = [each.version for each in model_revisions.history(service.engine, **asked).revisions]
    texts = [model_revisions.revision_text(service.engine, **asked, version=each).decode() for each in versions]
    assert any("Mira's words." in text for text in texts), "what Mira saved can be read and put back"


def test_markup_in_a_name_is_only_words(service, designer):
    xml = kept(service, "handover.bpmn").replace(
        'id="answer_handover" name="', 'id="answer_handover" name="&lt;img src=x onerror=document.title=1&gt;'
    )
    begin(service, "marked.bpmn", xml)
    open_in_editor(designer, "marked.bpmn")
    expect(designer.locator("#canvas")).to_contain_text("<img")
    assert designer.title().startswith("Handover of the lead")


def test_a_small_screen_is_told_where_else_to_go(designer):
    designer.set_viewport_size({"width": 375, "height": 800})
    designer.goto("/studio/edit?file=handover.bpmn")
    expect(designer.get_by_text("Drawing needs a larger screen than this.")).to_be_visible()
    assert designer.evaluate("document.documentElement.scrollWidth") <= 375


def test_ids_are_made_of_names_and_stay(service, designer):
    before = kept(service, "pause.bpmn")
    (task, *_) = re.findall(r'<bpmn:userTask id="(\w+)"', before)
    open_in_editor(designer, "pause.bpmn")
    heading = designer.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Pause")
    select(designer, task)
    designer.locator('.djs-context-pad [data-action="append.user-task"]').click()
    designer.keyboard.type("Ask the school")
    designer.keyboard.press("Enter")
    saved(designer)
    xml = kept(service, "pause.bpmn")
    assert 'id="ask_the_school" name="Ask the school"' in xml and 'bpmnElement="ask_the_school"' in xml
    assert f'id="{task}_to_ask_the_school"' in xml
    designer.get_by_label("Name", exact=True).fill("Ask the nursery")
    expect(designer.get_by_label("Id", exact=True)).to_have_value("ask_the_nursery")
    saved_again(designer)
    open_in_editor(designer, "pause.bpmn")
    select(designer, "ask_the_nursery")
    designer.get_by_label("Name", exact=True).fill("Ask nobody")
    saved_again(designer)
    assert 'id="ask_the_nursery" name="Ask nobody"' in kept(service, "pause.bpmn"), "what was there before keeps its id"


def test_a_new_question_is_kept_under_its_words(service, designer):
    begin(service, "second_opinion.form", '{"type": "default", "id": "second_opinion", "components": ['
          '{"type": "textfield", "id": "Field_0abcdef", "key": "textfield_x1y2z", "label": "Text field", '
          '"layout": {"row": "Row_1", "columns": null}}], '
          '"properties": {"title": "Second opinion"}, "schemaVersion": 19}')  # fmt: skip
    open_in_editor(designer, "second_opinion.form")
    expect(designer.get_by_role("heading", level=1)).to_contain_text("Second opinion")
    designer.locator('.fjs-editor-container [data-id="Field_0abcdef"]').click()
    designer.locator(".fjs-properties-panel").get_by_text("General", exact=True).click()
    asked = designer.locator("#bio-properties-panel-label").last
    asked.click()
    designer.keyboard.press("Control+A")
    for words in ("Who", " was asked", "?"):
        designer.keyboard.type(words)
        saved_again(designer)
    expect(asked).to_be_focused()
    expect(asked).to_have_text("Who was asked?")
    text = kept(service, "second_opinion.form")
    assert '"key": "who_was_asked"' in text and '"id": "field_who_was_asked"' in text


def test_a_link_to_a_step_opens_the_diagram_at_it(designer):
    designer.goto("/studio/edit?file=handover.bpmn&at=answer_handover")
    expect(designer.get_by_label("Id", exact=True)).to_have_value("answer_handover", timeout=20_000)
    expect(designer.locator('[data-element-id="answer_handover"].selected')).to_have_count(1)


def test_the_page_is_called_what_the_diagram_is_called(designer):
    open_in_editor(designer, "review.bpmn")
    designer.get_by_label("Name", exact=True).fill("Look at the plan again")
    expect(designer.get_by_role("heading", level=1)).to_contain_text("Look at the plan again")
    assert designer.title().startswith("Look at the plan again")
