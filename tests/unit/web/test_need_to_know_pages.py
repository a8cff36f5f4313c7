"""Asking whether a child is known, emergencies, restricted cases: the pages, and what nobody may learn from them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from engine.scheduler import tick
from tests.unit.web.service import Service
from tests.unit.web.test_json_api import Program
from tests.worlds import Mailbox

SAM = {"given_name": "Sam", "family_name": "Whitlock", "day-day": "2", "day-month": "3", "day-year": "2018"}
REASON = "A neighbour rang: the child is alone at home"


@pytest.fixture
def case_id(service):
    return service.start_case("Sam")


def restricted(service: Service, case_id) -> None:
    ines = service.signed_in("ines")
    ines.get(f"/cases/{case_id}")
    ines.post(f"/cases/{case_id}/restriction", reason="The mother works for the council")
    assert ines.says("Only those who work on this case themselves see it now", "This case is restricted")


def test_the_index_says_whom_to_ring_and_no_more(service, case_id):
    dele = service.signed_in("dele")
    assert 'href="/cases/known"' in dele.get("/cases")
    dele.get("/cases/known")
    dele.post("/cases/known", **SAM)
    assert dele.says("At least two of given name, family name and date agree")
    assert dele.says("This child is known", "Amara Osei", "is assessing", "01632 960200", "not open to you")
    assert f'href="/cases/{case_id}"' not in dele.page
    amara = service.signed_in("amara")
    amara.post("/cases/known", **SAM)
    assert f'href="/cases/{case_id}"' in amara.page
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}/readers")
    assert ruth.says("Dele Martins", "That the child is known")


def test_what_is_missing_is_said_at_its_box(service):
    dele = service.signed_in("dele")
    dele.post("/cases/known", **{**SAM, "day-year": ""})
    assert dele.status == 422 and dele.says("Enter the day, the month and the year")
    dele.post("/cases/known", **{**SAM, "family_name": ""})
    assert dele.status == 422 and dele.says("Enter the child's family name")


@pytest.mark.parametrize(("month", "year", "field"), [("3", "2018", "born_on"), ("9", "2026", "expected_on")])
def test_a_case_started_from_there_asks_neither_name_nor_date_again(service, month, year, field):
    dele = service.signed_in("dele")
    dele.post("/cases/known", **{**SAM, "day-month": month, "day-year": year})
    fields = ["given_name", "family_name", *(f"{field}-{part}" for part in ("day", "month", "year"))]
    assert 'action="/cases/start"' in dele.page, "nothing of the child stands in the address"
    dele.post("/cases/start", act="fill", **{name: dele.hidden(name) for name in fields})
    assert dele.status == 200 and dele.says("Who is the child?")
    shown = [re.search(rf'name="{name}"[^>]* value="(\w+)"', dele.page).group(1) for name in fields]
    assert shown == ["Sam", "Whitlock", "2", month, year]
    assert re.search(r'value="unknown"[^>]* checked', dele.page), "as where it is not asked first"
    service.start_case("Sam")
    dele.post("/cases/known", **SAM)
    assert dele.says("It is another child: start a case")


def test_a_restricted_case_answers_word_for_word_as_none(service, case_id):
    restricted(service, case_id)
    dele = service.signed_in("dele")
    hidden = dele.post("/cases/known", **SAM)
    none = dele.post("/cases/known", **{**SAM, "given_name": "Noah", "family_name": "Atall"})
    sent = re.compile(r'<input type="hidden" name="\w+" value="[^"]+">')  # a token, and what they asked themselves
    assert sent.sub("", hidden) == sent.sub("", none) and "Nobody of this name is known" in hidden
    tick(service.engine, Mailbox())
    ines = service.signed_in("ines")
    ines.get("/access")
    assert ines.says("Asked for a restricted case", "Dele Martins", "Northcombe NHS")
    assert ines.says("The mother works for the council")


def test_a_case_is_restricted_agreed_again_and_opened(service, case_id):
    amara, ruth, ines = (service.signed_in(name) for name in ("amara", "ruth", "ines"))
    assert "Restrict this case" not in amara.get(f"/cases/{case_id}")
    ines.get(f"/cases/{case_id}")
    assert ines.says("Restrict this case")
    ines.post(f"/cases/{case_id}/restriction", reason=" ")
    assert ines.status == 422
    restricted(service, case_id)
    ruth.get(f"/cases/{case_id}")
    assert ruth.status == 404
    amara.get(f"/cases/{case_id}")
    assert amara.says("This case is restricted.", "do not speak of it to others")
    ines.get(f"/cases/{case_id}/restriction")
    assert ines.says("The mother works for the council", "To be agreed again by")
    ines.post(f"/cases/{case_id}/restriction/keep", reason="still so")
    ines.post(f"/cases/{case_id}/restriction/lift", reason="she works elsewhere")
    assert ruth.get(f"/cases/{case_id}") and ruth.status == 200


def test_an_emergency_from_the_first_question_to_the_coordinator_s_look(service, case_id):
    dele = service.signed_in("dele")
    dele.post("/cases/known", **SAM)
    (way,) = re.findall(r'href="(/cases/[^"]+/emergency)"', dele.page)
    dele.get(way)
    assert dele.says("Do you need to read this record now?") and "Sam" not in dele.page
    dele.post(way, reason="urgent")
    assert dele.status == 422 and dele.says("Say in a sentence why")
    dele.post(way, reason=REASON)
    assert dele.says("You may read this record until 10:00", "You read this record in an emergency", "Sam Whitlock")
    dele.get(f"/cases/{case_id}/history")
    assert dele.status == 200
    assert "Ask the family about consent again" not in dele.get(f"/cases/{case_id}")
    forms = re.findall(r'<form[^>]* action="([^"]+)"', dele.page)
    assert forms == ["/sign-out", f"/cases/{case_id}/emergency/end"], "a record to read offers nothing to send"
    assert 'href="/tasks/' not in dele.page and f'href="/cases/{case_id}/consent"' not in dele.page
    for part in ("between-meetings", "consent", "plan", "chronology", "child-and-family"):
        dele.get(f"/cases/{case_id}/{part}")
        sends = re.findall(r'<form[^>]* method="post" action="([^"]+)"', dele.page)
        assert dele.status == 200 and sends == ["/sign-out"], f"{part} offers nothing to send either"

    ruth = service.signed_in("ruth")
    ruth.get("/access")
    assert ruth.says("Dele Martins", REASON, "A coordinator has not looked at it yet")
    ines = service.signed_in("ines")
    ines.get("/access")
    assert ines.says("Dele Martins", REASON, "Was it right to open it?")
    (look,) = re.findall(r'action="(/access/openings/[^"]+)"', ines.page)
    ines.post(look, found="")
    assert ines.status == 422
    ines.post(look, found="Rightly opened")
    assert ines.says("Ines Ferreira looked at it: Rightly opened")
    ines.get(f"/cases/{case_id}/readers?emergencies=yes")
    assert ines.says("In an emergency:", REASON) and not ines.says("Amara Osei Northcombe Council")

    service.clock.advance(timedelta(hours=1))
    dele.get(f"/cases/{case_id}")
    assert dele.status == 404


def test_an_emergency_is_ended_by_who_has_seen_enough(service, case_id):
    dele = service.signed_in("dele")
    dele.post(f"/cases/{case_id}/emergency", reason=REASON)
    dele.post(f"/cases/{case_id}/emergency/end")
    assert dele.says("The record is closed to you again")
    assert dele.client.get(f"/cases/{case_id}").status_code == 404
    dele.post(f"/cases/{case_id}/emergency/end")
    assert dele.status == 404


def test_who_looked_can_be_narrowed_to_a_person_and_to_days(service, case_id):
    service.signed_in("amara").get(f"/cases/{case_id}")
    service.clock.advance(timedelta(days=2))
    service.signed_in("amara").get(f"/cases/{case_id}")
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}")
    whole = ruth.get(f"/cases/{case_id}/readers").count('class="caf-row"')
    only = ruth.get(f"/cases/{case_id}/readers?who={service.ids['Ruth Adeyemi']}")
    assert 0 < only.count('class="caf-row"') < whole and ruth.says("Some of them are left out")
    days = "from_on-day=4&from_on-month=3&from_on-year=2026&to_on-day=4&to_on-month=3&to_on-year=2026"
    later = ruth.get(f"/cases/{case_id}/readers?{days}").count('class="caf-row"')
    assert 0 < later < whole
    ruth.get(f"/cases/{case_id}/readers?from_on-day=40&from_on-month=3&from_on-year=2026")
    assert ruth.status == 422 and ruth.says("Enter a real date")


def test_the_api_does_the_same(service, case_id):
    dele, ines = Program(service, "dele"), Program(service, "ines")
    sought = {"given_name": "Sam", "family_name": "Whitlock", "day": "2018-03-02"}
    (known,) = dele("POST", "/child-index", json=sought).json
    assert known["contact"]["name"] == "Amara Osei" and not known["open_to_actor"]
    assert dele("POST", f"/cases/{case_id}/emergency", json={"reason": REASON}).status_code == 200
    assert dele("GET", f"/cases/{case_id}").status_code == 200
    assert dele("DELETE", f"/cases/{case_id}/emergency").status_code == 204
    assert dele("GET", f"/cases/{case_id}").status_code == 404
    (opening,) = ines("GET", "/access").json["openings"]
    look = f"/access/openings/{opening['opening_id']}"
    assert ines("PUT", look, json={"found": "Rightly opened"}).status_code == 204
    assert ines("PUT", look, json={"found": "Again"}).status_code == 409
    assert ines("PUT", f"/cases/{case_id}/restriction", json={"reason": "known to staff"}).status_code == 204
    assert dele("POST", "/child-index", json=sought).json == []
    assert dele("POST", f"/cases/{case_id}/emergency", json={"reason": REASON}).status_code == 404
    assert ines("POST", f"/cases/{case_id}/restriction/keep", json={"reason": "still so"}).status_code == 204
    assert ines("POST", f"/cases/{case_id}/restriction/lift", json={"reason": "over"}).status_code == 204
    assert ines("POST", f"/cases/{case_id}/restriction/lift", json={"reason": "over"}).status_code == 409
