"""The JSON API: overdue, consent, drafts and approvals, as the pages do them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from engine.casework.audit_items import ITEMS, SECTIONS
from tests.unit.web.test_definition_pages import send
from tests.unit.web.test_drafts import keep
from tests.unit.web.test_json_api import AGREED, Program, completion
from tests.unit.web.test_rule_approval_pages import FILE, softer


@pytest.fixture
def amara(service):
    return Program(service, "amara")


@pytest.fixture
def task(service, amara):
    service.start_case("Sam")
    (row,) = amara("GET", "/tasks").json["rows"]
    return row


def taken_back(**changed):
    return {"why": "Mother, by telephone", "request_key": str(uuid4())} | changed


def test_what_is_overdue_is_listed_with_its_reasons(service, amara, task):
    (row,) = amara("GET", "/overdue").json["rows"]
    assert row["days"] == 0 and row["state"] in ("due_soon", "not_due")
    service.clock.advance(timedelta(days=60))
    amara = Program(service, "amara")
    (row,) = amara("GET", "/overdue").json["rows"]
    assert row["case_id"] == task["case_id"] and row["reasons"] and row["days"] > 0
    assert row["state"] in ("overdue", "critically_overdue")
    said = amara("GET", "/overdue?state=not_due").json
    assert not said["rows"] and sum(group["number"] for group in said["groups"]) == 1
    assert amara("GET", "/overdue?stage=Nowhere").status_code == 422


def test_the_overdue_board_is_for_those_who_have_one(service):
    assert Program(service, "olu")("GET", "/overdue").status_code == 403


def test_consent_is_listed_and_taken_back(amara, task):
    path = f"/cases/{task['case_id']}/consents"
    assert amara("GET", path).json == []
    amara("POST", f"/tasks/{task['task_id']}/complete", json=completion(amara, task, **AGREED))
    (given,) = amara("GET", path).json
    assert (given["purpose"], given["answer"], given["given_by"], given["to_on"]) == (
        "sharing", "given", "Tess Whitlock", None,
    )  # fmt: skip
    assert (given["whose"], given["shared_with"], given["kinds"], given["until_on"]) == ("parent", [], None, None)
    answer = amara("POST", f"{path}/withdraw", json=taken_back())
    assert answer.status_code == 201 and answer.json["instance_id"]
    now = amara("GET", path).json
    assert [each["answer"] for each in now if each["to_on"] is None] == ["withdrawn"]


def test_taking_consent_back_says_who_said_so(amara, task):
    path = f"/cases/{task['case_id']}/consents/withdraw"
    assert set(amara("POST", path, json=taken_back(why="")).json["errors"]) == {"why"}
    assert set(amara("POST", path, json={"why": "Mother"}).json["errors"]) == {"request_key"}
    assert set(amara("POST", path, json=taken_back(colour="red")).json["errors"]) == {"colour"}
    blank = amara("POST", path, json=taken_back(why=" "))
    assert blank.status_code == 422 and set(blank.json["errors"]) == {"why"}


def test_a_yes_to_the_group_that_was_never_given_cannot_be_taken_back(amara, task):
    answer = amara("POST", f"/cases/{task['case_id']}/consents/mag/withdraw", json=taken_back())
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")


@pytest.mark.parametrize("path", ["consents", "attachments"])
def test_what_is_kept_with_somebody_elses_case_is_not_there(service, task, path):
    assert Program(service, "dele")("GET", f"/cases/{task['case_id']}/{path}").status_code == 404


def test_nobody_takes_consent_back_on_somebody_elses_case(service, task):
    path = f"/cases/{task['case_id']}/consents/withdraw"
    assert Program(service, "dele")("POST", path, json=taken_back()).status_code == 404


def test_a_draft_is_read_replaced_and_thrown_away(amara, task):
    path = f"/tasks/{task['task_id']}/draft"
    assert amara("GET", path).status_code == 404
    assert amara("PUT", path, json={"answers": {"given_by": "Tess"}}).status_code == 204
    kept = amara("GET", path).json
    assert kept["answers"] == {"given_by": "Tess"} and kept["saved_at"]
    assert amara("DELETE", path).status_code == 204
    assert amara("GET", path).status_code == 404
    assert amara("GET", f"/tasks/{task['task_id']}").json["draft"] is None


def test_a_draft_is_for_who_may_complete_the_task(service, task):
    path = f"/tasks/{task['task_id']}/draft"
    ruth = Program(service, "ruth")
    assert ruth("GET", path).status_code == 404
    assert ruth("DELETE", path).status_code == 403
    assert Program(service, "dele")("DELETE", path).status_code in (403, 404)


def test_rules_are_approved_exactly_as_listed(service):
    designer, lead = service.signed_in("tomas"), Program(service, "ines")
    assert lead("GET", "/rule-approvals").json == []
    send(designer, {FILE: softer()})
    keep(designer, FILE)
    (draft,) = lead("GET", "/rule-approvals").json
    (row,) = draft["rows"]
    assert (draft["file"], row["row"], draft["mine"]) == (FILE, "row_immediate_danger", True)
    assert [(cell["now"], cell["then"]) for cell in row["asks"] if cell["now"] != cell["then"]] == [("yes", "no")]
    stale = lead("POST", "/rule-approvals", json={"file": FILE, "digest": "0" * 64})
    assert stale.status_code == 409
    agreed = lead("POST", "/rule-approvals", json={"file": FILE, "digest": draft["digest"]})
    assert agreed.json == {"rows": ["row_immediate_danger"]}
    (after,) = Program(service, "tomas")("GET", "/rule-approvals").json
    assert after["missing"] == [] and [each["name"] for each in after["agreed"]] == ["Ines Ferreira"]


def test_approving_is_for_who_is_named_and_needs_a_digest(service, amara):
    sent = {"file": FILE, "digest": "0" * 64}
    assert amara("GET", "/rule-approvals").status_code == 403
    assert amara("POST", "/rule-approvals", json=sent).status_code == 403
    assert Program(service, "tomas")("POST", "/rule-approvals", json=sent).status_code == 403
    lead = Program(service, "ines")
    assert lead("POST", "/rule-approvals", json=sent).status_code == 404
    assert set(lead("POST", "/rule-approvals", json={**sent, "digest": "x"}).json["errors"]) == {"digest"}


def test_oversight_is_noted_listed_and_audited(service, task):
    ruth = Program(service, "ruth")
    case_id = task["case_id"]
    path = f"/cases/{case_id}/oversight"
    said = {"discussed_on": "2026-03-02", "discussed": "The mornings", "decided": "", "request_key": str(uuid4())}
    refused = ruth("POST", path, json=said)
    assert refused.status_code == 422 and "decided" in refused.json["errors"]
    for _ in range(2):
        sent = {**said, "decided": "Ring the school", "discussed_with": str(service.ids["Amara Osei"])}
        assert ruth("POST", path, json=sent).status_code == 204
    found = ruth("GET", path).json
    assert [each["decided"] for each in found["notes"]] == ["Ring the school"] and found["may_write"]
    (row,) = ruth("GET", "/oversight").json["rows"]
    assert (row["case_id"], row["last_on"], row["late"]) == (case_id, "2026-03-02", False)
    made = ruth("POST", "/oversight/audits", json={"name": "Spring", "size": 1, "seed": "seven"})
    audit = ruth("GET", f"/oversight/audits/{made.json['audit_id']}").json
    assert ruth("GET", "/oversight/audits").json["items"][0]["name"] == "Spring"
    judged = {
        "answers": dict.fromkeys(ITEMS, "yes"), "scores": {each.key: "2" for each in SECTIONS},
        "action": "Ask Sam", "request_key": str(uuid4()),
    }  # fmt: skip
    form = f"/oversight/audits/cases/{audit['cases'][0]['audit_case_id']}"
    assert "child_heard" in ruth("GET", form).json["answers"] or ruth("GET", form).json["facts"]
    assert ruth("PUT", form, json=judged).status_code == 204
    assert ruth("GET", form).json["answers"]["child_heard"] == "yes"
    assert len(ruth("GET", path).json["notes"]) == 2, "what is to be done stands on the case"


def test_the_calendar_says_what_moves_before_it_does(service, task):
    olu = Program(service, "olu")
    days = olu("GET", "/calendar").json
    closed = {"first_on": "2026-03-04", "name": "Training"}
    coming = olu("POST", "/calendar/foresee", json=closed).json
    act = {**closed, "why": "As each year", "version": days["version"], "request_key": str(uuid4())}
    moved = olu("POST", "/calendar", json=act).json
    assert (moved["tasks"], moved["timers"]) == (coming["tasks"], coming["timers"])
    (closure,) = olu("GET", "/calendar").json["closures"]
    assert (closure["on_day"], closure["name"]) == ("2026-03-04", "Training")
    again = {**act, "first_on": None, "end": [closure["id"]], "request_key": str(uuid4())}
    assert olu("POST", "/calendar", json=again).status_code == 409, "somebody changed it since"


def test_incidents_of_one_kind_are_tried_again_together(service, task):
    olu = Program(service, "olu")
    assert olu("POST", "/incidents/retry", json={"kind": "timer"}).json == {"number": 0}
    assert olu("POST", "/incidents/retry", json={"kind": "weather"}).status_code == 422


def test_printed_guidance_is_asked_for_and_taken_back(service, amara):
    wrong = amara("POST", "/guidance/lead/copies", json={"copies": 0, "send_to": "The school"})
    assert wrong.status_code == 422 and set(wrong.json["errors"]) == {"copies"}
    asked = amara("POST", "/guidance/lead/copies", json={"copies": 3, "send_to": "The school"})
    assert asked.status_code == 201
    (mine,) = amara("GET", "/guidance/lead/copies").json
    assert (mine["copies_id"], mine["copies"], mine["sent_at"]) == (asked.json["copies_id"], 3, None)
    assert Program(service, "dele")("GET", "/guidance/lead/copies").json == []
    path = f"/guidance/copies/{mine['copies_id']}"
    assert Program(service, "dele")("DELETE", path).status_code == 404
    assert amara("DELETE", path).status_code == 204 and amara("GET", "/guidance/lead/copies").json == []
    assert amara("DELETE", path).status_code == 404
