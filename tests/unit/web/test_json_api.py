"""The JSON API: a token, the same acts as the pages, and errors as problem details."""

import json
from uuid import UUID, uuid4

import pytest

from tests.unit.web.service import PASSWORD, model_files
from web.application import LARGEST_REQUEST

JSON = "application/json"


class Program:
    """A program that signs in and speaks JSON."""

    def __init__(self, service, username):
        self._client = service.app.test_client()
        answer = self._client.post("/api/session", json={"username": username, "password": PASSWORD})
        self.token = answer.json["token"]

    def __call__(self, method, path, **sent):
        headers = {"Authorization": f"Bearer {self.token}"}
        return self._client.open(f"/api{path}", method=method, headers=headers, **sent)


@pytest.fixture
def amara(service):
    return Program(service, "amara")


@pytest.fixture
def task(service, amara):
    service.start_case("Sam")
    (row,) = amara("GET", "/tasks").json["rows"]
    return row


AGREED = {"consent": "given", "given_by": "Tess Whitlock", "signed_on": "2026-03-02"}


def completion(amara, task, **answers):
    version = amara("GET", f"/tasks/{task['task_id']}").json["version"]
    return {"answers": answers, "expected_version": version, "request_key": str(uuid4())}


def test_the_description_is_openapi_3_1_and_asks_for_a_bearer_token(service):
    described = service.app.test_client().get("/api/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert described["security"] == [{"bearer": []}]
    assert {"/api/tasks", "/api/tasks/{task_id}/complete", "/api/cases", "/api/incidents"} <= set(described["paths"])


def test_every_act_of_the_api_is_described(service):
    described = service.app.test_client().get("/api/openapi.json").json["paths"]
    for rule in service.app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and rule.rule != "/api/openapi.json":
            path = rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}")
            assert {method.lower() for method in rule.methods - {"HEAD", "OPTIONS"}} <= set(described[path]), path


OPERATIONS = """
add_attachment add_family_member add_job_role answer_family_worry answer_report approve_rules ask_child_index
ask_decision ask_for_copies begin_batch begin_rehearsal bring_message change_calendar change_handover_summary
change_letter choose_for_cases choose_for_kind choose_for_release claim_task comment_on_action comment_on_case
comment_on_task complete_task correct_answer correct_date deploy discard_draft draw_audit drop_batch drop_rehearsal
end_emergency end_team_place foresee_calendar_change go_back_from_release judge_audited_case keep_case_restricted
keep_child keep_family_member let_examples_be lift_case_restriction list_access_checks list_answers list_attachments
list_audits list_awaited_messages list_batches list_case_readers list_cases list_consents list_correctable_dates
list_definitions list_family_letters list_handover_summaries list_incidents list_mag_members list_mag_queue
list_managed_actions list_overdue list_oversight_notes list_own_copies list_rehearsals list_rehearsed_cases
list_rules_to_approve list_running_processes list_shareable_tasks list_startable_processes list_supervision list_tasks
log_family_worry look_at_emergency look_into_record mark_contradiction mark_event mark_family_letter_sent move_due_date
move_process move_timer note_oversight open_record_in_emergency overrule_letter_warning pause_batch pause_moving
plan_handover_batch plan_interim_batch plan_task_batch preview_date_correction propose_change raise_concern
read_answers_schema read_assessment read_attachment read_audit read_audited_case read_batch read_between_meetings
read_calendar read_case read_chronology read_diagram read_directory read_draft read_family read_form_schema
read_handover_summary read_job_roles read_letter read_places_of_process read_plan read_rehearsal read_task
read_workload reassign_task record_birth release_task remove_attachment rename_job_role renew_handover_summary
report_action report_back restrict_case resume_batch resume_moving retire_job_role retry_incident retry_incidents
revert_definition save_draft say_plan_is_stuck search_cases seat_mag_member send_letter send_letters_by_page
send_letters_in_full settle_contradiction sign_in sign_out start_case start_case_process stop_batch stop_moving
stop_process take_back_job_role take_back_release try_rehearsal_again try_rules undo_batch unmark_event
withdraw_consent withdraw_copies withdraw_mag_consent write_to_team
"""


def test_every_operation_has_a_name_of_its_own_that_programs_may_build_upon(service):
    paths = service.app.test_client().get("/api/openapi.json").json["paths"]
    operations = [operation for path in paths.values() for name, operation in path.items() if name != "parameters"]
    assert sorted(operation.get("operationId", "") for operation in operations) == OPERATIONS.split()


def test_without_a_token_it_says_what_to_send(service):
    answer = service.app.test_client().get("/api/tasks")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_password_gives_no_token(service):
    answer = service.app.test_client().post("/api/session", json={"username": "amara", "password": "wrong"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["title"] == "That sign-in is not right"
    assert answer.json["detail"] == "The user name or password is not right"
    assert "token" not in answer.json


def test_a_token_ends_when_it_is_given_back(amara):
    assert amara("DELETE", "/session").status_code == 204
    assert amara("GET", "/tasks").status_code == 401


def test_my_tasks(task):
    assert task["name"] == "Ask for the family's consent"
    assert task["child_name"] == "Sam Whitlock"
    assert task["due_state"] in ("due_soon", "not_due")


@pytest.mark.parametrize("path", ["/tasks?whose=everybody", "/tasks?limit=0", "/tasks?limit=x", "/tasks?colour=red"])
def test_an_unknown_or_impossible_question_is_refused(amara, path):
    answer = amara("GET", path)
    assert answer.status_code == 422
    assert answer.json["errors"]


@pytest.mark.parametrize(
    "sent",
    [
        {"data": '{"answers": {}}', "content_type": "text/plain"},
        {"data": {"answers": "{}"}},
        {"data": {"answers": "{}"}, "content_type": "multipart/form-data"},
        {"data": '{"answers": {}}'},
    ],
    ids=["text", "a form", "parts", "nothing said"],
)
def test_another_type_of_content_is_refused_with_the_one_to_send(amara, task, sent):
    answer = amara("PUT", f"/tasks/{task['task_id']}/draft", **sent)
    assert answer.status_code == 415
    assert "Send JSON, with Content-Type: application/json" in answer.json["detail"]
    assert "errors" not in answer.json


def test_a_file_is_not_taken_as_json(amara, task):
    answer = amara("POST", f"/cases/{task['case_id']}/attachments", json={"file": "letter"})
    assert answer.status_code == 415
    said = "Send the file as a part named file, with Content-Type: multipart/form-data, not application/json."
    assert answer.json["detail"] == said


@pytest.mark.parametrize("number", ["1e9999", "-1e9999", "NaN", "Infinity", "-Infinity", "9" * 20_000])
def test_a_number_that_cannot_be_kept_is_refused_by_its_field(amara, task, number):
    where = f"/tasks/{task['task_id']}/draft"
    text = f'{{"answers": {{"actions": [{{"days": {number}}}]}}}}'
    answer = amara("PUT", where, data=text, content_type=JSON)
    assert answer.status_code == 422
    (field,) = answer.json["errors"]
    assert field == "answers.actions[0].days"
    assert "is no number that can be kept" in answer.json["detail"] and len(answer.json["detail"]) < 100
    assert amara("GET", where).status_code == 404, "nothing was kept in its place"


def test_a_task_is_completed_once(amara, task):
    sent = completion(amara, task, **AGREED)
    first = amara("POST", f"/tasks/{task['task_id']}/complete", json=sent)
    assert first.status_code == 200
    assert first.json["case_id"] == task["case_id"]
    assert amara("POST", f"/tasks/{task['task_id']}/complete", json=sent).status_code == 200
    again = {**sent, "request_key": str(uuid4())}
    late = amara("POST", f"/tasks/{task['task_id']}/complete", json=again)
    assert late.status_code == 409
    assert "Amara Osei completed this task" in late.json["detail"]


def test_the_page_and_the_api_refuse_the_same_answers(amara, task):
    answer = amara("POST", f"/tasks/{task['task_id']}/complete", json=completion(amara, task, given_by="Tess"))
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"consent", "signed_on"}


@pytest.mark.parametrize("extra", [{"assignee": "me"}, {"expected_version": "1"}, {"answers": None}])
def test_what_the_act_does_not_have_is_refused_by_name(amara, task, extra):
    sent = {**completion(amara, task, **AGREED), **extra}
    answer = amara("POST", f"/tasks/{task['task_id']}/complete", json=sent)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == set(extra)


def test_an_old_version_is_a_conflict(amara, task):
    sent = {**completion(amara, task, **AGREED), "expected_version": 999}
    assert amara("POST", f"/tasks/{task['task_id']}/complete", json=sent).status_code == 409


@pytest.mark.parametrize("deep", ["[" * 2000 + "]" * 2000, "[" * 100_000, '{"username":' * 500 + "1" + "}" * 500])
def test_json_nested_too_deep_is_refused_in_words(service, amara, task, deep):
    visitor = service.app.test_client()
    for refused in (
        visitor.post("/api/session", data=deep, content_type=JSON),
        amara("PUT", f"/tasks/{task['task_id']}/draft", data=f'{{"answers": {deep}}}', content_type=JSON),
    ):
        assert refused.status_code == 422
        assert "nested deeper than 60 levels" in refused.json["detail"]


def test_half_a_character_in_a_draft_is_refused_at_its_field(amara, task):
    sent = '{"answers": {"family": [{"name": "Tess \\ud83d"}]}}'
    refused = amara("PUT", f"/tasks/{task['task_id']}/draft", data=sent, content_type=JSON)
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["answers.family[0].name"]
    assert "half of a surrogate pair" in refused.json["errors"]["answers.family[0].name"]


def test_a_draft_is_kept_whatever_it_holds(amara, task):
    assert amara("PUT", f"/tasks/{task['task_id']}/draft", json={"answers": {"consent": "?"}}).status_code == 204
    assert amara("GET", f"/tasks/{task['task_id']}").json["draft"] == {"consent": "?"}


def test_release_claim_and_reassign(service, amara, task):
    ruth = Program(service, "ruth")
    assert amara("POST", f"/tasks/{task['task_id']}/release").status_code == 204
    assert ruth("POST", f"/tasks/{task['task_id']}/claim").status_code == 204
    to = {"to": str(service.ids["Amara Osei"])}
    assert ruth("POST", f"/tasks/{task['task_id']}/reassign", json=to).status_code == 204
    assert amara("GET", "/tasks").json["rows"][0]["assignee_name"] == "Amara Osei"


def test_a_case_is_started_read_and_found(amara):
    child = {"given_name": "Maya", "family_name": "Lindqvist", "born_on": "2019-05-01", "request_key": str(uuid4())}
    started = amara("POST", "/cases", json=child)
    assert started.status_code == 201
    case = amara("GET", f"/cases/{started.json['case_id']}").json
    assert case["child"]["name"] == "Maya Lindqvist"
    assert case["reference"] == started.json["reference"]
    (found,) = amara("POST", "/cases/search", json={"words": "maya"}).json["rows"]
    assert found["case_id"] == started.json["case_id"]


def test_a_child_who_is_known_is_said_before_a_second_case(service, amara):
    child = {"given_name": "Maya", "family_name": "Lindqvist", "born_on": "2019-05-01", "known_as": "May"}
    first = amara("POST", "/cases", json={**child, "request_key": "the first one"})
    again = amara("POST", "/cases", json={**child, "request_key": "the first one"})
    assert again.status_code == 201 and again.json == first.json
    called = {**child, "given_name": "Margaret", "born_on": "2019-01-05", "request_key": "the second one"}
    assert amara("POST", "/cases", json=called).json["title"] == "This child is known", "by what they are called alone"
    refused = amara("POST", "/cases", json={**child, "request_key": "the second one"})
    assert (refused.status_code, refused.json["known"], refused.json["title"]) == (409, True, "This child is known")
    assert "Amara Osei on 01632 960200, who assesses" in refused.json["detail"]
    assert "Maya" not in refused.json["detail"]
    all_the_same = amara("POST", "/cases", json={**child, "request_key": "the second one", "known_seen": True})
    assert all_the_same.status_code == 201 and all_the_same.json["case_id"] != first.json["case_id"]


def test_a_key_is_its_senders_own_and_for_one_thing(service, amara, task):
    ruth = Program(service, "ruth")
    sam = {"family_name": "Lindqvist", "born_on": "2019-05-01", "request_key": "abcdefgh22"}
    first = amara("POST", "/cases", json=sam).json
    assert amara("POST", "/cases", json=sam).json == first
    anew = ruth("POST", "/cases", json=sam | {"known_seen": True})
    assert anew.status_code == 201 and anew.json != first
    again = amara("POST", "/cases", json=sam | {"family_name": "Adler"})
    assert (again.status_code, again.json["title"]) == (409, "Sent before")
    assert again.json["detail"] == "This request key was used for something else. Send a new one."
    assert set(again.json["errors"]) == {"request_key"}
    path, sent = f"/tasks/{task['task_id']}/complete", completion(amara, task, **AGREED)
    assert amara("POST", path, json=sent | {"request_key": "abcdefgh22"}).json["title"] == "Sent before"
    assert amara("POST", path, json=sent).status_code == 200
    assert amara("POST", path, json=sent | {"answers": AGREED | {"given_by": "Jo"}}).json["title"] == "Sent before"
    assert amara("POST", path, json=sent).status_code == 200


def test_a_name_given_twice_is_refused(amara):
    body = '{"family_name": "Lindqvist", "family": [{"name": "Jo", "name": "Tess"}], "request_key": "abcdefgh"}'
    answer = amara("POST", "/cases", data=body, content_type=JSON)
    assert (answer.status_code, answer.json["errors"]) == (400, {"name": "This is given twice in one object"})
    half = amara("POST", "/cases", data='{"\\ud800": 1, "\\ud800": 2}', content_type=JSON)
    assert (half.status_code, half.json["errors"]) == (400, {"?": "This is given twice in one object"})


@pytest.mark.parametrize("body", [[], None, "words", 7])
def test_a_body_that_is_no_object_is_refused(amara, body):
    answer = amara("POST", "/cases", data=json.dumps(body), content_type=JSON)
    assert (answer.status_code, answer.json["detail"]) == (422, "The body must be an object")
    assert "errors" not in answer.json


def test_a_case_without_its_child_is_refused(amara):
    answer = amara("POST", "/cases", json={"request_key": str(uuid4())})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"family_name", "born_on"}


def test_a_concern_needs_nothing_but_the_case(amara, task):
    sent = {"request_key": str(uuid4())}
    assert amara("POST", f"/cases/{task['case_id']}/concerns", json=sent).status_code == 201


def test_somebody_elses_case_is_not_there(service, task):
    dele = Program(service, "dele")
    assert dele("GET", f"/cases/{task['case_id']}").status_code == 404
    assert dele("GET", f"/tasks/{task['task_id']}").status_code == 404


def test_designers_deploy_and_read_what_stands_in_the_way(service):
    tomas = Program(service, "tomas")
    changed = model_files()["record_consent.form"].decode().replace("What does the family say?", "What do they say?")
    done = tomas("POST", "/deployments", json={"files": [{"name": "record_consent.form", "content": changed}]})
    assert done.status_code == 201
    assert done.json["added"][0]["key"] == "record_consent"
    refused = tomas("POST", "/deployments", json={"files": [{"name": "x.bpmn", "content": "no"}]})
    assert refused.status_code == 422
    assert refused.json["findings"][0]["file"] == "x.bpmn"


def test_only_designers_deploy(amara):
    assert amara("POST", "/deployments", json={"files": []}).status_code == 403


def test_a_deployed_decision_answers_with_its_rows(service):
    tomas = Program(service, "tomas")
    asked = {"inputs": {"closed": False, "concern_open": True}}
    answer = tomas("POST", "/decisions/escalation", json=asked)
    assert answer.status_code == 200
    assert answer.json["matched"][0]["rule"] == "row_significant_harm"
    assert answer.json["explained"][0].startswith("Harm concern open: yes: row ")
    assert (answer.json["file"], answer.json["version"]) == ("escalation.dmn", 1)


def test_incidents_are_for_operators(service, amara):
    assert amara("GET", "/incidents").status_code == 403
    assert Program(service, "olu")("GET", "/incidents").json == []


def test_what_is_not_json_is_refused(amara):
    answer = amara("POST", "/cases", data="{", content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


def test_a_wrong_method_says_which_are_allowed(amara):
    answer = amara("DELETE", "/tasks")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_more_than_the_service_takes_is_refused_in_words(service):
    answer = service.app.test_client().post("/api/session", data=b"x" * (LARGEST_REQUEST + 1), content_type=JSON)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_a_list_of_cases_goes_on_page_by_page(service, amara):
    started = [str(service.start_case(name)) for name in ("Ada", "Bo", "Cy")]
    first = amara("GET", "/cases?limit=2")
    assert [row["case_id"] for row in first.json["rows"]] == started[:2]
    assert first.headers["Link"] == f'</api/cases?limit=2&after={first.json["next"]}>; rel="next"'
    onward = first.headers["Link"].partition(">")[0].removeprefix("</api")
    last = amara("GET", onward)
    assert [row["case_id"] for row in last.json["rows"]] == started[2:]
    assert last.json["next"] is None and "Link" not in last.headers


def test_what_is_found_goes_on_page_by_page_and_names_stay_out_of_addresses(service, amara):
    started = [str(service.start_case(name)) for name in ("Ada", "Bo", "Cy")]
    sent = {"words": "whitlock", "limit": 2}
    first = amara("POST", "/cases/search", json=sent)
    assert "Link" not in first.headers
    last = amara("POST", "/cases/search", json={**sent, "after": first.json["next"]})
    found = first.json["rows"] + last.json["rows"]
    assert [row["case_id"] for row in found] == started
    assert last.json["next"] is None


def test_a_list_of_tasks_links_to_its_next_page(service, amara):
    for name in ("Ada", "Bo", "Cy"):
        service.start_case(name)
    first = amara("GET", "/tasks?limit=2")
    onward = first.headers["Link"].partition(">")[0].removeprefix("</api")
    assert "whose=" not in onward
    assert len(amara("GET", onward).json["rows"]) == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=x", "page=2"])
def test_a_page_that_cannot_be_is_refused_by_name(amara, query):
    answer = amara("GET", f"/cases?{query}")
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {query.partition("=")[0]}


def test_claiming_ones_own_task_again_changes_nothing(service, amara, task):
    before = amara("GET", f"/tasks/{task['task_id']}").json["version"]
    assert amara("POST", f"/tasks/{task['task_id']}/claim").status_code == 204
    assert amara("POST", f"/tasks/{task['task_id']}/claim").status_code == 204
    assert amara("GET", f"/tasks/{task['task_id']}").json["version"] == before


def test_a_task_says_what_it_asks_as_json_schema(service, amara, task):
    where = amara("GET", f"/tasks/{task['task_id']}").json["answers_schema"]
    answer = amara("GET", where.removeprefix("/api"))
    assert answer.mimetype == "application/schema+json"
    schema = answer.get_json(force=True)
    assert {"consent", "signed_on"} <= set(schema["required"]) <= set(schema["properties"])
    assert schema["properties"]["signed_on"]["format"] == "date"
    assert {"given", "refused"} <= {each.get("const") for each in schema["properties"]["consent"]["oneOf"]}
    assert Program(service, "dele")("GET", where.removeprefix("/api")).status_code == 404


def test_a_form_says_what_it_asks_as_json_schema(service, amara):
    tomas = Program(service, "tomas")
    form = next(each for each in tomas("GET", "/definitions").json if each["key"] == "record_consent")
    path = f"/forms/{form['definition_id']}/schema"
    assert amara("GET", path).get_json(force=True)["title"] == form["name"]
    process = next(each for each in tomas("GET", "/definitions").json if each["kind"] == "process")
    assert amara("GET", f"/forms/{process['definition_id']}/schema").status_code == 404


def child(**more):
    return {"family_name": "Lindqvist", "born_on": "2019-05-01", "request_key": str(uuid4()), **more}


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"born_on": "1890-01-01"}, {"born_on": "Check the year: somebody born in 1890 is 136, not a child"}),
        ({"born_on": "2030-01-01"}, {"born_on": "This day is still to come. For an unborn baby, enter when it is"
                                     " expected"}),
        ({"born_on": "1/1/1890"}, {"born_on": "Not a valid date."}),
        ({"family": [{}]}, {"family[0].name": "Enter this person's name"}),
        ({"colour": "red"}, {"colour": "Unknown field."}),
        ({"assessor_id": str(UUID(int=7))}, {"assessor_id": "Choose the assessor from the list"}),
    ],
)  # fmt: skip
def test_errors_name_each_field_by_its_path_with_one_sentence(amara, sent, errors):
    answer = amara("POST", "/cases", json=child(**sent))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"] == errors


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", "/cases", {"data": "{", "content_type": JSON}, 400),
        ("POST", "/cases", {"data": b"\xff", "content_type": JSON}, 400),
        ("POST", "/cases", {"json": [1]}, 422),
        ("POST", "/cases", {"data": "a=b"}, 415),
        ("GET", "/nosuch", {}, 404),
        ("GET", f"/cases/{UUID(int=7)}", {}, 404),
        ("GET", "/cases/x", {}, 404),
        ("PUT", "/cases", {}, 405),
        ("GET", "/incidents", {}, 403),
    ],
)
def test_every_error_is_a_problem_document_for_a_program(amara, method, path, sent, status):
    answer = amara(method, path, **sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["reference"] != "-"
    said = f"{answer.json['title']} {answer.json['detail']}"
    assert not {"page", "Go back"} & set(said.replace(".", " ").split()), said


def test_the_description_can_be_tried_out_on_a_page_of_our_own_files(service):
    visitor = service.signed_in("tomas")
    for page in ("/help", "/definitions"):
        assert 'href="/help/api"' in visitor.get(page)
    page = visitor.get("/help/api")
    assert 'data-api-description="/api/openapi.json"' in page
    assert (
        "https://" not in page
        and "unsafe" not in service.app.test_client().get("/help/api").headers["Content-Security-Policy"]
    )
