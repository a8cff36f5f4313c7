"""The pages of a child's record: the assessment as a document, the chronology, what is said between meetings."""

from __future__ import annotations

import re

import pytest
from flask import render_template

from engine.queries import assessment_document
from tests.unit.web.player import Play
from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def test_the_assessment_stands_whole_with_consent_and_signature(play):
    empty = play.asked()
    assert play.at("amara", f"/cases/{empty}/assessment").says("No assessment is finished yet")
    play.consents()
    play.assesses()
    page = play.at("amara", f"/cases/{empty}/assessment")
    assert page.says("Common assessment of Sam", "Close family", "Calm mornings", "A plan would help", "Amara Osei")
    assert page.says("Child, parents and surroundings", "Sam reads well", "Warm, and tired", "The flat is damp")
    assert page.says("The family agreed to information being shared", "Signed for the family by Tess Whitlock")
    assert play.at("amara", f"/cases/{empty}/assessment?version=4").status == 404


def test_the_assessment_is_taken_as_a_pdf_with_everything_that_the_page_says(play):
    case_id = play.asked()
    path = f"/cases/{case_id}/assessment.pdf"
    assert play.at("amara", path).says("No assessment is finished yet")
    play.consents()
    play.assesses()
    amara = play.at("amara", f"/cases/{case_id}/assessment")
    assert f"{path}?version=1" in amara.page
    answer = amara.client.get(f"{path}?version=1")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="assessment.pdf"'
    with play.service.app.test_request_context():
        document = assessment_document.read(play.service.engine, actor=play.service.actor("amara"), case_id=case_id)
        paper = render_template("cases/assessment_paper.html", document=document, version=document.version(1))
    for said in ("Common assessment of Sam Whitlock", "Warm, and tired", "Signed for the family by Tess Whitlock"):
        assert said in paper


def test_the_chronology_is_chosen_and_an_entry_marked(play):
    case_id = play.planned()
    path = f"/cases/{case_id}/chronology"
    assert path in play.at("amara", f"/cases/{case_id}").page
    assert play.at("amara", f"{path}?kind=gossip").status == 422
    wrong = play.at("amara", f"{path}?kind=plan&from_on-day=31&from_on-month=2&from_on-year=2026")
    assert wrong.status == 422 and wrong.says("Enter a real date")
    visitor = play.at("amara", f"{path}?kind=plan")
    assert visitor.says("The plan was agreed") and not visitor.says("Consent was")
    event = re.search(rf"{path}/([0-9a-f-]{{36}})", visitor.page)[1]
    visitor.post(f"{path}/{event}", reason="", kind="plan")
    assert visitor.status == 422 and visitor.says("Say why this counts")
    visitor.post(f"{path}/{event}", reason="It counts. " * 100, kind="plan")
    assert visitor.status == 422 and visitor.says("Use at most 1,000 characters") and "It counts. " * 99 in visitor.page
    visitor.post(f"{path}/{event}", reason="The turning point", kind="plan")
    assert visitor.says("This counted: The turning point")
    assert play.at("dele", f"{path}?marked=yes&whole=yes").says("The turning point", "Print this page")
    visitor.post(f"{path}/{event}", act="unmark")
    assert not play.at("amara", path).says("The turning point")


def test_a_report_comes_to_who_leads_by_my_work_and_is_answered(play):
    case_id = play.planned()
    path = f"/cases/{case_id}/between-meetings"
    empty = play.sends("dele", f"{path}/reports", page=path, report=" ")
    assert empty.status == 422 and empty.says("Say what you have done and seen")
    assert play.sends("dele", f"{path}/reports", page=path, report="Met Sam at the gate").says("Who leads is told")
    assert play.at("amara", "/tasks").says("Sam", "1 report waits to be read")
    visitor = play.at("amara", path)
    report = re.search(rf"{path}/reports/([0-9a-f-]{{36}})", visitor.page)[1]
    visitor.post(f"{path}/reports/{report}", answer="Well done")
    assert visitor.says("The report is marked as read", "Well done", "Read by Amara Osei")
    again = play.at("amara", path)
    again.post(f"{path}/reports/{report}", answer="Again")
    assert again.status == 409
    assert not play.at("amara", "/tasks").says("waits to be read")
    assert play.at("dele", path).says("Well done")


def test_a_worry_is_written_down_and_answered(play):
    case_id = play.planned()
    path = f"/cases/{case_id}/between-meetings"
    late = day("said_on", play.today.replace(year=play.today.year + 1))
    wrong = play.sends("dele", f"{path}/worries", page=path, worry="Nobody rings", member_id="child", **late)
    assert wrong.status == 422 and wrong.says("This day is still to come", "Nobody rings")
    wrong = play.sends("dele", f"{path}/worries", page=path, worry="Nobody rings", member_id="")
    assert wrong.status == 422 and wrong.says("Choose who said it", "Nobody rings")
    play.sends("dele", f"{path}/worries", page=path, worry="Nobody rings", member_id="child")
    visitor = play.at("amara", path)
    assert visitor.says("Not answered yet")
    worry = re.search(rf"{path}/worries/([0-9a-f-]{{36}})", visitor.page)[1]
    visitor.post(f"{path}/worries/{worry}", answer="")
    assert visitor.status == 422
    visitor.post(f"{path}/worries/{worry}", answer="I ring on Fridays")
    assert visitor.says("They were answered", "I ring on Fridays")
    assert f"{path}/worries/" not in play.at("dele", path).page.replace('/worries" novalidate', "")


def test_the_team_is_written_to_once(play):
    case_id = play.planned()
    path = f"/cases/{case_id}/between-meetings"
    nobody = play.sends("amara", f"{path}/messages", page=path, body="The review is on Monday")
    assert nobody.status == 422 and nobody.says("Choose whom you write to", "The review is on Monday")
    sent = play.sends("amara", f"{path}/messages", page=path, body="The review is on Monday", to=[play.ids["dele"]])
    assert sent.says("The news is written")
    assert play.at("dele", path).says("The review is on Monday", "News written to you")


def test_programs_do_the_same(play):
    case_id = play.planned()
    client = play.service.app.test_client()

    def ask(who, method, path, **sent):
        token = client.post("/api/session", json={"username": who, "password": PASSWORD}).json["token"]
        how = {"json": {**sent, "request_key": f"a key for {path}"}} if method in ("POST", "PUT") else {}
        headers = {"Authorization": f"Bearer {token}"}
        return client.open(f"/api/cases/{case_id}/{path}", method=method, headers=headers, **how)

    report = ask("dele", "POST", "between-meetings/reports", report="Met Sam").json["entry_id"]
    assert ask("amara", "POST", f"between-meetings/reports/{report}", answer="Thanks").status_code == 204
    worry = ask("dele", "POST", "between-meetings/worries", worry="Nobody rings").json["entry_id"]
    assert ask("amara", "POST", f"between-meetings/worries/{worry}", answer="I do").status_code == 204
    news = {"body": "Monday", "to": [play.ids["dele"]]}
    assert ask("amara", "POST", "between-meetings/messages", **news).status_code == 201
    found = ask("dele", "GET", "between-meetings").json
    assert [each["answer"] for each in found["reports"] + found["worries"]] == ["Thanks", "I do"]
    (version,) = ask("dele", "GET", "assessment").json["versions"]
    assert version["signed_by"] == "Tess Whitlock"
    story = ask("amara", "GET", "chronology?kind=plan&limit=5").json["entries"]
    mark = f"chronology/{story[0]['event_id']}/mark"
    assert ask("amara", "PUT", mark, reason="It counts").status_code == 204
    assert len(ask("amara", "GET", "chronology?marked=true").json["entries"]) == 1
    assert ask("amara", "DELETE", mark).status_code == 204
