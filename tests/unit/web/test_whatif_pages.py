"""Trying rules out on the pages and by the API, publishing them with a reason, and going back in one step."""

import io
import re
from datetime import timedelta

import pytest

from engine.commands import second_person
from tests.unit.web.service import ROOT, model_files
from tests.unit.web.test_definition_pages import send as deploy
from tests.unit.web.test_drafts import keep
from tests.unit.web.test_json_api import Program
from tests.unit.web.test_rule_approval_pages import softer

FILE = "escalation.dmn"


def send(visitor, files=(), **fields):
    if "csrf_token" not in visitor.page:
        visitor.get("/what-if")
    parts = [(io.BytesIO(content), name) for name, content in dict(files).items()]
    sent = {"csrf_token": visitor.hidden("csrf_token"), "files": parts, **fields}
    return visitor._take(visitor.client.post("/what-if", data=sent, follow_redirects=True))


def always(level=b"remind"):
    """Return the shipped rules in which every open case escalates for one more reason."""
    text = model_files()[FILE]
    whole = re.search(rb'<rule id="row_silent">.*?</rule>', text, re.DOTALL).group(0)
    new = re.sub(rb'(<inputEntry id="[^"]*"><text>)[^<]*', rb"\1-", whole).replace(b"row_silent", b"row_always")
    new = re.sub(rb'(?s)(<outputEntry id="row_always_reason"><text>)[^<]*', rb'\1"always"', new)
    new = re.sub(rb'(?s)(<outputEntry id="row_always_level"><text>)[^<]*', rb'\1"' + level + rb'"', new)
    return text.replace(whole, whole + new)


def test_a_coordinator_sees_the_cases_with_the_sentence_and_the_level(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("ines")
    send(visitor, {FILE: always()})
    assert visitor.status == 200, visitor.page
    assert visitor.says("Now: 1 open case", "Newly escalating", "1 case", "Cases that you may see", "Reminder, to:")
    assert f'href="/cases/{case_id}"' in visitor.page
    assert "Whitlock" not in visitor.page, "a list of figures names no child"


def test_a_designer_sees_figures_and_puts_the_rules_in_force_from_there(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("tomas")
    send(visitor, {FILE: always()})
    assert visitor.says("Newly escalating", "These are figures only", "Put them in force")
    assert str(case_id) not in visitor.page
    held = {name: visitor.hidden(name) for name in ("name", "content")}
    visitor.post("/definitions/reason", **held, why="")
    assert visitor.status == 422
    assert visitor.says("Say why the rules change", "Nothing was deployed yet")
    assert visitor.hidden("content") == held["content"], "nothing sent is lost"
    visitor.post("/definitions/reason", **held, why="Every plan is to be looked at")
    assert visitor.says(f"Deployed: {FILE}") or visitor.says("Worth knowing"), visitor.page
    link = re.search(r'href="(/definitions/[0-9a-f-]{36})">Escalation<', visitor.get("/definitions")).group(1)
    visitor.get(link)
    assert visitor.says("Every plan is to be looked at", "Tomas Reid", "Tried out as it was deployed, on 1 open case")
    assert visitor.says("1 newly escalating, 0 for a further reason, 0 changed, 0 escalating less")


def test_going_back_is_one_page_and_needs_a_reason(service):
    visitor = service.signed_in("tomas")
    visitor.get("/definitions")
    send(visitor, {FILE: always()})
    visitor.post("/definitions/reason", name=FILE, content=visitor.hidden("content"), why="A try")
    link = re.search(r'href="(/definitions/[0-9a-f-]{36})">Escalation<', visitor.get("/definitions")).group(1)
    page = visitor.get(link)
    back = re.search(r'href="(/definitions/[0-9a-f-]{36}/back)"', page).group(1)
    visitor.get(back)
    assert visitor.says("Put version 1 in force again?", FILE)
    visitor.post(back, reason=" ")
    assert visitor.status == 422
    assert visitor.says("Say why you go back")
    visitor.post(back, reason="Too many letters")
    assert visitor.says("Version 1 of escalation.dmn is in force again")
    visitor.get(re.search(r'href="(/definitions/[0-9a-f-]{36})">Escalation<', visitor.page).group(1))
    assert visitor.says("version 3, in force", "Back to version 1: Too many letters", "A try")


def test_bad_input_loses_nothing_and_says_what_to_do(service):
    visitor = service.signed_in("ines")
    send(visitor)
    assert visitor.status == 422
    assert visitor.says("Choose the file of the changed rules")
    send(visitor, {FILE: always()}, **{"on-day": "40", "on-month": "9", "on-year": "2026"})
    assert visitor.status == 422
    assert visitor.says("Enter a real date", f"{FILE} is here already")
    assert 'value="40"' in visitor.page
    fields = {"on-day": "1", "on-month": "1", "on-year": "2099"}
    send(visitor, name=FILE, content=visitor.hidden("content"), **fields)
    assert visitor.says("still to come", f"{FILE} is here already")
    send(visitor, pasted="<definitions")
    assert visitor.status == 422
    assert visitor.says("could not be deployed, so they were not tried out", "pasted.dmn")
    assert "&lt;definitions" in visitor.page


def test_a_wrong_cell_is_told_by_file_decision_row_and_column(service):
    visitor = service.signed_in("tomas")
    send(visitor, {FILE: always(b"shouting")})
    assert visitor.status == 422
    assert visitor.says("Put these right first", FILE, "'Escalation' (escalation), row ", "column 'Level'", "shouting")


def test_a_draft_that_waits_for_approval_can_be_picked_by_who_answers_for_cases(service):
    service.start_case("Sam")
    designer, coordinator = service.signed_in("tomas"), service.signed_in("ines")
    designer.get("/definitions")
    deploy(designer, {FILE: always(b"shouting")})
    keep(designer, FILE)
    assert f'href="/what-if?draft={FILE}"' in designer.get("/definitions")
    assert f'<option value="{FILE}">' in coordinator.get("/what-if")
    assert f'<option value="{FILE}" selected>' in coordinator.get(f"/what-if?draft={FILE}")
    send(coordinator, draft=FILE)
    assert coordinator.says("column 'Level'", "shouting")
    send(coordinator, draft="nothing.dmn")
    assert coordinator.says("There is no such draft")


def test_examples_that_come_to_something_else_are_shown_open_in_place_of_the_button(service):
    service.start_case("Sam")
    visitor = service.signed_in("tomas")
    examples = (ROOT / "rules" / "escalation.tests.yaml").read_bytes()
    send(visitor, {FILE: always(), "escalation.tests.yaml": examples})
    assert re.search(r"\d+ examples come to something else: these cannot be deployed as they are", visitor.page)
    assert "Put them in force" not in visitor.page
    assert "it asks nothing" in re.search(r'id="unkept".*?</ul>', visitor.page, re.DOTALL)[0]
    send(visitor, {FILE: always()})
    assert visitor.says("Put them in force"), "the examples are not in force here"


@pytest.mark.parametrize("username", ["amara", "olu"])
def test_nobody_else_opens_the_page_or_the_api(service, username):
    visitor = service.signed_in(username)
    visitor.get("/what-if")
    assert visitor.status == 403
    answer = Program(service, username)("POST", "/what-if", json={"files": [{"name": FILE, "content": "x"}]})
    assert answer.status_code == 403


def test_the_api_says_the_same_and_is_described_with_examples(service):
    case_id = service.start_case("Sam")
    files = [{"name": FILE, "content": always().decode()}]
    found = Program(service, "ines")("POST", "/what-if", json={"files": files}).json
    assert (found["trial"]["figures"]["cases"], found["trial"]["figures"]["new"], found["sees_cases"]) == (1, 1, True)
    (case,) = found["cases"]
    assert (case["case_id"], case["kind"], case["now"]) == (str(case_id), "new", None)
    assert (case["draft"]["reason"], case["draft"]["level"]) == ("always", "remind")
    counts = Program(service, "tomas")("POST", "/what-if", json={"files": files}).json
    assert (counts["trial"], counts["cases"], counts["sees_cases"]) == (found["trial"], [], False)
    today = service.clock.now().date()
    ahead = Program(service, "ines")("POST", "/what-if", json={"files": files, "on": str(today + timedelta(days=9))})
    assert (ahead.status_code, set(ahead.json["errors"])) == (422, {"on"})
    wrong = Program(service, "ines")("POST", "/what-if", json={"files": [{"name": FILE, "content": "no"}]})
    assert wrong.status_code == 422
    assert wrong.json["findings"][0]["file"] == FILE
    described = service.app.test_client().get("/api/openapi.json").json["components"]["schemas"]
    assert described["RulesToTry"]["properties"]["on"]["example"] == "2026-09-01"


def test_a_program_needs_a_reason_too_and_goes_back_by_the_versions_id(service):
    designer = Program(service, "tomas")
    first = next(each for each in designer("GET", "/definitions").json if each["file"] == FILE)
    files = [{"name": FILE, "content": always().decode()}]
    refused = designer("POST", "/deployments", json={"files": files})
    assert (refused.status_code, set(refused.json["errors"])) == (422, {"note"})
    assert designer("POST", "/deployments", json={"files": files, "note": "A try"}).status_code == 201
    back = f"/definitions/{first['definition_id']}/revert"
    assert Program(service, "ines")("POST", back, json={"reason": "No"}).status_code == 403
    done = designer("POST", back, json={"reason": "Too many letters"})
    assert (done.status_code, done.json["added"][0]["version"]) == (201, 3)
    newest = next(each for each in designer("GET", "/definitions").json if each["file"] == FILE)
    assert newest["note"] == "Back to version 1: Too many letters"
    assert newest["trial"]["figures"]["cases"] == 0


def test_the_shipped_rules_change_nothing(service):
    service.start_case("Sam")
    visitor = service.signed_in("ines")
    send(visitor, {FILE: (ROOT / "rules" / FILE).read_bytes()})
    assert visitor.says("Nothing would be different for any case.")


def test_the_overdue_board_leads_there(service):
    assert 'href="/what-if"' in service.signed_in("ines").get("/overdue")
    assert 'href="/what-if"' not in service.signed_in("amara").get("/overdue")


def test_a_pasted_text_takes_the_name_of_the_file_in_force_and_is_published_from_the_result(service):
    service.start_case("Sam")
    visitor = service.signed_in("tomas")
    send(visitor, pasted=always().decode())
    assert visitor.says("Newly escalating", f"Check and deploy {FILE}", "Keep as a draft")
    held = {name: visitor.hidden(name) for name in ("name", "content")}
    assert held["name"] == FILE
    visitor.post("/definitions/reason", **held, why="Every plan is to be looked at")
    visitor.get(re.search(r'href="(/definitions/[0-9a-f-]{36})">Escalation<', visitor.get("/definitions")).group(1))
    assert visitor.says("version 2, in force", "Every plan is to be looked at")


def test_where_a_second_person_approves_the_button_says_that_it_proposes(service):
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    visitor = service.signed_in("tomas")
    send(visitor, pasted=always().decode())
    assert visitor.says(f"Propose {FILE}", "Somebody else has to approve the change before it comes into force")
    assert "Check and deploy" not in visitor.page
    held = {name: visitor.hidden(name) for name in ("name", "content")}
    visitor.post("/definitions/reason", **held, why="Every plan is to be looked at")
    assert visitor.says(f"Proposed: {FILE}. Nothing is in force yet")


def test_a_pasted_text_can_be_kept_as_a_draft_from_the_result(service):
    visitor = service.signed_in("tomas")
    send(visitor, pasted=always().decode())
    held = {name: visitor.hidden(name) for name in ("name", "content")}
    visitor.post("/definitions/drafts", **held)
    assert visitor.says(f"Kept as drafts: {FILE}")
    assert f'<option value="{FILE}">' in visitor.get("/what-if")


def test_who_may_not_deploy_is_offered_neither(service):
    visitor = service.signed_in("ines")
    send(visitor, pasted=always().decode())
    assert visitor.status == 200
    assert "Keep as a draft" not in visitor.page and "Check and deploy" not in visitor.page


def test_rows_under_approval_are_said_to_wait_for_it_and_only_a_draft_is_offered(service):
    visitor = service.signed_in("tomas")
    send(visitor, {FILE: softer()})
    assert visitor.says("Needs the safeguarding lead’s approval", "Keep as a draft")
    assert "Check and deploy" not in visitor.page


def test_a_long_list_of_cases_is_folded_after_the_most_serious(service):
    for number in range(22):
        service.start_case(f"Child {number}")
    visitor = service.signed_in("ines")
    send(visitor, {FILE: always()})
    assert visitor.says("2 more differences, less serious")
