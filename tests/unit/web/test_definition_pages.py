"""The designers' page: what is in force, deploying, and being refused in words."""

import io
import re
from html import unescape

from tests.unit.web.service import model_files
from tests.unit.web.test_json_api import Program


def send(visitor, files, note=""):
    visitor.get("/definitions")
    parts = [(io.BytesIO(content), name) for name, content in files.items()]
    sent = {"csrf_token": visitor.hidden("csrf_token"), "files": parts, "note": note}
    return visitor._take(visitor.client.post("/definitions", data=sent, follow_redirects=True))


def test_what_is_in_force_is_listed(service):
    visitor = service.signed_in("tomas")
    visitor.get("/definitions")
    assert visitor.says("Common assessment episode", "Diagram", "Rules", "Form")


def test_a_changed_file_is_deployed_as_the_next_version(service):
    visitor = service.signed_in("tomas")
    changed = model_files()["record_consent.form"].replace(b"What does the family say?", b"What do they say?")
    send(visitor, {"record_consent.form": changed}, "Plainer words")
    assert visitor.says("Deployed: record_consent.form")


def test_no_file_says_so(service):
    visitor = service.signed_in("tomas")
    send(visitor, {})
    assert visitor.status == 422
    assert visitor.says("Choose the files to deploy")


def test_another_kind_of_file_is_refused_by_name(service):
    visitor = service.signed_in("tomas")
    send(visitor, {"notes.docx": b"x"})
    assert visitor.says("notes.docx is not a .bpmn, .dmn, .form, .tests.yaml or .scenario.yaml file")


def test_findings_name_the_element_and_what_to_do_and_nothing_is_deployed(service):
    visitor = service.signed_in("tomas")
    broken = model_files()["stalled_plan.bpmn"].replace(b"<bpmn:startEvent id=", b"<bpmn:scriptTask id=", 1)
    broken = broken.replace(b"</bpmn:startEvent>", b"</bpmn:scriptTask>", 1)
    page = send(visitor, {"stalled_plan.bpmn": broken}, "Try")
    assert visitor.status == 422
    assert visitor.says("Not deployed", "stalled_plan.bpmn", "What instead")
    assert 'value="Try"' in page


def test_every_finding_of_every_file_is_listed_by_page_and_api_alike(service):
    shipped = model_files()
    scripts = shipped["stalled_plan.bpmn"].replace(b"bpmn:userTask", b"bpmn:scriptTask")
    untidy = b'{"type": "default", "id": "untidy", "components": [{"type": "nosuch", "key": "a"}, {"type": "html"}]}'
    files = {"stalled_plan.bpmn": scripts, "x.bpmn": b"not xml", "untidy.form": untidy}
    sent = {"files": [{"name": name, "content": content.decode()} for name, content in files.items()], "note": "Try"}
    refused = Program(service, "tomas")("POST", "/deployments", json=sent)
    told = refused.json["findings"]
    assert refused.json["detail"].startswith(f"Nothing was deployed: {len(told)} things to mend first")
    counts = {file: sum(each["file"] == file for each in told) for file in files}
    assert (counts["x.bpmn"], counts["untidy.form"]) == (1, 2)
    stopped = [each for each in told if each["what"] == "scripts do not run here"]
    assert len(stopped) == scripts.count(b"<bpmn:scriptTask") > 1
    visitor = service.signed_in("tomas")
    page = unescape(send(visitor, files, "Try"))
    assert [each for each in told if each["what"] not in page or each["element_id"] not in page] == []
    assert page.count("stalled_plan.bpmn<br>") == counts["stalled_plan.bpmn"]


def test_a_file_that_is_not_xml_is_refused_in_words(service):
    visitor = service.signed_in("tomas")
    send(visitor, {"x.bpmn": b"not xml"})
    assert visitor.status == 422
    assert visitor.says("x.bpmn")


def test_a_version_says_that_the_command_line_deployed_it(service):
    visitor = service.signed_in("tomas")
    page = visitor.get("/definitions")
    visitor.get(re.findall(r'href="(/definitions/[0-9a-f-]{36})"', page)[0])
    assert visitor.says(", by the command line")


def rules_page(visitor, name="Escalation"):
    return visitor.get(re.search(rf'href="(/definitions/[0-9a-f-]{{36}})">{name}<', visitor.get("/definitions"))[1])


def test_a_rules_file_shows_each_row_in_words_with_the_limits_here(service):
    visitor = service.signed_in("tomas")
    rules_page(visitor)
    assert visitor.says("Every row that matches counts.", "Case closed: no", "Harm concern open: yes", "Row 24a")
    assert visitor.says("at most 10 (the limit “consent ends days”)", "Lincolnshire TAC handbook")
    assert 'id="rule-row_silent"' in visitor.page, "a row can be pointed at"
    assert visitor.says("It has no examples", "Its rows leave no gap and do not clash", "What cannot be told")
    rules_page(visitor, "Time limits")
    assert visitor.says("the first that matches counts", "consent days", "anything")


def test_its_examples_are_tried_and_said_to_be_kept_or_not(service):
    visitor = service.signed_in("tomas")
    examples = b"decision: review_interval\nexamples:\n  Six weeks first:\n    when: {authority: sefton, "
    kept = examples + b"reviews_held: 0}\n    then: 6\n"
    send(visitor, {"review_interval.tests.yaml": kept}, "An example")
    rules_page(visitor, "Review interval")
    assert visitor.says("1 example, kept", "Six weeks first", "Given authority: sefton; reviews held: 0.")
    rules_page(visitor, "Examples of review_interval")
    assert visitor.says("1 example, kept")


def test_an_example_shows_only_what_is_not_as_usual(service):
    visitor = service.signed_in("tomas")
    examples = "decision: review_interval\nusually: {authority: barnet, reviews_held: 1, outcome: same}\nexamples:\n"
    examples += "  Things got worse: {when: {outcome: worse}, then: 4, rows: [worse]}\n"
    send(visitor, {"review_interval.tests.yaml": examples.encode()}, "An example")
    rules_page(visitor, "Review interval")
    assert visitor.says("What each is given unless it says otherwise", "Given outcome: worse.")
    assert visitor.says("Authority: barnet; reviews held: 1; outcome: same.")
    assert "Given authority" not in visitor.page


def test_one_answer_of_any_table_is_asked_for_on_a_page(service):
    visitor = service.signed_in("tomas")
    rules_page(visitor, "Review interval")
    assert visitor.says("Try one answer")
    there = re.search(r'href="(/definitions/decisions/review_interval)"', visitor.page)[1]
    visitor.get(there)
    assert visitor.says("What would “Review interval” answer?", "For example: ")
    visitor.post(there, authority="sefton", reviews_held="0")
    assert visitor.status == 200
    said = ("The answer", "6", "Sefton: the first review in at most 6 weeks", "review_interval.dmn, version 1")
    assert visitor.says(*said)
    assert 'value="sefton"' in visitor.page, "what was typed stays"
    visitor.post(there, authority="[sefton", reviews_held="0")
    assert visitor.status == 422
    assert visitor.says("This cannot be read")
    visitor.get("/definitions/decisions/nothing_like_it")
    assert visitor.status == 404


def test_an_earlier_version_is_shown_without_trying_examples(service):
    visitor = service.signed_in("tomas")
    changed = model_files()["review_interval.dmn"].replace(b"at most 6 weeks", b"within 6 weeks")
    first = re.search(r'href="(/definitions/[0-9a-f-]{36})">Review interval<', visitor.get("/definitions"))[1]
    send(visitor, {"review_interval.dmn": changed}, "Plainer")
    visitor.get(first)
    assert visitor.says("not the newest", "at most 6 weeks", "tried with the version in force only")
    rules_page(visitor, "Review interval")
    assert visitor.says("within 6 weeks", "Plainer", "Tomas Reid", "Go back to this version")
