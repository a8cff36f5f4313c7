"""Correcting an answer of a finished task on the pages and through the API."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from tests.unit.web.service import PASSWORD
from tests.unit.web.workers import Worker, day


def assessed(service):
    """Return the case of a child whose assessment Amara has completed, and the address of that task."""
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    amara = Worker(service, "amara")
    amara.does("Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", today))
    visitor = service.signed_in("amara")
    address = re.search(r'href="(/tasks/[0-9a-f-]{36})">Complete the assessment', visitor.get("/tasks"))[1]
    said = {"strengths": "A close family", "needs": "Sleep", "conclusions": "A plan", "signed_by": "Tess Whitlock"}
    amara.does("Complete the assessment", **said, **day("completed_on", today))
    return case_id, address


def test_an_answer_is_corrected_from_the_page_of_its_task(service):
    case_id, address = assessed(service)
    amara = service.signed_in("amara")
    assert f'href="{address}/answers"' in amara.get(address)
    amara.get(f"{address}/answers")
    assert amara.says("Complete the assessment: what was answered", "What is needed?", "Sleep", "Correct the date")
    amara.get(f"{address}/answers/needs")
    assert amara.says("What is right?", "A letter to the family says this answer", "Sleep", "Why is it corrected?")
    sent = {name: amara.hidden(name) for name in ("request_key", "seen")}
    amara.post(f"{address}/answers/needs", **sent, needs="Sleep and school", why=" ")
    assert amara.status == 422 and amara.says("Say why the answer is corrected", "Sleep and school")
    amara.post(f"{address}/answers/needs", **sent, needs="", why="It was of another family")
    assert amara.status == 422 and amara.says("It was of another family")
    amara.post(f"{address}/answers/needs", **sent, needs="Sleep and school", why="It was of another family")
    assert amara.says("The answer is corrected. The record holds the new answer.")
    assert amara.says("Sleep and school First answered: Sleep", "Amara Osei Why: It was of another family")
    assert amara.says("A letter to the family still says what was answered before it was corrected")
    service.clock.advance(timedelta(minutes=1))
    amara.post(f"{address}/letters")
    assert amara.says("1 letter is written anew, with the corrected answer", "Which letters are written")
    amara.get(f"{address}/answers")
    assert not amara.says("still says")
    amara.get(address)
    assert amara.says("1 correction was made since")
    for page in (f"/cases/{case_id}", f"/cases/{case_id}/history", f"/cases/{case_id}/chronology"):
        assert f'href="{address}/answers">What was answered' in amara.get(page), page
        assert f'href="{address}/answers">What it was' in amara.get(page), page
    assert amara.says("The answer to “What is needed?” in “Complete the assessment” was corrected")
    assert amara.says("(It was of another family)")


def test_the_letters_say_which_takes_the_place_of_which_and_which_is_in_force(service):
    case_id, address = assessed(service)
    amara = service.signed_in("amara")
    letters = f"/cases/{case_id}/letters"
    first = re.search(rf"{letters}/[0-9a-f-]{{36}}", amara.get(letters))[0]
    amara.post(f"{first}/sent", how="post")
    amara.get(f"{address}/answers/needs")
    sent = {name: amara.hidden(name) for name in ("request_key", "seen")}
    amara.post(f"{address}/answers/needs", **sent, needs="School", why="It was of another family")
    service.clock.advance(timedelta(minutes=1))
    amara.post(f"{address}/letters")
    assert amara.says("The assessment, written anew", "Once it is sent it takes the place of the one posted")
    assert amara.says("In force until the new one is sent")
    (new,) = set(re.findall(rf"{letters}/[0-9a-f-]{{36}}", amara.page)) - {first}
    amara.get(new)
    assert amara.says("Once it is sent it takes the place of the one posted")
    amara.post(f"{new}/sent", how="hand")
    assert amara.says("Not in force any more: the new one was handed over")
    assert amara.says("In force. It takes the place of the one posted")
    amara.get(first)
    assert amara.says("Not in force any more") and f'href="{new}"' in amara.page


def test_a_letter_that_lacks_an_answer_is_named_and_what_is_unclear_too(service):
    case_id, address = assessed(service)
    amara = service.signed_in("amara")
    amara.get(f"{address}/answers/development")
    assert amara.says("A letter to the family says nothing to this yet.")
    for question in ("development", "parenting"):
        amara.get(f"{address}/answers/{question}")
        sent = {name: amara.hidden(name) for name in ("request_key", "seen")}
        amara.post(f"{address}/answers/{question}", **sent, **{question: "No worries"}, why="I forgot")
        service.clock.advance(timedelta(minutes=1))
    amara.post(f"{address}/letters")
    new = re.search(rf"/cases/{case_id}/letters/[0-9a-f-]{{36}}", amara.page)[0]
    amara.get(f"{new}/change")
    written = unescape(re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", amara.page, re.DOTALL)[1])
    body = written.replace("How the child develops:", "").replace("Parents and carers:", "")
    amara.post(f"{new}/change", draft_base=amara.hidden("draft_base"), subject="Your copy", body=body)
    amara.get(f"{address}/answers/development")
    sent = {name: amara.hidden(name) for name in ("request_key", "seen")}
    amara.post(f"{address}/answers/development", **sent, development="She talks little", why="I mixed them up")
    assert amara.says("it cannot be told which words are this answer. Look at:", "No worries ”, below “ Sleep ”")
    assert "anew with the corrected answer" not in amara.page


def test_what_decided_something_has_no_page_and_says_what_to_do(service):
    _, address = assessed(service)
    amara = service.signed_in("amara")
    amara.get(f"{address}/answers/completed_on")
    assert amara.status == 409 and amara.says("Correct the date on a page of its own")
    amara.get(f"{address}/answers/nothing")
    assert amara.status == 404


def test_a_manager_sees_and_corrects_and_two_pages_do_not_overwrite_each_other(service):
    _, address = assessed(service)
    amara, ruth = service.signed_in("amara"), service.signed_in("ruth")
    assert "See what was answered, and correct an answer" in ruth.get(address)
    pages = []
    for visitor in (amara, ruth):
        visitor.get(f"{address}/answers/needs")
        pages.append({name: visitor.hidden(name) for name in ("request_key", "seen")})
    ruth.post(f"{address}/answers/needs", **pages[1], needs="School", why="The mother rang")
    assert ruth.says("The answer is corrected")
    amara.post(f"{address}/answers/needs", **pages[0], needs="Money", why="I remember now")
    assert amara.status == 409 and amara.says("Somebody corrected an answer of this task a moment ago", "Money")
    amara.post(f"{address}/answers/needs", request_key="another page", seen="1", needs="Money", why="I remember now")
    assert amara.says("The answer is corrected")
    dele = service.signed_in("dele")
    dele.get(f"{address}/answers")
    assert dele.status == 404


def test_a_program_reads_and_corrects(service):
    _, address = assessed(service)
    client = service.app.test_client()
    token = client.post("/api/session", json={"username": "amara", "password": PASSWORD}).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get(f"/api{address}/answers", headers=headers).get_json()
    answers = {each["question"]: each for each in listed["questions"]}
    assert (answers["needs"]["answer"], answers["needs"]["instead"], listed["corrections"]) == ("Sleep", "", [])
    assert "Correct the date" in answers["completed_on"]["instead"]
    sent = {"question": "needs", "answer": "School", "why": "The mother rang", "request_key": "a program's own"}
    for _ in range(2):
        done = client.post(f"/api{address}/answers", json=sent, headers=headers)
        assert (done.status_code, done.get_json()["in_record"]) == (200, True)
    refused = {**sent, "question": "completed_on", "answer": "2026-01-01", "request_key": "a second one"}
    answer = client.post(f"/api{address}/answers", json=refused, headers=headers)
    assert answer.status_code == 422 and "Correct the date" in answer.get_json()["errors"]["question"]
    service.clock.advance(timedelta(minutes=1))
    (made,) = client.get(f"/api{address}/answers", headers=headers).get_json()["corrections"]
    assert (made["was"], made["now"], made["who"], made["why"]) == ("Sleep", "School", "Amara Osei", "The mother rang")
    page = client.get(f"/api{address}", headers=headers).get_json()
    assert (page["may_correct_answers"], page["corrected"]) == (True, 1)
