"""Correcting a date on the pages and through the API: shown first, then done, with the reason."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import Worker, day


def assessed(service):
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    Worker(service, "amara").does(
        "Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", today)
    )
    return case_id, today


def test_a_date_is_previewed_and_then_corrected(service):
    case_id, today = assessed(service)
    amara = service.signed_in("amara")
    assert "A date was recorded wrongly" in amara.get(f"/cases/{case_id}")
    page = amara.get(f"/cases/{case_id}/dates")
    which = re.search(r'value="(consent_given:[0-9a-f-]+)"', page).group(1)
    typed = {"which": which, "why": "The form has another date", "request_key": amara.hidden("request_key")}
    typed |= day("on", today - timedelta(days=7))
    amara.post(f"/cases/{case_id}/dates", **typed, act="preview")
    assert amara.says("These follow from it", "Task “Complete the assessment”", "Correct the date")
    assert 'value="The form' not in amara.page and "The form has another date" in amara.page
    amara.post(f"/cases/{case_id}/dates", **typed, act="correct")
    assert amara.says("The date is corrected. 1 task moved with it.")
    amara.get(f"/cases/{case_id}/history")
    assert amara.says("A date was corrected: the family agreed to sharing")


def test_what_is_wrong_is_said_and_what_was_typed_stays(service):
    case_id, today = assessed(service)
    amara = service.signed_in("amara")
    amara.get(f"/cases/{case_id}/dates")
    amara.post(f"/cases/{case_id}/dates", why="Typed before", act="preview")
    assert amara.status == 422 and amara.says("Choose the date that is wrong", "Typed before")
    which = re.search(r'value="(consent_given:[0-9a-f-]+)"', amara.page).group(1)
    amara.post(f"/cases/{case_id}/dates", which=which, why="x", act="correct", **day("on", today + timedelta(days=1)))
    assert amara.status == 422 and amara.says("not in the future")
    amara.post(f"/cases/{case_id}/dates", which=which, act="preview", **day("on", today - timedelta(days=1)))
    assert amara.status == 422 and amara.says("Say why the date is corrected")


def test_who_does_not_lead_gets_no_page_and_no_link(service):
    case_id, _ = assessed(service)
    dele = service.signed_in("dele")
    dele.get(f"/cases/{case_id}/dates")
    assert dele.status == 404


def test_a_program_lists_previews_and_corrects(service):
    case_id, today = assessed(service)
    client = service.app.test_client()
    token = client.post("/api/session", json={"username": "amara", "password": PASSWORD}).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    address = f"/api/cases/{case_id}/dates"
    (consent,) = client.get(address, headers=headers).get_json()
    assert (consent["kind"], consent["on"]) == ("consent_given", today.isoformat())
    asked = {"kind": consent["kind"], "recorded_id": consent["recorded_id"]}
    asked["on"] = (today - timedelta(days=7)).isoformat()
    shown = client.post(f"{address}/preview", json=asked, headers=headers).get_json()
    assert [each["of"] for each in shown["moves"]].count("task") == 1
    refused = client.post(address, json={**asked, "why": " ", "request_key": "a" * 20}, headers=headers)
    assert refused.status_code == 422
    done = client.post(address, json={**asked, "why": "The form says so", "request_key": "b" * 20}, headers=headers)
    assert (done.status_code, done.get_json()) == (200, shown)
    (after,) = client.get(address, headers=headers).get_json()
    assert after["on"] == asked["on"]


def test_a_paused_case_says_so_on_its_page_and_every_list(service):
    case_id, today = assessed(service)
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}/start/pause")
    until = today + timedelta(days=20)
    fields = {"reason": "Sam is in hospital", "request_key": ruth.hidden("request_key"), **day("paused_until", until)}
    ruth.post(f"/cases/{case_id}/start/pause", act="start", **fields)
    ruth.get(f"/cases/{case_id}")
    said = f"Paused until {until:%A} {until.day} {until:%B}"
    assert ruth.says(said, "agreed by Ruth Adeyemi", "Sam is in hospital")
    ruth.get("/cases")
    assert ruth.says(said)
    amara = service.signed_in("amara")
    amara.get("/tasks")
    assert amara.says(f"The plan is paused until {until:%A} {until.day} {until:%B}")
    service.clock.advance(timedelta(days=15))
    ruth = service.signed_in("ruth")
    ruth.get("/overdue")
    assert ruth.says(said)
