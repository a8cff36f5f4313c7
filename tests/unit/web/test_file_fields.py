"""A task's form that asks for a file: it is kept with the case and the task, and with the draft."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import cases, deployments
from engine.store.tables.files import attachments
from engine.store.tables.running import user_tasks
from tests.small_files import asking, form, properties
from tests.unit.bpmn.diagrams import element, end, file_of, process, user

PDF = b"%PDF-1.4 the school's letter %%EOF"


@pytest.fixture
def asked(service):
    """Give Amara's browser, at a task whose form needs a file, and its address."""
    question = {"type": "filepicker", "key": "letter", "label": "The school's letter", "validate": {"required": True}}
    files = {"s.bpmn": asking("ask"), "ask.form": form("ask", "reason", question)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
    case_id = cases.start(service.engine, actor=service.actor("amara"), child=child, process_key="small").case_id
    with service.engine.sessions.read() as connection:
        query = sa.select(user_tasks.c.id).where(user_tasks.c.case_id == case_id)
        path = f"/tasks/{connection.execute(query).scalars().one()}"
    visitor = service.signed_in("amara")
    visitor.get(path)
    visitor.post(f"{path}/claim")
    return visitor, path


def send(visitor, path: str, act: str, *files: tuple[bytes, str], **answers) -> str:
    keys = {name: visitor.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    sent = {"letter--file": [(BytesIO(content), name) for content, name in files]} if files else {}
    return visitor.post(path, act=act, **keys, **answers, **sent)


def kept(service) -> list[tuple[str, UUID | None]]:
    with service.engine.sessions.read() as connection:
        rows = connection.execute(sa.select(attachments.c.name, attachments.c.task_id))
        return [(row.name, row.task_id) for row in rows]


def test_a_file_is_kept_with_the_draft_the_task_and_the_case(service, asked):
    amara, path = asked
    assert 'enctype="multipart/form-data"' in amara.page and 'type="file"' in amara.page
    page = send(amara, path, "draft", (PDF, "letter.pdf"), reason="They wrote")
    assert amara.says("Draft saved") and 'value="They wrote"' in page
    assert kept(service) == [("letter.pdf", UUID(path[-36:]))]
    assert page.count("letter.pdf") == 1 and "checked" in page
    (chosen,) = [part.split('"')[0] for part in page.split('name="letter" type="checkbox" value="')[1:]]
    send(amara, path, "complete", reason="They wrote", letter=chosen)
    assert amara.says("is finished", "letter.pdf")


def test_finishing_with_a_file_keeps_and_answers_in_one(service, asked):
    amara, path = asked
    send(amara, path, "complete", (PDF, "letter.pdf"), reason="They wrote")
    assert amara.says("is finished") and len(kept(service)) == 1


def test_a_file_that_is_needed_is_asked_for(service, asked):
    amara, path = asked
    page = send(amara, path, "complete", reason="They wrote")
    assert amara.status == 422 and 'href="#field-letter"' in page and 'id="field-letter"' in page


def test_what_is_no_document_is_refused_at_its_question_and_nothing_typed_is_lost(service, asked):
    amara, path = asked
    page = send(amara, path, "complete", (b"MZ\x90 a program", "letter.pdf"), (PDF, "good.pdf"), reason="They wrote")
    assert amara.status == 422 and amara.says("letter.pdf: Choose a PDF")
    assert 'value="They wrote"' in page and [name for name, _ in kept(service)] == ["good.pdf"]
    assert "good.pdf" in page and "checked" in page


def test_a_file_of_another_case_is_no_answer(service, asked):
    amara, path = asked
    send(amara, path, "complete", reason="They wrote", letter=str(UUID(int=7)))
    assert amara.status == 422


ROWS = {
    "type": "dynamiclist", "path": "letters", "label": "Letters", "defaultRepetitions": 2, "allowAddRemove": True,
    "components": [
        {"type": "textfield", "key": "about", "label": "What is it about?"},
        {"type": "filepicker", "key": "letter", "label": "The letter", "validate": {"required": True}},
    ],
}  # fmt: skip


def test_a_file_in_a_repeated_row_stays_with_its_row(service):
    files = {"s.bpmn": asking("ask"), "ask.form": form("ask", ROWS)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
    case_id = cases.start(service.engine, actor=service.actor("amara"), child=child, process_key="small").case_id
    with service.engine.sessions.read() as connection:
        query = sa.select(user_tasks.c.id).where(user_tasks.c.case_id == case_id)
        path = f"/tasks/{connection.execute(query).scalars().one()}"
    amara = service.signed_in("amara")
    amara.get(path)
    amara.post(f"{path}/claim")
    amara.get(path)
    typed = {"letters-count": "2", "letters-0-about": "School", "letters-1-about": "Doctor"}
    bad = {"letters-0-letter--file": (BytesIO(b"MZ a program"), "bad.pdf")}
    keys = {name: amara.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    amara.post(path, act="complete", **keys, **typed, **bad)
    assert amara.status == 422 and amara.says("bad.pdf: Choose a PDF") and kept(service) == []
    good = {"letters-1-letter--file": (BytesIO(PDF), "doctor.pdf")}
    keys = {name: amara.hidden(name) for name in ("expected_version", "request_key", "draft_base")}
    page = amara.post(path, act="draft", **keys, **typed, **good)
    assert [name for name, _ in kept(service)] == ["doctor.pdf"]
    offered = re.findall(r'name="(letters-[01]-letter)" type="checkbox" value="[^"]+"( checked)?', page)
    assert offered == [("letters-0-letter", ""), ("letters-1-letter", " checked")]


@pytest.fixture
def begun_by(service):
    """Give Amara's browser, at a start form that needs a file, and its address."""
    begin = element("startEvent", "start", camunda_formRef="wrote")
    said = properties(start_on_case="The school wrote", starters="assessor")
    tasks = (said, begin, user("read", camunda_candidateGroups="case_workers", name="Read the letter"), end())
    question = {"type": "filepicker", "key": "letter", "label": "The letter", "validate": {"required": True}}
    files = {
        "w.bpmn": file_of(process(*tasks, way="start read; read end", key="school_wrote")),
        "wrote.form": form("wrote", "reason", question, ROWS),
    }
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files)
    address = f"/cases/{service.start_case('Sam')}/start/school_wrote"
    amara = service.signed_in("amara")
    amara.get(address)
    return amara, address


def test_a_start_form_takes_a_file_before_it_is_sent(service, begun_by):
    amara, address = begun_by
    assert 'enctype="multipart/form-data"' in amara.page and 'type="file"' in amara.page
    key = amara.hidden("request_key")
    amara.post(address, act="start", request_key=key, reason="They wrote")
    assert amara.status == 422 and 'href="#field-letter"' in amara.page
    sent = {"letter--file": (BytesIO(PDF), "school.pdf")}
    page = amara.post(address, act="draft", request_key=key, reason="They wrote", **sent)
    assert amara.status == 200 and page.count("school.pdf") == 1 and "checked" in page and 'value="They wrote"' in page
    assert kept(service) == [("school.pdf", None)]
    (chosen,) = [part.split('"')[0] for part in page.split('name="letter" type="checkbox" value="')[1:]]
    amara.post(address, act="start", request_key=amara.hidden("request_key"), reason="They wrote", letter=chosen)
    assert amara.says("has begun", "Read the letter")


def test_a_start_keeps_its_files_and_begins_in_one(service, begun_by):
    amara, address = begun_by
    sent = {"request_key": amara.hidden("request_key"), "reason": "They wrote", "letters-count": "1"}
    files = {"letter--file": (BytesIO(PDF), "school.pdf"), "letters-0-letter--file": (BytesIO(PDF + b" 2"), "two.pdf")}
    amara.post(address, act="start", **sent, **files)
    assert amara.says("has begun")
    assert sorted(kept(service)) == [("school.pdf", None), ("two.pdf", None)]


def test_a_start_says_which_file_is_no_document(service, begun_by):
    amara, address = begun_by
    sent = {"request_key": amara.hidden("request_key"), "reason": "They wrote", "letters-count": "0"}
    page = amara.post(address, act="start", **sent, **{"letter--file": (BytesIO(b"MZ"), "bad.pdf")})
    assert amara.status == 422 and amara.says("bad.pdf: Choose a PDF") and 'value="They wrote"' in page
    assert kept(service) == []
