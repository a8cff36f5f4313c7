"""A release rehearsed by programs: figures, cases, choices, the moving of cases and the way back."""

from __future__ import annotations

from engine.commands import deployments, rehearsals
from engine.scheduler import tick
from tests.unit.web.test_json_api import Program
from tests.unit.web.test_rehearsal_pages import FILE, renamed, versions
from tests.worlds import Mailbox, shipped_models


def begun(program, source: bytes) -> str:
    """Begin a rehearsal of the episode and return its address."""
    answer = program("POST", "/rehearsals", json={"files": [{"name": FILE, "content": source.decode()}]})
    assert answer.status_code == 201
    return f"/rehearsals/{answer.json['rehearsal_id']}"


def publish(service, source: bytes) -> None:
    deployments.deploy(service.engine, authority_id=service.authority_id, files={FILE: source}, note="Tried")


def go_on(service) -> None:
    for _ in range(2):
        tick(service.engine, Mailbox())


def test_a_designer_reads_figures_and_no_case(service):
    service.start_case("Sam")
    tomas = Program(service, "tomas")
    path = begun(tomas, renamed())
    answer = tomas("GET", path)
    assert "Sam" not in answer.text and "case_id" not in answer.text
    (kind,) = answer.json["kinds"]
    assert (kind["cases"], kind["verdict"], kind["meets"]) == (1, "decide", "at")
    assert {each["how"] for each in answer.json["rehearsal"]["steps"]} == {"new", "gone"}
    assert [each["total"] for each in tomas("GET", "/rehearsals").json] == [1]
    assert tomas("POST", f"{path}/cases", json={}).status_code == 403
    assert tomas("POST", f"{path}/kinds/1", json={"choice": "stay"}).status_code == 403
    refused = tomas("POST", "/rehearsals", json={"files": [{"name": FILE, "content": "<no/>"}]})
    assert refused.status_code == 422 and "cannot run yet" in refused.text


def test_several_cases_are_decided_and_move_and_go_back(service):
    for child in ("Sam", "Ada", "Kit"):
        service.start_case(child)
    tomas, ruth = Program(service, "tomas"), Program(service, "ruth")
    path = begun(tomas, renamed())
    listed = ruth("POST", f"{path}/cases", json={"search": "whitlock"}).json
    rows = {each["child_name"]: each for each in listed["cases"]}
    assert listed["total"] == 3 and rows["Sam Whitlock"]["stands"] == ["Ask for the family's consent"]
    chosen = {"rows": [rows[f"{name} Whitlock"]["row_id"] for name in ("Sam", "Ada")], "choice": "move"}
    refused = ruth("POST", f"{path}/cases/choice", json=chosen).json["refused"]
    assert set(refused.values()) == {"Choose the step at which they go on"} and len(refused) == 2
    assert ruth("POST", f"{path}/cases/choice", json={**chosen, "to": "ask_for_consent"}).json == {"refused": {}}
    assert ruth("POST", f"{path}/cases", json={"only": "undecided"}).json["total"] == 1
    assert ruth("POST", f"{path}/pause").status_code == 403
    publish(service, renamed())
    go_on(service)
    assert versions(service) == [1, 2, 2]
    came = {each["child_name"]: each["came"] for each in ruth("POST", f"{path}/cases", json={}).json["cases"]}
    assert came == {"Sam Whitlock": "Moved", "Ada Whitlock": "Moved", "Kit Whitlock": ""}
    assert tomas("POST", f"{path}/choice", json={"choice": "stay"}).status_code == 409
    assert tomas("DELETE", path).status_code == 409
    assert tomas("POST", f"{path}/back", json={"why": "It was a slip"}).status_code == 201
    go_on(service)
    assert versions(service) == [1, 3, 3], "who never moved is left where it is"


def test_a_release_is_taken_back_by_the_definition_it_brought(service):
    service.start_case("Sam")
    tomas, ruth = Program(service, "tomas"), Program(service, "ruth")
    path = begun(tomas, renamed())
    (row,) = ruth("POST", f"{path}/cases", json={}).json["cases"]
    chosen = {"rows": [row["row_id"]], "choice": "move", "to": "ask_for_consent"}
    assert ruth("POST", f"{path}/cases/choice", json=chosen).json == {"refused": {}}
    publish(service, renamed())
    go_on(service)
    assert versions(service) == [2]
    (listed,) = (each for each in tomas("GET", "/definitions").json if each["file"] == FILE)
    back = f"/definitions/{listed['definition_id']}/take-back"
    assert ruth("POST", back, json={"reason": "A slip"}).status_code == 403
    assert tomas("POST", back, json={"reason": ""}).status_code == 422
    done = tomas("POST", back, json={"reason": "A slip"})
    assert done.status_code == 201 and done.json["rehearsal_id"] and done.json["ended"] == []
    go_on(service)
    assert versions(service) == [3]


def test_moving_is_paused_goes_on_and_is_ended(service):
    for child in ("Sam", "Ada"):
        service.start_case(child)
    tomas = Program(service, "tomas")
    source = shipped_models()[FILE] + b"<!-- as before -->"
    path = begun(tomas, source)
    assert tomas("POST", f"{path}/resume").status_code == 409
    assert tomas("POST", f"{path}/choice", json={"choice": "move"}).status_code == 204
    publish(service, source)
    rehearsals.go_on(service.engine)
    assert tomas("POST", f"{path}/pause").status_code == 204
    tick(service.engine, Mailbox())
    moving = tomas("GET", path).json["rehearsal"]["moving"]
    assert (moving["state"], moving["waiting"], versions(service)) == ("paused", 2, [1, 1])
    assert tomas("POST", f"{path}/stop").status_code == 204
    moving = tomas("GET", path).json["rehearsal"]["moving"]
    assert (moving["state"], moving["refused"]) == ("done", 2)
    behind = tomas("POST", "/rehearsals", json={"choice": "move"}).json["rehearsal_id"]
    go_on(service)
    assert versions(service) == [2, 2]
    assert tomas("GET", f"/rehearsals/{behind}").json["rehearsal"]["moving"]["done"] == 2
    assert tomas("POST", f"{path}/resume").status_code == 409
