"""My tasks and the page of one task, as a person without JavaScript uses them."""

import re
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from engine.feel import Environment
from engine.forms import read_form
from engine.queries import people
from tests.small_files import form as form_file
from web.form_values import chosen_ids
from web.form_views import form_view

SIGNED = {"signed_on-day": "2", "signed_on-month": "3", "signed_on-year": "2026"}
AGREED = {"consent": "given", "given_by": "Tess Whitlock", **SIGNED}


def task_path(visitor, whose="mine") -> str:
    found = re.search(r'href="(/tasks/[0-9a-f-]{36})"', visitor.get(f"/tasks?whose={whose}"))
    assert found, "There is no task on the page"
    return found.group(1)


def send(visitor, path, act, **answers):
    keys = {name: visitor.hidden(name) for name in ("expected_version", "request_key")}
    return visitor.post(path, act=act, **keys, **answers)


def test_an_empty_list_says_what_would_appear(service):
    visitor = service.signed_in("amara")
    visitor.get("/tasks")
    assert visitor.says("Nothing has been given to you by name")


def test_a_row_says_what_for_whom_by_when_and_who_has_it(service):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    visitor.get("/tasks")
    assert visitor.says("Ask for the family's consent", "for Sam Whitlock", "Due ", "With you")


def test_a_late_task_moves_up_and_says_how_late(service):
    service.start_case("Sam")
    service.clock.advance(timedelta(days=60))
    visitor = service.signed_in("amara")
    visitor.get("/tasks")
    assert visitor.says("Critically overdue", "Was due", "working days late")


def test_a_draft_is_kept_even_when_it_is_not_valid(service):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    assert visitor.says("Nothing saved yet")
    send(visitor, path, "draft", given_by="Tess Whitlock")
    assert visitor.says("Draft saved 09:00")
    assert 'value="Tess Whitlock"' in service.signed_in("amara").get(path)


def test_errors_say_what_to_do_and_keep_what_was_typed(service):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    page = send(visitor, path, "complete", given_by="Tess Whitlock")
    assert visitor.status == 422
    assert visitor.says("There is a problem")
    assert page.count("<title>Error: ") == 1
    assert 'href="#field-consent"' in page and 'id="field-consent"' in page
    assert 'value="Tess Whitlock"' in page


def test_finishing_leads_to_the_case_and_the_next_task(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    send(visitor, path, "complete", **AGREED)
    assert visitor.says("“Ask for the family's consent” is finished", "Sam Whitlock", "Complete the assessment")
    assert str(case_id) in visitor.page


def test_sending_the_same_page_twice_finishes_it_once(service):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    sent = {"act": "complete", **AGREED, "expected_version": visitor.hidden("expected_version")}
    sent |= {"request_key": visitor.hidden("request_key")}
    visitor.post(path, **sent)
    first = visitor.says("is finished", "Complete the assessment")
    visitor.post(path, **sent)
    assert first and visitor.status == 200
    assert visitor.says("is finished", "Complete the assessment")


@pytest.mark.parametrize("version", ["abc", "", "1.5", "-1", "1e3", "9" * 20_000])
def test_a_version_that_is_none_is_refused_and_nothing_typed_is_lost(service, version):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    sent = {**AGREED, "expected_version": version, "request_key": visitor.hidden("request_key")}
    page = visitor.post(path, act="complete", **sent)
    assert visitor.status == 422
    assert visitor.says("This page was changed on its way here", "What you typed is kept below")
    assert 'value="Tess Whitlock"' in page
    send(visitor, path, "complete", **AGREED)
    assert visitor.says("“Ask for the family's consent” is finished")


def test_the_second_of_two_people_sees_who_was_first_and_keeps_what_they_typed(service):
    service.start_case("Sam")
    amara = service.signed_in("amara")
    path = task_path(amara)
    other = service.signed_in("amara")
    amara.get(path)
    other.get(path)
    send(amara, path, "complete", **AGREED)
    page = send(other, path, "complete", consent="refused", given_by="Tess", reason="They want to wait")
    assert other.status == 409
    assert other.says("Amara Osei completed this task")
    assert "They want to wait" in page


def test_after_a_conflict_the_page_says_who_finished_it_and_not_that_it_is_open(service):
    service.start_case("Sam")
    amara, other = service.signed_in("amara"), service.signed_in("amara")
    path = task_path(amara)
    amara.get(path)
    other.get(path)
    send(amara, path, "complete", **AGREED)
    page = send(other, path, "complete", consent="refused", given_by="Tess", reason="They want to wait")
    assert other.says("Finished By you, ", "What you typed")
    for open_words in ("Nothing saved yet", "Who has it", "By when", "What happens next", "Save and finish"):
        assert not other.says(open_words), open_words
    assert f'action="{path}"' not in page


def test_who_is_no_longer_in_a_list_is_shown_by_name(service):
    question = {"type": "select", "key": "who", "label": "Who?", "valuesKey": "practitioners"}
    form = read_form(form_file("pick", question), name="pick.form")
    gone, unknown = str(service.ids["Ruth Adeyemi"]), "019d31c2-0000-7000-8000-000000000000"
    raw = {"who": gone, "others": [{"who": unknown}]}
    assert chosen_ids(raw) == {UUID(gone), UUID(unknown)}
    found = people.names(service.engine, actor=service.actor("amara"), ids=chosen_ids(raw))
    assert found == {UUID(gone): "Ruth Adeyemi"}
    environment = Environment(now=service.clock.now(), zone=ZoneInfo("Europe/London"), warnings=[], host=None)
    for value, said in ((gone, "Ruth Adeyemi"), (unknown, "Somebody or something")):
        view = form_view(form, {"who": value}, environment=environment, options={"practitioners": []}, names=found)
        assert [each.label for each in view.fields[0].choices] == [f"{said} (no longer in the list)"]


def test_a_finished_task_shows_who_finished_it_and_no_form(service):
    service.start_case("Sam")
    visitor = service.signed_in("amara")
    path = task_path(visitor)
    visitor.get(path)
    send(visitor, path, "complete", **AGREED)
    visitor.get(path)
    assert visitor.says("This was finished by Amara Osei")
    assert "Save and finish" not in visitor.page


def test_a_task_is_handed_back_and_taken_by_somebody_else(service):
    service.start_case("Sam")
    amara, ruth = service.signed_in("amara"), service.signed_in("ruth")
    path = task_path(amara)
    amara.get(path)
    amara.post(f"{path}/hand-back")
    assert amara.says("You have handed the task back")
    assert task_path(ruth, "unclaimed") == path
    ruth.get(path)
    ruth.post(f"{path}/claim")
    ruth.get("/tasks")
    assert ruth.says("Ask for the family's consent", "With you")


def test_a_task_is_given_to_somebody(service):
    service.start_case("Sam")
    amara = service.signed_in("amara")
    path = task_path(amara)
    amara.get(path)
    amara.post(f"{path}/give", to="")
    assert amara.says("Choose who to give this to")
    amara.post(f"{path}/give", to=str(service.ids["Ruth Adeyemi"]))
    assert amara.says("Ruth Adeyemi now has")
    assert task_path(service.signed_in("ruth")) == path


def test_somebody_elses_task_is_not_there(service):
    service.start_case("Sam")
    path = task_path(service.signed_in("amara"))
    for username in ("olu", "tomas"):
        visitor = service.signed_in(username)
        visitor.get(path)
        assert visitor.status == 404
        assert not visitor.says("Sam")


def test_words_typed_as_code_are_shown_as_words(service):
    nasty = "<script>alert(1)</script>"
    service.start_case(nasty)
    visitor = service.signed_in("amara")
    for path in ("/tasks", "/cases", task_path(visitor)):
        assert "<script>alert" not in visitor.get(path)
        assert "&lt;script&gt;alert(1)" in visitor.page
