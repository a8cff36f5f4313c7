"""“Something has changed” on the case page: what may be started, its page, and the same over the API."""

import pytest

from engine.commands import cases, deployments
from tests.small_files import form, properties
from tests.unit.bpmn.diagrams import element, end, file_of, message, process, user
from tests.unit.web.workers import day

ROWS = {
    "type": "dynamiclist", "id": "r", "path": "calls", "label": "Calls", "isRepeating": True, "allowAddRemove": True,
    "defaultRepetitions": 1, "components": [{"type": "textfield", "id": "c", "key": "whom", "label": "Whom?"}],
}  # fmt: skip
ONE_VALUE = "Give one value: a text, a number, yes or no, or nothing"
NEEDED = {"validate": {"required": True}}
PLACE = {"type": "textfield", "id": "a", "key": "place", "label": "Where to?", **NEEDED}
WHEN = {"type": "datetime", "id": "d", "key": "on", "subtype": "date", "dateLabel": "When?", **NEEDED}
ASKED = form("tell_of_trip", PLACE, WHEN, ROWS)


@pytest.fixture
def trip(service):
    begin = element("startEvent", "start", "<documentation>Go.</documentation>", camunda_formRef="tell_of_trip")
    said = properties(start_on_case="The family goes on a trip", starters="assessor, coordinator", one_at_a_time="yes")
    about = "<documentation>A long journey is near.</documentation>"
    tasks = (about, said, begin, user("pack", camunda_candidateGroups="case_workers", name="Pack the bags"), end())
    files = {"trip.bpmn": file_of(process(*tasks, way="start pack; pack end", key="trip")), "tell_of_trip.form": ASKED}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    return service.start_case("Sam")


def open_page(service, case_id):
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("Something has changed", "The family goes on a trip")
    assert f'href="/cases/{case_id}/start/trip"' in visitor.page
    visitor.get(f"/cases/{case_id}/start/trip")
    return visitor


def send(service, visitor, case_id, act="start", **typed):
    on = day("on", service.clock.now().date())
    fields = {"act": act, "request_key": visitor.hidden("request_key"), "calls-count": "1", **on, **typed}
    return visitor.post(f"/cases/{case_id}/start/trip", **fields)


def test_it_is_asked_and_started_and_then_under_way(service, trip):
    visitor = open_page(service, trip)
    assert visitor.says("A long journey is near.", "What happens next: “Pack the bags”.", "Where to?")
    send(service, visitor, trip, place="York")
    assert visitor.says("“The family goes on a trip” has begun.", "Pack the bags", "this is under way")
    visitor.get(f"/cases/{trip}/start/trip")
    assert visitor.says("This is under way on the case already")
    assert "Where to?" not in visitor.page


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(service, trip):
    visitor = open_page(service, trip)
    send(service, visitor, trip, **{"place": "", "calls-0-whom": "Granny"})
    assert visitor.status == 422
    assert visitor.says("There is a problem", "Where to?")
    assert 'value="Granny"' in visitor.page


def test_a_row_more_keeps_everything_and_starts_nothing(service, trip):
    visitor = open_page(service, trip)
    send(service, visitor, trip, "add:calls", place="York")
    assert 'name="calls-1-whom"' in visitor.page
    assert 'value="York"' in visitor.page
    visitor.get(f"/cases/{trip}")
    assert not visitor.says("under way")


def test_a_second_one_is_refused_and_keeps_what_was_typed(service, trip):
    early, late = open_page(service, trip), open_page(service, trip)
    send(service, early, trip, place="York")
    send(service, late, trip, place="Leeds")
    assert late.status == 409
    assert late.says("is under way on this case already", "What you typed is kept below")
    assert 'value="Leeds"' in late.page


def test_sending_the_page_twice_starts_it_once(service, trip):
    visitor, again = open_page(service, trip), open_page(service, trip)
    key = visitor.hidden("request_key")
    send(service, again, trip, place="York", request_key=key)
    send(service, visitor, trip, place="York", request_key=key)
    assert visitor.says("has begun")
    assert visitor.page.count(">Pack the bags</a>") == 1


def test_who_is_not_listed_is_not_offered_it(service, trip):
    visitor = service.signed_in("ruth")
    visitor.get(f"/cases/{trip}")
    assert not visitor.says("The family goes on a trip")
    visitor.get(f"/cases/{trip}/start/trip")
    assert visitor.status == 403
    visitor.get(f"/cases/{trip}/start/nothing")
    assert visitor.status == 404


def test_the_api_lists_and_starts_it(service, trip):
    client = service.app.test_client()
    signed = client.post("/api/session", json={"username": "amara", "password": "correct horse battery"}).json
    bearer = {"Authorization": f"Bearer {signed['token']}"}
    listed = client.get(f"/api/cases/{trip}/startable", headers=bearer).json
    assert [each["words"] for each in listed if each["process_key"] == "trip"] == ["The family goes on a trip"]
    path = f"/api/cases/{trip}/processes/trip"
    refused = client.post(path, headers=bearer, json={"answers": {}, "request_key": "12345678"})
    assert (refused.status_code, set(refused.json["errors"])) == (422, {"place", "on"})
    sent = {"answers": {"place": "York", "on": "2026-03-09"}, "request_key": "12345678"}
    begun = client.post(path, headers=bearer, json=sent)
    assert begun.status_code == 201
    assert client.post(path, headers=bearer, json=sent).json == begun.json
    again = client.post(path, headers=bearer, json=sent | {"request_key": "another key"})
    assert again.status_code == 409


def test_what_has_nothing_to_choose_from_says_what_has_to_be_there_first(service, trip):
    visitor = service.signed_in("ines")
    visitor.get(f"/cases/{trip}/start/merge_cafs")
    assert visitor.says("The child has another open CAF", "The other case is then offered here")
    assert "Start now" not in visitor.page
    other = service.start_case("Sam")
    visitor.get(f"/cases/{trip}/start/merge_cafs")
    assert visitor.says("Which is the other CAF?", "Start now") and str(other) in visitor.page


@pytest.fixture
def waiting(service):
    """Return a case that waits for the school to answer, and for what another diagram sends."""
    hear = element("intermediateCatchEvent", "hear", message("m_news"), name="The school has answered")
    inner = element("intermediateCatchEvent", "inner", message("m_call"))
    fork = element("parallelGateway", "fork")
    steps = (element("startEvent", "start"), fork, hear, inner, user("read", camunda_candidateGroups="case_workers"))
    waits = process(
        *steps, end(), end("end_2"), way="start fork; fork hear; fork inner; hear read; read end; inner end_2", key="w",
    )  # fmt: skip
    tells = process(
        element("startEvent", "start"), element("intermediateThrowEvent", "tell", message("m_call")), end(),
        way="start tell; tell end", key="tells",
    )  # fmt: skip
    files = {"w.bpmn": file_of(waits), "tells.bpmn": file_of(tells)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    case_id = service.start_case("Sam")
    cases.start_process_on(service.engine, actor=service.actor("ines"), case_id=case_id, process_key="w")
    return case_id


def test_what_has_come_from_outside_is_told_by_who_may_and_once(service, waiting):
    worker = service.signed_in("amara")
    worker.get(f"/cases/{waiting}")
    assert not worker.says("Something has come that this case waits for")
    page = f"/cases/{waiting}/messages"
    visitor = service.signed_in("ines")
    visitor.get(f"/cases/{waiting}")
    assert visitor.says("Something has come that this case waits for", "The school has answered")
    visitor.get(page)
    assert "m_call" not in visitor.page and 'value="call"' not in visitor.page, "another diagram says that"
    key = visitor.hidden("request_key")
    visitor.post(page, request_key=key, name="news", note=" ")
    assert visitor.status == 422 and visitor.says("Say who told you, and what")
    sent = {"request_key": key, "name": "news", "note": "Mrs Cole, by telephone"}
    visitor.post(page, **sent)
    assert visitor.says("The case has been told, and goes on.", "The case was told: news", "Mrs Cole, by telephone")
    visitor.post(page, **sent)
    assert visitor.says("The case has been told"), "the same page sent twice tells it once"
    visitor.post(page, **sent | {"request_key": "another-key"})
    assert visitor.status == 409
    assert visitor.says("Nothing on this case waits for this now", "What you typed is kept below")
    assert "Mrs Cole, by telephone" in visitor.page


def test_the_api_lists_and_brings_what_has_come(service, waiting):
    client = service.app.test_client()
    signed = client.post("/api/session", json={"username": "ines", "password": "correct horse battery"}).json
    bearer = {"Authorization": f"Bearer {signed['token']}"}
    path = f"/api/cases/{waiting}/messages"
    said = {"purpose": "family"}
    assert client.post(f"/api/cases/{waiting}/look-into", headers=bearer, json=said).status_code == 200
    assert client.get(path, headers=bearer).json == [{"name": "news", "words": "The school has answered"}]
    sent = {"name": "news", "note": "By letter", "request_key": "12345678"}
    refused = client.post(path, headers=bearer, json=sent | {"variables": {"said": ["a", "b"]}})
    assert (refused.status_code, refused.json["errors"]) == (422, {"variables.said": ONE_VALUE})
    assert client.post(path, headers=bearer, json=sent | {"name": "call"}).status_code == 409
    assert [client.post(path, headers=bearer, json=sent).status_code for _ in range(2)] == [204, 204]
    assert client.get(path, headers=bearer).json == []
