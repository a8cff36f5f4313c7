"""The plan with its notes, the contact card and the practitioner directory."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from engine.commands import setup
from engine.commands.setup import Person
from engine.queries import directory
from tests.unit.web.player import Play
from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def test_every_note_on_an_action_stays_readable(play):
    case_id = play.planned()
    action = play.action(case_id)
    for number, said in enumerate(("Rang the school", "Met Sam at the gate")):
        visitor = play.at("dele", f"/cases/{case_id}")
        visitor.post(f"/cases/{case_id}/actions/{action}", progress=said, request_key=f"note number {number}")
    page = play.at("amara", f"/cases/{case_id}/plan")
    assert page.says("Rang the school", "Met Sam at the gate", "Meet Sam at the gate", "Calm mornings")
    assert page.says("The family agreed to information being shared")
    assert f"/cases/{case_id}/plan" in play.at("amara", f"/cases/{case_id}").page
    client = play.service.app.test_client()
    token = client.post("/api/session", json={"username": "dele", "password": PASSWORD}).json["token"]
    found = client.get(f"/api/cases/{case_id}/plan", headers={"Authorization": f"Bearer {token}"}).json
    (one,) = found["outcomes"][0]["actions"]
    assert [each["text"] for each in one["notes"]] == ["Rang the school", "Met Sam at the gate"]


def test_a_case_without_a_plan_says_what_will_stand_there(play):
    case_id = play.asked()
    assert play.at("amara", f"/cases/{case_id}/plan").says("There is no plan yet")


def test_the_familys_half_of_the_contact_card_names_nobody_else_of_the_team(play):
    case_id = play.planned()
    page = play.at("amara", f"/cases/{case_id}/contact-card").page
    family, practitioners = re.search(r'id="family"(.*)id="practitioners"(.*)', page, re.S).groups()
    assert "Amara Osei" in family and "Dele" not in family
    assert "Amara Osei" in practitioners and "Dele" in practitioners


def test_the_contact_card_shows_that_nobody_leads(play):
    case_id = play.asked()
    assert play.at("amara", f"/cases/{case_id}/contact-card").says("Nobody", "Until then: Amara Osei")


def test_the_contact_card_says_who_of_the_team_is_away_and_who_stands_in(play):
    case_id, page = play.planned(), f"/people/{play.ids['dele']}"
    days = {**day("from_on", play.today), **day("expected_to_on", play.today + timedelta(days=4))}
    sent = play.at("ruth", page)
    sent.post(f"{page}/absence", reason="planned", covered_by=play.ids["amara"], **days)
    assert sent.says("The absence is recorded")
    card = play.at("amara", f"/cases/{case_id}/contact-card")
    assert card.says("Dele Martins is away until", "Amara Osei covers for them and does their tasks.")


def test_who_leads_takes_somebody_out_of_the_team_on_the_case_page(play):
    case_id, dele = play.planned(), play.ids["dele"]
    page, path, why = f"/cases/{case_id}", f"/cases/{case_id}/team/{dele}/end", f"leaves-{dele}"
    assert path not in play.at("dele", page).page, "nobody takes themself out"
    amara = play.at("amara", page)
    assert path in amara.page and f"/team/{play.ids['amara']}/end" not in amara.page
    key = amara.hidden("request_key")
    amara.post(path, request_key=key, **{why: " "})
    assert amara.status == 422 and amara.says("Say why they are no longer part of the team")
    for _ in range(2):
        amara.post(path, request_key=key, **{why: "His work with Sam has ended"})
        assert amara.says("They are no longer part of the team", "His work with Sam has ended")
    assert path not in amara.page
    assert play.at("dele", page).status == 404
    amara.post(path, **{why: "Again"})
    assert amara.says("Dele Martins is no longer part of the team")
    client = play.service.app.test_client()
    token = client.post("/api/session", json={"username": "amara", "password": PASSWORD}).json["token"]
    sent = {"json": {"why": "Again", "request_key": "another key"}, "headers": {"Authorization": f"Bearer {token}"}}
    assert client.post(f"/api{path}", **sent).status_code == 409


def test_the_directory_finds_colleagues_by_name_agency_and_role(play):
    everybody = play.at("dele", "/directory")
    assert everybody.says("Amara Osei", "Dele")
    found = play.at("dele", "/directory?words=ámara")
    assert found.says("Amara Osei") and 'govuk-heading-s">Dele' not in found.page
    assert play.at("dele", "/directory?words=zzz").says("Nobody is left with these choices")
    assert play.at("dele", "/directory?agency=No+such+agency").says("Nobody is left")


def test_who_is_away_is_said_with_who_stands_in(play):
    client = play.service.app.test_client()
    token = client.post("/api/session", json={"username": "dele", "password": PASSWORD}).json["token"]

    def asked(query: str) -> dict[str, Any]:
        return client.get(f"/api/directory?{query}", headers={"Authorization": f"Bearer {token}"}).json

    everybody, found, last = asked("limit=500")["colleagues"], asked("limit=2"), asked("limit=2&page=99")
    assert (found["colleagues"], found["more"]) == (everybody[:2], len(everybody) - 2)
    assert (last["page"], last["more"]) == (found["last"], 0), "a page past the end is the last"
    assert last["colleagues"] == everybody[(last["page"] - 1) * 2 :]
    page = f"/people/{play.ids['amara']}"
    days = {**day("from_on", play.today), **day("expected_to_on", play.today + timedelta(days=4))}
    sent = play.at("ruth", page)
    sent.post(f"{page}/absence", reason="planned", covered_by=play.ids["dele"], **days)
    assert sent.says("The absence is recorded")
    assert play.at("dele", "/directory?words=Amara").says("Away until", "Dele Martins stands in")
    play.service.clock.advance(timedelta(days=5))
    assert not play.at("dele", "/directory?words=Amara").says("Away until"), "not even before the night has ended it"
    assert not play.at("ruth", "/people").says("Away from") and not play.at("ruth", page).says("Covered by")


def test_the_directory_is_shown_a_page_at_a_time(play):
    new = [Person(name=f"Zoe {number:02}", job_title="Nurse", agency="Health") for number in range(directory.PAGE)]
    setup.add_people(play.service.engine, authority_id=play.service.authority_id, new=new)
    first = play.at("dele", "/directory")
    assert first.says("Amara Osei", "The next people") and not first.says("Zoe 39", "The people before these")
    last = play.at("dele", "/directory?page=9")
    assert last.says("Zoe 39", "The people before these") and not last.says("The next people")
    assert play.at("dele", "/directory?words=zoe&page=2").says("Zoe 00", "Zoe 39"), "one page of those asked for"
