"""The editors' pages without a script: what they open, refuse, keep, give out and make anew."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from engine.checking import check
from tests.unit.web.service import model_files
from web.security import CONTENT_SECURITY_POLICY

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" name="&y;"/></definitions>"""
MARKED = '<script>alert("x")</script>'
EXAMPLES = "decision: stalled\nexamples: []\n"


@pytest.fixture
def tomas(service):
    return service.signed_in("tomas")


def send(visitor, path: str, body: dict):
    """Send JSON as the editor's script does."""
    visitor.get("/studio/new")
    return visitor.client.post(path, json=body, headers={"X-CSRFToken": visitor.hidden("csrf_token")})


def save(visitor, file: str, content: str, expected: int | None = None, based_on: str | None = None):
    """Save a draft as the editor's script does."""
    return send(
        visitor, "/studio/edit/save", {"file": file, "content": content, "expected": expected, "based_on": based_on}
    )


def test_a_file_opens_as_its_draft_or_as_what_is_in_force(tomas):
    page = tomas.get("/studio/edit?file=review.bpmn")
    assert tomas.status == 200 and "No draft yet" in page and "studio-diagram.js" in page
    found = tomas.client.get("/studio/edit/source?file=review.bpmn").json
    assert found["version"] is None and found["based_on"] and "<bpmn:process" in found["content"]
    answer = save(tomas, "review.bpmn", found["content"].replace("Review", "Look"), None, found["based_on"])
    assert answer.status_code == 200 and answer.json["version"] == 1
    assert tomas.get("/studio/edit?file=review.bpmn") and tomas.says("Draft saved", "by Tomas Reid")


def test_two_designers_do_not_write_over_each_other(tomas):
    assert save(tomas, "talk.tests.yaml", EXAMPLES).json["version"] == 1
    assert save(tomas, "talk.tests.yaml", EXAMPLES + "# more\n", 1).json["version"] == 2
    answer = save(tomas, "talk.tests.yaml", "decision: other\n", 1)
    assert answer.status_code == 409
    assert answer.json["version"] == 2 and answer.json["saved_by"] == "Tomas Reid" and answer.json["saved"]


@pytest.mark.parametrize("expected", ["two", {"a": 1}])
def test_a_version_that_is_none_is_refused(tomas, expected):
    assert save(tomas, "talk.tests.yaml", EXAMPLES, expected).status_code == 422


def test_only_editors_pages_may_set_style_attributes(tomas):
    editor = tomas.client.get("/studio/edit?file=review.bpmn").headers["Content-Security-Policy"]
    assert editor == f"{CONTENT_SECURITY_POLICY}; style-src-attr 'unsafe-inline'"
    for path in ("/definitions", "/studio/edit/source?file=review.bpmn", "/studio/new"):
        assert tomas.client.get(path).headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_what_cannot_be_read_safely_is_kept_and_not_opened(tomas):
    assert save(tomas, "bomb.bpmn", BOMB).status_code == 200
    page = tomas.get("/studio/edit?file=bomb.bpmn")
    assert tomas.says("This file cannot be opened here", "a DOCTYPE is not allowed")
    assert "studio-diagram.js" not in page and "caf-model" not in page


def test_more_than_a_person_can_read_is_not_opened(tomas):
    shapes = "".join(f'<BPMNShape id="s{number}"/>' for number in range(10_000))
    assert save(tomas, "large.bpmn", f'<definitions xmlns="{BPMN}">{shapes}</definitions>').status_code == 200
    page = tomas.get("/studio/edit?file=large.bpmn")
    assert tomas.says("It draws 10,000 shapes and lines") and "studio-diagram.js" not in page


def test_markup_in_a_name_stays_text(tomas):
    xml = tomas.client.get("/studio/edit/source?file=review.bpmn").json["content"]
    named = xml.replace('name="Review is near"', 'name="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"')
    assert named != xml and save(tomas, "named.bpmn", named).status_code == 200
    page = tomas.get("/studio/edit?file=named.bpmn")
    assert MARKED not in page and "alert(" in page


def test_a_file_is_taken_in_and_given_out_as_it_is(tomas):
    content = tomas.client.get("/studio/edit/file?file=escalation.dmn")
    assert content.headers["Content-Disposition"].endswith("''escalation.dmn") and b"<decision " in content.data
    tomas.get("/studio/edit?file=escalation.dmn")
    tomas.post("/studio/edit/import", file="escalation.dmn", expected="")
    assert tomas.status == 422 and tomas.says("Choose the file to put in its place")
    assert tomas.client.get("/studio/edit/source?file=escalation.dmn").json["version"] is None


UNREADABLE = {
    "half an object": ("hold_review.form", b"{", "cannot be read as JSON"),
    "a list": ("hold_review.form", b"[]", "it has no list of components"),
    "a form without components": ("hold_review.form", b'{"id": "x"}', "it has no list of components"),
    "a deep list": ("hold_review.form", b"[" * 5_000 + b"]" * 5_000, "deep|no list of components"),
    "a deep form": (
        "hold_review.form", b'{"components": [' + b"[" * 400 + b"]" * 400 + b"]}", "nested more than 50 deep"
    ),
    "any XML": ("review.bpmn", b"<a/>", "no BPMN diagram: it holds <a>"),
    "a page": ("review.bpmn", b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "no BPMN diagram: it holds <html>"),
    "rules as a diagram": ("review.bpmn", model_files()["escalation.dmn"], "no BPMN diagram: it holds <definitions>"),
    "a diagram as rules": ("escalation.dmn", model_files()["review.bpmn"], "no DMN rules: it holds <definitions>"),
    "bytes that are no UTF-8": (
        "review.bpmn", model_files()["review.bpmn"].replace(b'name="', b'name="\xe9', 1), "not text in UTF-8; save it"
    ),
    "an encoding nobody knows": (
        "review.bpmn", model_files()["review.bpmn"].replace(b'"UTF-8"', b'"runes"'), "not well-formed XML: .*encoding"
    ),
    "no fields": ("talk.tests.yaml", b"- a list", "no list of fields"),
}  # fmt: skip


def put_in(visitor, file: str, content: bytes) -> None:
    """Put a file from this computer in the place of a draft."""
    visitor.get(f"/studio/edit?file={file}")
    visitor.post("/studio/edit/import", file=file, expected="", **{"import": (io.BytesIO(content), "from_here")})


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_changes(tomas, what):
    file, content, says = UNREADABLE[what]
    expected = 1 if file.endswith(".yaml") else None
    if expected:
        save(tomas, file, EXAMPLES)
    put_in(tomas, file, content)
    assert tomas.status == 422 and re.search(says, unescape(tomas.page))
    assert tomas.client.get(f"/studio/edit/source?file={file}").json["version"] == expected


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-16"])
def test_a_file_from_a_program_that_writes_another_encoding_keeps_its_letters(tomas, encoding):
    text = re.sub('name="[^"]*"', 'name="Pausé"', model_files()["pause.bpmn"].decode(), count=1)
    put_in(tomas, "pause.bpmn", text.replace('"UTF-8"', f'"{encoding}"').encode(encoding.lower()))
    assert tomas.says("Saved as a draft")
    assert tomas.client.get("/studio/edit/source?file=pause.bpmn").json["content"] == text


def test_a_text_of_another_file_is_not_put_in_the_place_of_one(tomas):
    put_in(tomas, "pause.bpmn", model_files()["review.bpmn"])
    says = "his file held the process pause; this text is the process review, which is in review.bpmn already"
    assert tomas.status == 422 and tomas.says(f"T{says}; put it in review.bpmn, or give it an id of its own")
    assert tomas.client.get("/studio/edit/source?file=pause.bpmn").json["version"] is None
    saved = save(tomas, "pause.bpmn", model_files()["review.bpmn"].decode())
    assert [each["what"] for each in saved.json["findings"]] == [f"t{says}"]
    put_in(tomas, "pause.bpmn", model_files()["pause.bpmn"])
    assert tomas.status == 422 and tomas.says("since you opened it"), "its own text is only refused for what was saved"


def test_a_text_is_edited_without_a_script(tomas):
    assert save(tomas, "talk.tests.yaml", EXAMPLES).status_code == 200
    page = tomas.get("/studio/edit?file=talk.tests.yaml")
    typed = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert typed and typed.group(1) == EXAMPLES
    tomas.post("/studio/edit/text", file="talk.tests.yaml", content="decision: x\r\n", expected="1")
    assert tomas.says("Saved as a draft")
    assert tomas.client.get("/studio/edit/file?file=talk.tests.yaml").data == b"decision: x\n"
    tomas.post("/studio/edit/text", file="talk.tests.yaml", content="decision: y\n", expected="1")
    assert tomas.status == 422 and tomas.says("Nothing was saved: look at theirs first", "decision: y")


def test_who_edits_is_told_what_there_is_to_choose_from(tomas):
    found = tomas.client.get("/studio/edit/picks?file=review.bpmn").json
    values = {sort: {each["value"] for each in found[sort]} for sort in ("forms", "decisions", "operations", "records")}
    assert "hold_review" in values["forms"] and "review_interval" in values["decisions"]
    assert "set_next_review" in values["operations"] and "hold_review" in values["records"]
    assert "outcome" in found["variables"] and "lead_professional" in found["facts"]
    assert {"name": "add working days", "parameters": ["from", "n"]} in found["functions"]
    assert {each["value"]: each["draft"] for each in found["forms"]}["hold_review"] is False


@pytest.mark.parametrize(("kind", "ending"), [("diagram", ".bpmn"), ("rules", ".dmn"), ("form", ".form")])
def test_what_is_begun_anew_could_be_published_as_it_is(tomas, kind, ending):
    tomas.get("/studio/new")
    tomas.post("/studio/new", kind=kind, name='Ask "Jo" & <Sam>')
    file = f"ask_jo_sam{ending}"
    content = tomas.client.get(f"/studio/edit/file?file={file}").data
    assert tomas.status == 200
    assert not check({file: content}).errors
    tomas.post("/studio/new", kind=kind, name="Ask Jo Sam")
    assert tomas.status == 422 and tomas.says(f"There is a {file} already")


def test_what_is_made_needs_a_kind_and_a_name(tomas):
    tomas.post("/studio/new", kind="poem", name=" ")
    assert tomas.status == 422 and tomas.says("Choose what to make", "Enter a name")


def test_a_form_is_shown_as_it_will_be_asked(tomas):
    content = tomas.client.get("/studio/edit/file?file=hold_review.form").data.decode()
    found = send(tomas, "/studio/edit/preview", {"content": content, "answers": [["outcome", "close"], 3]}).json
    assert found["title"] == "Review the plan" and "When was the review?" in found["html"] and found["hidden"]
    wrong = send(tomas, "/studio/edit/preview", {"content": "{}"}).json
    assert wrong["html"] == "" and "id" in wrong["wrong"]
    assert send(tomas, "/studio/edit/preview", {"content": 3}).status_code == 422


def test_built_files_come_packed_to_who_can_unpack_them(tomas):
    for coding in ("br", "gzip"):
        with tomas.client.get("/static/built/app.css", headers={"Accept-Encoding": coding}) as packed:
            assert packed.headers["Content-Encoding"] == coding and packed.headers["Vary"] == "Accept-Encoding"
            assert packed.mimetype == "text/css" and packed.content_length < 40_000
    with tomas.client.get("/static/built/app.css", headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers and b".govuk-button" in plain.data
