"""Letters and files on the page of a case, and through the API."""

from io import BytesIO
from uuid import uuid4

import pytest

from tests.unit.web.test_json_api import Program

PDF = b"%PDF-1.7 a report %%EOF"


@pytest.fixture
def case_id(service):
    return service.start_case("Sam")


@pytest.fixture
def amara(service):
    return Program(service, "amara")


def upload(visitor, case_id, content=PDF, name="Report of the school.pdf", kind="application/pdf", key=None):
    visitor.get(f"/cases/{case_id}")
    key = key or visitor.hidden("request_key")
    return visitor.post(f"/cases/{case_id}/files", request_key=key, file=(BytesIO(content), name, kind))


def link(visitor):
    return visitor.page.partition("/files/")[2].partition('"')[0]


def test_a_file_is_kept_shown_and_saved(service, case_id):
    visitor = service.signed_in("amara")
    upload(visitor, case_id)
    assert visitor.says("The file is kept with the case", "Report of the school.pdf", "by Amara Osei")
    answer = visitor.client.get(f"/cases/{case_id}/files/{link(visitor)}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Report of the school.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_says_what_the_sharing_rests_on(service, case_id):
    visitor = service.signed_in("amara")
    assert "Only what the family agreed to share" in visitor.get(f"/cases/{case_id}")
    assert visitor.says("Whoever may open this case may read them")


def test_sending_a_file_twice_keeps_it_once(service, case_id):
    visitor = service.signed_in("amara")
    upload(visitor, case_id, key="the same request")
    upload(visitor, case_id, key="the same request")
    # Its line, the words for who cannot see it, and what has happened.
    assert visitor.page.count("Report of the school.pdf") == 3


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"content": b""}, "This file is empty"),
        ({"content": b"<html>", "name": "x.html", "kind": "text/html"}, "Choose a PDF"),
        ({"content": b"MZ", "name": "x.pdf"}, "Choose a PDF"),
        ({"content": b"MZ\x90\x00", "name": "x.txt", "kind": "text/plain"}, "Choose a PDF"),
        ({"content": b"", "name": ""}, "Choose a file"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_the_question(service, case_id, sent, words):
    visitor = service.signed_in("amara")
    page = upload(visitor, case_id, **sent)
    assert visitor.status == 422
    assert page.count(words) >= 2 and "There is a problem" in page
    assert 'id="file-error"' in page


def test_a_file_is_taken_away_only_with_a_reason(service, case_id):
    visitor = service.signed_in("amara")
    upload(visitor, case_id)
    file_id = link(visitor)
    path = f"/cases/{case_id}/files/{file_id}/remove"
    assert "Say why the file is taken away" in visitor.post(path)
    assert visitor.status == 422
    visitor.post(path, **{f"why-{file_id}": "It is about another child"})
    assert visitor.says("The file is taken away", "Nothing is kept yet")


def test_nobody_else_finds_the_file(service, case_id):
    visitor = service.signed_in("amara")
    upload(visitor, case_id)
    assert service.signed_in("tomas").client.get(f"/cases/{case_id}/files/{link(visitor)}").status_code == 404
    assert service.signed_in("tomas").client.get(f"/api/cases/{case_id}/attachments").status_code == 401


def send(program, case_id, content=PDF, name="letter.pdf", kind="application/pdf", **more):
    data = {"file": (BytesIO(content), name, kind)}
    return program("POST", f"/cases/{case_id}/attachments", data=data, content_type="multipart/form-data", **more)


def test_the_api_keeps_lists_gives_and_removes(amara, case_id):
    kept = send(amara, case_id)
    assert kept.status_code == 201
    file_id = kept.json["attachment_id"]
    (listed,) = amara("GET", f"/cases/{case_id}/attachments").json
    assert (listed["attachment_id"], listed["name"], listed["size"]) == (file_id, "letter.pdf", len(PDF))
    answer = amara("GET", f"/attachments/{file_id}")
    assert answer.data == PDF and answer.headers["Content-Disposition"] == "attachment; filename=letter.pdf"
    assert amara("DELETE", f"/attachments/{file_id}", json={"why": ""}).status_code == 422
    assert amara("DELETE", f"/attachments/{file_id}", json={"why": "Another child"}).status_code == 204
    assert amara("GET", f"/attachments/{file_id}").status_code == 404


def test_the_api_keeps_a_file_once_for_one_key(amara, case_id):
    key = str(uuid4())
    headers = {"Authorization": f"Bearer {amara.token}", "Idempotency-Key": key}
    path = f"/api/cases/{case_id}/attachments"
    answers = [
        amara._client.post(path, headers=headers, data={"file": (BytesIO(PDF), "a.pdf", "application/pdf")}).json
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(amara("GET", f"/cases/{case_id}/attachments").json) == 1


@pytest.mark.parametrize("name", ['a"; filename=evil.html', "../../etc/passwd", "grüße; X-Bad=1.pdf", "报告.pdf"])
def test_no_name_of_a_file_breaks_out_of_its_header(amara, case_id, name):
    file_id = send(amara, case_id, name=name).json["attachment_id"]
    answer = amara("GET", f"/attachments/{file_id}")
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename")
    assert "/" not in said.replace("UTF-8''", "")


@pytest.mark.parametrize(
    ("content", "kind"), [(b"", "application/pdf"), (b"<script>", "text/html"), (b"MZ", "application/pdf")]
)
def test_the_api_refuses_what_the_page_refuses(amara, case_id, content, kind):
    answer = send(amara, case_id, content=content, kind=kind)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert set(answer.json["errors"]) == {"file"}


def test_without_a_file_the_api_says_so(amara, case_id):
    answer = amara("POST", f"/cases/{case_id}/attachments", data={}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "file" in answer.json["errors"]


def test_the_upload_is_described_as_a_file(service):
    described = service.app.test_client().get("/api/openapi.json").json
    body = described["paths"]["/api/cases/{case_id}/attachments"]["post"]["requestBody"]["content"]
    assert list(body) == ["multipart/form-data"]
