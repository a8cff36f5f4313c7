"""What somebody says about a case, a task or an action: on the case page and through the API."""

from __future__ import annotations

from uuid import uuid4

from engine.queries import case_file
from tests.unit.web.test_json_api import Program


def test_a_comment_on_the_case_stands_in_what_has_happened(service):
    case_id = service.start_case("Sam")
    amara = service.signed_in("amara")
    amara.get(f"/cases/{case_id}")
    amara.post(f"/cases/{case_id}/comments", comment=" ", request_key="a first try of it")
    assert amara.status == 422 and amara.says("Enter a comment")
    for _ in range(2):
        amara.post(f"/cases/{case_id}/comments", comment="The school was rung", request_key="a second try of it")
        assert amara.says("Your comment is kept")
    assert amara.get(f"/cases/{case_id}").count("The school was rung") == 1
    dele = service.signed_in("dele")
    dele.get("/cases")
    dele.post(f"/cases/{case_id}/comments", comment="Let me see", request_key="a third try of it")
    assert dele.status == 404


def test_a_program_comments_on_a_case_and_a_task_and_on_nothing_else(service):
    case_id = service.start_case("Sam")
    amara = service.actor("amara")
    (task,) = case_file.read(service.engine, actor=amara, case_id=case_id).tasks
    program = Program(service, "amara")
    said = {"text": "The school was rung", "request_key": "one of its own"}
    again = {**said, "request_key": "another of its own"}
    assert program("POST", f"/cases/{case_id}/comments", json=said).status_code == 204
    assert program("POST", f"/tasks/{task.task_id}/comments", json=again).status_code == 204
    nowhere = f"/cases/{case_id}/actions/{uuid4()}/comments"
    assert program("POST", nowhere, json={**said, "request_key": "a third of it"}).status_code == 404
    assert program("POST", f"/cases/{case_id}/comments", json={**said, "text": ""}).status_code == 422
    page = service.signed_in("amara")
    page.get(f"/tasks/{task.task_id}")
    assert page.says("The school was rung")
