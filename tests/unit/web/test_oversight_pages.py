import re

from engine.casework.audit_items import ITEMS, SECTIONS
from tests.unit.web.player import Play
from tests.unit.web.workers import day

JUDGED = dict.fromkeys(ITEMS, "yes") | {f"score-{section.key}": "2" for section in SECTIONS}


def test_a_managers_week_of_oversight(service):
    play = Play(service)
    case_id = play.planned()
    ruth = play.at("ruth", "/oversight")
    assert ruth.says("1 open case of the people you manage", "has set no limit")
    assert ruth.says("Not discussed with them yet", "Amara Osei")
    page = f"/cases/{case_id}/oversight"
    assert page in ruth.page and page in play.at("ruth", f"/cases/{case_id}").page
    ruth.get(page)
    unsaid = {"discussed": "The mornings", "decided": "Wait", "request_key": "j" * 20}
    ruth.post(page, **day("discussed_on", play.today), **unsaid, discussed_with="")
    assert ruth.status == 422 and 'id="discussed_with-error"' in ruth.page, "nobody is chosen for the manager"
    assert ruth.says("Choose with whom you discussed the case") and "The mornings" in ruth.page
    ruth.post(page, **day("discussed_on", play.today), discussed="The mornings", decided="", discussed_with="alone")
    assert ruth.status == 422 and ruth.says("Enter what was decided") and "The mornings" in ruth.page
    said = {"discussed": "The mornings", "decided": "Dele rings the school", "discussed_with": play.ids["amara"]}
    ruth.post(page, **day("discussed_on", play.today), **day("by_on", play.today), **said, request_key="k" * 20)
    assert ruth.says("The note is on the case file", "Ruth Adeyemi with Amara Osei", "Dele rings the school")
    amara = play.reads("amara", case_id, "The case was discussed with Amara Osei", "Dele rings the school")
    amara.get(page)
    assert amara.says("Dele rings the school") and not amara.says("Write a note")
    assert amara.post(page, **day("discussed_on", play.today), **said) and amara.status == 403
    assert play.at("ruth", "/oversight").says("Last discussed today")
    age = re.search(r"Sam Whitlock</a> <span[^>]*>(\d+ years old)<", ruth.get("/oversight")).group(1)
    rows = ruth.get("/oversight.csv").splitlines()
    assert f"Sam Whitlock,{age},Amara Osei," in rows[1] and len(rows) == 2


def test_an_audit_from_the_sample_to_its_file(service):
    play = Play(service)
    case_id = play.planned()
    ruth = play.at("ruth", "/oversight/audits")
    ruth.post("/oversight/audits", name="Autumn", size="9")
    assert ruth.status == 422 and ruth.says("Choose at most 1")
    ruth.post("/oversight/audits", name="Autumn", size="1", seed="seven")
    assert ruth.says("The sample is drawn and kept", "Sam Whitlock", "Not judged yet", "seven")
    audit, form = address_of(ruth.page), re.search(r'href="(/oversight/audits/cases/[^"]+)"', ruth.page).group(1)
    ruth.get(form)
    assert ruth.says("Given by Tess Whitlock", "It took 0 working days", "each with an owner and a day")
    key = {"request_key": ruth.hidden("request_key")}
    ruth.post(form, **{**JUDGED, "child_heard": ""}, **key, action="Ask Sam")
    assert ruth.status == 422 and ruth.says("Answer: Does it say what the child thinks") and "Ask Sam" in ruth.page
    ruth.post(form, **JUDGED, **day("by_on", play.today), **key)
    assert ruth.status == 422 and ruth.says("Say what is to be done by then")
    ruth.post(form, **JUDGED, **key, **{"child_heard-note": "=1+1"}, action="Ask Sam")
    assert ruth.says("What you judged is kept", "Judged today by Ruth Adeyemi", "2.0")
    assert play.at("ruth", f"/cases/{case_id}/oversight").says("Ask Sam", "Looked at in an audit")
    rows = ruth.get(f"{audit}/results.csv").splitlines()
    assert len(rows) == 1 + len(ITEMS) + len(SECTIONS) and rows[1].startswith("Consent,")
    assert play.at("amara", audit).status == 403
    assert play.at("ines", audit).says("Sam Whitlock")  # a coordinator sees every audit


def address_of(page):
    return re.search(r'href="(/oversight/audits/[0-9a-f-]+)/results.csv"', page).group(1)
