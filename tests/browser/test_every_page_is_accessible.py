"""axe on every page, and no page breaks the Content-Security-Policy."""

from __future__ import annotations

import re

import pytest

from engine.commands import cases, model_drafts, setup, user_tasks
from engine.queries import case_file
from tests.unit.web.service import PROFILE, model_files
from tests.unit.web.test_whatif_pages import always

pytestmark = pytest.mark.browser

BY_USER = {
    "amara": ("/tasks", "/tasks?whose=unclaimed", "/cases", "/cases/start", "/overdue", "/concern", "/nowhere"),
    "ines": ("/incidents", "/cases", "/help", "/mag", "/mag/members", "/what-if"),
    "tomas": ("/definitions", "/what-if"),
    "olu": ("/people", "/people/add", "/account", "/authority"),
}


@pytest.mark.parametrize("username", BY_USER)
def test_pages_pass_axe_and_break_no_policy(service, sign_in, axe, username):
    service.start_case("Sam")
    page = sign_in(username)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    for path in BY_USER[username]:
        page.goto(path)
        assert axe(page) == [], path
    assert refused == []


def test_who_looked_and_who_sits_where_pass_axe(service, sign_in, axe):
    case_id = service.start_case("Ada")
    described = {**PROFILE, "mags": ["North Group", "South Group"]}
    setup.set_profile(service.engine, authority_id=service.authority_id, profile=described)
    page = sign_in("ines")
    page.goto(f"/cases/{case_id}/readers")
    assert axe(page) == []
    page.goto("/mag/members")
    assert page.get_by_label("South Group").count() == 1
    assert axe(page) == []


def test_the_case_the_task_and_their_errors_pass_axe(service, sign_in, axe):
    case_id = service.start_case("Maya")
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}")
    page.locator("[data-diagram-ready]").first.wait_for()
    assert axe(page) == []
    page.get_by_text("Show the other diagram").click()
    page.locator("#other-diagrams [data-diagram-ready]").wait_for()
    assert axe(page) == []
    page.goto(f"/concern?case={case_id}")
    assert axe(page) == []
    page.goto("/tasks")
    address = re.search(r"/tasks/[0-9a-f-]{36}", page.content())
    assert address
    page.goto(address.group())
    assert axe(page) == []
    page.get_by_role("button", name="Save and finish").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    page.goto("/cases/start")
    page.get_by_role("button", name="Add another person").click()
    page.get_by_role("group", name="Person 2").wait_for()
    page.get_by_role("button", name="Start the case").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []


def test_what_is_asked_when_something_has_changed_passes_axe(service, sign_in, axe):
    case_id = service.start_case("Noa")
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="The family moves to another area").click()
    assert axe(page) == []
    page.get_by_role("button", name="Start now").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []


def test_the_child_the_family_and_a_birth_pass_axe(service, sign_in, axe):
    case_id = service.start_case("Lia")
    today = service.clock.now().date()
    baby = cases.Child(family_name="Whitlock", expected_on=today)
    unborn = cases.start(service.engine, actor=service.actor("amara"), child=baby).case_id
    page = sign_in("amara")
    for path in (f"{case_id}/child", f"{unborn}/child", f"{case_id}/family", f"{unborn}/birth"):
        page.goto(f"/cases/{path}")
        assert page.locator("main form").count() == 1, path
        assert axe(page) == [], path
    page.get_by_role("button", name="Record the birth").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    page.goto(f"/cases/{unborn}/child")
    page.get_by_label("Day", exact=True).fill("40")
    page.get_by_role("button", name="Keep this").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    page.goto(f"/cases/start?sibling_of={case_id}")
    assert page.get_by_text("A brother or sister of").count() == 1
    assert axe(page) == []


def test_what_rules_would_change_and_going_back_pass_axe(service, sign_in, axe):
    service.start_case("Sam")
    rules = {"name": "escalation.dmn", "mimeType": "text/xml", "buffer": always()}
    for username, heading in (("ines", "Cases that you may see"), ("tomas", "Go on with this file")):
        page = sign_in(username)
        page.goto("/what-if")
        page.get_by_label("Changed rules").set_input_files(rules)
        page.get_by_role("button", name="Try them out").click()
        page.get_by_role("heading", name=heading).wait_for()
        assert axe(page) == []
    page.get_by_role("button", name="Check and deploy").click()
    page.get_by_text("Nothing was deployed yet").wait_for()  # the page before asks for a reason too
    page.get_by_label("Why do the rules change?").fill("A try")
    assert axe(page) == []
    page.get_by_role("button", name="Deploy escalation.dmn").click()
    page.get_by_role("button", name="Deploy escalation.dmn").wait_for(state="detached")
    page.goto("/definitions")
    page.get_by_role("link", name="Escalation", exact=True).click()
    assert axe(page) == []
    page.get_by_role("link", name="Go back to this version").click()
    assert axe(page) == []


def test_correcting_a_date_passes_axe(service, sign_in, axe):
    case_id = service.start_case("Ira")
    (task,) = case_file.read(service.engine, actor=service.actor("amara"), case_id=case_id).tasks
    given = {"consent": "given", "given_by": "Tess", "signed_on": service.clock.now().date().isoformat()}
    user_tasks.complete(service.engine, actor=service.actor("amara"), task_id=task.task_id, answers=given)
    page = sign_in("amara")
    page.goto(f"/cases/{case_id}")
    page.get_by_role("link", name="A date was recorded wrongly").click()
    assert axe(page) == []
    page.get_by_role("button", name="Show what moves").click()
    page.locator(".govuk-error-summary").wait_for()
    assert axe(page) == []
    page.get_by_role("radio").first.check()
    page.get_by_label("Day", exact=True).fill("2")
    page.get_by_label("Month", exact=True).fill("1")
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("Why is it corrected?").fill("The form says so")
    page.get_by_role("button", name="Show what moves").click()
    page.get_by_role("button", name="Correct the date").wait_for()
    assert axe(page) == []


def test_the_sign_in_page_passes_axe(served, page, axe):
    page.goto(f"{served[1]}/sign-in")
    assert axe(page) == []


def test_a_diagrams_own_page_passes_axe(service, sign_in, axe):
    page = sign_in("tomas")
    page.goto("/definitions")
    page.get_by_role("link", name="Common assessment episode", exact=True).click()
    page.locator("[data-diagram-ready]").wait_for()
    assert axe(page) == []


def test_a_refusal_and_the_drafts_kept_from_it_pass_axe(service, sign_in, axe):
    page = sign_in("tomas")
    page.goto("/definitions")
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"{"} for name in ("a.form", "b.bpmn")]
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Check and deploy").click()
    page.get_by_role("button", name="Keep as drafts").wait_for()
    assert axe(page) == []
    page.get_by_role("button", name="Keep as drafts").click()
    page.get_by_role("heading", name="Drafts, not in force").wait_for()
    assert axe(page) == []
    with page.expect_download() as fetched:
        page.get_by_role("link", name="b.bpmn", exact=True).click()
    assert fetched.value.suggested_filename == "b.bpmn"


def test_a_change_that_waits_for_approval_passes_axe_on_both_sides(service, sign_in, axe):
    cell = b'<inputEntry id="row_immediate_danger_immediate_danger"><text>'
    softer = model_files()["escalation.dmn"].replace(cell + b"true", cell + b"false")
    model_drafts.keep(service.engine, actor=service.actor("tomas"), file="escalation.dmn", content=softer)
    page = sign_in("tomas")
    page.goto("/definitions")
    page.get_by_text("1 row under approval would change").click()
    assert axe(page) == []
    page = sign_in("ines")
    page.goto("/rules-to-approve")
    assert axe(page) == []
    page.get_by_role("button", name="Approve this change").click()
    page.get_by_text("You have approved the change of escalation.dmn").wait_for()
    assert axe(page) == []


@pytest.mark.usefixtures("second_asked")
def test_limits_a_proposed_change_and_what_it_differs_in_pass_axe(service, sign_in, axe):
    page = sign_in("tomas")
    page.goto("/studio/limits")
    page.goto("/studio/limits?find=first team meeting")
    assert axe(page) == []
    page.get_by_label("To hold the first team meeting").fill("x")
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_text("enter a whole number").first.wait_for()
    assert axe(page) == []
    renamed = model_files()["review.bpmn"].replace(b'name="Review the plan"', b'name="Look at the plan"')
    model_drafts.keep(service.engine, actor=service.actor("tomas"), file="review.bpmn", content=renamed)
    page.goto("/studio/publish?file=review.bpmn")
    assert axe(page) == []
    page.get_by_label("What changes, and why?").fill("Plain words")
    page.get_by_role("button", name="Propose for publishing").click()
    page.get_by_text("Nothing is in force yet").wait_for()
    assert axe(page) == []
    page.goto("/studio/versions?file=review.bpmn")
    page.locator("[data-diagram-ready]").nth(1).wait_for()
    assert page.locator(".caf-diagram--changed").count() == 2
    assert axe(page) == []
    page = sign_in("ines")
    page.goto("/studio/publish")
    assert axe(page) == []
    page.get_by_role("link", name="Review of a plan").click()
    assert axe(page) == []
    page = sign_in("olu")
    page.goto("/studio/publish/second-person")
    assert axe(page) == []
