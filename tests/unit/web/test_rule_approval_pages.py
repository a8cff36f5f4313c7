"""A change of the rules that the safeguarding lead has to approve, on the pages and on the command line."""

from tests.unit.web.service import model_files
from tests.unit.web.test_definition_pages import send
from tests.unit.web.test_drafts import keep

FILE = "escalation.dmn"
CELL = b'<inputEntry id="row_immediate_danger_immediate_danger"><text>true'


def softer():
    text = model_files()[FILE]
    assert CELL in text
    return text.replace(CELL, CELL.replace(b"true", b"false"))


def test_from_the_refusal_through_the_leads_approval_to_what_is_in_force(service):
    designer, lead = service.signed_in("tomas"), service.signed_in("ines")
    lead.get("/rules-to-approve")
    assert lead.says("Which changes of the rules need your approval?", "No draft changes rows")
    send(designer, {FILE: softer()})
    assert designer.status == 422
    assert designer.says("somebody has to approve it first", "row_immediate_danger", "safeguarding lead")
    keep(designer, FILE)
    assert designer.says("Needs the safeguarding lead’s approval", "1 row under approval would change")
    lead.get("/rules-to-approve")
    assert lead.says("row_immediate_danger", "When: Danger now", "Tomas Reid")
    assert lead.says("In force: yes", "In the draft: no", "Immediate danger", "Barnet")
    lead.post("/rules-to-approve", file=lead.hidden("file"), digest=lead.hidden("digest"))
    assert lead.says(f"You have approved the change of {FILE}", "Ines Ferreira")
    assert "Approve this change" not in lead.page
    designer.get("/definitions")
    assert designer.says("Ines Ferreira, safeguarding lead, approved it")
    designer.post("/definitions/drafts/deploy", file=FILE, note="Agreed with the lead")
    assert designer.says(f"Deployed: {FILE}")


def test_approving_is_for_who_is_named_and_for_what_was_shown(service):
    designer, lead = service.signed_in("tomas"), service.signed_in("ines")
    send(designer, {FILE: softer()})
    keep(designer, FILE)
    designer.post("/rules-to-approve", file=FILE, digest="0" * 64)
    assert designer.status == 403
    lead.post("/rules-to-approve", file=FILE, digest="0" * 64)
    assert lead.status == 409
    assert lead.says("has changed since you looked at it")
    lead.post("/rules-to-approve", file="nothing.dmn", digest="0" * 64)
    assert lead.status == 404
