"""Every version's file can be had again; models that cannot run yet are kept, mended and deployed later."""

import re
from html import unescape

from tests.unit.web.service import model_files
from tests.unit.web.test_definition_pages import send

FORM = "record_consent.form"


def broken_diagram():
    drawn = model_files()["stalled_plan.bpmn"].replace(b"<bpmn:startEvent id=", b"<bpmn:scriptTask id=", 1)
    return drawn.replace(b"</bpmn:startEvent>", b"</bpmn:scriptTask>", 1)


def keep(visitor, *names):
    """Press “Keep as drafts” on the page of a refusal."""
    fields = re.findall(r'name="(name|content)" value="([^"]*)"', visitor.page)
    sent = {"csrf_token": visitor.hidden("csrf_token")}
    sent |= {kind: [unescape(value) for name, value in fields if name == kind] for kind in ("name", "content")}
    assert sorted(sent["name"]) == sorted(names)
    visitor._take(visitor.client.post("/definitions/drafts", data=sent, follow_redirects=True))


def link_to(visitor, words):
    found = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(words)}', visitor.page)
    assert found, f"no link {words}"
    return unescape(found.group(1))


def test_every_file_in_force_can_be_fetched_as_it_was_deployed(service):
    visitor = service.signed_in("tomas")
    visitor.get("/definitions")
    for name in (FORM, "escalation.dmn", "caf_episode.bpmn"):
        answer = visitor.client.get(link_to(visitor, name))
        assert answer.data == model_files()[name]
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_earlier_versions_are_listed_with_why_and_their_files(service):
    visitor = service.signed_in("tomas")
    visitor.get("/definitions")
    form = re.search(rf'href="(/definitions/[0-9a-f-]+)/file"[^>]*>{FORM}', visitor.page).group(1)
    changed = model_files()[FORM].replace(b"What does the family say?", b"What do they say?")
    send(visitor, {FORM: changed}, "Plainer words")
    visitor.get(form)
    assert visitor.says("Form, version 1, not the newest", "Plainer words", "Tomas Reid")
    files = re.findall(r'href="(/definitions/[0-9a-f-]+/file)" download aria-label', visitor.page)
    assert [visitor.client.get(path).data for path in files] == [changed, model_files()[FORM]]


def test_a_refused_diagram_is_kept_with_what_was_found_and_fetched_again(service):
    visitor = service.signed_in("tomas")
    send(visitor, {"stalled_plan.bpmn": broken_diagram()})
    keep(visitor, "stalled_plan.bpmn")
    assert visitor.says("Kept as drafts: stalled_plan.bpmn", "Drafts, not in force", "found in it", "by Tomas Reid")
    assert visitor.client.get("/definitions/drafts/file?name=stalled_plan.bpmn").data == broken_diagram()


def test_drafts_are_tried_again_and_go_once_they_are_in_force(service):
    visitor = service.signed_in("tomas")
    send(visitor, {"stalled_plan.bpmn": broken_diagram(), FORM: b"{"})
    keep(visitor, "stalled_plan.bpmn", FORM)
    visitor.post("/definitions/drafts/deploy", file="stalled_plan.bpmn")
    assert visitor.status == 422
    assert visitor.says("Not deployed", "Drafts, not in force")
    mended = model_files()[FORM].replace(b"What does the family say?", b"What do they say?")
    send(visitor, {FORM: mended, "stalled_plan.bpmn": broken_diagram()})
    keep(visitor, FORM, "stalled_plan.bpmn")
    visitor.post("/definitions/drafts/deploy", file=FORM)
    assert visitor.says(f"Deployed: {FORM}")
    assert visitor.client.get(f"/definitions/drafts/file?name={FORM}").status_code == 404
    assert visitor.client.get("/definitions/drafts/file?name=stalled_plan.bpmn").status_code == 200


def test_all_drafts_go_together_as_they_may_need_each_other(service):
    visitor = service.signed_in("tomas")
    files = {"stalled_plan.bpmn": broken_diagram(), FORM: b"{"}
    send(visitor, files)
    keep(visitor, *files)
    visitor.post("/definitions/drafts/deploy")
    assert visitor.status == 422
    assert visitor.says("stalled_plan.bpmn", FORM)


def test_a_draft_is_thrown_away(service):
    visitor = service.signed_in("tomas")
    send(visitor, {FORM: b"{"})
    keep(visitor, FORM)
    visitor.post("/definitions/drafts/discard", file=FORM)
    assert visitor.says("is thrown away")
    assert not visitor.says("Drafts, not in force")
    visitor.post("/definitions/drafts/discard", file=FORM)
    assert visitor.status == 404


def test_what_did_not_arrive_whole_is_not_kept(service):
    visitor = service.signed_in("tomas")
    visitor.get("/definitions")
    for name, content in (("x.bpmn", "no base64"), ("x.exe", "eA==")):
        visitor.post("/definitions/drafts", name=name, content=content)
        assert visitor.status == 422
    visitor.post("/definitions/drafts")
    assert visitor.says("Choose the files again")
    assert not visitor.says("Drafts, not in force")
